"""Import, programs, REPL and tracebacks of a life. Source: py/builtinimport.c, ports/esp32/main.c (v1.28)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulator.errors import NodeError, StateError
from simulator.world import World

if TYPE_CHECKING:
    from conftest import BareBoard
    from simulator.node import Node


def board(world: World, files: dict[str, bytes], name: str = "lamp") -> Node:
    """A board at its REPL with these files; ``/modules`` is on its path, as the firmware's boot.py has it."""
    node = world.add_node(
        name, firmware=False, files={"/boot.py": b"import sys\nsys.path.append('/modules')\n", **files}
    )
    world.run_until(lambda: ">>> " in node.console.text())
    return node


def run(world: World, files: dict[str, bytes], source: str) -> str:
    return world.run_on(board(world, files), source)


def raised(world: World, files: dict[str, bytes], source: str) -> str:
    """Type and text of what ``source`` raises."""
    with pytest.raises(NodeError) as error:
        run(world, files, source)
    return str(error.value).splitlines()[-1].strip()


# --- where modules are found ------------------------------------------------------------------------------------------

_WHERE = [
    # what is there, which one `import name` takes
    ("thing", ["/thing.py", "/modules/thing.py"], "/thing.py"),
    ("thing", ["/lib/thing.py", "/modules/thing.py"], "/lib/thing.py"),
    ("thing", ["/thing.py", "/lib/thing.py"], "/thing.py"),
    ("thing", ["/modules/thing.py"], "/modules/thing.py"),
    ("thing", ["/thing/__init__.py", "/thing.py"], "/thing/__init__.py"),
    ("ntptime", ["/ntptime.py"], "/ntptime.py"),
    ("ntptime", ["/lib/ntptime.py", "/modules/ntptime.py"], "port"),
    ("json", ["/json.py"], "/json.py"),
    ("json", ["/lib/json.py"], "/lib/json.py"),
    ("ujson", ["/json.py"], "port"),
    ("utime", ["/utime.py"], "port"),
    ("uasyncio", ["/uasyncio.py"], "/uasyncio.py"),
    ("sys", ["/sys.py"], "port"),
    ("network", ["/network.py", "/lib/network.py"], "port"),
    ("micropython", ["/micropython.py"], "port"),
]


@pytest.mark.parametrize(("name", "paths", "taken"), _WHERE, ids=[f"{n}-{'-'.join(p)}" for n, p, _ in _WHERE])
def test_import_takes_the_first_place_of_the_port(world: World, name: str, paths: list[str], taken: str) -> None:
    files = {path: f"place = '{path}'".encode() for path in paths}
    assert run(world, files, f"import {name}\nprint(getattr({name}, 'place', 'port'))") == taken + "\n"


@pytest.mark.parametrize("name", ["utime", "ujson", "uos", "ubinascii", "umachine", "ustruct", "usys"])
def test_u_name_is_the_module_without_u(bare: BareBoard, name: str) -> None:
    assert bare.run(f"import {name}, {name[1:]}\nprint({name} is {name[1:]})") == "True\n"


@pytest.mark.parametrize("name", ["ugc", "unetwork", "enum", "typing", "pathlib", "threading", "tinypico", "nothing"])
def test_import_of_an_unknown_module_raises_importerror(bare: BareBoard, name: str) -> None:
    printed = bare.run(f"try:\n    import {name}\nexcept ImportError as e:\n    print(type(e).__name__, e)")
    assert printed == f"ImportError no module named '{name}'\n"


def test_board_modules_are_on_their_board_only(world: World) -> None:
    pico = world.add_node("pico", board="tinypico", firmware=False)
    world.run_for(1)
    assert world.run_on(pico, "import tinypico, dotstar\nprint('found')") == "found\n"


def test_names_are_case_exact(world: World) -> None:
    files = {"/Time.py": b"place = 'flash'", "/Thing.py": b""}
    assert run(world, files, "import time, Time\nprint(hasattr(time, 'ticks_ms'), Time.place)") == "True flash\n"
    node = board(world, files, "second")
    printed = world.run_on(node, "try:\n    import thing\nexcept ImportError as e:\n    print(e)")
    assert printed == "no module named 'thing'\n"


@pytest.mark.engine("cpython", reason="bytecode")
def test_bytecode_is_refused_by_name(world: World) -> None:
    text = raised(world, {"/modules/fast.mpy": b"M\x06"}, "import fast")
    assert text == "ImportError: /modules/fast.mpy: bytecode runs on the VM rung only; put fast.py on this node"


# --- how modules are loaded -------------------------------------------------------------------------------------------


def test_module_runs_once(world: World) -> None:
    files = {"/thing.py": b"print('loading', __name__, __file__)"}
    assert run(world, files, "import thing\nimport thing as again\nprint(thing is again)") == (
        "loading thing thing.py\nTrue\n"
    )


