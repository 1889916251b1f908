"""Nodes that compute ahead of others."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_KERNEL = "simulator/kernel/kernel.py"
_CPU = "simulator/micropython/_cpu.py"
_TEST = "tests/unit/simulator/test_ahead.py"
_ORDER = f"{_TEST}::test_what_nodes_do_outside_is_done_in_the_order_of_time"
_CUTS = f"{_TEST}::test_run_of_busy_nodes_does_not_depend_on_how_time_is_let_pass"
_OWN = f"{_TEST}::test_node_is_not_ahead_of_what_concerns_itself"

MUTANTS = (
    Mutant(
        name="ahead-outside-too",
        file="simulator/micropython/runtime.py",
        old="    if now >= kernel.limit or now >= kernel.horizon:\n",
        new="    if now >= kernel.limit:\n",
        tests=(_ORDER,),
    ),
    Mutant(
        name="ahead-of-the-world",
        file=_KERNEL,
        old="for heap in (self._worldly, owner.due):",
        new="for heap in (owner.due,):",
        tests=(_OWN,),
    ),
    Mutant(
        name="ahead-of-ones-own-timer",
        file=_KERNEL,
        old="for heap in (self._worldly, owner.due):",
        new="for heap in (self._worldly,):",
        tests=(_OWN,),
    ),
    Mutant(
        name="cancelled-event-stays-with-its-owner",
        file=_KERNEL,
        old="            self._drop(events.pop(heappop(heap))[3])\n",
        new="            del events[heappop(heap)]\n",
        tests=("tests/unit/simulator/kernel/test_kernel.py::test_next_event_is_told_again_after_a_cancelled_one",),
    ),
    Mutant(
        name="ahead-beyond-the-runs-end",
        file=_KERNEL,
        old="far_us = min(self.horizon + _AHEAD_US, self.until + 1)",
        new="far_us = self.horizon + _AHEAD_US",
        tests=(f"{_TEST}::test_node_is_not_ahead_of_the_end_of_the_run",),
    ),
    Mutant(
        name="ahead-node-is-woken-in-its-past",
        file=_CPU,
        old="            if kernel.now < cpu.rest_from:",
        new="            if False:",
        tests=(f"{_TEST}::test_clock_of_a_node_that_is_ahead_does_not_go_back_when_another_wakes_it",),
    ),
    Mutant(
        name="hand-over-is-a-happening",
        file=_CPU,
        old="        self.kernel.at_unseen(self.kernel.now, thread.resume, self)\n",
        new="        self.kernel.at(self.kernel.now, thread.resume, self)\n",
        tests=(_CUTS,),
    ),
)
