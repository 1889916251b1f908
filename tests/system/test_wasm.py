"""MicroPython on wasm32, which `bench memory` measures on: it computes as the other machine, on a heap of 32 bits."""

from __future__ import annotations

import pytest

from simulator.engine.vm import wasm_spill, wasm_stack
from simulator.engine.vm.process import why_not as why_not_vm
from simulator.engine.vm.wasm_process import why_not
from simulator.world import World

_PROBLEM = why_not() or why_not_vm()
pytestmark = [
    pytest.mark.skipif(bool(_PROBLEM), reason=_PROBLEM or "the machine is there"),
    pytest.mark.slow,
]


def run(program: str, engine: str = "wasm32", until: str = ">>> ") -> str:
    """Run a program as the main.py of a bare board; returns what it printed."""
    with World(seed=0, engine=engine) as world:
        node = world.add_node("bare", firmware=False, files={"/main.py": program.encode()})
        world.run_until(lambda: node.console.text().endswith(until), timeout_s=60)
        return node.console.text().partition("MicroPython v")[0]


def test_word_has_four_bytes():
    program = """
import gc
gc.collect()
before = gc.mem_free()
words = [None] * 1000
gc.collect()
print(before - gc.mem_free())
"""
    assert 4000 <= int(run(program)) <= 4096


def test_objects_that_only_locals_hold_outlive_a_collection():
    program = """
import gc, json
gc.threshold(128)

def tree(depth, label):
    return [label + str(depth), [tree(depth - 1, label + side) for side in 'ab']] if depth else label

def text(node):
    return node if isinstance(node, str) else node[0] + ''.join([text(child) for child in node[1]])

known = text(tree(6, 'x'))
for _ in range(20):
    assert text(json.loads(json.dumps(tree(6, 'x')))) == known
    assert sorted([str(i * 7919 % 1000) for i in range(300)]) == sorted({str(i * 7919 % 1000): i for i in range(300)})
print('sound')
"""
    assert run(program) == "sound\n"


def test_program_goes_deep_and_is_stopped_before_the_stack_ends():
    program = """
def down(depth):
    try:
        return down(depth + 1)
    except RuntimeError as e:
        return depth, e

depth, e = down(0)
print(depth, e)
"""
    depth, _, text = run(program).strip().partition(" ")
    assert int(depth) > 120
    assert text == "maximum recursion depth exceeded"


def test_asyncio_does_as_that_of_the_other_machine():
    program = """
import asyncio, machine, time

async def ring(event, after_ms):
    await asyncio.sleep_ms(after_ms)
    event.set()

async def fail():
    await asyncio.sleep_ms(3)
    raise ValueError('failed')

async def wait_s(seconds):
    await asyncio.sleep(seconds)

async def locked(lock, name):
    async with lock:
        await asyncio.sleep_ms(5)
        print(name, time.ticks_ms())

async def main():
    print('main', time.ticks_ms())
    event = asyncio.Event()
    ringing = asyncio.create_task(ring(event, 700))
    print(await asyncio.wait_for_ms(event.wait(), 5000), time.ticks_ms(), ringing.done())
    try:
        await asyncio.wait_for(wait_s(10), 1)
    except asyncio.TimeoutError:
        print('timeout', time.ticks_ms())
    try:
        await asyncio.wait_for_ms(fail(), 50)
    except ValueError as e:
        print(e, time.ticks_ms())
    print(await asyncio.gather(wait_s(0.02), fail(), return_exceptions=True))
    lock = asyncio.Lock()
    await asyncio.gather(locked(lock, 'a'), locked(lock, 'b'))
    flag = asyncio.ThreadSafeFlag()
    timer = machine.Timer(0)
    timer.init(period=100, callback=lambda t: flag.set())
    for _ in range(3):
        await flag.wait()
        print('flag', time.ticks_ms())
    timer.deinit()
    asleep = asyncio.create_task(wait_s(100))
    await asyncio.sleep_ms(0)
    print(asleep.cancel())
    try:
        await asleep
    except asyncio.CancelledError:
        print('cancelled', time.ticks_ms())
    asyncio.create_task(fail())
    await asyncio.sleep_ms(10)
    return 'done'

print(asyncio.run(main()))
"""
    assert "flag" in run(program)
    assert without_places(run(program)) == without_places(run(program, "micropython"))


def without_places(text: str) -> list[str]:
    """Without addresses of objects, and lines of `asyncio` itself in tracebacks."""
    return [line for line in text.splitlines() if not line.startswith(("future:", '  File "asyncio'))]


