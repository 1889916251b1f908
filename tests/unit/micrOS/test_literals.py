"""Command lines: words, tasks, literals."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**39), 10**39)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",)))
    | st.binary()
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.integers() | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
_NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)


@given(args=st.lists(_VALUES, max_size=4), kwargs=st.dictionaries(_NAMES, _VALUES, max_size=3))
def test_written_arguments_read_back(pure: Any, args: list[object], kwargs: dict[str, object]) -> None:
    line = " ".join([repr(value) for value in args] + [f"{name}={value!r}" for name, value in kwargs.items()])
    assert pure.load("literals").parse_arguments(line) == (args, kwargs)


@given(st.text() | st.text("[](){}'\"\\,:=+-.0x1eb_nA #\t"))
def test_any_text_gives_literals_or_one_line_error(pure: Any, text: str) -> None:
    try:
        pure.load("literals").parse_arguments(text)
    except ValueError as error:
        assert len(str(error).splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "args", "kwargs"),
    [
        ("r=10 g=60 b=100", [], {"r": 10, "g": 60, "b": 100}),
        ("'hi there' 0 10", ["hi there", 0, 10], {}),
        ("[1, 2] (3,) (4) {'a': -5}", [[1, 2], (3,), 4, {"a": -5}], {}),
        ("1,2, 3", [1, 2, 3], {}),
        ("0x1F 0b101 0o17 1e3 .5 5. -2.5e-1", [31, 5, 15, 1000.0, 0.5, 5.0, -0.25], {}),
        (r"b'\x00\xff' '\u00ba\n'", [b"\x00\xff", "\u00ba\n"], {}),
        ("True False None", [True, False, None], {}),
        ("  ", [], {}),
    ],
)
def test_literals_have_their_python_values(
    pure: Any, text: str, args: list[object], kwargs: dict[str, object]
) -> None:
    found = pure.load("literals").parse_arguments(text)
    assert found == (args, kwargs)
    assert [type(value) for value in found[0]] == [type(value) for value in args]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("abc", "name 'abc' isn't defined"),
        ("exit()", "name 'exit' isn't defined"),
        ("__import__('os')", "name '__import__' isn't defined"),
        ("x=abc", "name 'abc' isn't defined"),
        ("1+2", "invalid syntax"),
        ("[1,,2]", "invalid syntax"),
        ("[1 2]", "invalid syntax"),
        ("{1, 2}", "invalid syntax"),
        ("10'a'", "invalid syntax"),
        ("a= 1", "invalid syntax"),
        ("a==1", "invalid syntax"),
        ("1_000", "invalid syntax"),
        ("1j", "invalid syntax"),
        ("e5", "name 'e5' isn't defined"),
        ("'abc", "unterminated string"),
        ("'abc\\", "unterminated string"),
        (r"'\xg0'", "invalid escape in string"),
        (r"'\ud800'", "invalid escape in string"),
        ("[1, 2", "missing ]"),
        ("a=1 a=2", "argument given twice: a"),
        ("a=1 2", "positional argument follows keyword argument"),
        ("{[1]: 2}", "dict key must be a number, a text or a tuple of them"),
        ("b'\u20ac'", "bytes may only hold characters up to \\xff"),
        ("9" * 41, "number longer than 40 characters"),
        ("[" * 10_000, "brackets nested deeper than 16"),
        ("{1: " * 10_000, "brackets nested deeper than 16"),
    ],
)
def test_anything_else_is_refused_with_its_reason(pure: Any, text: str, message: str) -> None:
    with pytest.raises(ValueError) as error:
        pure.load("literals").parse_arguments(text)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("line", "words", "arguments", "as_json"),
    [
        ("system info", ["system", "info"], "", False),
        ("  system   rssi  >json ", ["system", "rssi"], "", True),
        ("rgb rgb 1  2 >json", ["rgb", "rgb"], "1  2", True),
        ("oled text 'a  b'", ["oled", "text"], "'a  b'", False),
        ("oled text 'a >json'", ["oled", "text"], "'a >json'", False),
        ("apple", ["apple"], "", False),
        (">json", [], "", True),
        ("", [], "", False),
    ],
)
def test_command_splits_into_its_parts(
    pure: Any, line: str, words: list[str], arguments: str, as_json: bool
) -> None:
    assert pure.load("literals").split_command(line) == (words, arguments, as_json)


@pytest.mark.parametrize(
    ("text", "tasks"),
    [
        ("rgb load_n_init; neopixel load_n_init", ["rgb load_n_init", "neopixel load_n_init"]),
        ("a b;; c d ;", ["a b", "c d"]),
        ("oled text 'a;b'; c d", ["oled text 'a;b'", "c d"]),
        (r"""x f "a\";b";c d""", [r'''x f "a\";b"''', "c d"]),
        ("n/a", []),
        (" N/A;a b", []),
        ("", []),
    ],
)
def test_tasks_split_at_semicolons_outside_quotes(pure: Any, text: str, tasks: list[str]) -> None:
    assert pure.load("literals").split_tasks(text) == tasks
