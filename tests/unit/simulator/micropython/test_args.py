"""Conversions with MicroPython's limits and texts."""

import pytest

from simulator.micropython._args import readable, to_float, to_int, writable


def test_to_int_takes_ints_and_bools_only():
    assert (to_int(5), to_int(True)) == (5, 1)
    with pytest.raises(TypeError, match="can't convert float to int"):
        to_int(1.0)
    with pytest.raises(TypeError, match="can't convert str to int"):
        to_int("1")


def test_to_int_beyond_a_word_overflows():
    assert to_int(0x7FFFFFFF) == 0x7FFFFFFF
    with pytest.raises(OverflowError, match="overflow converting long int to machine word"):
        to_int(0x80000000)


def test_to_float_takes_numbers_only():
    assert to_float(2) == 2.0
    with pytest.raises(TypeError, match="can't convert NoneType to float"):
        to_float(None)


def test_buffers_must_be_buffers():
    data = bytearray(b"abc")
    writable(data)[:] = b"xyz"
    assert (data, readable(data), readable("hi")) == (b"xyz", b"xyz", b"hi")
    for bad in (b"const", 5):
        with pytest.raises(TypeError, match="object with buffer protocol required"):
            writable(bad)