def test_streams_serve_a_client_as_on_the_other_machine():
    program = """
import asyncio, network, time

async def serve(reader, writer):
    while line := await reader.readline():
        writer.write(b'echo ' + line)
        await writer.drain()
    await writer.wait_closed()

async def main():
    access = network.WLAN(network.WLAN.IF_AP)
    access.active(True)
    server = await asyncio.start_server(serve, '0.0.0.0', 7000)
    reader, writer = await asyncio.open_connection(access.ifconfig()[0], 7000)
    for word in (b'one', b'two' * 500):
        writer.write(word + b'\\n')
        await writer.drain()
        print(len(await reader.readline()))
    await writer.wait_closed()
    server.close()
    await server.wait_closed()

asyncio.run(main())
"""
    assert run(program).splitlines() == ["9", "1506"]


def test_thread_runs_when_the_program_waits():
    program = """
import _thread, asyncio

flag = asyncio.ThreadSafeFlag()
gate = _thread.allocate_lock()
main_ident = _thread.get_ident()

def work():
    gate.acquire()
    print('work', _thread.get_ident() != main_ident)
    flag.set()
    gate.acquire()

async def main():
    _thread.start_new_thread(work, ())
    print('started')
    await flag.wait()
    gate.release()
    await flag.wait()
    print('again')

asyncio.run(main())
"""
    assert run(program).splitlines() == ["started", "work True", "work True", "again"]


def test_files_and_error_numbers_are_those_of_a_board():
    program = """
import os
from errno import ETIMEDOUT
print(ETIMEDOUT)
for call in (lambda: open('/none'), lambda: os.mkdir('/lib'), lambda: os.listdir('/none')):
    try:
        call()
        print('made')
    except OSError as e:
        print(e.errno)
with open('/lib/kept', 'w') as file:
    file.write('text')
os.rename('/lib/kept', '/lib/found')
print(os.statvfs('/')[2])
"""
    with World(seed=0, engine="wasm32") as world:
        node = world.add_node("bare", firmware=False, files={"/main.py": program.encode(), "/gone": b"1"})
        world.run_until(lambda: node.console.text().endswith(">>> "), timeout_s=60)
        printed = node.console.text().splitlines()
        assert printed[:5] == ["116", "2", "made", "2", "512"]
        assert node.flash.read("/lib/found") == b"text"
        node.power_off()
        assert node.flash.read("/lib/found") == b"text"
        assert node.flash.listdir("/lib") == ["found"]


def test_firmware_begins_with_small_tables_of_names():
    program = """
import gc
gc.collect()
before = gc.mem_alloc()
for i in range(100):
    hasattr(gc, 'name_%d' % i)
gc.collect()
print(gc.mem_alloc() - before)
"""
    assert 1_000 < int(run(program)) < 2_600  # tables of 20, 40 and 80 names take 1 072, their text the rest


def test_names_of_the_boards_own_modules_take_no_heap():
    program = """
import gc

def joined(words):
    return [word.replace('-', '') for word in words.split()]

known = joined('is-connected if-config ATTN_11-DB IRQ_RIS-ING PULL_-DOWN baud-rate pola-rity IRQ_FALL-ING PERI-ODIC')
gc.collect()
before = gc.mem_alloc()
for word in known:
    hasattr(gc, word)
gc.collect()
print(gc.mem_alloc() - before)
"""
    assert int(run(program)) <= 32


def test_core_lets_go_of_what_the_boot_alone_needs():
    with World(seed=1, engine="wasm32") as world:
        node = world.add_node("node01", config={"dbg": False})
        world.run_until(lambda: node.listening(9008), timeout_s=60)
        world.run_for(20)
        used, _, _ = node.flash.machine.memory()
    assert used < 49_000  # 3.8 kB more if the stages of the boot are still there


def test_memory_without_a_table_of_names_is_refused():
    import ctypes

    from simulator.engine.vm._wasm_child import restart_names

    with pytest.raises(ValueError, match="no table of names"):
        restart_names((ctypes.c_ubyte * 4096)())


def test_asyncio_takes_what_the_frozen_one_takes():
    program = """
import gc
gc.collect()
before = gc.mem_alloc()
import asyncio
asyncio.Event, asyncio.ThreadSafeFlag, asyncio.wait_for_ms, asyncio.start_server
gc.collect()
print(gc.mem_alloc() - before)
"""
    from simulator.engine.vm.wasm_life import ASYNCIO_BYTES

    assert int(run(program, "micropython")) == pytest.approx(ASYNCIO_BYTES, rel=0.05)


def test_bare_board_has_the_frozen_asyncio_counted():
    from simulator.engine.vm.wasm_life import ASYNCIO_BYTES

    with World(seed=0, engine="wasm32") as world:
        node = world.add_node("bare", firmware=False)
        world.run_until(lambda: node.console.text().endswith(">>> "), timeout_s=60)
        used, free, largest = node.flash.machine.memory()
    assert ASYNCIO_BYTES < used < ASYNCIO_BYTES + 3_000
    assert used + free == pytest.approx(111_168, rel=0.01)
    assert free * 0.9 < largest <= free


