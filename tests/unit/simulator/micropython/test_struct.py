"""``struct`` on a node. Expected values were printed by MicroPython; sizes of long are those of 32 bits."""

from __future__ import annotations

from typing import Any

import pytest

TRY = """
import struct
def t(f):
    try:
        print(repr(f()))
    except Exception as e:
        print(type(e).__name__, e.args)
"""


def told(bare: Any, source: str) -> str:
    """What ``source`` prints, without the last line's end."""
    text: str = bare.run(TRY + source)
    return text.rstrip("\n")


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        ("struct.calcsize('b')", "1"),
        ("struct.calcsize('?')", "ValueError ('bad typecode',)"),
        ("struct.calcsize('h')", "2"),
        ("struct.calcsize('i')", "4"),
        ("struct.calcsize('q')", "8"),
        ("struct.calcsize('Q')", "8"),
        ("struct.calcsize('f')", "4"),
        ("struct.calcsize('d')", "8"),
        ("struct.calcsize('e')", "2"),
        ("struct.calcsize('5s')", "5"),
        ("struct.calcsize('3b')", "3"),
        ("struct.calcsize('2x')", "2"),
        ("struct.calcsize('c')", "ValueError ('bad typecode',)"),
        ("struct.calcsize('n')", "ValueError ('bad typecode',)"),
        ("struct.calcsize('<bi')", "5"),
        ("struct.calcsize('@bi')", "8"),
        ("struct.calcsize('>bi')", "5"),
        ("struct.calcsize('=bi')", "ValueError ('bad typecode',)"),
        ("struct.calcsize('bi')", "8"),
        ("struct.calcsize('b i')", "ValueError ('bad typecode',)"),
        ("struct.calcsize('')", "0"),
        ("struct.calcsize('3')", "ValueError ('bad typecode',)"),
        ("struct.calcsize('<')", "0"),
        ("struct.calcsize('bh')", "4"),
        ("struct.calcsize('bq')", "16"),
        ("struct.calcsize('qb')", "9"),
        ("struct.calcsize('0s')", "0"),
        ("struct.calcsize('0i')", "0"),
        ("struct.calcsize('<3H2s')", "8"),
        ("struct.calcsize('bxh')", "4"),
        ("struct.calcsize('10')", "ValueError ('bad typecode',)"),
        ("struct.pack('b', *(128,))", "b'\\x80'"),
        ("struct.pack('B', *(-1,))", "b'\\xff'"),
        ("struct.pack('<H', *(70000,))", "b'p\\x11'"),
        ("struct.pack('<i', *(1099511627776,))", "b'\\x00\\x00\\x00\\x00'"),
        ("struct.pack('b', *('a',))", 'TypeError ("can\'t convert str to int",)'),
        ("struct.pack('b', *(1.5,))", 'TypeError ("can\'t convert float to int",)'),
        ("struct.pack('f', *(1,))", "b'\\x00\\x00\\x80?'"),
        ("struct.pack('f', *('a',))", 'TypeError ("can\'t convert str to float",)'),
        ("struct.pack('3s', *(b'abcd',))", "b'abc'"),
        ("struct.pack('3s', *(b'a',))", "b'a\\x00\\x00'"),
        ("struct.pack('3s', *('abc',))", "b'abc'"),
        ("struct.pack('3s', *(5,))", "TypeError ('object with buffer protocol required',)"),
        ("struct.pack('2b', *(1,))", "b'\\x01\\x00'"),
        ("struct.pack('2b', *(1, 2, 3))", "b'\\x01\\x02'"),
        ("struct.pack('<b2xh', *(1, 2))", "b'\\x01\\x00\\x00\\x02\\x00'"),
        ("struct.pack('?', *(1,))", "ValueError ('bad typecode',)"),
        ("struct.pack('<e', *(1.5,))", "b'\\x00>'"),
        ("struct.pack('>d', *(1.5,))", "b'?\\xf8\\x00\\x00\\x00\\x00\\x00\\x00'"),
        ("struct.pack('!q', *(-2,))", "b'\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe'"),
        ("struct.pack('<Q', *(18446744073709551616,))", "b'\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00'"),
        ("struct.pack('bi', *(1, 2))", "b'\\x01\\x00\\x00\\x00\\x02\\x00\\x00\\x00'"),
        ("struct.pack('f', *(1e+300,))", "b'\\x00\\x00\\x80\\x7f'"),
        ("struct.pack('b', *(None,))", 'TypeError ("can\'t convert NoneType to int",)'),
        ("struct.pack('s', *(b'ab',))", "b'a'"),
        ("struct.unpack('<H', b'\\x01')", "ValueError ('buffer too small',)"),
        ("struct.unpack('<H', b'\\x01\\x02\\x03')", "(513,)"),
        ("struct.unpack('<f', b'\\x00\\x00\\x80?')", "(1.0,)"),
        ("struct.unpack('<bxh', b'\\x01\\x00\\x02\\x00')", "(1, 2)"),
        ("struct.unpack('<q', b'\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff')", "(-1,)"),
        ("struct.unpack('b', 'a')", "(97,)"),
        ("struct.unpack('b', 5)", "TypeError ('object with buffer protocol required',)"),
        ("struct.unpack('0s', b'')", "(b'',)"),
        ("struct.unpack('2s2s', b'abcd')", "(b'ab', b'cd')"),
        ("struct.unpack('', b'')", "()"),
        ("struct.unpack('x', b'a')", "()"),
        ("struct.unpack('5b', b'abc')", "ValueError ('buffer too small',)"),
        ("struct.unpack('>hH', b'\\xff\\xfe\\xff\\xfe')", "(-2, 65534)"),
        ("struct.unpack_from('<H', b'\\0\\1\\2\\3', 1)", "(513,)"),
        ("struct.unpack_from('<H', b'\\0\\1\\2\\3', -2)", "(770,)"),
        ("struct.unpack_from('<H', b'\\0\\1\\2\\3', 3)", "ValueError ('buffer too small',)"),
        ("struct.unpack_from('<H', b'\\0\\1', -5)", "ValueError ('buffer too small',)"),
        ("struct.pack(b'<H', 1)", "b'\\x01\\x00'"),
        ("struct.pack(1, 1)", "TypeError (\"can't convert 'int' object to str implicitly\",)"),
        ("struct.pack_into('<H', b'1234', 0, 1)", "TypeError ('object with buffer protocol required',)"),
    ],
)
def test_call_gives_what_the_vm_gives(bare: Any, call: str, shown: str) -> None:
    assert told(bare, f"t(lambda: {call})") == shown


