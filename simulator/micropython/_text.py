"""Text and bytes as MicroPython has them: a str is UTF-8 bytes, and most calls take either.

Source: micropython py/obj.c (mp_get_buffer_raise), py/objstr.c (mp_obj_str_get_str, mp_obj_new_str_from_utf8_vstr).
"""

from __future__ import annotations


def text_of(value: object) -> str:
    """``value`` as text; bytes are taken as UTF-8 (``mp_obj_str_get_str``).

    Raises:
        TypeError: it is neither str nor bytes.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    raise TypeError(f"can't convert '{type(value).__name__}' object to str implicitly")


def encoded(text: str) -> bytes:
    """UTF-8 of ``text``; halves of surrogate pairs and undecodable bytes pass, as in MicroPython's byte strings."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return b"".join(_encoded_char(char) for char in text)


def _encoded_char(char: str) -> bytes:
    escaped_byte = 0xDC80 <= ord(char) <= 0xDCFF
    return char.encode("utf-8", "surrogateescape" if escaped_byte else "surrogatepass")


def decoded(data: bytes | bytearray | memoryview) -> str:
    """``data`` as text.

    Raises:
        UnicodeError: it is not UTF-8; without a text, as on the port.
    """
    try:
        return str(data, "utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise UnicodeError from None


def buffer_of(value: object) -> bytes | bytearray | memoryview:
    """The bytes of ``value``, not copied unless they must be (``mp_get_buffer_raise`` for reading).

    Raises:
        TypeError: it is neither str nor a buffer.
    """
    if isinstance(value, bytes | bytearray):
        return value
    if isinstance(value, str):
        return encoded(value)
    try:
        return memoryview(value).cast("B")  # type: ignore[arg-type]
    except TypeError:
        raise TypeError("object with buffer protocol required") from None
