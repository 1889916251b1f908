"""Import, instrumentation and the code cache."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_CODE = "simulator/engine/code.py"
_CPYTHON = "simulator/engine/cpython.py"
_TEST = "tests/unit/simulator/engine/test_cpython.py"
_CODE_TEST = "tests/unit/simulator/engine/test_code.py"

MUTANTS = (
    Mutant(
        name="for-loops-do-not-tick",
        file=_CODE,
        old="    visit_While = visit_For = visit_AsyncFor = _loop\n",
        new="    visit_While = _loop\n",
        tests=(f"{_CODE_TEST}::test_each_loop_turn_ticks_once",),
    ),
    Mutant(
        name="inner-loops-do-not-tick",
        file=_CODE,
        old="        self.generic_visit(node)\n",
        new="",
        tests=(f"{_CODE_TEST}::test_each_loop_turn_ticks_once",),
    ),
    Mutant(
        name="cache-ignores-the-content",
        file=_CODE,
        old="key = hashlib.blake2b(data, key=",
        new="key = hashlib.blake2b(b'', key=",
        tests=(f"{_CODE_TEST}::test_changed_source_is_compiled_anew",),
    ),
    Mutant(
        name="damaged-cache-file-is-trusted",
        file=_CODE,
        old="        except (OSError, ValueError, EOFError, TypeError):\n",
        new="        except OSError:\n",
        tests=(f"{_CODE_TEST}::test_damaged_cache_file_is_made_anew",),
    ),
    Mutant(
        name="two-contents-share-a-name",
        file=_CODE,
        old="            if self._contents.setdefault(path, data) != data:\n",
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
)
