"""One simulated node: a machine, its power, its lives.

Isolation between nodes protects them from one another's mistakes. It is no sandbox: firmware here is Python code
with the rights of the process, so run only what you trust.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from greenlet import getcurrent

from simulator.electrical.boards import Board
from simulator.electrical.pads import Pads
from simulator.engine.code import store
from simulator.engine.engines import CPYTHON, EngineLife, find_engine
from simulator.errors import NodeDead, NodeError, StateError, UsageError
from simulator.kernel import Kernel
from simulator.micropython._clock import rtc_us
from simulator.micropython._system import stop_watchdog
from simulator.micropython.console import Console
from simulator.micropython.flash import Flash
from simulator.micropython.runtime import HANG_US, Cpu, Machine, Thread

if TYPE_CHECKING:
    from simulator.devices import Device
    from simulator.lan import Lan

#: From power-on or reset to the first line of boot.py: ROM loader, second stage, MicroPython's start.
BOOT_US = 300_000
SOFT_RESET_US = 20_000
#: machine.reset_cause() by cause. Source: ports/esp32/modmachine.c.
RESET_CAUSES = {"power": 1, "button": 1, "hard": 2, "wdt": 3, "deepsleep": 4, "soft": 5}


class Node:
    """A board with firmware on its flash.

    Args:
        name: for traces and reports; unique in its world.
        kernel: virtual time.
        lan: the network it can join.
        board: which board.
        unique_id: 6 bytes.
        hang_us: virtual time a thread may compute without waiting, before it is reported as hung.
        engine: what runs the firmware, a key of :data:`simulator.engine.engines.ENGINES`.
        image: file of the flash's content, where the engine keeps one.

    Attributes:
        machine: the silicon.
        flash: the file system.
        console: serial output.
        boots: lives begun so far.
        on_hang: called when a thread hangs.
        on_boot: called at the beginning of each life.
        parts: what hangs on the board, by name.
    """

    def __init__(  # noqa: PLR0913 - each is a property of its own of a board
        self,
        name: str,
        *,
        kernel: Kernel,
        lan: Lan,
        board: Board,
        unique_id: bytes,
        hang_us: int = HANG_US,
        engine: str = CPYTHON,
        image: Path | None = None,
    ) -> None:
        self.name = name
        self.kernel = kernel
        self.engine = engine
        self._engine = find_engine(engine)
        self.flash: Flash = self._engine.flash(board.flash_bytes, image)
        self.console = Console()
        self.machine = Machine(
            name, board=board, unique_id=unique_id, kernel=kernel, flash=self.flash, console=self.console
        )
        self.machine.cpu = Cpu(self.machine, hang_us=hang_us)
        self.machine.reset_asked = self._restart
        self.machine.failed = lambda error: self.on_hang(error)
        self.flash.on_power_cut = self.power_off
        self.boots = 0
        self.on_hang: Callable[[Exception], None] = lambda error: None
        self.on_boot: list[Callable[[], None]] = []
        self.parts: dict[str, Device] = {}
        self._life: EngineLife | None = None
        self._pending_boot: object = None
        self._runs: list[Run] = []
        self._powered = False
        self._lan = lan
        self.flash.clock = lambda: rtc_us(self.machine) // 1_000_000
        Pads(board, kernel).attach(self.machine)
        lan.attach(self.machine)

    @property
    def ships_bytecode(self) -> bool:
        """True if firmware is compiled for its engine."""
        return self._engine.ships_bytecode

    @property
    def powered(self) -> bool:
        """True while it has power (a node in deep sleep has)."""
        return self._powered

    def add_part(self, device: Device) -> None:
        """Hang a part on the board.

        Raises:
            UsageError: there is one of that name.
        """
        name = device.site.name
        if name in self.parts:
            raise UsageError(f"there is a part {name!r} already")
        self.parts[name] = device

    def part(self, name: str) -> Device:
        """A part by its name.

        Raises:
            UsageError: there is none.
        """
        if name not in self.parts:
            known = ", ".join(self.parts) or "none"
            raise UsageError(f"{self.name} has no part {name[:40]!r}; there are: {known}")
        return self.parts[name]

    def install(self, files: Mapping[str, bytes | Path]) -> None:
        """Put files on the flash: path -> content, or the host file that holds it; folders are made.

        Debuggers and tracebacks of the CPython engine show the lines of a host file as its own.

        Raises:
            OSError: a host file cannot be read, or the flash takes no more.
        """
        for path, given in files.items():
            data = given if isinstance(given, bytes) else given.read_bytes()
            if isinstance(given, Path):
                store().register_origin(path, data, str(given.resolve()))
            folder = path.rpartition("/")[0]
            if folder and not self.flash.exists(folder):
                self._make_folder(folder)
            self.flash.write(path, data)

    def _make_folder(self, folder: str) -> None:
        parts = folder.strip("/").split("/")
        for depth in range(1, len(parts) + 1):
            path = "/" + "/".join(parts[:depth])
            if not self.flash.exists(path):
                self.flash.mkdir(path)

    def power_on(self) -> None:
        """Give it power; it boots. Nothing happens if it has power already."""
        if self._powered:
            return
        self._powered = True
        self._forget()
        for part in self.parts.values():
            part.power(on=True)
        self._boot_after(BOOT_US, "power")

    def _forget(self) -> None:
        """The chip's RTC domain begins anew."""
        stop_watchdog(self.machine)
        self.machine.retained.clear()
        self.machine.retained["power_on_us"] = self.kernel.now

    def power_off(self) -> None:
        """Cut the power: open files, RTC and connections are lost at once.

        What runs on the node's own thread (a console listener, a device model) may call it too: the thread ends there.
        """
        if not self._powered or self._put_off(self.power_off):
            return
        self._powered = False
        self._end_life()
        self.flash.power_cut()
        stop_watchdog(self.machine)
        self.machine.retained.clear()
        for part in self.parts.values():
            part.power(on=False)
        self.machine.record("power", "off")

    def _put_off(self, action: Callable[[], None]) -> bool:
        """Leave an action that ends the life to the hub, if a thread of a node runs; its own thread ends here.

        Raises:
            NodeDead: the thread is the node's own.
        """
        thread = getcurrent()
        if not isinstance(thread, Thread):
            return False
        cpu = self.machine.cpu
        self.kernel.at(self.kernel.now, lambda: action() if self.machine.cpu is cpu else None)
        if thread.machine is self.machine:
            cpu.dead = True
            raise NodeDead
        return True

    def reset(self) -> None:
        """Press the reset button: the chip begins as after power-on, RTC clock and memory are lost.

        The board's power stays, so what was written to the flash is there. Source: esp-idf programming guide,
        esp_reset_reason: the ESP32 cannot tell a reset by its pin (CHIP_PU) from a power-on.

        Raises:
            StateError: it has no power.
        """
        if not self._powered:
            raise StateError(f"{self.name} has no power")
        if not self._put_off(self.reset):
            self._restart("button")

    def _restart(self, cause: str) -> None:
        if not self._powered:
            return
        self._end_life()
        if cause == "button":
            self._forget()
        delay_us = SOFT_RESET_US if cause == "soft" else BOOT_US
        if cause == "deepsleep":
            delay_us += int(self.machine.retained.get("sleep_us", 0))
        if cause == "soft":
            self.console.write("MPY: soft reboot\n")
        self._boot_after(delay_us, cause)

    def _end_life(self) -> None:
        life, self._life = self._life, None
        if life is not None:
            self.machine.end_life()
            life.end()
            self.flash.close_all()
        self._pending_boot = None

    def _boot_after(self, delay_us: int, cause: str) -> None:
        self.machine.retained["reset_cause"] = RESET_CAUSES[cause]
        if cause != "soft":
            stop_watchdog(self.machine)
            self.machine.retained["started_us"] = self.kernel.now
        self.machine.record("power", f"boot after {cause}")
        token = self._pending_boot = object()
        self.kernel.after(delay_us, lambda: self._boot(token))

    def _boot(self, token: object) -> None:
        if self._pending_boot is not token or not self._powered:
            return
        self._pending_boot = None
        self.boots += 1
        self.machine.begin_life()
        for action in self.on_boot:
            action()
        life: EngineLife = self._engine.life(
            self.machine, on_exit=lambda: self._restart("soft") if self._life is life else None
        )
        self._life = life

    def listening(self, port: int) -> bool:
        """True while the node accepts connections on a TCP port."""
        return self._life is not None and self._lan.listening(self.machine, port)

    def start(self, source: str) -> Run:
        """Begin to execute source on the node, in ``__main__``; see :meth:`simulator.world.World.run_on`.

        Raises:
            StateError: it is not running.
        """
        if self._life is None:
            raise StateError(f"{self.name} is not running")
        run = Run(self)
        self._runs.append(run)
        self._life.run(source, run.finish)
        return run

    def run_ended(self, run: Run) -> None:
        """Forget a run that has ended."""
        self._runs.remove(run)


class Run:
    """Source that was given to a node, and what became of it.

    Attributes:
        done: it has ended.
        printed: what the node printed meanwhile.
    """

    def __init__(self, node: Node) -> None:
        self.done = False
        self._node = node
        self._error: str | None = None
        self._printed: list[str] = []
        self._listener = self._printed.append
        node.console.listeners.append(self._listener)

    @property
    def printed(self) -> str:
        """What the node printed while it ran."""
        return "".join(self._printed)

    def abandon(self) -> None:
        """The node's life is over: the run never ends, and prints no more."""
        self._node.console.listeners.remove(self._listener)
        self._node.run_ended(self)

    def finish(self, error: BaseException | None) -> None:
        """Note the end."""
        self.done = True
        self.abandon()
        if error is not None:
            self._error = self._node.machine.format_exception(error)

    def check(self) -> None:
        """Raise if the source did.

        Raises:
            NodeError: with the node's traceback.
        """
        if self._error is not None:
            raise NodeError(self._node.name, f"{self._node.name}: {self._error}")