@pytest.mark.engine("cpython", reason="word-size")
def test_long_has_32_bits(bare: Any) -> None:
    assert told(bare, "print(struct.calcsize('lL'), struct.pack('l', 1 << 33))") == "8 b'\\x00\\x00\\x00\\x00'"


@pytest.mark.parametrize(("offset", "shown"), [(1, "0 52 18 0"), (-2, "0 0 52 18"), (3, "small"), (-5, "small")])
def test_pack_into_writes_at_an_offset_within_the_buffer(bare: Any, offset: int, shown: str) -> None:
    source = f"""
b = bytearray(4)
try:
    struct.pack_into('<H', b, {offset}, 0x1234)
    print(*b)
except ValueError as e:
    print(str(e).split()[-1])
"""
    assert told(bare, source) == shown


@pytest.mark.parametrize("code", "OPS")
@pytest.mark.engine("cpython", reason="word-size")
def test_pointer_codes_say_that_they_are_not_modelled(bare: Any, code: str) -> None:
    assert told(bare, f"t(lambda: struct.calcsize({code!r}))").startswith("NotImplementedError")


def test_names_of_cpython_are_not_there(bare: Any) -> None:
    assert told(bare, "print(hasattr(struct, 'Struct'), hasattr(struct, 'error'), hasattr(struct, 'iter_unpack'))") == (
        "False False False"
    )