# --- the shadow stack ---------------------------------------------------------------------------------------------

_CALLER = """
(module
  (import "host" "look" (func $look (result i32)))
  (memory (export "memory") 1)
  (global $sp (export "sp") (mut i32) (i32.const 4096))
  (func (export "hold") (param $pointer i32) (result i32)
    (local $other i32)
    (local.set $other (i32.add (local.get $pointer) (i32.const 1)))
    (drop (call $look))
    (i32.add (local.get $pointer) (local.get $other)))
  (func (export "operand") (result i32)
    (i32.add (call $look) (call $look)))
  (func (export "twice") (result i32)
    (local $first i32)
    (local.set $first (call $look))
    (local.set $first (i32.add (local.get $first) (i32.const 5000)))
    (drop (call $look))
    (local.get $first))
  (func (export "early") (param $n i32) (result i32)
    (loop $again
      (block (drop (call $look))
        (if (i32.eqz (local.get $n)) (then (return (i32.const 77))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1))))
      (br $again))
    (unreachable)))
"""


class Caller:
    """An instance of the module above, changed or not; ``look`` notes what is on the shadow stack."""

    def __init__(self, *, is_changed: bool = True) -> None:
        import wasmtime

        wasm = bytes(wasmtime.wat2wasm(_CALLER))
        self.store = wasmtime.Store()
        module = wasmtime.Module(self.store.engine, wasm_spill.spill(wasm) if is_changed else wasm)
        number = wasmtime.FuncType([], [wasmtime.ValType.i32()])
        look = wasmtime.Func(self.store, number, self._look)
        self.exports = wasmtime.Instance(self.store, module, [look]).exports(self.store)
        self.seen: list[set[int]] = []

    def _look(self) -> int:
        data = self.exports["memory"].read(self.store, self.pointer(), 4096)
        self.seen.append({int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data), 4)})
        return 1000 + len(self.seen)

    def pointer(self) -> int:
        """The stack pointer."""
        return int(self.exports["sp"].value(self.store))

    def call(self, name: str, *arguments: int) -> int:
        """Call a function of the module."""
        return int(self.exports[name](self.store, *arguments))


def test_pointers_of_locals_are_on_the_stack_during_a_call():
    caller = Caller()
    assert caller.call("hold", 500) == 1001
    assert {500, 501} <= caller.seen[0]
    assert caller.pointer() == 4096


def test_module_as_it_comes_hides_them():
    caller = Caller(is_changed=False)
    assert caller.call("hold", 500) == 1001
    assert not {500, 501} & caller.seen[0]


def test_result_of_a_call_is_on_the_stack_during_the_next():
    caller = Caller()
    assert caller.call("operand") == 2003
    assert 1001 in caller.seen[1]


def test_result_that_a_local_holds_is_kept_once():
    caller = Caller()
    assert caller.call("twice") == 6001
    assert 6001 in caller.seen[1]
    assert 1001 not in caller.seen[1]


def test_left_frame_is_clear():
    caller = Caller()
    caller.call("hold", 500)
    below = caller.exports["memory"].read(caller.store, 0, 4096)
    assert not any(below)


def test_early_return_gives_the_frame_back():
    caller = Caller()
    assert caller.call("early", 3) == 77
    assert (len(caller.seen), caller.pointer()) == (4, 4096)


def test_frame_is_clear_at_first():
    caller = Caller()
    caller.exports["memory"].write(caller.store, (500).to_bytes(4, "little") * 1024, 0)
    caller.call("operand")
    assert 500 not in caller.seen[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(module (memory 1 2))", "memory is declared as 01010102"),
        ("(module (memory 1) (global i64 (i64.const 1)))", "global 0 is no stack pointer"),
        (
            "(module (memory 1) (global (mut i32) (i32.const 9)) (func (drop (i32.const 1))))",
            "the limit of the stack stands in the code 0 times",
        ),
    ],
)
def test_stack_of_another_module_is_left_alone(text, message):
    import wasmtime

    with pytest.raises(ValueError, match=message):
        wasm_stack.enlarge(bytes(wasmtime.wat2wasm(text)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(module (func (result i32 i32) (i32.const 1) (i32.const 2)))", "several results"),
        ('(module (import "a" "m" (memory 1)) (func))', "import of kind 2"),
        ("(module (func (param v128) (drop (i8x16.splat (i32.const 1)))))", "instruction 0xfd"),
    ],
)
def test_what_is_not_known_is_refused(text, message):
    import wasmtime

    with pytest.raises(ValueError, match=message):
        wasm_spill.spill(bytes(wasmtime.wat2wasm(text)))
