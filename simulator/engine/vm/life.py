"""L1: firmware on the real MicroPython virtual machine, in lock-step with virtual time.

Theory of operation. A life is a process of its own (:mod:`simulator.engine.vm.process`). Each thread of its program has
a :class:`~simulator.micropython.runtime.Thread` here that serves it: it sends what the thread waits for, and then
reads, *without letting virtual time pass*, until the thread calls something; the call is made here, where it may
park the thread as on the other engine. So at any moment one of the two sides runs. When the firmware's callback is due
while its thread waits in a call, the machine is asked to run it there.

The shadow modules in ``board/`` take the place of those that touch hardware, network, time and threads; all else is the
machine's own. They are loaded before the firmware; what they take of the heap is added to the board's.

Limits: computing takes no virtual time, calls take what they take on the other engine; a program that computes
for seconds without a call holds its processor until the watchdog bites, or is reported as hung; two words of a
64-bit heap stand for two of 32 bits, while strings and bytecode are as long as on the board. See docs/fidelity.md.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Sequence
from typing import Any, cast

from greenlet import getcurrent

from simulator.engine import line_recorder
from simulator.engine.repl_loop import ReplLoop
from simulator.engine.vm import api
from simulator.engine.vm.board_folder import board_folder
from simulator.engine.vm.channel import (
    CALLBACK,
    DONE,
    ERROR,
    LAST,
    REPLY,
    RESULT,
    SERVICE,
    WENT_ON,
    Channel,
    Message,
    VmBusy,
    VmEnded,
)
from simulator.engine.vm.errands import Errands
from simulator.engine.vm.image import ImageFlash
from simulator.engine.vm.polls import SOON_US, Found, Polls
from simulator.engine.vm.process import VmProcess
from simulator.engine.vm.processor import Processor
from simulator.errors import NodeDead
from simulator.kernel import Wait
from simulator.kernel.kernel import FOREVER_US
from simulator.micropython import _thread as threads
from simulator.micropython import port, random, registry
from simulator.micropython.errors import MicroOSError, os_error
from simulator.micropython.runtime import Machine, Thread

_PERIOD = 1 << 30
_MOST_US = (1 << 30) - 1
#: Calls of the engine's own that take and return what JSON has.
_PLAIN = frozenset({".again", ".clock", ".poll", ".sync", ".park", ".unpark"})
#: Functions that have nothing to do with streams.
_CLOCK = "time."
_MAIN = 1
_EXECUTE = 0
#: Functions that nobody holds are told to the machine so many at a time.
_MANY = 32
_BYTES_PER_WORD = 8
_SCALE = _BYTES_PER_WORD // 4
#: What the interpreter needs of a heap for its table of blocks: 3 bits for each of 32 bytes.
_TABLE = 1 + 3 / 256
#: Threads of the host have room enough: how deep a stack goes on the chip is not modelled.
_STACK_BYTES = 256 * 1024
_TRIAL_BYTES = 2_000_000
#: What a firmware with marks takes more than one without; see simulator/engine/line_recorder.py.
_MARKS_BYTES = 400_000
#: It prints two lines at 115 200 baud.
_MEM_INFO_US = 1_000
#: Processor time, in seconds, that a program may compute between two calls until its watchdog looks.
patience_s = 8.0


class VmError(Exception):
    """What a program raised in the machine.

    Attributes:
        kind: name of its class.
        text: as the machine prints it.
    """

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text


class VmLife(ReplLoop):
    """One run of a node, from reset to reset.

    Args:
        machine: the silicon; gets a fresh processor.
        on_exit: called by the hub when the program asks for a soft reset by SystemExit.
    """

    _scale = _SCALE
    _table = _TABLE
    _board_folders: tuple[str, ...] = ("board",)

    def __init__(self, machine: Machine, *, on_exit: Callable[[], None]) -> None:
        super().__init__(machine)
        self._on_exit = on_exit
        self._calls = api.Calls(machine, self._run_callback, lambda number: self.service("module", number))
        errands = Errands(self._calls, self._run_callback)
        self._polls = Polls(machine)
        self._processor = Processor.of(machine.kernel)
        self._ahead: Message | None = None  # the machine went on after a callback, without waiting for an answer
        self._parked: dict[int, list[Wait]] = {}
        self._probes: dict[int, Callable[[BaseException | None], None]] = {}
        self._engine_calls: dict[str, Callable[..., Any]] = {
            name: getattr(self, "_do" + name.replace(".", "_"))
            for name in (
                ".hello", ".describe", ".ready", ".sync", ".poll", ".park", ".unpark", ".spawn", ".program", ".erase",
                ".flashed", ".noise", ".input", ".probed", ".mem_info",
            )
        }  # fmt: skip
        self._engine_calls |= {".clock": self._polls.clock, ".again": self._polls.again, **errands.answers}
        self._facts = self._describe()
        assert isinstance(machine.flash, ImageFlash)
        self._flash = machine.flash
        machine.import_module = errands.module
        machine.format_exception = _format
        machine.print_exception = lambda error: machine.console.write(_format(error))
        machine.console.begin_life()
        machine.console.on_input = self.wake
        self._flash.begin_life(self, errands.store)
        self._overhead = self._find_overhead()
        marks_bytes = 0 if line_recorder.active is None else _MARKS_BYTES
        heap_bytes = int((machine.board.heap_bytes * self._scale + self._overhead + marks_bytes) * self._table)
        self._process = self._open_process(heap_bytes)
        self._channel = Channel(self._process, machine.console.write, patience_s=patience_s)
        machine.cpu.heap_left_us = FOREVER_US  # it looks after its heap by itself
        machine.cpu.may_be_ahead = False  # it is told what is due next, and computes in no time
        machine.cpu.spawn(self._main, name="main")

    def _open_process(self, heap_bytes: int) -> VmProcess:
        script = board_folder(self._board_folders) / "_main.py"
        return VmProcess(["micropython", "-X", f"heapsize={heap_bytes}", str(script)], self._flash.fd)

    def _find_overhead(self) -> int:
        """Bytes of heap that the shadow modules take, found by a trial and remembered."""
        facts = json.dumps(self._facts)
        key = type(self).__name__, facts
        if key not in _overheads:
            _overheads[key] = _try_overhead(facts, self._open_process(_TRIAL_BYTES))
        return _overheads[key]

    def _describe(self) -> dict[str, Any]:
        calls, board = self._calls, self.machine.board
        system = calls.modules["sys"]
        return {
            "modules": api.describe(calls.modules, calls.names),
            "sys": {
                "maxsize": system.maxsize,
                "platform": system.platform,
                "version": system.version,
                "version_info": [*port.VERSION_INFO],
                "machine": board.machine_text,
                "mpy": port.MPY,
                "build": "ESP32",
                "stdin": (calls.handle(system.stdin), api.describe_class("sys.stdin", type(system.stdin))),
            },
            "frozen": [name for name in calls.names if registry.find_frozen(name, self.machine)],
            "stack_bytes": _STACK_BYTES,
            "lines": 0 if line_recorder.active is None else len(line_recorder.active.hits),
            "blocks": self.machine.flash.capacity_bytes // self.machine.flash.block_bytes,
        }

    # --- serving a thread ------------------------------------------------------------------------------------------

    def _main(self) -> None:
        try:
            self._serve(_MAIN)
        except SystemExit:
            self.machine.cpu.dead = True
            self.machine.kernel.at(self.machine.kernel.now, self._on_exit)

    def _serve(self, thread: int) -> None:
        """Answer a thread of the machine until it ends."""
        while True:
            message = self._receive(thread)
            if message.value[0] == ".end":
                return
            self._answer(thread, message)

    def _answer(self, thread: int, message: Message) -> None:
        """Make the call that a thread asks for, and send the result."""
        self._polls.syncs = cast(Thread, getcurrent()) if message.value[0] == ".sync" else None
        try:
            if message.spent_us:
                self.machine.cpu.charge(message.spent_us)
            result, blob = self._execute(message)
        except (NodeDead, VmEnded, VmBusy):
            raise
        except SystemExit:
            if message.value[0] in (".exit", ".repl"):
                raise
            result, blob, kind = ["SystemExit", []], b"", ERROR
        except BaseException as error:  # noqa: BLE001 - the program's own: it is raised in the machine
            result, blob = _describe_error(error), b""
            kind = ERROR
        else:
            kind = RESULT
        if self._ahead is not None:
            return
        if len(self._calls.forgotten) >= _MANY:
            self.service("forget", [self._calls.forgotten.pop() for _ in range(_MANY)])
        self._send(kind, thread, result, blob)

    def _execute(self, message: Message) -> tuple[Any, bytes]:
        name = message.value[0]
        if name == ".repl":
            self.loop()
        if name == ".exit":
            raise SystemExit
        own = self._engine_calls.get(name) if isinstance(name, str) else None
        if own is None:
            if not (isinstance(name, str) and name.startswith(_CLOCK)):
                self._polls.stirred = True  # it may have been about a stream
            return self._calls.execute(message.value, message.blob)
        if name in _PLAIN:
            return own(*message.value[1]), b""
        arguments = self._calls.decode(message.value[1], message.blob)
        return self._calls.encode(own(*arguments))

    def _receive(self, thread: int) -> Message:
        """The next message of a thread; virtual time stands still meanwhile."""
        while True:
            if self._ahead is not None:
                message, self._ahead = self._ahead, None
                return message
            try:
                message = self._channel.receive()
            except VmBusy:
                self._hold()
                continue
            except VmEnded:
                self._fall()
            if message.wakes:
                self._polls.end_own()
            return message

    def _send(self, kind: int, thread: int, value: Any, blob: bytes = b"", *, handle: int = 0) -> None:
        machine = self.machine
        kernel = machine.kernel
        if machine.cpu.dead:
            raise NodeDead
        self._processor.meet(self._process)
        now = kernel.now - machine.retained.get("started_us", 0)
        left = kernel.limit - kernel.now
        if left < SOON_US:
            left = self._polls.left_us(is_over=kind & 0xFF == LAST)
        clock = now % _PERIOD, now // 1000 % _PERIOD, now % 1000, min(left, _MOST_US)
        try:
            self._channel.send(kind, thread | self._polls.news(now), value, blob, clock=clock, handle=handle)
        except VmEnded:
            self._fall()

    def _fall(self) -> None:
        """The interpreter itself has failed: the chip panics, and resets."""
        if not self.machine.cpu.dead:
            self.machine.console.write("FATAL: the virtual machine has ended\n")
            self.machine.reset("hard")
        raise NodeDead

    def _hold(self) -> None:
        """The program computes for ever: nothing else of the node runs any more."""
        cpu = self.machine.cpu
        cpu.busy(cpu.hang_us)
        thread = cast(Thread, getcurrent())
        thread.hang_at = self.machine.kernel.now
        cpu._report_hang(thread)

    # --- the world asks --------------------------------------------------------------------------------------------

    def _run_callback(self, number: int, arguments: list[object]) -> Any:
        """Have the machine run a function, on the thread that waits here."""
        fiber = cast(Thread, getcurrent())
        thread = fiber.ident
        kind = LAST if number > _EXECUTE and self._polls.is_ended_by(fiber) else CALLBACK
        handle = self._calls.single(arguments[0]) if len(arguments) == 1 else 0
        if handle:
            self._send(kind + (number << 8), thread, None, handle=handle)
        else:
            value, blob = self._calls.encode([number, arguments])
            self._send(kind, thread, value, blob)
        while True:
            was_read = self._ahead is not None
            message = self._receive(thread)
            if message.wakes & WENT_ON and not was_read:
                self._ahead = message
                return None
            if message.kind == DONE:
                if message.spent_us:
                    self.machine.cpu.charge(message.spent_us)
                return message.value
            self._answer(thread, message)

    def service(self, name: str, *arguments: object) -> Any:
        """Have the machine do something for the host while its program waits; no time passes.

        Raises:
            OSError: as the machine's file system raises it; ENOMEM if the heap has no room for the request.
        """
        value, blob = self._calls.encode([name, *arguments])
        try:
            self._channel.send(SERVICE, 0, value, blob, clock=self._still())
            while (message := self._channel.receive()).kind != REPLY:
                self._serve_host(message)
        except VmEnded:
            raise os_error("EIO") from None
        is_good, *rest = message.value
        if is_good:
            return self._calls.decode(rest[0], message.blob)
        kind, args = rest
        if kind == "OSError":
            raise MicroOSError(*args)
        if kind == "MemoryError":
            raise os_error("ENOMEM")
        raise VmError(kind, f"{kind}: {', '.join(str(arg) for arg in args)}")

    def _serve_host(self, message: Message) -> None:
        """A call that the machine makes on behalf of the host: it writes to the flash."""
        name, (arguments) = message.value[0], message.value[1]
        values = self._calls.decode(arguments, message.blob)
        if name == ".program":
            self._flash.put(values[0], values[1])
        elif name == ".erase":
            self._flash.clear(values[0])
        self._channel.send(RESULT, message.thread, 0, clock=self._still())

    def _still(self) -> tuple[int, int, int, int]:
        now = self.machine.kernel.now - self.machine.retained.get("started_us", 0)
        left = min(max(self.machine.kernel.limit - self.machine.kernel.now, 0), _MOST_US)
        return now % _PERIOD, now // 1000 % _PERIOD, now % 1000, left

    # --- calls of the engine's own ---------------------------------------------------------------------------------

    def _do_hello(self) -> str:
        return _hello(self._facts, random.noise(self.machine))

    def _do_describe(self, name: str) -> str:
        return json.dumps(self._facts["modules"][name])

    def _do_ready(self, overhead: int) -> int:
        self._flash.take_over()
        return self._scale

    def _do_mem_info(self, stack_used: int, used: int, free: int) -> None:
        """As the port prints it, in words of the board, without counts of blocks."""
        used, free = (used - self._overhead) // self._scale, free // self._scale
        self.machine.cpu.charge(_MEM_INFO_US)
        self.machine.console.write(
            f"stack: {stack_used // self._scale} out of {_STACK_BYTES}\n"
            f"GC: total: {used + free}, used: {used}, free: {free}\n"
        )

    def memory(self) -> tuple[int, int, int]:
        """Bytes of heap in use after a collection, free bytes, largest free piece; in words of the board."""
        self.service("collect")
        used, free = self.service("memory")
        return (used - self._overhead) // self._scale, free // self._scale, self.service("largest") // self._scale

    def _do_sync(self) -> None:
        self.machine.cpu.charge(0)

    def _do_noise(self) -> int:
        return random.noise(self.machine)

    def _do_poll(
        self, streams: list[list[int]], timeout: int | None, own: bool, is_kept: bool = False, locks: Sequence[int] = ()
    ) -> Found:
        """Wait until one of the streams is ready, after locks were released; returns [[index, events], ...] or None."""
        for lock in locks:
            self._do_unpark(lock)
        objects = [self._calls.object(handle) for handle, _ in streams]
        return self._polls.ask(objects, [mask for _, mask in streams], timeout, own, is_kept=is_kept)

    def _do_park(self, lock: int) -> None:
        thread = cast(Thread, getcurrent())
        wait = Wait(thread)
        self._parked.setdefault(lock, []).append(wait)
        thread.wait(wait)

    def _do_unpark(self, lock: int) -> None:
        waiting = self._parked.get(lock)
        if waiting:
            waiting.pop(0).wake()

    def _do_spawn(self, name: str) -> int:
        def body() -> None:
            ident = cast(Thread, getcurrent()).ident
            self._send(RESULT, ident, None)
            self._serve(ident)

        body.__name__ = name
        return threads.start_new_thread(body, ())

    def _do_program(self, start: int, data: bytes) -> int:
        return self._flash.program(start, data, self.machine.cpu)

    def _do_erase(self, block: int) -> int:
        return self._flash.erase(block, self.machine.cpu)

    def _do_flashed(self, path: str) -> int:
        return self._flash.synchronised(path, self.machine.cpu)

    def _do_input(self, prompt: str = "") -> str:
        self.machine.console.write(prompt)
        while (line := self.machine.console.read_line()) is None:
            cast(Thread, getcurrent()).sleep_until(self.machine.kernel.now + 10_000)
        return line

    def _do_probed(self, failed: list[str] | None) -> None:
        done = self._probes.pop(cast(Thread, getcurrent()).ident)
        done(VmError(*failed) if failed else None)

    # --- programs from outside -------------------------------------------------------------------------------------

    def execute_source(self, source: str, mode: str, *, shown: bool) -> None:
        """Run source in ``__main__``; what it raises is printed if ``shown``.

        Raises:
            SystemExit: it asks for a soft reset.
            VmError: it raised something and it is not shown.
        """
        failed = self._run_callback(_EXECUTE, [source, "<stdin>", mode, shown])
        if failed:
            if failed[0] == "SystemExit":
                raise SystemExit
            raise VmError(*failed)

    def spawn_source(self, source: str, done: Callable[[BaseException | None], None]) -> None:
        """Run source in a thread of its own, beside the program."""

        def body() -> None:
            ident = cast(Thread, getcurrent()).ident
            self._probes[ident] = done
            self.service("probe", ident, source)
            self._send(RESULT, ident, None)
            self._serve(ident)

        self.machine.cpu.spawn(body, name="probe")

    def end(self) -> None:
        """Let go of all that this life held, after its processor has ended. Called by the hub only."""
        self._channel.show()
        if line_recorder.active is not None:
            with contextlib.suppress(VmEnded, VmBusy):
                line_recorder.active.add(self.service("lines"))
        self._process.close()
        self._jobs.clear()


def _format(error: BaseException) -> str:
    return error.text if isinstance(error, VmError) else f"{type(error).__name__}: {error}\n"


def _describe_error(error: BaseException) -> list[Any]:
    """Name and arguments of an exception, for the machine to raise."""
    kind = "OSError" if isinstance(error, OSError) else type(error).__name__
    args = [arg if isinstance(arg, (int, str, type(None))) else str(arg) for arg in error.args]
    return [kind, args]


_overheads: dict[tuple[str, str], int] = {}


def _hello(facts: dict[str, Any], noise: int) -> str:
    """What the machine is told first: its modules by name only."""
    return json.dumps({**facts, "modules": list(facts["modules"]), "noise": noise})


def _try_overhead(facts: str, process: VmProcess) -> int:
    try:
        channel = Channel(process, print)
        while True:
            message = channel.receive()
            name = message.value[0]
            if name == ".ready":
                return int(message.value[1][0])
            reply: object = 0
            if name == ".hello":
                reply = _hello(json.loads(facts), 1)
            elif name == ".describe":
                reply = json.dumps(json.loads(facts)["modules"][message.value[1][0]])
            channel.send(RESULT, _MAIN, reply, clock=(0, 0, 0, _MOST_US))
    finally:
        process.close()