_PACKAGE = {
    "/modules/pack/__init__.py": b"from . import inner\nfrom .inner import value\nfrom .sub.deep import up",
    "/modules/pack/inner.py": b"value = 5",
    "/modules/pack/sub/__init__.py": b"",
    "/modules/pack/sub/deep.py": b"from ..inner import value as up",
    "/modules/pack/lazy.py": b"from . import inner\nname = __name__",
}


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("import pack\nprint(pack.value, pack.up, pack.inner.value)", "5 5 5"),
        ("import pack.sub.deep\nprint(pack.sub.deep.up)", "5"),
        ("import pack.lazy as lazy\nprint(lazy.name)", "pack.lazy"),
        ("from pack import lazy\nprint(lazy.name)", "pack.lazy"),
        ("from pack.sub import deep\nprint(deep.up)", "5"),
        ("from pack.inner import *\nprint(value)", "5"),
        ("import sys, pack.sub\nprint(sys.modules['pack.sub'] is pack.sub, pack.__path__)", "True /modules/pack"),
        ("print(__import__('pack.inner').__name__, __import__('pack.inner', None, None, ('value',)).value)", "pack 5"),
    ],
)
def test_package(world: World, source: str, printed: str) -> None:
    assert run(world, _PACKAGE, source) == printed + "\n"


def test_folder_without_init_is_a_package(world: World) -> None:
    assert run(world, {"/modules/plain/inner.py": b"value = 5"}, "from plain import inner\nprint(inner.value)") == "5\n"


@pytest.mark.parametrize("name", ["pack.nothing", "pack.inner.nothing"])
def test_missing_submodule_is_named_in_full(world: World, name: str) -> None:
    assert raised(world, _PACKAGE, f"import {name}") == f"ImportError: no module named '{name}'"


def test_name_that_a_module_lacks_raises_importerror(world: World) -> None:
    assert raised(world, _PACKAGE, "from pack import nothing").startswith("ImportError: ")


def test_relative_import_outside_a_package_is_refused(world: World) -> None:
    text = raised(world, {"/thing.py": b"from . import other"}, "import thing")
    assert text == "ImportError: can't perform relative import"


def test_import_cycle_gets_the_half_made_module(world: World) -> None:
    files = {
        "/one.py": b"value = 1\nimport two\nlate = 2",
        "/two.py": b"import one\nseen = one.value, hasattr(one, 'late')",
    }
    assert run(world, files, "import one, two\nprint(two.seen, one.late)") == "(1, False) 2\n"


def test_failing_import_leaves_no_module(world: World) -> None:
    files = {"/thing.py": b"import helper\nraise ValueError('no')", "/helper.py": b""}
    source = (
        "import sys\nfor _ in range(2):\n    try:\n        import thing\n"
        "    except ValueError as e:\n        print(e, 'thing' in sys.modules, 'helper' in sys.modules)"
    )
    assert run(world, files, source) == "no False True\nno False True\n"


@pytest.mark.parametrize(
    ("thing", "line", "text"),
    [
        (b"x = 1\ndef\n", 2, "SyntaxError: invalid syntax"),
        pytest.param(  # MicroPython takes it
            b"x = '\xff'\n",
            1,
            "SyntaxError: invalid syntax",
            marks=pytest.mark.engine("cpython", reason="engine-internals"),
        ),
        (b"\0\xff(((", 1, "SyntaxError: invalid syntax"),
        (b"x = 1\n  y = 2\n", 2, "IndentationError: unexpected indent"),
    ],
)
def test_syntax_error_in_a_module_names_file_and_line(world: World, thing: bytes, line: int, text: str) -> None:
    source = "import sys\ntry:\n    import thing\nexcept SyntaxError as e:\n    sys.print_exception(e)"
    told = run(world, {"/thing.py": thing}, source).splitlines()
    assert told[-2:] == [f'  File "thing.py", line {line}', text]


def test_module_that_was_replaced_on_flash_is_loaded_after_its_removal(world: World) -> None:
    node = board(world, {"/thing.py": b"value = 1"})
    world.run_on(node, "import sys, thing")
    world.run_on(node, "with open('thing.py', 'w') as f:\n    f.write('value = 2')")
    assert world.run_on(node, "import thing\nprint(thing.value)") == "1\n"
    assert world.run_on(node, "del sys.modules['thing']\nimport thing\nprint(thing.value)") == "2\n"


@pytest.mark.engine("cpython", reason="computing")
def test_import_takes_time(bare: BareBoard) -> None:
    printed = bare.run(
        "import time\nt = time.ticks_us()\nimport json\nprint(time.ticks_diff(time.ticks_us(), t) >= 200)"
    )
    assert printed == "True\n"


# --- isolation --------------------------------------------------------------------------------------------------------


