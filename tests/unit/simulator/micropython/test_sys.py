"""``sys`` of the ESP32 port, and the class rules of its API."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import BareBoard
    from simulator.world import World


def run(bare: BareBoard, source: str) -> str:
    return bare.run("import sys\n" + dedent(source))


def test_implementation_tells_micropython_version_and_board(bare: BareBoard) -> None:
    printed = run(bare, "i = sys.implementation\nprint(i.name, i.version[:2], i._machine, sys.platform, i[0])")
    assert printed == "micropython (1, 28) Generic ESP32 module with ESP32 esp32 micropython\n"


def test_tinypico_tells_its_own_name(world: World) -> None:
    node = world.add_node("pico", board="tinypico", firmware=False)
    world.run_for(1)
    assert "TinyPICO" in world.run_on(node, "import sys\nprint(sys.implementation._machine)")


def test_word_size_is_that_of_the_chip(bare: BareBoard) -> None:
    assert run(bare, "print(sys.maxsize, sys.byteorder, sys.version_info)") == "2147483647 little (3, 4, 0)\n"


def test_path_is_root_frozen_lib(bare: BareBoard) -> None:
    assert run(bare, "print(sys.path, sys.argv)") == "['', '.frozen', '/lib'] []\n"


@pytest.mark.engine("cpython", reason="module-table")
def test_modules_holds_what_was_imported(bare: BareBoard) -> None:
    printed = run(bare, "print('json' in sys.modules)\nimport json\nprint(sys.modules['json'] is json)")
    assert printed == "False\nTrue\n"


def test_print_exception_prints_the_flash_path_and_line(world: World) -> None:
    files = {"/lib/helper.py": b"def fail():\n    raise ValueError('no')\n"}
    node = world.add_node("lamp", firmware=False, files=files)
    world.run_for(1)
    printed = world.run_on(
        node,
        "import sys, helper\ntry:\n    helper.fail()\nexcept ValueError as e:\n    sys.print_exception(e)",
    )
    assert printed == (
        "Traceback (most recent call last):\n"
        '  File "<stdin>", line 3, in <module>\n'
        '  File "/lib/helper.py", line 2, in fail\n'
        "ValueError: no\n"
    )


def test_print_exception_writes_to_a_stream(bare: BareBoard) -> None:
    printed = run(
        bare,
        """
        import io
        out = io.StringIO()
        try:
            1 / 0
        except ZeroDivisionError as e:
            sys.print_exception(e, out)
        print(out.getvalue().splitlines()[-1])
        """,
    )
    assert printed.startswith("ZeroDivisionError: ")


def test_stdout_writes_text_and_bytes_as_they_are(bare: BareBoard) -> None:
    assert run(bare, "sys.stdout.write('a')\nsys.stdout.write(b'b\\n')") == "ab\n"


def test_stdin_reads_what_was_typed(bare: BareBoard) -> None:
    bare.node.console.type("hello")
    assert run(bare, "print(repr(sys.stdin.readline()), repr(sys.stdin.readline()))") == "'hello\\n' ''\n"


def test_input_waits_for_a_typed_line(bare: BareBoard) -> None:
    now_us = bare.machine.kernel.now
    bare.world.at(now_us + 2_000_000, lambda: bare.node.console.type("yes"))
    assert run(bare, "print(input('sure? '))") == "sure? yes\n"
    assert bare.machine.kernel.now >= now_us + 2_000_000


def test_exit_in_a_program_is_a_soft_reset(world: World) -> None:
    main = b"import machine, sys\nif machine.reset_cause() != machine.SOFT_RESET:\n    sys.exit()\nprint('again')\n"
    node = world.add_node("lamp", firmware=False, files={"/main.py": main})
    world.run_for(2)
    assert node.boots == 2
    assert "MPY: soft reboot\nagain\n" in node.console.text()


@pytest.mark.parametrize(
    "name",
    [
        "machine.Pin",
        "machine.Timer",
        "machine.RTC",
        "asyncio.Lock",
        "asyncio.Event",
        "asyncio.Task",
        "asyncio.ThreadSafeFlag",
        "asyncio.StreamReader",
        "micropython.RingIO",
        "type(sys.implementation)",
    ],
)
@pytest.mark.engine("cpython", reason="new-attributes")
def test_class_of_the_api_refuses_new_attributes(bare: BareBoard, name: str) -> None:
    printed = run(
        bare,
        f"""
        import asyncio, machine, micropython
        try:
            {name}.extra = 1
            print("set")
        except AttributeError as e:
            print("refused")
        try:
            del {name}.__init__
            print("deleted")
        except AttributeError as e:
            print("refused")
        """,
    )
    assert printed == "refused\nrefused\n"
