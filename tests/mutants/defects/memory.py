"""Measuring memory: the 32-bit machine, its shadow stack, the document of figures."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_SPILL = "simulator/engine/vm/wasm_spill.py"
_LIFE = "simulator/engine/vm/wasm_life.py"
_ASYNCIO = "simulator/engine/vm/board_wasm/asyncio.py"
_THREADS = "simulator/engine/vm/board_wasm/threadshadow.py"
_WASM_TEST = "tests/system/test_wasm.py"
_DOCUMENT = "bench/memory_document.py"
_BENCH = "bench/memory.py"
_CLI = "bench/cli.py"
_TEST = "tests/unit/bench/test_memory.py"

MUTANTS = (
    Mutant(
        name="parameters-are-not-on-the-shadow-stack",
        file=_SPILL,
        old='    out += b"".join(frame.keep(local) for local in slots if local < len(signature.params))\n',
        new="",
        tests=(f"{_WASM_TEST}::test_pointers_of_locals_are_on_the_stack_during_a_call",),
    ),
    Mutant(
        name="results-of-calls-are-not-on-the-shadow-stack",
        file=_SPILL,
        old="        if position in frame.ring:\n",
        new="        if False:\n",
        tests=(f"{_WASM_TEST}::test_result_of_a_call_is_on_the_stack_during_the_next",),
    ),
    Mutant(
        name="early-return-keeps-its-frame",
        file=_SPILL,
        old="        out += bytes([_BRANCH]) + _unsigned(depth) if opcode == _RETURN else instruction.raw\n",
        new="        out += instruction.raw\n",
        tests=(f"{_WASM_TEST}::test_early_return_gives_the_frame_back",),
    ),
    Mutant(
        name="new-frame-holds-what-was-there",
        file=_SPILL,
        old="            self.clear(),\n",
        new="",
        tests=(f"{_WASM_TEST}::test_frame_is_clear_at_first",),
    ),
    Mutant(
        name="left-frame-holds-what-was-there",
        file=_SPILL,
        old="        return self.clear() + give_back",
        new="        return give_back",
        tests=(f"{_WASM_TEST}::test_left_frame_is_clear",),
    ),
    Mutant(
        name="wasm-program-has-a-small-stack",
        file="simulator/engine/vm/wasm_stack.py",
        old="LIMIT_BYTES = 160_000\n",
        new="LIMIT_BYTES = 60_000\n",
        tests=(f"{_WASM_TEST}::test_program_goes_deep_and_is_stopped_before_the_stack_ends",),
    ),
    Mutant(
        name="names-go-into-the-tables-of-the-shadows",
        file="simulator/engine/vm/board_wasm/_wasi.py",
        old="    host.call(b'', b'')\n",
        new="    pass\n",
        tests=(f"{_WASM_TEST}::test_firmware_begins_with_small_tables_of_names",),
    ),
    Mutant(
        name="result-of-a-call-stays-after-its-local-has-gone",
        file=_SPILL,
        old="        if following.opcode in (_SET, _TEE) and following.operand in kept:\n",
        new="        if False:\n",
        tests=(f"{_WASM_TEST}::test_result_that_a_local_holds_is_kept_once",),
    ),
    Mutant(
        name="frozen-asyncio-costs-nothing",
        file=_LIFE,
        old="        return super()._find_overhead() - ASYNCIO_BYTES\n",
        new="        return super()._find_overhead()\n",
        tests=(f"{_WASM_TEST}::test_bare_board_has_the_frozen_asyncio_counted",),
    ),
    Mutant(
        name="files-of-a-life-are-not-packed",
        file=_LIFE,
        old="                self.write(name, path.read_bytes())\n",
        new="                pass\n",
        tests=(f"{_WASM_TEST}::test_files_and_error_numbers_are_those_of_a_board",),
    ),
    Mutant(
        name="wasm-loop-forgets-its-threads",
        file=_ASYNCIO,
        old="        threadshadow.run_ready()\n",
        new="",
        tests=(f"{_WASM_TEST}::test_thread_runs_when_the_program_waits",),
    ),
    Mutant(
        name="wasm-thread-that-waits-is-lost",
        file=_THREADS,
        old="            _ready.append(self._parked)\n",
        new="",
        tests=(f"{_WASM_TEST}::test_thread_runs_when_the_program_waits",),
    ),
    Mutant(
        name="figures-of-a-document-may-be-old",
        file=_DOCUMENT,
        old="_SHARE = 0.02\n",
        new="_SHARE = 0.2\n",
        tests=(f"{_TEST}::test_difference_of_more_than_two_percent_is_a_problem",),
    ),
    Mutant(
        name="lost-figure-is-no-problem",
        file=_DOCUMENT,
        old="dict.fromkeys([*figures, *told]) if self.is_complete",
        new="list(figures) if self.is_complete",
        tests=(f"{_TEST}::test_figure_that_came_or_went_is_a_problem",),
    ),
    Mutant(
        name="free-share-is-of-the-heap-that-was-given",
        file=_BENCH,
        old='    free = 100 * (board - found["sessions"]["used"]) / board\n',
        new='    free = 100 * found["sessions"]["free"] / (found["sessions"]["used"] + found["sessions"]["free"])\n',
        tests=(f"{_TEST}::test_free_share_is_that_of_the_boards_heap",),
    ),
    Mutant(
        name="load-modules-count-as-core",
        file=_BENCH,
        old='if path.count("/") == 1}',
        new="}",
        tests=(f"{_TEST}::test_size_figures_tell_resident_cold_and_load_modules",),
    ),
    Mutant(
        name="document-is-compared-without-being-asked",
        file=_CLI,
        old="if given.write or given.check else []",
        new="if True else []",
        tests=("tests/unit/bench/test_cli.py::test_document_is_compared_and_renewed_when_asked",),
    ),
    Mutant(
        name="boot-stages-stay-in-memory",
        file="micrOS/source/micrOS.py",
        old="    stages = None ",
        new="    pass ",
        tests=(f"{_WASM_TEST}::test_core_lets_go_of_what_the_boot_alone_needs",),
    ),
    Mutant(
        name="names-of-the-boards-modules-take-heap",
        file="simulator/engine/vm/board_wasm/_wasi.py",
        old="        hasattr(Os, name)\n",
        new="        pass\n",
        tests=(f"{_WASM_TEST}::test_names_of_the_boards_own_modules_take_no_heap",),
    ),
    Mutant(
        name="heap-of-load-modules-stands-among-the-bytecode",
        file=_DOCUMENT,
        old='    return name.startswith("heap_")\n',
        new="    return False\n",
        tests=(f"{_TEST}::test_heap_of_load_modules_has_a_table_of_its_own",),
    ),
)
