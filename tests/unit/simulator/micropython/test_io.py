"""``io`` on a node. Expected values were printed by MicroPython."""

from __future__ import annotations

from typing import Any

import pytest

TRY = """
import io
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
        ("io.StringIO('ab\\ncd').readline()", "'ab\\n'"),
        ("io.StringIO('ab\\ncd').read(3)", "'ab\\n'"),
        ("io.StringIO().read()", "''"),
        ("list(io.BytesIO(b'a\\nb\\n'))", "[b'a\\n', b'b\\n']"),
        ("io.StringIO(10).getvalue()", "''"),
        ("io.BytesIO(10).getvalue()", "b''"),
        ("io.BytesIO('abc').getvalue()", "b'abc'"),
        ("io.StringIO(b'abc').getvalue()", "'abc'"),
        ("io.StringIO(None)", "TypeError ('object with buffer protocol required',)"),
        ("io.BytesIO(bytearray(b'q')).getvalue()", "b'q'"),
        ("io.StringIO('é€x').read(2) == 'é€'", "True"),
        ("io.StringIO('a').write(1)", "TypeError ('object with buffer protocol required',)"),
        ("io.StringIO('a').write(b'x')", "1"),
        ("io.StringIO('a').write('é')", "2"),
        ("io.StringIO('a').seek(-1)", "OSError (22,)"),
        ("io.StringIO('abc').seek(-1, 2)", "2"),
        ("io.StringIO('abc').seek(-5, 1)", "0"),
        ("io.StringIO('abc').tell()", "0"),
        ("io.BytesIO(b'abc').readlines", "AttributeError (\"'BytesIO' object has no attribute 'readlines'\",)"),
        ("io.StringIO('a').closed", "AttributeError (\"'StringIO' object has no attribute 'closed'\",)"),
        ("io.StringIO('x').flush()", "None"),
        ("io.BytesIO(b'abc').read(-1)", "b'abc'"),
    ],
)
def test_call_gives_what_the_vm_gives(bare: Any, call: str, shown: str) -> None:
    assert told(bare, f"t(lambda: {call})") == shown


def test_writing_goes_on_from_the_position(bare: Any) -> None:
    source = (
        "s = io.BytesIO(b'abc')\ns.read(1)\ns.write(b'XYZ')\ns.seek(6)\ns.write(b'!')\nprint(s.getvalue(), s.tell())"
    )
    assert told(bare, source) == "b'aXYZ\\x00\\x00!' 7"


def test_part_of_a_buffer_is_written(bare: Any) -> None:
    source = "s = io.BytesIO()\nprint(s.write(b'12345', 3), s.write(b'12345', 1, 2), s.getvalue())"
    assert told(bare, source) == "3 2 b'12323'"


@pytest.mark.parametrize("call", ["read()", "write('x')", "getvalue()", "readline()"])
def test_closed_stream_raises_value_error(bare: Any, call: str) -> None:
    source = f"s = io.StringIO('a')\nwith s: pass\ns.close()\nt(lambda: s.{call})"
    assert told(bare, source) == "ValueError ('I/O operation on closed file',)"


def test_closed_stream_may_be_moved_and_flushed(bare: Any) -> None:
    assert told(bare, "s = io.StringIO('a')\ns.close()\nprint(s.seek(0), s.flush())") == "0 None"


def test_open_is_the_built_in_one(bare: Any) -> None:
    source = "with io.open('/a', 'w') as f: f.write('x')\nprint(open('/a').read(), isinstance(f, type(open('/a'))))"
    assert told(bare, source) == "x True"


@pytest.mark.engine("cpython", reason="interpreter-build")
def test_buffered_writer_collects_pieces(bare: Any) -> None:
    source = """
class Sink(io.IOBase):
    def write(self, data):
        print(bytes(data))
w = io.BufferedWriter(Sink(), 4)
w.write(b'123')
w.write(b'456789')
w.flush()
w.flush()
"""
    assert told(bare, source) == "b'1234'\nb'5678'\nb'9'"


@pytest.mark.engine("cpython", reason="interpreter-build")
def test_names_are_the_port_s(bare: Any) -> None:
    assert told(bare, "print([n for n in dir(io) if n[0] != '_'])") == (
        "['BufferedWriter', 'BytesIO', 'IOBase', 'StringIO', 'open']"
    )
