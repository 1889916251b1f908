"""``os`` on a node. Expected values were printed by MicroPython's VfsLfs2 over a RAM block device."""

from __future__ import annotations

from typing import Any

import pytest

TRY = """
import os
def t(f):
    try:
        print(repr(f()))
    except OSError as e:
        print('OSError', e.errno)
"""


def told(bare: Any, source: str) -> str:
    """The one line that ``source`` prints."""
    text: str = bare.run(TRY + source)
    return text.rstrip("\n")


def test_uname_names_board_and_release(bare: Any) -> None:
    assert told(bare, "u = os.uname()\nprint(u[0], u.release, u.version, u.machine)") == (
        "esp32 1.28.0 v1.28.0 on 2026-04-06 Generic ESP32 module with ESP32"
    )


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        ("os.stat('/f')[:7]", "(32768, 0, 0, 0, 0, 0, 5)"),
        ("os.stat('/')[:6]", "(16384, 0, 0, 0, 0, 0)"),
        ("os.stat('')[:6]", "(16384, 0, 0, 0, 0, 0)"),
        ("os.stat('/none')", "OSError 2"),
        ("os.stat('/f/')", "OSError 20"),
        ("os.stat('/..')", "OSError 22"),
        ("os.listdir('/')", "['d', 'e', 'f']"),
        ("os.listdir()", "['d', 'e', 'f']"),
        ("os.listdir('/d/')", "['x']"),
        ("os.listdir(b'/d')", "[b'x']"),
        ("os.listdir('/f')", "OSError 20"),
        ("os.listdir('/none')", "OSError 2"),
        ("list(os.ilistdir('/'))", "[('d', 16384, 0, 0), ('e', 16384, 0, 0), ('f', 32768, 0, 5)]"),
        ("os.mkdir('/d')", "OSError 17"),
        ("os.mkdir('/f')", "OSError 17"),
        ("os.mkdir('/')", "OSError 17"),
        ("os.mkdir('/none/d')", "OSError 2"),
        ("os.mkdir('/f/d')", "OSError 20"),
        ("os.mkdir('/' + 'n' * 256)", "OSError 36"),
        ("os.rmdir('/d')", "OSError 39"),
        ("os.rmdir('/none')", "OSError 2"),
        ("os.rmdir('/')", "OSError 1"),
        ("os.remove('/none')", "OSError 2"),
        ("os.remove('/f/')", "OSError 20"),
        ("os.remove('/..')", "OSError 22"),
        ("os.rename('/none', '/g')", "OSError 2"),
        ("os.rename('/f', '/none/g')", "OSError 2"),
        ("os.rename('/f', '/d')", "OSError 21"),
        ("os.rename('/e', '/f')", "OSError 20"),
        ("os.rename('/e', '/d')", "OSError 39"),
        ("os.rename('/f', '/g/')", "OSError 20"),
        ("os.rename('/', '/g')", "OSError 1"),
        ("os.chdir('/none')", "OSError 2"),
        ("os.chdir('/f')", "OSError 2"),
        ("os.chdir('..')", "OSError 2"),
        ("os.statvfs('/none')", "(4096, 4096, 512, 502, 502, 0, 0, 0, 0, 255)"),
    ],
)
def test_call_gives_what_littlefs_gives(bare: Any, call: str, shown: str) -> None:
    flash = bare.node.flash
    flash.write("/f", b"12345")
    flash.write("/d/x", b"")
    flash.mkdir("/e")
    assert told(bare, f"t(lambda: {call})") == shown


def test_remove_takes_empty_folders_and_rmdir_files(bare: Any) -> None:
    bare.node.flash.write("/f", b"")
    bare.node.flash.mkdir("/d")
    told(bare, "os.remove('/d')\nos.rmdir('/f')")
    assert bare.node.flash.listdir("/") == []


def test_rename_replaces_a_file_at_once(bare: Any) -> None:
    bare.node.flash.write("/new", b"new")
    bare.node.flash.write("/old", b"old")
    told(bare, "os.rename('/new', '/old')")
    assert bare.node.flash.files() == {"/old": b"new"}


def test_relative_paths_start_from_the_present_folder(bare: Any) -> None:
    bare.node.flash.write("/d/e/x", b"found")
    source = "os.chdir('d')\nos.chdir('e/')\nprint(os.getcwd(), os.listdir('..'), open('x').read())\nos.chdir('../..')"
    assert told(bare, source + "\nprint(os.getcwd())") == "/d/e ['e'] found\n/"


def test_present_folder_is_the_root_again_after_a_reset(bare: Any) -> None:
    bare.node.flash.mkdir("/d")
    told(bare, "os.chdir('/d')")
    bare.node.reset()
    bare.world.run_for(2)
    assert told(bare, "print(os.getcwd())") == "/"


@pytest.mark.engine("cpython", reason="time-stamps")
def test_time_of_a_file_is_the_clock_s(bare: Any) -> None:
    source = """
import machine
machine.RTC().datetime((2024, 6, 1, 5, 12, 0, 0, 0))
open('/a', 'w').close()
print(os.stat('/a')[7:])
"""
    assert told(bare, source) == "(770558400, 770558400, 770558400)"


def test_urandom_is_the_node_s_own_and_differs_after_a_reset(bare: Any) -> None:
    first = told(bare, "print(os.urandom(8), os.urandom(8), len(os.urandom(0)))")
    bare.node.reset()
    bare.world.run_for(2)
    again = told(bare, "print(os.urandom(8), os.urandom(8), len(os.urandom(0)))")
    assert first != again
    assert len(set(first.split())) == 3


@pytest.mark.parametrize("call", ["mount(None, '/sd')", "umount('/sd')"])
def test_call_that_is_not_modelled_says_so(bare: Any, call: str) -> None:
    source = f"try:\n    os.{call}\nexcept NotImplementedError as e:\n    print(e)"
    assert told(bare, source) == "os." + call.partition("(")[0]


@pytest.mark.parametrize("name", ["path", "environ", "getpid", "system", "sep", "walk", "replace"])
def test_name_of_cpython_is_not_there(bare: Any, name: str) -> None:
    assert told(bare, f"print(hasattr(os, {name!r}))") == "False"
