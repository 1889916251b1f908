"""Text and bytes as MicroPython's C code takes them."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.micropython._text import buffer_of, decoded, encoded, text_of


@given(st.text())
def test_text_is_its_utf_8_bytes(text: str) -> None:
    assert encoded(text) == text.encode()
    assert decoded(text.encode()) == text


@given(st.binary())
def test_path_of_any_bytes_keeps_them(data: bytes) -> None:
    assert encoded(text_of(data)) == data


def test_half_of_a_surrogate_pair_passes() -> None:
    assert encoded("\ud83d") == b"\xed\xa0\xbd"
    assert decoded(b"\xed\xa0\xbd") == "\ud83d"


def test_bytes_that_are_no_text_raise_without_a_message() -> None:
    with pytest.raises(UnicodeError) as error:
        decoded(b"\xff")
    assert error.value.args == ()


def test_buffers_are_read_as_bytes() -> None:
    assert bytes(buffer_of(array("H", [1, 2]))) == b"\1\0\2\0"
    assert bytes(buffer_of(memoryview(b"ab"))) == b"ab"
    assert bytes(buffer_of("é")) == b"\xc3\xa9"


@pytest.mark.parametrize("value", [None, 1, 1.5, [1], {}])
def test_value_without_bytes_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="object with buffer protocol required"):
        buffer_of(value)
    with pytest.raises(TypeError, match=f"can't convert '{type(value).__name__}' object to str implicitly"):
        text_of(value)
