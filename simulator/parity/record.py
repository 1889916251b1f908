"""What a scenario did, as an outsider sees it: happenings with a channel and a time, in steps.

Each step begins at a moment that is fixed against the node's own start (:meth:`Recorder.align`), so that its timers
stand alike on both engines, and times count from the step's beginning.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.electrical.buses import I2cBus, Segment, SpiBus
from simulator.electrical.frame import Frame
from simulator.electrical.net import BitStream, Pwm
from simulator.lan.client import LanConnection
from simulator.node import Node
from simulator.world import World

_PROMPT = re.compile(rb"(?:\A|\n)((?:\[\w+\] )?[^\n]* \$  )\Z")
#: Steps begin at a multiple of this after the node's start; on no whole second, where a millisecond decides much.
_GRID_US = 5_370_000

#: Quantities of parts that hold moments of the world's clock: nodes of the two engines take unlike times to boot.
_MOMENTS = frozenset({"notes"})


@dataclass(frozen=True)
class Happening:
    """One thing that happened.

    Attributes:
        t_us: microseconds since its step began.
        channel: where: ``reply``, ``console``, ``gpio4``, ``file /err.log``...
        value: what.
    """

    t_us: int
    channel: str
    value: str


@dataclass
class Step:
    """A part of a scenario.

    Attributes:
        name: e.g. the command that was sent.
        happenings: in order.
    """

    name: str
    happenings: list[Happening] = field(default_factory=list)


@dataclass
class Record:
    """All that a scenario did.

    Attributes:
        title: the scenario's name.
        engine: on which it ran.
        steps: in order.
    """

    title: str
    engine: str
    steps: list[Step]


class Recorder:
    """Notes what happens on a node; scenarios play through it.

    Args:
        world: whose time it is.
        node: switched off yet.

    Attributes:
        steps: so far.
    """

    def __init__(self, world: World, node: Node) -> None:
        self.world = world
        self.node = node
        self.steps = [Step("start")]
        self._began_us = world.kernel.now
        self._zero_us = world.kernel.now
        self._line = ""
        self._shown = ""
        node.console.listeners.append(self._print)

    def note(self, channel: str, value: object) -> None:
        """Note one happening, now."""
        text = value if isinstance(value, str) else repr(value)
        self.steps[-1].happenings.append(Happening(self.world.kernel.now - self._began_us, channel, text))

    def step(self, name: str) -> None:
        """Let time pass to the next moment of the grid, then begin a step."""
        passed_us = self.world.kernel.now - self._zero_us
        self.world.run_for((-passed_us % _GRID_US or _GRID_US) / 1e6)
        self.steps.append(Step(name))
        self._began_us = self.world.kernel.now

    def align(self, text: str, *, timeout_s: float = 120.0) -> None:
        """Wait until the console shows a text anew; the distances of later steps count from there.

        Raises:
            WaitTimeout: it does not.
        """
        self.world.run_until(lambda: text in self._shown, timeout_s=timeout_s)
        self._shown = ""
        self._zero_us = self.world.kernel.now

    def _print(self, text: str) -> None:
        self._shown += text
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            self.note("console", line)

    # --- the shell ---

    def talk(self, *, port: int = 9008, channel: str = "reply") -> Talk:
        """A new session of the node's shell; its greeting is noted."""
        return Talk(self, port, channel)

    def watch(self, connection: LanConnection, channel: str) -> None:
        """Note each piece that comes on a connection, and its end."""
        taken = 0
        is_open = True

        def changed() -> None:
            nonlocal taken, is_open
            piece = bytes(connection.received[taken:])
            taken = len(connection.received)
            if piece:
                self.note(channel, piece)
            if connection.closed and is_open:
                is_open = False
                self.note(channel, "refused" if connection.refused else "reset" if connection.reset else "closed")

        connection.on_change = changed

    # --- the board ---

    def watch_pins(self, *gpios: int) -> None:
        """Note levels, square waves, trains of bits and characters of serial lines at these pins."""
        for gpio in gpios:
            net = self.node.machine.parts["pads"].net(gpio)
            channel = f"gpio{gpio}"
            net.on_change(self._noter(channel, str))
            net.on_pwm(self._noter(channel, _wave))
            net.on_stream(self._noter(channel, _stream))
            net.on_frame(self._noter(channel, _character))

    def _noter(self, channel: str, to_text: Callable[[Any], str]) -> Callable[[Any], None]:
        return lambda value: self.note(channel, to_text(value))

    def i2c(self, *, scl: int, sda: int, address: int, answer: Callable[[Sequence[Segment]], list[bytes]]) -> None:
        """Put a device on a bus whose transactions are noted.

        Args:
            scl: GPIO of the clock.
            sda: GPIO of the data.
            address: of the device.
            answer: given the segments, the bytes read per segment.
        """
        bus: I2cBus = self.node.machine.parts["pads"].i2c_bus(scl, sda)
        bus.attach(address, _NotedI2c(self, answer))

    def spi(self, *, sck: int, mosi: int, miso: int, answer: Callable[[bytes], bytes]) -> None:
        """Put a device on a bus whose transfers are noted."""
        bus: SpiBus = self.node.machine.parts["pads"].spi_bus(sck, mosi, miso)
        bus.attach(_NotedSpi(self, answer))

    # --- the end ---

    def parts(self) -> None:
        """Note what each part on the board shows, in the step that is under way, but for what tells moments."""
        for part in self.node.parts.values():
            for name in sorted(part.quantities.keys() - _MOMENTS):
                self.note(f"part {part.site.name}.{name}", _rounded(part.get(name)))

    def files(self) -> None:
        """Note every file that is no module, as a step of its own."""
        self.step("files")
        flash = self.node.flash
        for path in sorted(flash.files()):
            if path.endswith((".py", ".mpy", ".idx")):
                continue
            data = flash.read(path)
            self.note(f"file {path}", _sorted_json(data) if path.endswith("_config.json") else repr(data))

    def record(self, title: str) -> Record:
        """What was noted so far."""
        return Record(title, self.node.engine, [Step(step.name, list(step.happenings)) for step in self.steps])


