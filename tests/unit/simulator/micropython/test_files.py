"""File objects of a node. Expected values were printed by MicroPython's VfsLfs2 over a RAM block device."""

from __future__ import annotations

from typing import Any

import pytest

_STAMPED = pytest.mark.engine("cpython", reason="time-stamps")

TRY = """
def t(f):
    try:
        print(repr(f()))
    except Exception as e:
        print(type(e).__name__, e.args)
"""


def told(bare: Any, source: str) -> list[str]:
    """Lines that ``source`` prints."""
    return list(bare.run(TRY + source).splitlines())


@pytest.fixture
def flash(bare: Any) -> Any:
    return bare.node.flash


def test_new_file_is_there_empty_from_open_on(bare: Any, flash: Any) -> None:
    bare.run("f = open('/new', 'w')\nf.write('abc')")
    assert flash.files() == {"/new": b""}
    bare.run("f.flush()")
    assert flash.files() == {"/new": b"abc"}


def test_old_file_opened_for_writing_changes_at_close(bare: Any, flash: Any) -> None:
    flash.write("/a", b"old")
    bare.run("f = open('/a', 'w')")
    assert flash.read("/a") == b"old"
    bare.run("f.close()")
    assert flash.read("/a") == b""


def test_append_when_pointer_was_moved_still_goes_to_the_end(bare: Any, flash: Any) -> None:
    flash.write("/a", b"one")
    assert told(
        bare, "f = open('/a', 'a+')\nt(f.tell)\nf.seek(0)\nt(lambda: f.read(2))\nf.write('two')\nt(f.tell)"
    ) == [
        "0",
        "'on'",
        "6",
    ]
    bare.run("f.close()")
    assert flash.read("/a") == b"onetwo"


def test_update_overwrites_in_place_and_fills_gaps_with_zeros(bare: Any, flash: Any) -> None:
    flash.write("/a", b"abcdefgh")
    bare.run("f = open('/a', 'r+b')\nf.seek(-2, 2)\nf.write(b'XY')\nf.seek(10)\nf.write(b'!')\nf.close()")
    assert flash.read("/a") == b"abcdefXY\0\0!"


@pytest.mark.parametrize("mode", ["w", pytest.param("a", marks=_STAMPED), pytest.param("r+", marks=_STAMPED)])
def test_file_opened_to_write_is_written_at_close_even_if_nothing_changed(bare: Any, flash: Any, mode: str) -> None:
    flash.write("/a", b"x")
    bare.run(f"open('/a', {mode!r}).close()")
    assert (flash.writes, flash.erased_blocks) == ({"/a": 1}, 0)


def test_file_opened_to_read_is_never_written(bare: Any, flash: Any) -> None:
    flash.write("/a", b"x")
    bare.run("f = open('/a')\nf.read()\nf.flush()\nf.close()")
    assert flash.operations == 0


def test_second_flush_without_change_writes_nothing(bare: Any, flash: Any) -> None:
    bare.run("f = open('/a', 'w')\nf.write('x')\nf.flush()\nf.flush()\nf.close()")
    assert flash.writes == {"/a": 2}  # made, flushed


def test_file_removed_while_open_stays_removed(bare: Any, flash: Any) -> None:
    bare.run("import os\nf = open('/a', 'w')\nf.write('x')\nos.remove('/a')\nf.close()")
    assert flash.files() == {}


def test_file_renamed_over_while_open_keeps_the_newcomer(bare: Any, flash: Any) -> None:
    flash.write("/a", b"old")
    bare.run("import os\nf = open('/a', 'w')\nf.write('x')\nopen('/b', 'w').close()\nos.rename('/b', '/a')\nf.close()")
    assert flash.files() == {"/a": b""}


