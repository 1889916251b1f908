"""The literal parser against CPython's own, which it must agree with wherever both accept a text."""

from __future__ import annotations

import ast
import builtins
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

_NEAR_LITERALS = st.text("[](){}'\"\\,:+-.0123xobeEunNA_ \tTrueFalse", max_size=30)
_BRACKETS = st.lists(st.sampled_from(["[", "(", "{", "{1:", "]", ")", "}", ",", " ", "1", "'a'"]), max_size=60).map(
    "".join
)


def _depth() -> int:
    """How many frames there are."""
    frame, depth = sys._getframe(), 0
    while frame is not None:
        frame, depth = frame.f_back, depth + 1  # type: ignore[assignment]
    return depth


def _same(found: object, expected: object) -> bool:
    """Equal in value and in every type."""
    return repr(found) == repr(expected)


@settings(deadline=None, max_examples=300)
@given(_NEAR_LITERALS | _BRACKETS)
def test_accepted_text_has_the_value_that_python_gives_it(pure: Any, text: str) -> None:
    try:
        args, kwargs = pure.load("literals").parse_arguments(text)
    except ValueError:
        return
    if len(args) != 1 or kwargs:
        return
    try:
        expected = ast.literal_eval(text.strip(" \t,"))
    except (SyntaxError, ValueError):
        return  # more is accepted here: blanks and leading zeros where Python wants none
    assert _same(args[0], expected)


@pytest.fixture(scope="session")
def harmless(source: Path) -> ModuleType:
    """The parser in a world in which nothing can be evaluated or reached."""

    def refuse(*arguments: object) -> None:
        raise AssertionError(f"called with {arguments!r}")

    names = ("eval", "exec", "compile", "__import__", "open", "getattr", "globals", "vars", "input")
    reader, module = ModuleType("literal_reader"), ModuleType("literals")
    known = {
        "cold": SimpleNamespace(load={"literal_reader": reader}.__getitem__),
        "literals": module,
        "micropython": SimpleNamespace(const=lambda value: value),
    }
    for loaded in (module, reader):  # what they import is there; once they are loaded, nothing is
        importing = {**vars(builtins), **dict.fromkeys(names, refuse), "__import__": lambda name, *rest: known[name]}
        vars(loaded)["__builtins__"] = importing
        path = f"{loaded.__name__}.py"
        exec(compile((source / path).read_text(encoding="utf-8"), path, "exec"), vars(loaded))  # noqa: S102
        importing["__import__"] = refuse
    return module


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=60) | _NEAR_LITERALS | _BRACKETS)
def test_no_text_is_evaluated_or_goes_deep(harmless: ModuleType, text: str) -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(_depth() + 80)
    try:
        harmless.parse_arguments(text)
    except ValueError:
        pass
    finally:
        sys.setrecursionlimit(limit)


@pytest.mark.parametrize("opening", ["[", "(", "{1:", "[(", "-", "+", "b'", "'\\", "0x", "a="])
def test_ten_thousand_of_anything_end_in_a_short_error(pure: Any, opening: str) -> None:
    with pytest.raises(ValueError) as error:
        pure.load("literals").parse_arguments(opening * 10_000)
    assert len(str(error.value)) < 100