class Talk:
    """A session whose replies are noted.

    Args:
        recorder: notes them.
        port: of the shell.
        channel: name of its channel.
    """

    def __init__(self, recorder: Recorder, port: int, channel: str) -> None:
        self._recorder = recorder
        self._channel = channel
        world = recorder.world
        recorder.step(f"connect {channel}")
        self._connection = world.lan.client(channel).connect(world.lan.address(recorder.node.machine), port)
        self._wait(30.0)

    @property
    def closed(self) -> bool:
        """The node has closed it."""
        return self._connection.closed

    def ask(self, command: str, *, timeout_s: float = 60.0) -> str:
        """Send a command as a step of its own, and return its reply up to and with the next prompt."""
        self._recorder.step(command)
        self._connection.send(command.encode() + b"\n")
        return self._wait(timeout_s)

    def _wait(self, timeout_s: float) -> str:
        received, connection = self._connection.received, self._connection
        self._recorder.world.run_until(lambda: connection.closed or _PROMPT.search(received), timeout_s=timeout_s)
        text = bytes(received).decode(errors="backslashreplace")
        received.clear()
        self._recorder.note(self._channel, text)
        if connection.closed:
            self._recorder.note(self._channel, "closed")
        return text

    def close(self) -> None:
        """End it from this side."""
        self._connection.close()


class _NotedI2c:
    def __init__(self, recorder: Recorder, answer: Callable[[Sequence[Segment]], list[bytes]]) -> None:
        self._recorder = recorder
        self._answer = answer

    def transfer(self, address: int, segments: Sequence[Segment]) -> tuple[int, list[bytes]]:
        """Note and answer a transaction."""
        self._recorder.note("i2c", f"{address:#04x} {list(segments)!r}")
        return sum(len(part) for part in segments if isinstance(part, bytes)), self._answer(segments)


class _NotedSpi:
    def __init__(self, recorder: Recorder, answer: Callable[[bytes], bytes]) -> None:
        self._recorder = recorder
        self._answer = answer

    def exchange(self, data: bytes) -> bytes:
        """Note and answer a transfer."""
        self._recorder.note("spi", data)
        return self._answer(data)


def _rounded(value: object) -> object:
    """Without digits that depend on moments within the tolerance of times."""
    return float(f"{value:.3g}") if isinstance(value, float) else value


def _wave(wave: Pwm | None) -> str:
    return "pwm off" if wave is None else f"pwm {wave.freq_hz:g} Hz {wave.duty:.4f}"


def _stream(stream: BitStream) -> str:
    return f"stream {stream.data.hex()} {stream.timing_ns}"


def _character(frame: Frame) -> str:
    return f"character {frame.value:#04x} {frame.format.baud} baud"


def _sorted_json(data: bytes) -> str:
    """A configuration file: the order of its keys means nothing."""
    try:
        return json.dumps(json.loads(data), sort_keys=True)
    except ValueError:
        return repr(data)
