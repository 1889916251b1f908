"""``hashlib`` on a node. Digests: RFC 1321, FIPS 180-2 (message "abc")."""

from __future__ import annotations

from typing import Any

import pytest

TRY = """
import hashlib, binascii
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
        ("binascii.hexlify(hashlib.md5(b'abc').digest())", "b'900150983cd24fb0d6963f7d28e17f72'"),
        ("binascii.hexlify(hashlib.sha1(b'abc').digest())", "b'a9993e364706816aba3e25717850c26c9cd0d89d'"),
        (
            "binascii.hexlify(hashlib.sha256(b'abc').digest())",
            "b'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'",
        ),
        ("hashlib.sha256(1)", "TypeError ('object with buffer protocol required',)"),
        ("hashlib.sha256('abc').digest() == hashlib.sha256(b'abc').digest()", "True"),
        ("hashlib.md5().hexdigest", "AttributeError (\"'md5' object has no attribute 'hexdigest'\",)"),
    ],
)
def test_call_gives_what_the_vm_gives(bare: Any, call: str, shown: str) -> None:
    assert told(bare, f"t(lambda: {call})") == shown


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256"])
def test_digest_ends_the_object(bare: Any, name: str) -> None:
    source = f"""
h = hashlib.{name}(b'a')
h.update('bc')
print(h.digest() == hashlib.{name}(b'abc').digest())
t(h.digest)
t(lambda: h.update(b''))
"""
    assert told(bare, source) == "True\nValueError ('hash is final',)\nValueError ('hash is final',)"


@pytest.mark.parametrize("name", ["new", "sha512", "algorithms_available"])
def test_name_of_cpython_is_not_there(bare: Any, name: str) -> None:
    assert told(bare, f"print(hasattr(hashlib, {name!r}))") == "False"
