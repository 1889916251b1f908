"""``array`` on a node. Expected values were printed by MicroPython; sizes of long are those of 32 bits."""

from __future__ import annotations

from typing import Any

import pytest

TRY = """
import array
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
        ("array.array('i', [1, 2])", "array('i', [1, 2])"),
        ("array.array('B')", "array('B')"),
        ("array.array('b', b'\\xff\\x01')", "array('b', [-1, 1])"),
        ("array.array('h', b'abc')", "array('h', [25185])"),
        ("array.array('f', [1, 2.5])", "array('f', [1.0, 2.5])"),
        ("array.array('i', (x for x in range(3)))", "array('i', [0, 1, 2])"),
        ("array.array('b', [200, -200])", "array('b', [-56, 56])"),
        ("array.array('I', [1 << 32, -1])", "array('I', [0, 4294967295])"),
        ("array.array('q', [1 << 63])", "array('q', [-9223372036854775808])"),
        ("array.array('Q', [(1 << 64) - 1])", "array('Q', [18446744073709551615])"),
        ("array.array('b', 'ab')", 'TypeError ("can\'t convert str to int",)'),
        ("array.array('z')", "ValueError ('bad typecode',)"),
        ("array.array('')", "ValueError ('bad typecode',)"),
        ("array.array(1)", "TypeError (\"can't convert 'int' object to str implicitly\",)"),
        ("array.array('i', [1.5])", 'TypeError ("can\'t convert float to int",)'),
        ("array.array('i', 5)", "TypeError (\"'int' object isn't iterable\",)"),
        ("array.array('i', None)", "TypeError (\"'NoneType' object isn't iterable\",)"),
        ("array.array('l', [-1])", "array('l', [-1])"),
        ("array.array('i', [1, 2, 3])[-1]", "3"),
        ("array.array('i', [1, 2, 3])[0:2]", "array('i', [1, 2])"),
        (
            "array.array('i', [1, 2, 3])[::2]",
            "NotImplementedError ('only slices with step=1 (aka None) are supported',)",
        ),
        ("array.array('i', [1])[5]", "IndexError ('array index out of range',)"),
        ("array.array('i', [1]) + array.array('i', [7])", "array('i', [1, 7])"),
        ("array.array('i', [1]) + [7]", "TypeError ('object with buffer protocol required',)"),
        ("array.array('i', [1]) * 2", "TypeError (\"unsupported types for __mul__: 'array', 'int'\",)"),
        ("1 in array.array('i', [1])", "NotImplementedError ()"),
        ("array.array('i', [1]) == array.array('i', [1])", "True"),
        ("array.array('i', [1]) == array.array('h', [1])", "NotImplementedError ()"),
        ("array.array('i', [1]) == [1]", "False"),
        ("array.array('f', [1]) == array.array('f', [1])", "NotImplementedError ()"),
        ("array.array('B', [1]) < array.array('B', [2])", "True"),
        ("array.array('i', [1]) < array.array('i', [2])", "NotImplementedError ()"),
        ("bool(array.array('i'))", "False"),
        ("bytes(array.array('h', [1, 2]))", "b'\\x01\\x00\\x02\\x00'"),
        ("memoryview(array.array('h', [1, 2]))[1]", "2"),
        ("array.array('i').append('x')", 'TypeError ("can\'t convert str to int",)'),
        ("array.array('i').typecode", "AttributeError (\"'array' object has no attribute 'typecode'\",)"),
        ("array.array('i').pop", "AttributeError (\"'array' object has no attribute 'pop'\",)"),
        ("array.array('i').tolist", "AttributeError (\"'array' object has no attribute 'tolist'\",)"),
        ("array.array('i').tobytes", "AttributeError (\"'array' object has no attribute 'tobytes'\",)"),
        ("array.array('i').insert", "AttributeError (\"'array' object has no attribute 'insert'\",)"),
    ],
)
def test_call_gives_what_the_vm_gives(bare: Any, call: str, shown: str) -> None:
    assert told(bare, f"t(lambda: {call})") == shown


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("a[0] = 99", "[99, 2, 3]"),
        ("a[0] = 1 << 40", "[0, 2, 3]"),
        ("a.append(4)", "[1, 2, 3, 4]"),
        ("a.extend([4, 5])", "[1, 2, 3, 4, 5]"),
        ("a.extend(b'\\1\\2\\3\\4')", "[1, 2, 3, 67305985]"),
        ("a += array.array('i', [4])", "[1, 2, 3, 4]"),
        ("a[1:2] = array.array('i', [7, 8])", "[1, 7, 8, 3]"),
        ("a[0:1] = [1]", "NotImplementedError array/bytes required on right side"),
        ("a[0:1] = array.array('h', [1])", "ValueError lhs and rhs should be compatible"),
        ("a[9] = 1", "IndexError array index out of range"),
        ("del a[0]", "TypeError 'array' object doesn't support item deletion"),
    ],
)
def test_change_gives_what_the_vm_gives(bare: Any, statement: str, shown: str) -> None:
    source = f"""
a = array.array('i', [1, 2, 3])
try:
    {statement}
    print(list(a))
except Exception as e:
    print(type(e).__name__, e)
"""
    assert told(bare, source) == shown


@pytest.mark.engine("cpython", reason="word-size")
def test_long_has_32_bits(bare: Any) -> None:
    assert told(bare, "print(len(bytes(array.array('l', [1, 2]))))") == "8"
