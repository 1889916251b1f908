"""Virtual time: order, limits, trace."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_KERNEL = "simulator/kernel/kernel.py"
_TEST = "tests/unit/simulator/kernel/test_kernel.py"
_WORLD_TEST = "tests/unit/simulator/test_world.py"

MUTANTS = (
    Mutant(
        name="equal-times-run-in-any-order",
        file=_KERNEL,
        old="        key = t_us << _NUMBER_BITS | seq\n        event =",
        new="        key = t_us << _NUMBER_BITS | -seq & (1 << _NUMBER_BITS) - 1\n        event =",
        tests=(f"{_TEST}::test_equal_times_run_in_order_of_making",),
    ),
    Mutant(
        name="cancelled-event-runs",
        file=_KERNEL,
        old="        event[2] = None\n\n    def stream",
        new="        pass\n\n    def stream",
        tests=(f"{_TEST}::test_cancelled_event_does_not_run",),
    ),
    Mutant(
        name="cancelled-event-moves-the-clock",
        file=_KERNEL,
        old="                if action is None:\n                    continue\n                self.now = t_us\n",
        new="                self.now = t_us\n                if action is None:\n                    continue\n",
        tests=(f"{_TEST}::test_cancelled_event_does_not_move_the_clock",),
    ),
    Mutant(
        name="soon-event-does-not-shorten-the-horizon",
        file=_KERNEL,
        old="            self.far = t_us\n            if t_us",
        new="            if t_us",
        tests=("tests/unit/simulator/micropython/test_thread.py::test_event_made_by_a_thread_comes_in_time_for_the_next_one",),
    ),
    Mutant(
        name="streams-are-one",
        file=_KERNEL,
        old='random.Random(f"{self._seed}/{name}")',
        new='random.Random(f"{self._seed}")',
        tests=(f"{_TEST}::test_streams_depend_on_seed_and_name_only",),
    ),
    Mutant(
        name="deadline-wins-over-wake",
        file=_KERNEL,
        old="            self.state = 2\n            self.fiber.resume()\n",
        new="            self.state = 1\n            self.fiber.resume()\n",
        tests=(f"{_TEST}::test_unwoken_wait_returns_false_at_its_deadline",),
    ),
    Mutant(
        name="earlier-event-does-not-lower-the-limit",
        file=_KERNEL,
        old="            if t_us < self.limit:\n                self.limit = t_us\n",
        new="",
        tests=(f"{_TEST}::test_new_earlier_event_lowers_the_limit",),
    ),
    Mutant(
        name="trace-forgets-the-order",
        file="simulator/kernel/trace.py",
        old="        self.waiting.append(record)\n",
        new="        self.waiting.insert(0, record)\n",
        tests=("tests/unit/simulator/kernel/test_trace.py::test_order_of_times_and_records_matters",),
    ),
    Mutant(
        name="wall-clock-gap-is-caught-up",
        file="simulator/kernel/pace.py",
        old="        if target_us - self._kernel.now > CATCH_UP_US * max(1.0, self.pace):\n",
        new="        if False:\n",
        tests=("tests/unit/simulator/kernel/test_pace.py::test_host_that_slept_does_not_make_time_rush",),
    ),
    Mutant(
        name="run-until-misses-the-last-moment",
        file="simulator/world.py",
        old="                if predicate():\n                    return\n                name",
        new="                name",
        tests=(f"{_WORLD_TEST}::test_run_until_sees_what_becomes_true_at_the_limit",),
    ),
    Mutant(
        name="hang-is-not-told-to-the-world",
        file="simulator/world.py",
        old="            raise self._failures.pop(0)\n",
        new="            self._failures.clear()\n",
        tests=(
            "tests/unit/simulator/micropython/test_runtime.py::"
            "test_endless_loop_is_reported_with_node_thread_file_line_and_function",
        ),
    ),
)