def test_reader_keeps_what_the_file_held_when_opened(bare: Any, flash: Any) -> None:
    flash.write("/a", b"old")
    assert told(bare, "r = open('/a')\nr.read(1)\nwith open('/a', 'w') as f: f.write('NEW')\nt(r.read)") == ["'ld'"]


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        ("open('/none')", "OSError (2,)"),
        ("open('/none/a', 'w')", "OSError (2,)"),
        ("open('/a/b')", "OSError (20,)"),
        ("open('/a/')", "OSError (20,)"),
        ("open('/d')", "OSError (21,)"),
        ("open('/d', 'w')", "OSError (21,)"),
        ("open('/a', 'x')", "OSError (17,)"),
        ("open('/')", "OSError (1,)"),
        ("open('')", "OSError (1,)"),
        ("open('/../a')", "OSError (22,)"),
        ("open('/' + 'n' * 256, 'w')", "OSError (36,)"),
        ("open('/a', 'rw')", "ValueError ()"),
        ("open('/a', None)", "TypeError (\"can't convert 'NoneType' object to str implicitly\",)"),
        ("open(1)", "TypeError (\"can't convert 'int' object to str implicitly\",)"),
        ("open(b'/a').read()", "'12345\\n6'"),
        ("open('/a', mode='r', buffering=1, encoding='x').read(0)", "''"),
        ("open('/a').seek(-1)", "OSError (22,)"),
        ("open('/a').seek(2, 7)", "0"),
        ("open('/a').read(None)", 'TypeError ("can\'t convert NoneType to int",)'),
        ("open('/a').read(1.0)", 'TypeError ("can\'t convert float to int",)'),
        ("open('/a').read(-1)", "'12345\\n6'"),
        ("open('/a', 'rb').read(3)", "b'123'"),
        ("open('/a').readline(2)", "'12'"),
        ("open('/a').readlines()", "['12345\\n', '6']"),
        ("[line for line in open('/a')]", "['12345\\n', '6']"),
        ("open('/u').read(2)", r"'\xe9\u20ac'"),
        ("open('/bad').read()", "UnicodeError ()"),
        ("open('/a', 'r+').write(5)", "TypeError ('object with buffer protocol required',)"),
        ("open('/w', 'wb').write(b'abcdef', 2, 3)", "3"),
        ("open('/w', 'wb').write(b'abcdef', 2)", "2"),
        ("open('/w', 'w').write(b'abc')", "3"),
        ("open('/w', 'wb').write('é')", "2"),
        ("open('/a').__enter__()", "<io.TextIOWrapper>"),
        ("open('/a', 'rb')", "<io.FileIO>"),
        ("open('/a').writelines", "AttributeError (\"'TextIOWrapper' object has no attribute 'writelines'\",)"),
        ("open('/a').closed", "AttributeError (\"'TextIOWrapper' object has no attribute 'closed'\",)"),
    ],
)
def test_call_when_made_on_a_file_gives_what_littlefs_gives(bare: Any, flash: Any, call: str, shown: str) -> None:
    flash.write("/a", b"12345\n6")
    flash.write("/u", "é€x".encode())
    flash.write("/bad", b"\xff\xfe")
    flash.mkdir("/d")
    assert told(bare, f"t(lambda: {call})") == [shown]


def test_readinto_fills_at_most_the_buffer(bare: Any, flash: Any) -> None:
    flash.write("/a", b"12345")
    assert told(bare, "b = bytearray(3)\nf = open('/a')\nt(lambda: (f.readinto(b), f.readinto(b, 1), b))") == [
        "(3, 1, bytearray(b'423'))"
    ]


@pytest.mark.parametrize("call", ["read()", "write('x')", "flush()", "tell()", "seek(0)", "readline()"])
def test_closed_file_raises_value_error(bare: Any, flash: Any, call: str) -> None:
    flash.write("/a", b"x")
    assert told(bare, f"f = open('/a')\nf.close()\nf.close()\nt(lambda: f.{call})") == ["ValueError ()"]


def test_full_flash_raises_in_write_and_close_keeps_the_old_content(bare: Any, flash: Any) -> None:
    flash.write("/keep", b"x" * 20_000)
    flash.fill(free_bytes=3 * 4096)
    source = """
f = open('/keep', 'wb')
try:
    for i in range(100):
        f.write(b'y' * 1000)
except OSError as e:
    print(i, e.errno)
f.close()
"""
    assert bare.run(source) == "12 28\n"
    assert flash.read("/keep") == b"x" * 20_000


def test_full_flash_and_flush_after_the_error_leaves_what_fitted(bare: Any, flash: Any) -> None:
    flash.write("/keep", b"x" * 20_000)
    flash.fill(free_bytes=3 * 4096)
    bare.run("f = open('/keep', 'wb')\ntry:\n    f.write(b'y' * 20000)\nexcept OSError:\n    f.flush()\nf.close()")
    assert set(flash.read("/keep")) == {ord("y")}
    assert 12_000 < len(flash.read("/keep")) < 12_289


def test_append_needs_room_for_what_is_new_only(bare: Any, flash: Any) -> None:
    flash.write("/log", b"x" * 40_000)
    flash.fill(free_bytes=2 * 4096)
    bare.run("with open('/log', 'a') as f:\n    f.write('y' * 100)")
    assert len(flash.read("/log")) == 40_100
    assert flash.erased_blocks == 1


def test_thread_of_an_ended_life_cannot_write(bare: Any, flash: Any) -> None:
    source = """
f = open('/a', 'w')
import time
try:
    while True:
        time.sleep(1)
except:
    pass
finally:
    f.write('from the dead')
    f.close()
"""
    bare.node.start(source)
    bare.world.run_for(5)
    bare.node.reset()
    bare.world.run_for(5)
    assert flash.read("/a") == b""
