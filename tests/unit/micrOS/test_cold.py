"""Cold modules: in memory while they are used, and as good as if they were there all the time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator import firmware as shipped
from simulator.world import World

#: What the node needs again and again, whatever it is asked for.
_RESIDENT = {
    "ConfigHandler",
    "Debug",
    "InterpreterCore",
    "InterpreterShell",
    "LogicalPins",
    "Network",
    "SocketServer",
    "cold",
    "framing",
    "hal",
    "literals",
    "locks",
    "micrOS",
    "micrOSloader",
    "outbox",
    "results",
    "session_commands",
    "signatures",
    "workers",
}
_CORE = {path[1:].removesuffix(".py") for path in shipped.image() if path.count("/") == 1}
_TEXTS = st.text("[](){}'\"\\,:+-.=0123xobeEna_ \t;TrueFalse", max_size=30)
_WORDS = st.lists(
    st.sampled_from(
        ["1", "-2", "0.5", "-.5", "5.", ".", "-", "+1", "007", "9" * 41, "1e3", "0x1F", "--1", "1.2.3", "\xb2"]
        + ["True", "None", "a=1", "a='x y'", "b=None", "c=", "c=-3.25", "True=1", "a.b=1", "1=2", "=", "=1", "a==1"]
        + ["'a b'", '"it\'s"', "'a=b'", "''", "'", '"', "'a'b'", "a='", r"'\n'", "a=='x'", "b'x'", "[1]", "(1,)", "1,2"]
        + ["x", "", "\u0661"]
    ),
    max_size=5,
).map(" ".join)


@pytest.fixture
def world() -> Iterator[World]:
    with World(seed=0) as made:
        yield made


def _core_of(world: World, node: Any) -> set[str]:
    return set(world.run_on(node, "import sys\nprint(' '.join(sys.modules))").split()) & _CORE


def test_node_that_is_up_holds_its_core_and_nothing_else(world: World) -> None:
    node = world.add_node("node01", config={"dbg": False})
    world.run_for(120)
    assert _core_of(world, node) == _RESIDENT


def test_node_that_has_done_this_and_that_holds_its_core_and_nothing_else(world: World) -> None:
    node = world.add_node("node01", config={"dbg": False})
    world.run_for(30)
    shell = world.shell(node)
    for command in ("help", "conf", "dump", "utc 90", "utc no", "help utc", "cron true", "noconf"):
        shell(command)
    shell("nothing f {'a': [1, 2]}")
    world.run_on(node, "import Debug\nDebug.errlog_add('a')\nDebug.errlog_get()\nDebug.errlog_clean()")
    world.run_on(node, "import LogicalPins\nLogicalPins.bind('servo_1', 'x')\nLogicalPins.release('x')")
    world.run_on(node, "import hal\nhal.free_flash_percent()\nhal.output(2)\nhal.cpu_hz()")
    assert _core_of(world, node) == _RESIDENT


_OnNode = Callable[[dict[str, str], str], str]


@pytest.fixture
def on_node(world: World) -> _OnNode:
    """Runs a program on a node that has these files besides its own: ``on_node({"/x.py": source}, program)``."""

    def run(files: dict[str, str], program: str) -> str:
        node = world.add_node("node01", config={"dbg": False}, files={k: v.encode() for k, v in files.items()})
        world.run_for(30)
        return world.run_on(node, "import cold, sys\n" + program)

    return run


def test_threads_that_load_at_once_wait_for_each_other(on_node: _OnNode) -> None:
    program = (
        "import workers, asyncio\n"
        "async def run():\n"
        "    jobs = [workers.Job(cold.load, ('x',)) for _ in range(3)]\n"
        "    for job in jobs:\n        workers.pool.submit(job)\n"
        "    for job in jobs:\n        print((await job.wait()).N)\n"
        "asyncio.run(run())"
    )
    assert on_node({"/x.py": "import time\ntime.sleep_ms(50)\nN = 1\n"}, program) == "1\n1\n1\n"


def test_what_a_cold_module_imports_goes_with_it(on_node: _OnNode) -> None:
    files = {"/x.py": "import y, z\nCOLD = ('y',)\ndef f(a): return a + y.N\n", "/y.py": "N = 1\n", "/z.py": ""}
    told = on_node(files, "print(cold.call('x', 'f', 2), [n for n in 'xyz' if n in sys.modules])")
    assert told == "3 ['z']\n"


def test_file_that_failed_is_read_again(on_node: _OnNode) -> None:
    program = (
        "try:\n    cold.load('x')\nexcept ZeroDivisionError:\n    print('x' in sys.modules)\n"
        "with open('/x.py', 'w') as file:\n    file.write('N = 5')\n"
        "print(cold.load('x').N)"
    )
    assert on_node({"/x.py": "1/0\n"}, program) == "False\n5\n"


def test_name_that_no_module_has_is_an_attribute_error(on_node: _OnNode) -> None:
    program = (
        "import ConfigHandler, Debug, hal, LogicalPins\n"
        "for module in (ConfigHandler, Debug, hal, LogicalPins):\n"
        "    print(hasattr(module, 'nothing'))"
    )
    assert on_node({}, program) == "False\n" * 4


@settings(deadline=None, max_examples=300)
@given(_TEXTS | _WORDS)
@example(r"'\n'")
@example("'a'b'")
@example("a=1 2")
def test_arguments_read_at_once_are_those_that_the_reader_gives(pure: Any, text: str) -> None:
    assert _outcome(pure.load("literals").parse_arguments, text) == _outcome(pure.load("literal_reader").parse, text)


def _outcome(parse: Callable[[str], object], text: str) -> str:
    try:
        return repr(parse(text))
    except ValueError as error:
        return f"ValueError: {error}"


@pytest.mark.parametrize("text", ["1 -2.5 True", "r=10 g=60", "'a b' name=\"it's\"", ""])
def test_plain_arguments_need_no_reader(firmware: Any, text: str) -> None:
    assert firmware(cold=None).load("literals").parse_arguments(text)
