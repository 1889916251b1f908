"""Import, instrumentation and the code cache."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_CODE = "simulator/engine/code.py"
_CPYTHON = "simulator/engine/cpython.py"
_TEST = "tests/unit/simulator/engine/test_cpython.py"
_CODE_TEST = "tests/unit/simulator/engine/test_code.py"
_BUILTINS = "simulator/engine/builtins.py"
_BUILTINS_TEST = "tests/unit/simulator/engine/test_builtins.py"
_TEXTS = "simulator/engine/texts.py"
_TEXTS_TEST = "tests/unit/simulator/engine/test_texts.py"
_HEAP = "simulator/engine/heap.py"
_SIZES = "simulator/engine/_sizes.py"
_HEAP_TEST = "tests/unit/simulator/engine/test_heap.py"
_THREAD = "simulator/micropython/_thread.py"
_THREAD_TEST = "tests/unit/simulator/micropython/test_thread.py"

MUTANTS = (
    Mutant(
        name="for-loops-do-not-tick",
        file=_CODE,
        old="(ast.While, ast.For, ast.AsyncFor)",
        new="(ast.While, ast.AsyncFor)",
        tests=(f"{_CODE_TEST}::test_each_loop_turn_ticks_once",),
    ),
    Mutant(
        name="comprehensions-do-not-tick",
        file=_CODE,
        old="        elif isinstance(node, ast.comprehension):\n",
        new="        elif False:\n",
        tests=(f"{_CODE_TEST}::test_each_loop_turn_ticks_once",),
    ),
    Mutant(
        name="filtered-turns-do-not-tick",
        file=_CODE,
        old="            node.ifs.insert(0, ",
        new="            node.ifs.append(",
        tests=(f"{_CODE_TEST}::test_each_loop_turn_ticks_once",),
    ),
    Mutant(
        name="compile-is-the-hosts",
        file=_BUILTINS,
        old='    "compile": _compile,\n',
        new="",
        tests=(f"{_BUILTINS_TEST}::test_code_made_at_run_time_takes_virtual_time",),
    ),
    Mutant(
        name="eval-is-the-hosts",
        file=_BUILTINS,
        old='    "eval": _eval,\n',
        new='    "eval": eval,\n',
        tests=(f"{_BUILTINS_TEST}::test_expression_takes_virtual_time",),
    ),
    Mutant(
        name="exec-takes-the-hosts-frame",
        file=_BUILTINS,
        old='    while frame is not None and "__tick__" not in frame.f_builtins:\n',
        new="    while False:\n",
        tests=(f"{_BUILTINS_TEST}::test_exec_as_a_thread_runs_in_main_with_the_nodes_builtins",),
    ),
    Mutant(
        name="single-prints-on-the-host",
        file=_CODE,
        old='        tree, mode = _printing(tree), "exec"\n',
        new="        pass\n",
        tests=(f"{_BUILTINS_TEST}::test_single_prints_values_as_the_repl_does",),
    ),
    Mutant(
        name="every-content-is-kept",
        file=_CODE,
        old="    while len(kept) > _KEPT:\n",
        new="    while False:\n",
        tests=(f"{_CODE_TEST}::test_latest_contents_of_a_path_are_kept_and_older_ones_forgotten",),
    ),
    Mutant(
        name="oldest-made-goes-first",
        file=_CODE,
        old="    kept.pop(data, None)\n",
        new="",
        tests=(f"{_CODE_TEST}::test_content_that_is_used_again_stays",),
    ),
    Mutant(
        name="lines-of-all-contents-are-kept",
        file=_CODE,
        old="                linecache.cache.pop(old.co_filename, None)\n",
        new="                pass\n",
        tests=(f"{_CODE_TEST}::test_lines_of_forgotten_contents_are_forgotten",),
    ),
    Mutant(
        name="keyboardinterrupt-leaves-its-thread",
        file=_THREAD,
        old="    except (NodeDead, GreenletExit):  # no errors of firmware's\n",
        new="    except (NodeDead, GreenletExit, KeyboardInterrupt):\n",
        tests=(f"{_THREAD_TEST}::test_exception_of_any_kind_ends_its_thread_only",),
    ),
    Mutant(
        name="failed-print-leaves-its-thread",
        file=_THREAD,
        old="    except BaseException:  # noqa: BLE001 - the exception's own __str__ fails",
        new="    except ArithmeticError:  # noqa: BLE001 - the exception's own __str__ fails",
        tests=(f"{_THREAD_TEST}::test_exception_that_cannot_be_printed_ends_its_thread_only",),
    ),
    Mutant(
        name="stacks-of-ended-threads-are-kept",
        file=_THREAD,
        old="            stacks.pop(thread.ident, None)\n",
        new="            pass\n",
        tests=(f"{_THREAD_TEST}::test_threads_start_as_long_as_there_is_memory_for_their_stacks",),
    ),
    Mutant(
        name="stack-size-takes-no-memory",
        file=_THREAD,
        old="    taken = sum(stacks.values()) + ",
        new="    taken = ",
        tests=(f"{_THREAD_TEST}::test_threads_start_as_long_as_there_is_memory_for_their_stacks",),
    ),
    Mutant(
        name="released-lock-belongs-to-who-was-woken",
        file=_THREAD,
        old="        self._locked = False\n        if self._waiters:\n",
        new="        self._locked = bool(self._waiters)\n        if self._waiters:\n",
        tests=(f"{_THREAD_TEST}::test_who_asks_before_the_woken_thread_runs_gets_the_lock",),
    ),
    Mutant(
        name="hosts-collector-works-in-nodes",
        file="simulator/kernel/kernel.py",
        old="        gc.disable()\n",
        new="",
        tests=(
            "tests/unit/simulator/test_determinism.py::test_busy_run_does_not_depend_on_the_hosts_garbage_collection",
        ),
    ),
    Mutant(
        name="cache-ignores-the-content",
        file=_CODE,
        old="key = hashlib.blake2b(data, key=",
        new="key = hashlib.blake2b(b'', key=",
        tests=(f"{_CODE_TEST}::test_changed_source_is_compiled_anew",),
    ),
    Mutant(
        name="two-contents-share-a-name",
        file=_CODE,
        old="            if self._first.setdefault(path, digest) != digest:\n",
        new="            if False:\n",
        tests=(f"{_CODE_TEST}::test_two_contents_at_one_path_have_their_own_names_and_lines",),
    ),
    Mutant(
        name="failed-import-leaves-the-module",
        file=_CPYTHON,
        old="            self.modules.pop(name, None)\n            raise\n",
        new="            raise\n",
        tests=(f"{_TEST}::test_failing_import_leaves_no_module",),
    ),
    Mutant(
        name="file-replaces-a-built-in-module",
        file=_CPYTHON,
        old="        if host is not None:\n            return self._built(name, host)\n        for entry",
        new="        for entry",
        tests=(f"{_TEST}::test_import_takes_the_first_place_of_the_port",),
    ),
    Mutant(
        name="frozen-comes-after-lib",
        file=_CPYTHON,
        old='        self.path = ["", ".frozen", "/lib"]\n',
        new='        self.path = ["", "/lib", ".frozen"]\n',
        tests=(f"{_TEST}::test_import_takes_the_first_place_of_the_port",),
    ),
    Mutant(
        name="port-modules-are-shared-by-nodes",
        file="simulator/micropython/registry.py",
        old="    module = ModuleType(name.removeprefix",
        new="    return host\n    module = ModuleType(name.removeprefix",
        tests=(f"{_TEST}::test_change_of_a_port_module_stays_on_its_node",),
    ),
    Mutant(
        name="api-classes-take-attributes",
        file="simulator/micropython/_builtin.py",
        old="    def __setattr__(cls, name: str, value: object) -> None:\n",
        new="    def _setattr(cls, name: str, value: object) -> None:\n",
        tests=("tests/unit/simulator/micropython/test_sys.py::test_class_of_the_api_refuses_new_attributes",),
    ),
    Mutant(
        name="bytecode-is-skipped-silently",
        file=_CPYTHON,
        old='        if flash.exists(base + ".mpy"):\n',
        new="        if False:\n",
        tests=(f"{_TEST}::test_bytecode_is_refused_by_name",),
    ),
    Mutant(
        name="host-frames-stand-in-the-traceback",
        file=_CODE,
        old="        return self._flash_paths.get(filename)\n",
        new="        return self._flash_paths.get(filename, filename)\n",
        tests=(f"{_TEST}::test_traceback_shows_flash_paths_and_lines_only",),
    ),
    Mutant(
        name="loops-are-never-looked-at",
        file="simulator/micropython/_cpu.py",
        old="            if in_loop:\n",
        new="            if False:\n",
        tests=(f"{_HEAP_TEST}::test_loop_that_grows_something_gets_memoryerror_and_its_memory_back",),
    ),
    Mutant(
        name="long-runs-are-looked-at-late",
        file=_HEAP,
        old="            self._interval = _LEAST_SLICES\n            self._look_or_fail()\n",
        new="            pass\n",
        tests=(f"{_HEAP_TEST}::test_loop_is_found_soon_after_long_harmless_computing",),
    ),
    Mutant(
        name="pieces-are-not-checked",
        file=_CODE,
        old="        _put_heap_checks(node)\n",
        new="",
        tests=(f"{_HEAP_TEST}::test_piece_that_does_not_fit_fails_at_once",),
    ),
    Mutant(
        name="dropped-pieces-are-lost",
        file=_HEAP,
        old="            self._cpu.charge(_COLLECT_US)\n            self._look()\n",
        new="            self._cpu.charge(_COLLECT_US)\n",
        tests=(f"{_HEAP_TEST}::test_pieces_that_are_dropped_can_be_had_for_ever",),
    ),
    Mutant(
        name="import-that-computed-is-not-looked-at",
        file=_HEAP,
        old="        if took_us >= _LOADING_US or self._room < 0:\n",
        new="        if self._room < 0:\n",
        tests=(f"{_HEAP_TEST}::test_load_module_that_exhausts_memory_on_import_is_an_error_and_the_node_goes_on",),
    ),
    Mutant(
        name="other-threads-hold-nothing",
        file=_HEAP,
        old=" if thread is running else thread.gr_frame",
        new=" if thread is running else None",
        tests=(f"{_HEAP_TEST}::test_locals_of_a_thread_that_waits_are_counted",),
    ),
    Mutant(
        name="suspended-coroutines-hold-nothing",
        file=_SIZES,
        old="    CoroutineType: _suspended,\n",
        new="    CoroutineType: lambda value: (_GENERATOR_BYTES, ()),\n",
        tests=(f"{_HEAP_TEST}::test_locals_of_a_task_that_waits_are_counted",),
    ),
    Mutant(
        name="objects-are-counted-twice",
        file=_SIZES,
        old="        seen.add(id(value))\n",
        new="",
        tests=(f"{_HEAP_TEST}::test_object_takes_what_it_takes_on_the_chip",),
    ),
    Mutant(
        name="simulators-objects-are-the-nodes",
        file=_SIZES,
        old="    if not isinstance(module, str) or module.startswith(_OURS):\n        return True\n",
        new="    if not isinstance(module, str) or module.startswith(_OURS):\n        return False\n",
        tests=(f"{_HEAP_TEST}::test_object_takes_what_it_takes_on_the_chip",),
    ),
    Mutant(
        name="brake-forgets-the-run",
        file=_HEAP,
        old="        if run != self._braked:\n",
        new="        if False:\n",
        tests=(f"{_HEAP_TEST}::test_growth_of_the_host_while_a_thread_waits_now_and_then_brakes_nobody",),
    ),
    Mutant(
        name="host-may-grow-for-ever",
        file=_HEAP,
        old="        self._brake(thread)\n",
        new="",
        tests=(f"{_HEAP_TEST}::test_thread_that_makes_the_host_grow_is_braked",),
    ),
    Mutant(
        name="module-takes-nothing",
        file=_HEAP,
        old="        self._code[name] = len(source) * _HEAP_PERCENT // 100\n",
        new="",
        tests=("tests/unit/simulator/micropython/test_gc.py::test_loaded_module_takes_memory_until_it_is_unloaded",),
    ),
    Mutant(
        name="texts-inside-of-formats-are-not-escaped",
        file=_TEXTS,
        old="        node.right = _call(",
        new="        node.right = node.right if True else _call(",
        tests=(f"{_TEXTS_TEST}::test_text_is_as_micropython_makes_it",),
    ),
    Mutant(
        name="prompt-does-not-escape",
        file=_BUILTINS,
        old="print_(port_repr(value))",
        new="print_(repr(value))",
        tests=(f"{_TEXTS_TEST}::test_prompt_shows_text_escaped",),
    ),
    Mutant(
        name="file-replaces-a-module-with-u",
        file="simulator/micropython/registry.py",
        old='    if name == "usys" or (name[:1] == "u" and name[1:] in _EXTENSIBLE):\n',
        new='    if name == "usys":\n',
        tests=(f"{_TEST}::test_import_takes_the_first_place_of_the_port",),
    ),
    Mutant(
        name="second-argument-of-oserror-hides-the-symbol",
        file="simulator/micropython/errors.py",
        old="if name and len(self.args) <= 2:",
        new="if name and len(self.args) < 2:",
        tests=(f"{_BUILTINS_TEST}::test_oserror_text",),
    ),
)
