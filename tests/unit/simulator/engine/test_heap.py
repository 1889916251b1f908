"""The heap of a node: what is counted, and where MemoryError comes. Sizes: py/obj*.h of a 32-bit port (v1.28)."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from simulator.engine import heap
from simulator.world import World

if TYPE_CHECKING:
    from conftest import BareBoard
    from simulator.node import Node

pytestmark = pytest.mark.engine("cpython", reason="memory")

FAILED = "memory allocation failed, allocating"
_CAUGHT = "\nexcept MemoryError as e:\n    print(e)\n"


def caught(bare: BareBoard, source: str) -> str:
    """What MemoryError says that ``source`` must raise on a bare board."""
    lines = "".join(f"    {line}\n" for line in source.splitlines())
    return bare.run(f"try:\n{lines}    print('no error'){_CAUGHT}", timeout_s=3).rstrip("\n")


def taken(bare: BareBoard, expression: str, before: str = "") -> int:
    """Bytes that the value of an expression takes."""
    source = f"import gc\n{before}\nx = 0\ngc.collect()\na = gc.mem_free()\nx = {expression}\ngc.collect()\n"
    return int(bare.run(source + "print(a - gc.mem_free())"))


def ran(bare: BareBoard, source: str, seconds: float) -> str:
    """What ``source`` prints that runs for some time; faster than ``bare.run``."""
    run = bare.node.start(source)
    bare.world.run_for(seconds)
    assert run.done
    run.check()
    return run.printed


# --- sizes ------------------------------------------------------------------------------------------------------------

_CLASS = "class C:\n    shared = [0] * 1000\n    def __init__(self, n):\n        self.n = n\n"
_SIZES = [
    ("5", 0),
    ("2.5", 16),
    ("1 << 70", 32),
    ("'%d' % 1234", 32),
    ("bytearray(100)", 16 + 112),
    ("[1, 2, 3, 4, 5]", 16 + 32),
    ("[[], []]", 32 + 2 * 32),
    ("[y, y]", 32 + 16 + 400),
    ("(1, 2)", 16),
    ("{1: 2, 3: 4}", 32),
    ("{1, 2}", 32),
    ("C([7] * 100)", 16 + 16 + 416),
    ("deque([1.5], 10)", 16 + 16 + 48 + 16),
    ("array('H', [1, 2, 3])", 32),
    ("iter([1, 2, 3])", 16 + 32),
    ("[1, 2].append", 16 + 32),
    ("(lambda z: lambda: z)([7] * 100)", 16 + 16 + 416),
    ("generator()", 96 + 416),
    ("gc", 0),
    ("C", 0),
    ("machine.Pin(2)", 32),
    ("globals()", 0),
]


@pytest.mark.parametrize(("expression", "size"), _SIZES, ids=[case[0] for case in _SIZES])
def test_object_takes_what_it_takes_on_the_chip(bare: BareBoard, expression: str, size: int) -> None:
    before = f"{_CLASS}from array import array\nfrom collections import deque\nimport machine\n"
    before += "def numbers():\n    held = [7] * 100\n    yield 1\n    yield held\n"
    before += "def generator():\n    g = numbers()\n    next(g)\n    return g\n"
    if "y" in expression:
        before += "def pair():\n    y = bytearray(400)\n    return [y, y]\n"
        expression = expression.replace("[y, y]", "pair()")
    if expression == "globals()":
        assert 0 < taken(bare, expression, before) < 1_000
    else:
        assert taken(bare, expression, before) == size


def test_objects_of_another_node_are_not_counted(world: World) -> None:
    nodes = [world.add_node(name, firmware=False) for name in ("one", "two")]
    world.run_for(1)
    free = "import gc\ngc.collect()\nprint(gc.mem_free())"
    before = world.run_on(nodes[0], free)
    world.run_on(nodes[1], "import machine\nx = [bytearray(20000), machine.Pin(2)]\nmachine.x = x")
    assert world.run_on(nodes[0], free) == before


def test_locals_of_a_thread_that_waits_are_counted(bare: BareBoard) -> None:
    source = (
        "import _thread, time, gc\ndef hold():\n    data = bytearray(20000)\n    time.sleep(5)\n"
        "gc.collect()\na = gc.mem_free()\n_thread.start_new_thread(hold, ())\ntime.sleep(1)\ngc.collect()\n"
        "b = gc.mem_free()\ntime.sleep(10)\ngc.collect()\nprint(a - b >= 20000, a - gc.mem_free())"
    )
    assert bare.run(source) == "True 0\n"


def test_locals_of_a_task_that_waits_are_counted(bare: BareBoard) -> None:
    source = (
        "import asyncio, gc\nasync def hold():\n    data = bytearray(20000)\n    await asyncio.sleep(5)\n"
        "async def main():\n    gc.collect()\n    a = gc.mem_free()\n    task = asyncio.create_task(hold())\n"
        "    await asyncio.sleep(1)\n    gc.collect()\n    print(a - gc.mem_free() >= 20000)\nasyncio.run(main())"
    )
    assert bare.run(source) == "True\n"


# --- pieces -----------------------------------------------------------------------------------------------------------

_PIECES = [
    ("bytearray(1 << 20)", 1 << 20),
    ("n = 500000\nbytes(n)", 500_000),
    ("list(range(10 ** 9))", 4 * 10**9),
    ("n = 10 ** 9\n[0] * n", 4 * 10**9),
    ("n = 10 ** 9\nn * b'ab'", 2 * 10**9),
    ("'-' * 1000000", 1_000_000),
    ("x = [1, 2]\nx *= 10 ** 8", 8 * 10**8),
    ("s = 'x' * 65536\nwhile True: s += s", 1 << 18),
    ("s = 'x' * 65536\nwhile True: s = s + s", 1 << 18),
]


@pytest.mark.parametrize(("source", "size"), _PIECES, ids=[case[0] for case in _PIECES])
def test_piece_that_does_not_fit_fails_at_once(bare: BareBoard, source: str, size: int) -> None:
    began_us = bare.world.kernel.now
    assert caught(bare, source) == f"{FAILED} {size} bytes"
    assert bare.world.kernel.now - began_us < 10_000


def test_pieces_that_are_dropped_can_be_had_for_ever(bare: BareBoard) -> None:
    assert bare.run("for i in range(1000):\n    x = bytearray(20000)\nprint(len(x))") == "20000\n"


def test_instrumented_expressions_keep_their_values_and_types(bare: BareBoard) -> None:
    source = (
        "a = bytearray(70)\nb = bytes(range(3))\nc = list(range(2)) * 2\nd = [0, 1] * 2\ne = 2 * 'ab'\nf = 70 * (1,)\n"
        "n = 3\nn *= 4\nm = n + n\nm += m\ns = 'x'\ns += s\nl = [1]\nk = l\nl *= 3\n"
        "print(type(a) is bytearray, len(a), b, c, d, e, len(f), n, m, s, k, bytes([1, 2]), bytes(*[b'z']))"
    )
    printed = "True 70 b'\\x00\\x01\\x02' [0, 1, 0, 1] [0, 1, 0, 1] abab 70 12 48 xx [1, 1, 1] b'\\x01\\x02' b'z'\n"
    assert bare.run(source) == printed


# --- loops ------------------------------------------------------------------------------------------------------------

_LOOPS = {
    "list": "l = []\nwhile True: l.append(1)",
    "nested": "l = []\nwhile True: l.append([])",
    "dict": "d = {}\nwhile True: d[len(d)] = str(len(d))",
    "string": "s = ''\nwhile True: s += 'abcdefgh'",
    "attribute": "class C: pass\nc = C()\nc.s = ''\nwhile True: c.s += 'abcdefgh'",
    "chain": "class C: pass\nc = None\nwhile True:\n    d = C()\n    d.c = c\n    c = d",
    "local": "def f():\n    l = []\n    while True: l.append([1, 2])\nf()",
    "generator": "def g():\n    l = []\n    while True:\n        l.append([])\n        yield\nfor _ in g(): pass",
    "waiting": "import time\nl = []\nwhile True:\n    l.append(bytearray(999))\n    time.sleep_ms(10)",
}


@pytest.mark.parametrize("loop", _LOOPS.values(), ids=_LOOPS)
def test_loop_that_grows_something_gets_memoryerror_and_its_memory_back(bare: BareBoard, loop: str) -> None:
    free = "import gc\ngc.collect()\nprint(gc.mem_free())"
    before = int(bare.run(free))
    names = "".join(f"{line}\n" for line in loop.splitlines())
    source = f"def run():\n{''.join(f'    {line}{chr(10)}' for line in names.splitlines())}run()"
    assert caught(bare, source).startswith(FAILED)
    assert before - int(bare.run(free)) < 1_000


def test_loop_is_found_soon_after_long_harmless_computing(bare: BareBoard) -> None:
    assert ran(bare, "for i in range(1300000): pass\nprint(i)", 5) == "1299999\n"
    began_us = bare.world.kernel.now
    assert caught(bare, "l = []\nwhile True: l.append([])").startswith(FAILED)
    assert bare.world.kernel.now - began_us < 100_000


def test_object_with_two_names_is_there_once(bare: BareBoard) -> None:
    source = "a = b = bytearray(120000)\nfor i in range(50000): pass\nprint(i)"
    assert ran(bare, source, 2) == "49999\n"


def test_loops_that_hold_little_run_on(bare: BareBoard) -> None:
    assert ran(bare, "l = []\nfor i in range(500000):\n    l = [i, l[:1]][:1]\nprint(len(l))", 4) == "1\n"


def test_error_comes_at_the_same_turn_whatever_the_hash_seed() -> None:
    script = (
        "from simulator.world import World\nwith World(seed=1) as w:\n"
        "    n = w.add_node(firmware=False)\n    w.run_for(1)\n"
        "    print(w.run_on(n, '''s = set()\ntry:\n    while True: s.add('key %d' % len(s))\n"
        "except MemoryError as e:\n    print(len(s), e)'''), w.kernel.now)"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", script], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
    assert FAILED in told.pop()


def test_thread_that_makes_the_host_grow_is_braked(bare: BareBoard, monkeypatch: pytest.MonkeyPatch) -> None:
    resident = iter(range(0, 1 << 40, 100 << 20))
    monkeypatch.setattr(heap, "_resident_bytes", lambda: next(resident))
    assert caught(bare, "x = [1 for _ in iter(int, 1)]") == f"{FAILED} 16 bytes"


def test_growth_of_the_host_while_a_thread_waits_now_and_then_brakes_nobody(
    bare: BareBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    resident = iter(range(0, 1 << 40, 100 << 20))
    monkeypatch.setattr(heap, "_resident_bytes", lambda: next(resident))
    source = "import time\nfor i in range(20):\n    for j in range(10000): pass\n    time.sleep_ms(1)\nprint('ran')"
    assert ran(bare, source, 2) == "ran\n"


# --- Load Modules -----------------------------------------------------------------------------------------------------

_HOGS = {
    "piece": "data = bytearray(500000)\n",
    "append": "l = []\nwhile True:\n    l.append(1)\n",
    "comprehension": "data = [bytearray(100) for _ in range(5000)]\n",
    "large": "#" + "x" * 400_000 + "\n",
}


@pytest.fixture
def hog(request: pytest.FixtureRequest, world: World) -> Node:
    source = _HOGS[request.param] + "def go():\n    return 1\n"
    node = world.add_node(files={"/LM_hog.py": source.encode()})
    world.run_until(lambda: node.listening(9008), timeout_s=60)
    return node


def free(node: Node) -> int:
    node.machine.collect_heap()
    return node.machine.free_heap()


@pytest.mark.parametrize("hog", _HOGS, indirect=True)
def test_load_module_that_exhausts_memory_on_import_is_an_error_and_the_node_goes_on(world: World, hog: Node) -> None:
    shell = world.shell(hog)
    assert "hello" in shell("hello")
    before = free(hog)
    assert shell("hog go").startswith(f"exec_lm_core LM_hog->go: {FAILED} ")
    assert before - free(hog) < 3_000
    assert "hello" in shell("hello")
    assert hog.boots == 1


def test_boot_leaves_memory_free(node: Node) -> None:
    assert free(node) > 10_000
