"""``binascii`` on a node. Expected values were printed by MicroPython."""

from __future__ import annotations

from typing import Any

import pytest

TRY = """
import binascii
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
        ("binascii.hexlify(b'\\x01\\xab')", "b'01ab'"),
        ("binascii.hexlify(b'\\x01\\xab\\xcd', ':')", "b'01:ab:cd'"),
        ("binascii.hexlify(b'\\x01\\xab\\xcd', b'::')", "b'01:ab:cd'"),
        ("binascii.hexlify('ab')", "b'6162'"),
        ("binascii.hexlify(b'\\x01\\xab', '')", "b'01\\x00ab'"),
        ("binascii.hexlify(b'', ':')", "b''"),
        ("binascii.hexlify(5)", "TypeError ('object with buffer protocol required',)"),
        ("binascii.hexlify(b'ab', 5)", "TypeError (\"can't convert 'int' object to str implicitly\",)"),
        ("binascii.hexlify(b'ab', None)", "TypeError (\"can't convert 'NoneType' object to str implicitly\",)"),
        ("binascii.unhexlify('01aB')", "b'\\x01\\xab'"),
        ("binascii.unhexlify(b'01a')", "ValueError ('non-hex digit',)"),
        ("binascii.unhexlify('0g')", "ValueError ('non-hex digit',)"),
        ("binascii.unhexlify('01 02')", "b'\\x01\\x02'"),
        ("binascii.unhexlify(5)", "TypeError ('object with buffer protocol required',)"),
        ("binascii.b2a_base64(b'hello')", "b'aGVsbG8=\\n'"),
        ("binascii.b2a_base64(b'hello', newline=False)", "b'aGVsbG8='"),
        ("binascii.b2a_base64(b'hello', False)", "b'aGVsbG8='"),
        ("binascii.b2a_base64(b'')", "b'\\n'"),
        ("binascii.a2b_base64(b'aGVsbG8=')", "b'hello'"),
        ("binascii.a2b_base64('aGVsbG8')", "ValueError ('incorrect padding',)"),
        ("binascii.a2b_base64('aGVs bG8=\\n')", "b'hello'"),
        ("binascii.a2b_base64('aGV$sbG8=')", "b'hello'"),
        ("binascii.a2b_base64('=')", "b''"),
        ("binascii.a2b_base64('a')", "ValueError ('incorrect padding',)"),
        ("binascii.a2b_base64('aG')", "ValueError ('incorrect padding',)"),
        ("binascii.a2b_base64('aG==')", "b'h'"),
        ("binascii.a2b_base64('aGVsbG8==')", "b'hello'"),
        ("binascii.a2b_base64('aG=VsbG8=')", "b'hello'"),
        ("binascii.a2b_base64('')", "b''"),
        ("binascii.a2b_base64('YQ==YQ==')", "b'a'"),
        ("binascii.crc32(b'hello')", "907060870"),
        ("binascii.crc32(b'lo', binascii.crc32(b'hel'))", "907060870"),
        ("binascii.crc32(b'a', -1)", "3310005809"),
        ("binascii.crc32(b'a', 1 << 40)", "3904355907"),
        ("binascii.crc32(1)", "TypeError ('object with buffer protocol required',)"),
        ("binascii.crc32(b'a', None)", 'TypeError ("can\'t convert NoneType to int",)'),
        ("binascii.crc32(b'a', 1.5)", 'TypeError ("can\'t convert float to int",)'),
    ],
)
def test_call_gives_what_the_vm_gives(bare: Any, call: str, shown: str) -> None:
    assert told(bare, f"t(lambda: {call})") == shown


@pytest.mark.parametrize("call", ["crc32(b'a', value=1)", "hexlify(data=b'a')", "hexlify(b'a', ':', 2)"])
def test_argument_of_cpython_is_refused(bare: Any, call: str) -> None:
    assert told(bare, f"t(lambda: binascii.{call})").startswith("TypeError")
