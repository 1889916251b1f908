"""What the world has the virtual machine do for it; attributes, slices, texts of errors; ends of callbacks."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_VM = "simulator/engine/vm/"
_LINK = _VM + "board/_link.py"
_BOOT = _VM + "board/_boot.py"
_HERE = _VM + "board/_values.py"
_API = _VM + "api.py"
_ERRANDS = _VM + "errands.py"
_TESTS = "tests/system/engine_vm/"
_ERRANDS_TEST = _TESTS + "test_errands.py"
_VALUES_TEST = _TESTS + "test_values.py"
_ROBUST = "tests/unit/simulator/test_robustness.py"

MUTANTS = (
    Mutant(
        name="vm-file-of-the-world-is-written-as-by-the-host",
        file=_VM + "image.py",
        old="        if by is not None and self.machine is not None:\n",
        new="        if False:\n",
        tests=(
            f"{_ERRANDS_TEST}::test_file_in_a_folder_that_is_not_there_ends_the_session",
            f"{_ERRANDS_TEST}::test_file_that_is_put_is_written_by_the_machines_file_system",
        ),
    ),
    Mutant(
        name="vm-error-of-a-stored-file-is-dropped",
        file=_ERRANDS,
        old="        if failed:\n",
        new="        if False:\n",
        tests=(f"{_ERRANDS_TEST}::test_flash_that_fails_when_a_put_file_is_closed_ends_the_session",),
    ),
    Mutant(
        name="vm-api-imports-nothing-of-the-firmware",
        file=_ERRANDS,
        old="        self._run(IMPORT, [name])\n",
        new="",
        tests=(f"{_ERRANDS_TEST}::test_password_of_a_module_on_the_flash_is_taken",),
    ),
    Mutant(
        name="vm-failed-import-is-shown",
        file=_BOOT,
        old="        module = __import__(name)\n    except Exception:\n",
        new="        module = __import__(name)\n    except OSError:\n",
        tests=(f"{_ERRANDS_TEST}::test_module_that_is_of_no_use_is_not_configured",),
    ),
    Mutant(
        name="vm-variable-of-a-module-is-a-copy",
        file=_ERRANDS,
        old="            setattr(self._modules[module], name, value[0])\n",
        new="            pass\n",
        tests=(f"{_ERRANDS_TEST}::test_variable_that_the_program_sets_is_the_modules",),
    ),
    Mutant(
        name="vm-heap-stays-locked",
        file=_BOOT,
        old="    while _unlock_heap():\n        pass\n",
        new="    pass\n",
        tests=(f"{_ERRANDS_TEST}::test_heap_that_a_program_leaves_locked_is_free_again",),
    ),
    Mutant(
        name="vm-exit-in-a-callback-ends-the-program",
        file=_LINK,
        old="    except _Gone:\n",
        new="    except SystemExit:\n",
        tests=(f"{_TESTS}test_callbacks.py::test_exit_in_a_callback_ends_the_callback_only",),
    ),
    Mutant(
        name="vm-stdin-has-no-methods",
        file=_BOOT,
        old="    _values.remote('sys._ConsoleStream', *described)\n",
        new="",
        tests=(f"{_TESTS}test_console.py::test_typed_lines_are_read_from_stdin",),
    ),
    Mutant(
        name="vm-attributes-are-the-shadows-own",
        file=_API,
        old="        elif isinstance(value, property):\n            attributes.add(key)\n",
        new="",
        tests=(f"{_VALUES_TEST}::test_slices_and_properties_of_an_object_of_the_world",),
    ),
    Mutant(
        name="vm-annotated-constant-is-a-property",
        file=_API,
        old=' if key[0] != "_" and not hasattr(kind, key)}',
        new=' if key[0] != "_"}',
        tests=(f"{_TESTS}test_contract.py::test_names_constants_and_methods_differ_only_as_reviewed",),
    ),
    Mutant(
        name="vm-slice-is-a-foreign-object",
        file=_HERE,
        old="        if kind is slice:\n",
        new="        if False:\n",
        tests=(f"{_VALUES_TEST}::test_slices_and_properties_of_an_object_of_the_world",),
    ),
    Mutant(
        name="vm-bytearray-comes-back-as-bytes",
        file=_API,
        old='        return {"B": len(self.pieces[-1])}\n',
        new='        return {"b": len(self.pieces[-1])}\n',
        tests=(f"{_VALUES_TEST}::test_attributes_of_an_object_are_read_and_set",),
    ),
    Mutant(
        name="vm-file-of-a-socket-is-another-object",
        file=_HERE,
        old="    if name in ('__enter__', 'makefile'):\n",
        new="    if False:\n",
        tests=(f"{_VALUES_TEST}::test_socket_hands_itself_out",),
    ),
    Mutant(
        name="vm-error-has-the-hosts-symbol",
        file=_LINK,
        old="    return e if kind is not OSError or str(e) == _text_of(e) else _OSError(*value[1])\n",
        new="    return e\n",
        tests=(f"{_VALUES_TEST}::test_error_of_the_world_has_the_boards_symbol",),
    ),
    Mutant(
        name="vm-traceback-has-the-hosts-symbol",
        file=_LINK,
        old="        lines[-2] = kind + _text_of(e)\n",
        new="        pass\n",
        tests=(f"{_VALUES_TEST}::test_traceback_has_the_boards_symbol",),
    ),
    Mutant(
        name="vm-error-that-cannot-be-shown-escapes",
        file=_LINK,
        old="    except Exception:       # its own __repr__ has\n",
        new="    except OSError:\n",
        tests=(f"{_VALUES_TEST}::test_error_that_cannot_be_shown_is_named",),
    ),
    Mutant(
        name="exception-is-shown-by-its-str",
        file="simulator/engine/texts.py",
        old='    text = _method(kind, "__str__", is_own)\n',
        new='    text = _method(kind, "__str__", lambda code: False)\n',
        tests=(f"{_ROBUST}::test_exception_is_shown_by_its_repr_if_it_has_one",),
    ),
    Mutant(
        name="flash-that-erases-counts-as-computing",
        file="simulator/micropython/_cpu.py",
        old="            thread.hang_at += cost_us  # it is not the program that computes\n",
        new="            pass\n",
        tests=(f"{_ROBUST}::test_program_that_waits_for_its_flash_is_not_hung",),
    ),
    Mutant(
        name="asyncio-notices-an-interrupt-at-once",
        file="simulator/micropython/_aio_core.py",
        old="                thread.sleep_until(kernel.now + _LOOK_US)\n",
        new="                self._idle(thread, 0)\n",
        tests=(
            "tests/unit/simulator/micropython/test_asyncio.py"
            "::test_run_goes_on_while_its_task_waits_for_an_interrupt_to_set_an_event",
        ),
    ),
)
