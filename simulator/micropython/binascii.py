"""``binascii`` of MicroPython.

Source: extmod/modbinascii.c, py/objstr.c (mp_obj_bytes_hex, mp_obj_bytes_fromhex) (v1.28); cases compared with the VM.
"""

from __future__ import annotations

import binascii as _host
from typing import Any

from simulator.micropython._args import ABSENT, to_int
from simulator.micropython._text import buffer_of, encoded, text_of
from simulator.micropython.runtime import running

__all__ = ["a2b_base64", "b2a_base64", "crc32", "hexlify", "unhexlify"]

_CALL_US = 5
_HEX = b"0123456789abcdefABCDEF"
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def hexlify(data: Any, sep: str | bytes = ABSENT, /) -> bytes:
    """Hexadecimal digits of ``data``; the first byte of ``sep`` stands between every two bytes."""
    running().cpu.charge(_CALL_US)
    digits = bytes(buffer_of(data)).hex().encode()
    if sep is ABSENT:
        return digits
    mark = encoded(text_of(sep))[:1] or b"\0"
    return mark.join([digits[index : index + 2] for index in range(0, len(digits), 2)])


def unhexlify(data: Any, /) -> bytes:
    """Bytes from hexadecimal digits; blanks between bytes are skipped.

    Raises:
        ValueError: non-hex digit, also for an odd number of them.
    """
    running().cpu.charge(_CALL_US)
    out = bytearray()
    first = -1
    for code in bytes(buffer_of(data)):
        if first < 0 and code in b" \t\n\r\v\f":
            continue
        if code not in _HEX:
            raise ValueError("non-hex digit")
        if first < 0:
            first = int(chr(code), 16)
        else:
            out.append(first << 4 | int(chr(code), 16))
            first = -1
    if first >= 0:
        raise ValueError("non-hex digit")
    return bytes(out)


def b2a_base64(data: Any, /, newline: bool = True) -> bytes:
    """Base64 of ``data``, with a newline at the end unless ``newline`` is false."""
    running().cpu.charge(_CALL_US)
    return _host.b2a_base64(bytes(buffer_of(data)), newline=bool(newline))


def a2b_base64(data: Any, /) -> bytes:
    """Bytes from Base64; other characters are skipped, the first complete padding ends it.

    Raises:
        ValueError: incorrect padding.
    """
    running().cpu.charge(_CALL_US)
    out = bytearray()
    bits = count = 0
    padded = False
    for code in bytes(buffer_of(data)):
        value = _BASE64.find(code)
        if code == ord("="):
            if count == 2 or (count == 4 and padded):
                count = 0
                break
            padded = True
        elif value >= 0:
            bits, count = (bits << 6 | value) & 0xFFFF, count + 6
            if count >= 8:
                count -= 8
                out.append(bits >> count & 0xFF)
    if count:
        raise ValueError("incorrect padding")
    return bytes(out)


def crc32(data: Any, value: int = 0, /) -> int:
    """CRC-32 of ``data``, going on from ``value``."""
    running().cpu.charge(_CALL_US)
    start = value & 0xFFFFFFFF if isinstance(value, int) else to_int(value)
    return _host.crc32(buffer_of(data), start)
