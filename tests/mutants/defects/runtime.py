"""A node's processor: ticks, interrupts, threads, lives; time and tasks of its programs."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_RUNTIME = "simulator/micropython/runtime.py"
_TEST = "tests/unit/simulator/micropython/test_runtime.py"
_AIO_TEST = "tests/unit/simulator/micropython/test_asyncio.py"
_NODE_TEST = "tests/unit/simulator/test_node.py"

MUTANTS = (
    Mutant(
        name="tick-is-free",
        file=_RUNTIME,
        old="kernel.now = now = kernel.now + self.tick_us\n",
        new="kernel.now = now = kernel.now\n",
        tests=(f"{_TEST}::test_sleeping_thread_leaves_the_processor_free",),
    ),
    Mutant(
        name="call-is-free",
        file=_RUNTIME,
        old="kernel.now = now = kernel.now + cost_us\n",
        new="kernel.now = now = kernel.now\n",
        tests=("tests/unit/simulator/engine/test_cpython.py::test_import_takes_time",),
    ),
    Mutant(
        name="interrupt-queue-is-nine-deep",
        file=_RUNTIME,
        old="SCHEDULER_DEPTH = 8\n",
        new="SCHEDULER_DEPTH = 9\n",
        tests=(
            f"{_TEST}::test_ninth_interrupt_that_waits_is_dropped",
            "tests/unit/simulator/micropython/test_micropython.py::test_ninth_waiting_call_is_refused",
        ),
    ),
    Mutant(
        name="pending-callbacks-starve-the-sleep",
        file=_RUNTIME,
        old="            if self.pending:\n                self.kernel.limit = 0\n",
        new="            if self.pending:\n                self.run_pending()\n",
        tests=("tests/unit/simulator/test_robustness.py::"
               "test_timer_faster_than_its_callback_loses_calls_and_nothing_else",
               "tests/unit/simulator/test_robustness.py::"
               "test_callback_that_schedules_itself_leaves_the_program_its_turns"),
    ),
    Mutant(
        name="reset-from-the-nodes-own-thread-at-once",
        file="simulator/node.py",
        old="        if not isinstance(thread, Thread):\n",
        new="        if isinstance(thread, Thread):\n",
        tests=("tests/unit/simulator/test_robustness.py::test_listener_on_the_nodes_thread_may_end_the_life",),
    ),
    Mutant(
        name="host-collects-in-the-name-of-a-node",
        file="simulator/kernel/kernel.py",
        old="        gc.disable()\n",
        new="",
        tests=("tests/unit/simulator/test_robustness.py::test_run_keeps_the_hosts_collector_off_and_gives_it_back",),
    ),
    Mutant(
        name="garbage-is-never-collected",
        file="simulator/kernel/kernel.py",
        old="        gc.collect(2 if",
        new="        (2 if",
        tests=("tests/unit/simulator/test_robustness.py::test_long_run_collects_the_hosts_garbage",),
    ),
    Mutant(
        name="two-tasks-share-a-flag",
        file="simulator/micropython/asyncio.py",
        old="            if self._waiter is not None:\n",
        new="            if False:\n",
        tests=(f"{_AIO_TEST}::test_second_task_that_waits_for_a_flag_is_refused",),
    ),
    Mutant(
        name="cancel-queues-the-running-task",
        file="simulator/micropython/_aio_core.py",
        old="        elif task is not sched.cur_task and (not task.key",
        new="        elif (not task.key",
        tests=(f"{_AIO_TEST}::test_task_may_cancel_the_task_that_awaits_it_and_wait_on",),
    ),
    Mutant(
        name="busy-wait-serves-nobody",
        file=_RUNTIME,
        old="            self.polls = serves\n",
        new="            self.polls = False\n",
        tests=(f"{_TEST}::test_interrupt_in_a_busy_wait_runs_at_its_time",),
    ),
    Mutant(
        name="reload-leaves-timers",
        file="simulator/micropython/_owned.py",
        old="            timer._stop()\n",
        new="            pass\n",
        tests=("tests/unit/simulator/micropython/test_owned.py::test_timers_and_interrupts_of_the_module_stop",),
    ),
    Mutant(
        name="unload-leaves-held-outputs",
        file="micrOS/source/hal.py",
        old="            held.deinit()\n",
        new="            pass\n",
        tests=("tests/unit/micrOS/test_reload.py::test_unloaded_module_ticks_no_more",),
    ),
    Mutant(
        name="interrupts-nest",
        file=_RUNTIME,
        old="        self.in_callback = True\n",
        new="",
        tests=(f"{_TEST}::test_interrupt_waits_while_another_one_runs",),
    ),
    Mutant(
        name="interrupt-does-not-end-a-sleep",
        file=_RUNTIME,
        old="                self.kernel.at(self.kernel.now, main.resume)\n",
        new="                pass\n",
        tests=(f"{_TEST}::test_interrupt_comes_while_the_program_sleeps",),
    ),
    Mutant(
        name="failing-interrupt-ends-the-program",
        file=_RUNTIME,
        old="                self.machine.print_exception(error)\n        finally:\n",
        new="                raise\n        finally:\n",
        tests=(f"{_TEST}::test_exception_in_an_interrupt_is_printed_and_the_program_goes_on",),
    ),
    Mutant(
        name="threads-take-no-turns",
        file=_RUNTIME,
        old="        if self.ready and now >= thread.slice_end:\n",
        new="        if False:\n",
        tests=(f"{_TEST}::test_two_computing_threads_share_the_processor",),
    ),
    Mutant(
        name="hang-is-never-reported",
        file=_RUNTIME,
        old="        if now >= thread.hang_at > 0:\n",
        new="        if False:\n",
        tests=(f"{_TEST}::test_hang_is_reported_after_the_limit_only",),
    ),
    Mutant(
        name="waiting-does-not-count-as-waiting",
        file=_RUNTIME,
        old="        cpu.release()\n        self.hang_at = 0\n",
        new="        cpu.release()\n",
        tests=(f"{_TEST}::test_program_that_waits_now_and_again_does_not_hang",),
    ),
    Mutant(
        name="dead-life-may-call",
        file=_RUNTIME,
        old="        if self.dead:\n            raise NodeDead\n        kernel = self.kernel\n",
        new="        if self.dead:\n            return\n        kernel = self.kernel\n",
        tests=(f"{_TEST}::test_nothing_of_an_ended_life_writes",),
    ),
    Mutant(
        name="dead-life-may-print",
        file="simulator/engine/cpython.py",
        old="        self.machine.cpu.charge(_PRINT_US)\n        text = sep.join",
        new="        text = sep.join",
        tests=(f"{_TEST}::test_ended_life_stays_silent_whatever_its_handlers_do",),
    ),
    Mutant(
        name="dead-generator-may-write",
        file="simulator/engine/cpython.py",
        old="            self.importer.builtins[name] = _refuse\n",
        new="            pass\n",
        tests=(f"{_TEST}::test_generator_that_outlives_its_life_does_nothing",),
    ),
    Mutant(
        name="dead-life-moves-the-clock",
        file=_RUNTIME,
        old="        self.kernel.now = now\n        self.threads.clear()\n",
        new="        self.threads.clear()\n",
        tests=(f"{_TEST}::test_end_of_a_life_takes_no_time",),
    ),
    Mutant(
        name="timer-outlives-its-life",
        file=_RUNTIME,
        old="lambda: None if cpu.dead else action())",
        new="lambda: action())",
        tests=(f"{_TEST}::test_event_of_the_machine_dies_with_its_life",),
    ),
    Mutant(
        name="timer-drifts",
        file="simulator/micropython/_timer.py",
        old="        self._fired += 1\n        self._event = None\n",
        new="        self._fired, self._start_us = 0, self._machine.kernel.now + 1\n        self._event = None\n",
        tests=("tests/unit/simulator/micropython/test_machine_timer.py::test_timer_goes_on_by_itself_without_drift",),
    ),
    Mutant(
        name="ticks-do-not-wrap",
        file="simulator/micropython/time.py",
        old="// 1000 % _PERIOD\n",
        new="// 1000\n",
        tests=(
            "tests/unit/simulator/micropython/test_time.py::test_ticks_begin_at_zero_again_after_the_period[ticks_ms-1073741.824]",
        ),
    ),
    Mutant(
        name="ticks-diff-is-a-minus",
        file="simulator/micropython/time.py",
        old="return (_small_int(ticks1) - _small_int(ticks2) + _HALF) % _PERIOD - _HALF",
        new="return _small_int(ticks1) - _small_int(ticks2)",
        tests=("tests/unit/simulator/micropython/test_time.py::test_ticks_arithmetic_wraps_at_2_to_the_30",),
    ),
    Mutant(
        name="reset-forgets-rtc-memory",
        file="simulator/node.py",
        old="        self._end_life()\n        delay_us = ",
        new="        self._end_life()\n        self.machine.retained.clear()\n        delay_us = ",
        tests=(f"{_NODE_TEST}::test_reset_button_keeps_clock_and_rtc_memory",),
    ),
    Mutant(
        name="power-off-is-not-noted",
        file="simulator/node.py",
        old="        self._powered = False\n        self._end_life()\n",
        new="        self._end_life()\n",
        tests=("tests/unit/simulator/test_world.py::test_close_switches_every_node_off",),
    ),
    Mutant(
        name="old-boot-is-not-called-off",
        file="simulator/node.py",
        old="        if self._pending_boot is not token or not self._powered:\n",
        new="        if not self._powered:\n",
        tests=(f"{_NODE_TEST}::test_power_off_and_on_within_an_instant_boots_once",),
    ),
    Mutant(
        name="lock-is-not-handed-over",
        file="simulator/micropython/_thread.py",
        old="            self._waiters.pop(0).wake()\n",
        new="            self._waiters.pop(0)\n",
        tests=("tests/unit/simulator/micropython/test_thread.py::test_any_thread_may_release_a_lock",),
    ),
    Mutant(
        name="gather-waits-for-all-before-it-raises",
        file="simulator/micropython/asyncio.py",
        old="        if self.failure is not None or not self.left:\n",
        new="        if not self.left:\n",
        tests=(f"{_AIO_TEST}::test_gather_raises_the_first_exception_at_once_and_the_others_run_on",),
    ),
    Mutant(
        name="cancel-forgets-where-the-task-waits",
        file="simulator/micropython/_aio_core.py",
        old="            task.data.remove(task)\n",
        new="            pass\n",
        tests=(f"{_AIO_TEST}::test_cancel_of_a_task_that_waits_ends_it",),
    ),
    Mutant(
        name="lock-is-lost-with-a-cancelled-waiter",
        file="simulator/micropython/asyncio.py",
        old="                    self.state = 1\n                    self.release()\n",
        new="                    pass\n",
        tests=(f"{_AIO_TEST}::test_lock_goes_on_when_the_next_owner_is_cancelled_before_it_runs",),
    ),
    Mutant(
        name="task-error-that-nobody-awaits-is-lost",
        file="simulator/micropython/_aio_core.py",
        old="        if not isinstance(error, StopIteration | CancelledError):\n",
        new="        if False:\n",
        tests=(f"{_AIO_TEST}::test_exception_that_nobody_retrieves_is_printed_and_the_loop_goes_on",),
    ),
)
