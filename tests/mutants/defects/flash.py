"""The file system: what is durable when."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_FLASH = "simulator/micropython/flash.py"
_STORE_TEST = "tests/unit/micrOS/test_config_store_properties.py::test_store_equals_a_dict_whatever_fails"
_NODE_TEST = "tests/unit/simulator/test_node.py"

MUTANTS = (
    Mutant(
        name="power-cut-leaves-the-new-content",
        file=_FLASH,
        old="        if last and (share is None or share < 1.0):\n            self._cut()\n",
        new="",
        tests=(f"{_NODE_TEST}::test_power_cut_in_a_write_leaves_the_old_content",),
    ),
    Mutant(
        name="open-for-writing-empties-the-file-at-once",
        file="simulator/micropython/_files.py",
        old="    new = kind()\n",
        new='    if way == "w":\n        flash.write(path.absolute, b"", machine.cpu)\n    new = kind()\n',
        tests=(f"{_NODE_TEST}::test_file_that_is_written_anew_and_not_closed_keeps_its_content",),
    ),
    Mutant(
        name="unflushed-bytes-are-durable",
        file="simulator/micropython/_files.py",
        old="        self._put(piece)\n        return len(piece)\n",
        new="        self._put(piece)\n        self._sync()\n        return len(piece)\n",
        tests=(f"{_NODE_TEST}::test_file_that_was_not_closed_is_empty_after_a_reset",),
    ),
    Mutant(
        name="names-leave-the-flash",
        file="simulator/micropython/_paths.py",
        old='            if not parts:\n                raise os_error("EINVAL")\n            parts.pop()\n',
        new="            parts = parts[:-1]\n",
        tests=("tests/unit/simulator/engine/test_builtins.py::test_open_reaches_the_flash_only",),
    ),
)