def test_module_state_belongs_to_one_node(world: World) -> None:
    files = {"/thing.py": b"seen = []"}
    one, two = board(world, files, "one"), board(world, files, "two")
    world.run_on(one, "import thing, sys\nthing.seen.append(1)\nsys.path.append('/x')\nsys.modules['extra'] = thing")
    assert world.run_on(two, "import thing, sys\nprint(thing.seen, '/x' in sys.path, 'extra' in sys.modules)") == (
        "[] False False\n"
    )


def test_change_of_a_port_module_stays_on_its_node(world: World) -> None:
    one, two = board(world, {}, "one"), board(world, {}, "two")
    world.run_on(one, "import time\ntime.sleep = None\ntime.extra = 1")
    assert world.run_on(two, "import time\nprint(time.sleep is None, hasattr(time, 'extra'))") == "False False\n"


def test_modules_begin_anew_after_a_reset(world: World) -> None:
    node = board(world, {"/thing.py": b"seen = []"})
    world.run_on(node, "import thing\nthing.seen.append(1)\nleft = 1")
    node.reset()
    world.run_for(1)
    assert world.run_on(node, "import thing\nprint(thing.seen, 'left' in globals())") == "[] False\n"


# --- programs and REPL ------------------------------------------------------------------------------------------------


def test_boot_py_then_main_py_then_repl_share_their_names(world: World) -> None:
    node = world.add_node(
        firmware=False, files={"/boot.py": b"a = 1\nprint('boot')", "/main.py": b"print('main', a)\nb = 2"}
    )
    world.run_for(1)
    assert node.console.text().startswith("boot\nmain 1\nMicroPython v1.28.0 on ")
    assert node.console.text().endswith("; Generic ESP32 module with ESP32\n>>> ")
    assert world.run_on(node, "print(a, b, __name__)") == "1 2 __main__\n"


def test_exception_in_boot_py_is_printed_and_main_py_runs(world: World) -> None:
    node = world.add_node(firmware=False, files={"/boot.py": b"1/0", "/main.py": b"print('main')"})
    world.run_for(1)
    text = node.console.text()
    assert text.startswith(
        'Traceback (most recent call last):\n  File "boot.py", line 1, in <module>\nZeroDivisionError'
    )
    assert "\nmain\nMicroPython" in text


def test_syntax_error_in_main_py_leads_to_the_repl(world: World) -> None:
    node = world.add_node(firmware=False, files={"/main.py": b"def\n"})
    world.run_for(1)
    assert "SyntaxError" in node.console.text()
    assert node.console.text().endswith(">>> ")


def test_traceback_shows_flash_paths_and_lines_only(world: World) -> None:
    files = {
        "/lib/thing.py": b"import json\n\ndef load(text):\n    for _ in range(1):\n        return json.loads(text)\n"
    }
    with pytest.raises(NodeError) as error:
        run(world, files, "import thing\nthing.load('{')")
    assert str(error.value).splitlines()[:4] == [
        "lamp: Traceback (most recent call last):",
        '  File "<stdin>", line 2, in <module>',
        '  File "/lib/thing.py", line 5, in load',
        "ValueError: syntax error in JSON",
    ]


def test_source_runs_beside_a_program_that_does_not_end(world: World) -> None:
    node = world.add_node(
        firmware=False, files={"/main.py": b"import time\nn = 0\nwhile True:\n    n += 1\n    time.sleep(1)"}
    )
    world.run_for(5)
    assert int(world.run_on(node, "print(n)")) in (4, 5)


@pytest.mark.parametrize("main", [b"", b"import time\ntime.sleep(1000)"])
def test_error_of_source_comes_back_as_nodeerror(world: World, main: bytes) -> None:
    node = world.add_node(firmware=False, files={"/main.py": main})
    world.run_for(1)
    with pytest.raises(NodeError, match="ValueError: no") as error:
        world.run_on(node, "raise ValueError('no')")
    assert error.value.node == "node01"


def test_exit_of_source_beside_a_program_comes_back_as_nodeerror(world: World) -> None:
    node = world.add_node(firmware=False, files={"/main.py": b"import time\ntime.sleep(1000)"})
    world.run_for(1)
    with pytest.raises(NodeError, match="SystemExit"):
        world.run_on(node, "raise SystemExit")
    assert node.boots == 1


def test_sources_at_the_repl_run_one_after_the_other(bare: BareBoard) -> None:
    first = bare.node.start("import time\ntime.sleep(1)\nprint('first')")
    second = bare.node.start("print('second')")
    bare.world.run_for(2)
    assert (first.done, second.done) == (True, True)
    assert bare.node.console.text().endswith("first\nsecond\n")


def test_source_for_a_node_without_power_is_refused(world: World) -> None:
    node = world.add_node(firmware=False, power=False)
    with pytest.raises(StateError, match="node01 is not running"):
        node.start("print(1)")
