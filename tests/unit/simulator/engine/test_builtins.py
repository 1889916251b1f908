"""What a program finds without importing anything."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import BareBoard
    from simulator.world import World


@pytest.mark.parametrize("name", ["breakpoint", "vars", "aiter", "ascii", "copyright", "FileNotFoundError", "Warning"])
def test_names_that_micropython_lacks_are_not_there(bare: BareBoard, name: str) -> None:
    assert bare.run(f"try:\n    {name}\nexcept NameError:\n    print('not there')") == "not there\n"


def test_oserror_is_micropythons(bare: BareBoard) -> None:
    printed = bare.run(
        dedent("""
        try:
            open("/nowhere")
        except OSError as e:
            print(type(e).__name__, e.errno, e.args, e, type(e) is OSError)
        """)
    )
    assert printed == "OSError 2 (2,) [Errno 2] ENOENT True\n"


@pytest.mark.parametrize(
    ("made", "text"),
    [
        ("OSError(110)", "110"),
        ("OSError(2)", "[Errno 2] ENOENT"),
        ("OSError(2, 'x')", "[Errno 2] x"),
        ("OSError('x')", "x"),
    ],
)
def test_oserror_text(bare: BareBoard, made: str, text: str) -> None:
    assert bare.run(f"print({made})") == text + "\n"


def test_print_takes_sep_end_and_file(bare: BareBoard) -> None:
    assert bare.run("import sys\nprint(1, 'a', sep='-', end='!')\nprint('b', file=sys.stdout)") == "1-a!b\n"


def test_exec_runs_in_the_callers_names_with_ticks(bare: BareBoard) -> None:
    printed = bare.run(
        dedent("""
        import machine
        x, flag = 1, []
        exec("x = x + 1")
        machine.Timer(0, mode=machine.Timer.ONE_SHOT, period=5, callback=lambda t: flag.append(1))
        exec("while not flag: pass")
        names = {}
        exec("import sys as s\\ny = 7", names)
        print(x, names["y"], names["s"].platform)
        """)
    )
    assert printed == "2 7 esp32\n"


def test_change_of_builtins_stays_on_its_node(world: World) -> None:
    one, two = (world.add_node(name, firmware=False) for name in ("one", "two"))
    world.run_for(1)
    assert world.run_on(one, "__builtins__['len'] = lambda x: 99\nprint(len([]))") == "99\n"
    assert world.run_on(two, "print(len([]))") == "0\n"
    one.reset()
    world.run_for(1)
    assert world.run_on(one, "print(len([]))") == "0\n"
    assert len([]) == 0


def test_open_reaches_the_flash_only(bare: BareBoard) -> None:
    bare.node.install({"/a.txt": b"on flash"})
    assert bare.run("print(open('a.txt').read())") == "on flash\n"
    printed = bare.run("try:\n    open('../../../../etc/passwd')\nexcept OSError as e:\n    print(e)")
    assert printed == "[Errno 22] EINVAL\n"
