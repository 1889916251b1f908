"""The engine on the MicroPython virtual machine: wire, callbacks, threads, flash image, lives."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_VM = "simulator/engine/vm/"
_LINK = _VM + "board/_link.py"
_BOOT = _VM + "board/_boot.py"
_LIFE = _VM + "life.py"
_API = _VM + "api.py"
_IMAGE = _VM + "image.py"
_TESTS = "tests/system/engine_vm/"
_VALUES = _TESTS + "test_values.py"
_CALLBACKS = _TESTS + "test_callbacks.py"
_FLASH = _TESTS + "test_flash.py"
_RECORDER = "simulator/engine/line_recorder.py"
_RECORDER_TEST = "tests/unit/simulator/engine/test_line_recorder.py"

MUTANTS = (
    Mutant(
        name="vm-callbacks-run-twice",
        file=_LINK,
        old="        reply = _values.callbacks[number](*args)\n",
        new="        _values.callbacks[number](*args)\n        reply = _values.callbacks[number](*args)\n",
        tests=(f"{_CALLBACKS}::test_callback_gets_the_one_timer_and_runs_once_for_one_shot",),
    ),
    Mutant(
        name="vm-callback-error-ends-the-program",
        file=_LINK,
        old="        print_exception(e)\n        reply = None\n",
        new="        raise\n",
        tests=(f"{_CALLBACKS}::test_exception_of_a_callback_is_printed_and_ends_nothing",),
    ),
    Mutant(
        name="vm-scheduled-argument-is-a-copy",
        file=_BOOT,
        old="(lambda _: function(arg), None)",
        new="(function, arg)",
        tests=(f"{_VALUES}::test_foreign_object_given_to_schedule_comes_back_as_itself",),
    ),
    Mutant(
        name="vm-held-callback-is-forgotten",
        file=_API,
        old="            while number in self.forgotten:\n",
        new="            while False:\n",
        tests=(f"{_CALLBACKS}::test_callback_that_came_again_is_kept",),
    ),
    Mutant(
        name="vm-dropped-callbacks-are-never-told",
        file=_API,
        old="            weakref.finalize(stub, self.forgotten.append, number)\n",
        new="",
        tests=(f"{_CALLBACKS}::test_dropped_callbacks_are_collected",),
    ),
    Mutant(
        name="vm-spent-time-is-dropped",
        file=_LINK,
        old="len(text), len(blob), spent, thread,",
        new="len(text), len(blob), 0, thread,",
        tests=(f"{_TESTS}test_time.py::test_calls_that_need_no_exchange_take_time_all_the_same",),
    ),
    Mutant(
        name="vm-exception-loses-its-arguments",
        file=_LINK,
        old="    return kind(*value[1])\n",
        new="    return kind()\n",
        tests=(f"{_VALUES}::test_exception_crosses_with_type_and_arguments",),
    ),
    Mutant(
        name="vm-shows-frames-of-its-own",
        file=_LINK,
        old="_HIDDEN = ('_boot', '_link', ",
        new="_HIDDEN = (",
        tests=(f"{_VALUES}::test_uncaught_exception_of_a_run_is_told_with_its_traceback",),
    ),
    Mutant(
        name="vm-changed-buffers-are-not-copied-back",
        file=_API,
        old="                if buffer != before\n",
        new="                if False\n",
        tests=(f"{_VALUES}::test_socket_fills_a_buffer_in_place",),
    ),
    Mutant(
        name="vm-pins-are-many",
        file=_API,
        old='frozenset({"machine.Pin", ',
        new="frozenset({",
        tests=(f"{_VALUES}::test_there_is_one_object_per_pin_and_timer",),
    ),
    Mutant(
        name="vm-u-names-are-the-hosts",
        file=_BOOT,
        old="        modules['u' + name] = modules[name]\n",
        new="        pass\n",
        tests=(f"{_TESTS}test_contract.py::test_names_with_u_are_the_same_modules",),
    ),
    Mutant(
        name="vm-heap-of-the-shadows-is-the-programs",
        file=_LIFE,
        old="machine.board.heap_bytes * self._scale + self._overhead",
        new="machine.board.heap_bytes * self._scale",
        tests=(f"{_TESTS}test_life.py::test_heap_is_the_boards",),
    ),
    Mutant(
        name="vm-that-died-is-not-reset",
        file=_LIFE,
        old='            self.machine.reset("hard")\n',
        new="            pass\n",
        tests=(f"{_TESTS}test_life.py::test_process_killed_from_outside_resets_the_node",),
    ),
    Mutant(
        name="vm-own-streams-wake-nobody",
        file=_LIFE,
        old="            if message.wakes:\n                self._polls",
        new="            if False:\n                self._polls",
        tests=(f"{_TESTS}test_asyncio.py::test_flag_is_set_by_a_callback_and_by_a_thread",),
    ),
    Mutant(
        name="vm-lock-wakes-the-latest",
        file=_LIFE,
        old="            waiting.pop(0).wake()\n",
        new="            waiting.pop().wake()\n",
        tests=(f"{_TESTS}test_threads.py::test_lock_wakes_the_longest_waiting_thread",),
    ),
    Mutant(
        name="vm-baton-goes-to-the-main-thread",
        file=_LINK,
        old="    slot = _slots[thread]\n    slot.message = message\n",
        new="    slot = _slots[_MAIN]\n    slot.message = message\n",
        tests=(f"{_TESTS}test_threads.py::test_lock_wakes_the_longest_waiting_thread",),
        hangs=True,
    ),
    Mutant(
        name="vm-tasks-of-a-moment-run-in-any-order",
        file=_VM + "board/taskshadow.py",
        old="        while i and ((tasks[i - 1].ph_key - key + 0x20000000) & 0x3fffffff) > 0x20000000:\n",
        new="        while i and not _is_later(key, tasks[i - 1].ph_key):\n",
        tests=(f"{_TESTS}test_asyncio.py::test_same_moment_keeps_the_order_of_creation",),
    ),
    Mutant(
        name="nor-bits-can-be-set",
        file=_IMAGE,
        old='        if new != int.from_bytes(data, "little"):\n',
        new="        if False:\n",
        tests=(f"{_FLASH}::test_programming_what_is_not_erased_raises",),
    ),
    Mutant(
        name="image-faults-never-strike",
        file=_IMAGE,
        old="        if self._faults:\n",
        new="        if False:\n",
        tests=(f"{_FLASH}::test_fault_of_the_next_write_is_raised_once",),
    ),
    Mutant(
        name="image-is-never-read-only",
        file=_IMAGE,
        old="        if self.read_only:\n",
        new="        if False:\n",
        tests=(f"{_FLASH}::test_read_only_flash_refuses",),
    ),
    Mutant(
        name="image-errors-lose-their-number",
        file=_IMAGE,
        old="            raise MicroOSError(code or errno.EIO) from None\n",
        new="            raise MicroOSError(errno.EIO) from None\n",
        tests=(f"{_FLASH}::test_host_sees_errors_of_the_file_system",),
    ),
    Mutant(
        name="image-writes-take-no-time",
        file=_IMAGE,
        old="        by.busy(ERASE_US)\n",
        new="",
        tests=(f"{_FLASH}::test_write_takes_time_and_counts_as_a_durable_step",),
    ),
    Mutant(
        name="recorder-counts-no-handlers",
        file=_RECORDER,
        old="            if isinstance(node, ast.ExceptHandler):\n",
        new="            if False:\n",
        tests=(f"{_RECORDER_TEST}::test_each_branch_is_counted_when_it_runs",),
    ),
    Mutant(
        name="recorder-counts-docstrings",
        file=_RECORDER,
        old="    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)\n",
        new="    return False\n",
        tests=(f"{_RECORDER_TEST}::test_import_runs_definitions_only",),
    ),
    Mutant(
        name="recorder-skips-else",
        file=_RECORDER,
        old='_BLOCKS = ("body", "orelse", "finalbody")',
        new='_BLOCKS = ("body", "finalbody")',
        tests=(f"{_RECORDER_TEST}::test_each_branch_is_counted_when_it_runs",),
    ),
    Mutant(
        name="recorder-forgets-the-other-engine",
        file=_RECORDER,
        old="                self.hits[number] = 1\n",
        new="                pass\n",
        tests=(f"{_RECORDER_TEST}::test_text_with_marks_counts_the_same_lines",),
    ),
    Mutant(
        name="flash-counts-data-as-durable",
        file=_IMAGE,
        old="        if any(is_log(self._block(block)) for block in blocks):\n",
        new="        if blocks:\n",
        tests=(f"{_FLASH}::test_file_that_is_replaced_is_one_durable_step_whatever_its_size",),
    ),
    Mutant(
        name="tags-of-a-log-are-read-one-by-one",
        file=_VM + "littlefs_log.py",
        old="        tag ^= int",
        new="        tag = int",
        tests=(f"{_FLASH}::test_file_that_is_replaced_is_one_durable_step_whatever_its_size",),
    ),
    Mutant(
        name="vm-new-socket-has-the-number-of-a-closed-one",
        file=_API,
        old="            self.shown.pop(id(value), None)  # its identity may be that of another one soon\n",
        new="",
        tests=(f"{_VALUES}::test_new_socket_is_not_taken_for_one_that_was_closed_long_ago",),
    ),
    Mutant(
        name="flag-that-is-set-before-the-poll-waits-is-lost",
        file=_VM + "polls.py",
        old="is_ended = own and self._ends != ends",
        new="is_ended = False",
        tests=("tests/parity/test_corpus.py::test_engines_do_the_same[boot hook that fails]",),
    ),
    Mutant(
        name="looking-into-the-flash-takes-no-time",
        file=_BOOT,
        old="        _link.charge(_LOOK_US)\n        return function(*args)\n    return look\n",
        new="        return function(*args)\n    return look\n",
        tests=("tests/parity/test_corpus.py::test_engines_do_the_same[built-in]",),
    ),
    Mutant(
        name="machine-is-asked-before-it-has-mounted-its-files",
        file=_IMAGE,
        old="        self._coming = machine\n",
        new="        self._coming = self.machine = machine\n",
        tests=(f"{_FLASH}::test_host_reads_and_writes_while_the_machine_starts",),
    ),
    Mutant(
        name="vm-clock-is-told-once",
        file=_VM + "polls.py",
        old="        if clock == self._clock:\n",
        new="        if self._clock:\n",
        tests=(f"{_TESTS}test_time.py::test_clock_that_the_world_sets_is_the_new_one_at_once",),
    ),
    Mutant(
        name="vm-worker-speaks-for-the-main-thread",
        file=_LINK,
        old="(_asleep is not None or what[0] != '.clock' or spent >= _slice_end):\n",
        new="False:\n",
        tests=(f"{_TESTS}test_threads.py::test_worker_that_asks_the_world_is_answered_between_the_loops_turns",),
    ),
    Mutant(
        name="vm-slice-has-no-end",
        file=_LINK,
        old="        _slice_end = spent + _SLICE_US\n",
        new="        _slice_end = spent + 1000 * _SLICE_US\n",
        tests=(f"{_TESTS}test_threads.py::test_thread_that_may_go_on_waits_for_no_more_than_a_slice",),
    ),
    Mutant(
        name="vm-callback-wakes-a-worker-untold",
        file=_LINK,
        old="    if _woken is not None:\n        _tell()\n    _send(DONE",
        new="    _send(DONE",
        tests=(f"{_TESTS}test_threads.py::test_callback_wakes_a_worker_while_the_program_sleeps",),
    ),
    Mutant(
        name="vm-asks-the-world-at-each-turn",
        file=_VM + "board/select.py",
        old="        if _link.quiet is self and self._asked is not None:\n",
        new="        if False:\n",
        tests=(f"{_TESTS}test_nodes.py::test_event_of_a_node_takes_few_exchanges",),
    ),
    Mutant(
        name="exceptions-of-the-world-are-runtimeerrors",
        file=_LINK,
        old="    kind = _values.errors.get(value[0]) or getattr(",
        new="    kind = getattr(",
        tests=(f"{_VALUES}::test_exception_of_a_module_is_its_own_class",),
    ),
    Mutant(
        name="open-of-a-number-is-a-file-of-the-host",
        file=_BOOT,
        old="    if isinstance(path, int):       # of",
        new="    if False:       # of",
        tests=(f"{_VALUES}::test_open_takes_no_file_of_the_host",),
    ),
)
