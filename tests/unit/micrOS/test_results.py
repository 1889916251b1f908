"""How results and errors read for the client."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("function", "value", "text"),
    [
        ("info", {"a": 1, "b": "x"}, " a: 1\n b: x"),
        ("info", {}, ""),
        ("info", None, "None"),
        ("info", (1, "two"), "(1, 'two')"),
        ("info", b"xyz", "b'xyz'"),
        ("info", "", ""),
        ("info", True, "True"),
        ("help", ("a", "b x=1"), " a,\n b x=1,"),
        ("help", "none", "none"),
    ],
)
def test_plain_result_has_its_wire_form(pure: Any, function: str, value: object, text: str) -> None:
    assert pure.load("results").to_text(function, value) == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Okay": -75}, {"Okay": -75}),
        ((1, "two", None), [1, "two", None]),
        ("text", "text"),
        (True, True),
        (1.5, 1.5),
        (float("nan"), None),
        (float("-inf"), None),
        (b"\x00\xff", "00ff"),
        ({1: (2, b"a")}, {"1": [2, "61"]}),
        ({3}, "{3}"),
    ],
)
def test_json_result_is_json_for_every_type(pure: Any, value: object, expected: object) -> None:
    assert json.loads(pure.load("results").to_text("f", value, True)) == expected


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.complex_numbers(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.integers() | st.binary(), inner),
)


@given(_ANY)
def test_json_result_is_strict_json_for_any_value(pure: Any, value: object) -> None:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    json.loads(pure.load("results").to_text("f", value, True), parse_constant=refuse)


def test_json_of_a_list_in_itself_ends(pure: Any) -> None:
    endless: list[object] = []
    endless.append(endless)
    assert json.loads(pure.load("results").to_text("f", endless, True))


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (KeyError("nokey"), "nokey"),
        (ValueError(), "ValueError"),
        (ValueError("two\nlines"), "two lines"),
        (Exception("x" * 1000), "x" * 200),
        (SystemExit(1), "SystemExit: 1"),
        (SystemExit(), "SystemExit"),
        (OSError(-2), "name lookup failed (-2)"),
        (OSError(-202), "name lookup failed (-202)"),
        (ValueError(-2), "-2"),
    ],
)
def test_error_is_one_short_line(pure: Any, error: BaseException, text: str) -> None:
    assert pure.load("results").error_text(error) == text


def test_error_whose_text_fails_is_named_by_its_type(pure: Any) -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise KeyboardInterrupt

    assert pure.load("results").error_text(Mute()) == "Mute"
