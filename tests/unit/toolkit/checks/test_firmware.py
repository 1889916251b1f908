"""The checks of firmware files, on small trees of our own."""

from __future__ import annotations

import pytest

from toolkit.checks import firmware


@pytest.fixture
def tree(tmp_path):
    """``tree("import x")`` makes a checkout with that one module besides Common.py and an LM."""
    source = tmp_path / firmware.SOURCE
    (source / "modules").mkdir(parents=True)
    (source / "drivers").mkdir()
    (source / "Common.py").write_text("")
    (source / "modules" / "LM_system.py").write_text("from Common import x\n")

    def make(text):
        (source / "under_test.py").write_text(text)
        return tmp_path

    return make


@pytest.mark.parametrize(
    "text",
    ["import machine, utime", "from drivers import x", "import LM_system", "def f():\n  import Common", "import dht"]
    + ["cold.load('Common')", "cold.call('Common', 'f')", "cold.load(name)"],
)
def test_import_of_own_and_board_modules_is_fine(tree, text):
    assert list(firmware.check_imports(tree(text))) == []


@pytest.mark.parametrize(
    "text",
    [
        "import typing",
        "from simulator import World",
        "def f():\n  import dataclasses",
        "from . import x",
        "__import__('enum')",
        "import os.path, enum",
        "cold.load('nothing')",
        "cold.call('nothing', 'f')",
    ],
)
def test_import_of_what_no_board_has_is_found(tree, text):
    found = list(firmware.check_imports(tree(text)))
    assert len(found) == 1 and found[0].startswith("micrOS/source/under_test.py:")


def test_hardware_past_hal_is_found_in_the_core_only(tree):
    root = tree("def f():\n  import machine")
    (root / firmware.SOURCE / "hal.py").write_text("import machine")
    (root / firmware.SOURCE / "boot.py").write_text("import esp, network")
    (root / firmware.SOURCE / "modules" / "LM_x.py").write_text("import machine")
    found = list(firmware.check_hardware(root))
    assert [line.partition(": ")[0] for line in found] == [
        "micrOS/source/boot.py:1",
        "micrOS/source/under_test.py:2",
    ]


@pytest.mark.parametrize("text", ["eval('1')", "x = exec", "import builtins\nbuiltins.eval('1')"])
def test_evaluation_is_found(tree, text):
    assert len(list(firmware.check_no_evaluation(tree(text)))) == 1


def test_method_named_exec_is_fine(tree):
    assert list(firmware.check_no_evaluation(tree("repl.exec('1')\nre.compile('x')"))) == []
