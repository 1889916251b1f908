"""Serial lines: senders and receivers of characters on nets, with the time that each bit takes.

Theory of operation. A :class:`UartSender` holds its net at the idle level and lets one character after the other
pass over it, each a :class:`~simulator.electrical.frame.Frame` that lasts as long as its bits. A :class:`UartReceiver`
of the same format takes the value when the character has ended. If the formats differ, or somebody moves the line by
hand (a break, a bit-banged sender), the receiver samples the levels as the hardware does: a falling edge begins, each
bit is looked at in its middle, then parity and the first stop bit are checked. So a wrong baud rate gives the garbage
that it gives on a bench.

Example, one end of a line, as a device has it::

    port = UartPort("gps", rx=site.net("rx"), tx=site.net("tx"), format=Format(9600), on_bytes=print)
    port.send(b"$GPGGA,...")

Limits: bits of characters make no edges on the net, so that ``Pin`` and ``time_pulse_us`` do not see them; a character
that is under way when its sender ends is lost; clocks do not drift; no noise.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from simulator.electrical.frame import Format, Frame
from simulator.electrical.net import Net
from simulator.errors import UsageError
from simulator.kernel import Event, Kernel

#: What a receiver says of a character.
GOOD = ""
PARITY = "parity"
FRAMING = "framing"
BREAK = "break"

_NS = 1_000_000_000


class UartSender:
    """Sends characters one after the other.

    Args:
        name: for faults.
        kernel: the clock.
        line: the net, asked for before each character: a chip's pin may be taken away; None sends into the void.
        format: how characters are framed.

    Attributes:
        format: how characters are framed; to be changed between characters.
        on_done: called when the last character has ended.
    """

    def __init__(self, name: str, kernel: Kernel, line: Callable[[], Net | None], format: Format) -> None:
        self.name = name
        self.format = format
        self.on_done: Callable[[], object] = lambda: None
        self._kernel = kernel
        self._line = line
        self._queue: deque[int] = deque()
        self._begun_us = 0
        self._count = 0
        self._net: Net | None = None
        self._frame: Frame | None = None
        self._event: Event | None = None
        self._is_held = False

    @property
    def pending(self) -> int:
        """Characters that have not ended yet."""
        return len(self._queue) + (self._frame is not None)

    def send(self, data: bytes) -> None:
        """Queue characters; returns at once."""
        self._queue.extend(data)
        self._start()

    def hold(self, *, on: bool) -> None:
        """Begin no further character until told otherwise (flow control)."""
        self._is_held = on
        self._start()

    def left_us(self, rest: int = 0) -> int:
        """Microseconds until no more than ``rest`` characters are pending, if it is not held back."""
        if self.pending <= rest:
            return 0
        if self._frame is None:
            return self.format.time_us(self.pending - rest)
        ends_us = self._begun_us + self.format.time_us(self._count + self.pending - rest)
        return max(0, ends_us - self._kernel.now)

    def stop(self) -> None:
        """Drop what has not ended."""
        self._queue.clear()
        if self._event is not None:
            self._kernel.cancel(self._event)
        if self._net is not None and self._net.frame is self._frame:
            self._net.frame = None
        self._frame = self._net = self._event = None

    def _start(self) -> None:
        if self._frame is None and self._queue and not self._is_held:
            self._begun_us, self._count = self._kernel.now, 0
            self._begin()

    def _begin(self) -> None:
        value = self._queue.popleft() & ((1 << self.format.bits) - 1)
        end_us = self._begun_us + self.format.time_us(self._count + 1)
        self._frame = Frame(self.name, value, self.format, self._kernel.now, end_us)
        self._net = self._line()
        if self._net is not None:
            self._net.begin_frame(self._frame)
        self._event = self._kernel.at(end_us, self._end)

    def _end(self) -> None:
        """A character has ended; the next one begins before the listeners hear of it, who may queue more."""
        net, frame = self._net, self._frame
        self._count += 1
        self._frame = self._net = self._event = None
        if self._queue and not self._is_held:
            self._begin()
        if net is not None and frame is not None:
            net.end_frame(frame)
        if self._frame is None and not self._queue:
            self.on_done()


class _Sampler:
    """Finds characters in levels, as a receiver's hardware does.

    Attributes:
        due_ns: when the character that has begun is complete; None between characters.
    """

    def __init__(self, format: Format, level: int, now_ns: int) -> None:
        self.due_ns: int | None = None
        self._format = format
        self._wanted = format.length - format.stop + 1
        self._level = level ^ format.is_inverted
        self._at_ns = now_ns
        self._start_ns = 0
        self._bits: list[int] = []

    def feed(self, line: int, until_ns: int) -> list[tuple[int, str]]:
        """The line had a level since the last call; returns the characters that were complete by ``until_ns``."""
        level = line ^ self._format.is_inverted
        found = []
        if self.due_ns is None and self._level and not level:
            self._start_ns, self._bits = self._at_ns, []
            self.due_ns = self._middle_ns(self._wanted - 1)
        while self.due_ns is not None and self._middle_ns(len(self._bits)) <= until_ns:
            self._bits.append(level)
            if len(self._bits) == 1 and level:
                self.due_ns = None  # no start bit: it was too short
            elif len(self._bits) == self._wanted:
                found.append(self._judge())
                self.due_ns = None
        self._level, self._at_ns = level, max(until_ns, self._at_ns)
        return found

    def _middle_ns(self, bit: int) -> int:
        return self._start_ns + (2 * bit + 1) * _NS // (2 * self._format.baud)

    def _judge(self) -> tuple[int, str]:
        format, bits = self._format, self._bits
        value = sum(bit << number for number, bit in enumerate(bits[1 : 1 + format.bits]))
        if not any(bits):
            return 0, BREAK
        if not bits[-1]:
            return value, FRAMING
        if format.parity is not None and bits[-2] != format.parity_of(value):
            return value, PARITY
        return value, GOOD


class UartReceiver:
    """Hears characters on a net.

    Args:
        net: the line.
        format: how characters are framed.
        on_character: called with the value and :data:`GOOD`, :data:`PARITY`, :data:`FRAMING` or :data:`BREAK`.
    """

    def __init__(self, net: Net, format: Format, on_character: Callable[[int, str], object]) -> None:
        self._net = net
        self._kernel = net.kernel
        self._format = format
        self._tell = on_character
        self._line = net.level()
        self._sampler = _Sampler(format, self._line, self._now_ns())
        self._event: Event | None = None
        self._ends = (net.on_change(self._changed), net.on_frame(self._heard))

    def set_format(self, format: Format) -> None:
        """Listen in another format from now on."""
        self._format = format
        self._sampler = _Sampler(format, self._line, self._now_ns())

    def close(self) -> None:
        """Listen no more."""
        for end in self._ends:
            end()
        self._expect(None)

    def _now_ns(self) -> int:
        return self._kernel.now * 1_000

    def _heard(self, frame: Frame) -> None:
        if frame.is_garbled:
            self._tell(frame.value, FRAMING)
            return
        idle = frame.format.idle
        if frame.format == self._format and self._sampler.due_ns is None and self._line == idle:
            self._sampler = _Sampler(self._format, idle, self._now_ns())
            self._tell(frame.value, GOOD)
            return
        start_ns = frame.start_us * 1_000
        levels = frame.format.levels(frame.value)
        found = self._sampler.feed(self._line, start_ns)
        for number, level in enumerate(levels, start=1):
            found += self._sampler.feed(level, start_ns + frame.format.bit_ns(number))
        self._finish(found + self._sampler.feed(idle, self._now_ns()))

    def _changed(self, level: int) -> None:
        found = self._sampler.feed(self._line, self._now_ns())
        self._line = level
        self._finish(found + self._sampler.feed(level, self._now_ns()))

    def _finish(self, found: list[tuple[int, str]]) -> None:
        self._expect(self._sampler.due_ns)
        for value, error in found:
            self._tell(value, error)

    def _expect(self, due_ns: int | None) -> None:
        """Look at the line again when the character that has begun is complete, should nothing happen before."""
        if self._event is not None:
            self._kernel.cancel(self._event)
            self._event = None
        if due_ns is not None:
            self._event = self._kernel.at(max(-(-due_ns // 1_000), self._kernel.now), self._due)

    def _due(self) -> None:
        self._event = None
        if self._net.real().frame is None:  # else its end will tell what was on the line
            self._finish(self._sampler.feed(self._line, self._now_ns()))


class UartPort:
    """A device's end of a serial line.

    Args:
        name: for faults.
        rx: where it listens; None if it does not.
        tx: where it sends; None if it does not.
        format: how characters are framed.
        on_bytes: called with each byte that came in well, as bytes of length 1.
        on_break: called when the line was low for longer than a character.

    Attributes:
        errors: characters heard with a wrong parity or stop bit; they are dropped.
        breaks: breaks heard.

    Raises:
        UsageError: neither ``rx`` nor ``tx`` is given.
    """

    def __init__(
        self,
        name: str,
        *,
        rx: Net | None = None,
        tx: Net | None = None,
        format: Format = Format(),  # noqa: B008  # a frozen record
        on_bytes: Callable[[bytes], object] = lambda data: None,
        on_break: Callable[[], object] = lambda: None,
    ) -> None:
        net = rx or tx
        if net is None:
            raise UsageError(f"{name}: a serial port needs rx or tx")
        self.errors = 0
        self.breaks = 0
        self._on_bytes = on_bytes
        self._on_break = on_break
        self._driver = None if tx is None else tx.driver(name)
        self._sender = UartSender(name, net.kernel, self._line, format)
        self._receiver = None if rx is None else UartReceiver(rx, format, self._heard)
        self.power(on=True)

    @property
    def pending(self) -> int:
        """Bytes that are still to be sent."""
        return self._sender.pending

    def send(self, data: bytes) -> None:
        """Send bytes after those that are still to be sent; returns at once.

        Raises:
            UsageError: it has no ``tx``.
        """
        if self._driver is None:
            raise UsageError(f"{self._sender.name} has no pin to send on")
        self._sender.send(data)

    def send_break(self, bits: int = 13) -> None:
        """Hold the line at the level of a start bit for so many bits; what is still to be sent is dropped.

        Raises:
            UsageError: it has no ``tx``.
        """
        if self._driver is None:
            raise UsageError(f"{self._sender.name} has no pin to send on")
        self._sender.stop()
        driver, format = self._driver, self._sender.format
        driver.drive(1 - format.idle)
        driver.net.kernel.after(-(-bits * 1_000_000 // format.baud), lambda: driver.drive(format.idle))

    def set_format(self, format: Format) -> None:
        """Send and listen in another format; what is still to be sent is dropped."""
        self._sender.stop()
        self._sender.format = format
        if self._receiver is not None:
            self._receiver.set_format(format)
        self.power(on=True)

    def power(self, *, on: bool) -> None:
        """Hold the line at its idle level, or let go of it: what was to be sent is lost."""
        if self._driver is None:
            return
        if on:
            self._driver.drive(self._sender.format.idle)
        else:
            self._sender.stop()
            self._driver.release()

    def _line(self) -> Net | None:
        return None if self._driver is None or not self._driver.strength else self._driver.net

    def _heard(self, value: int, error: str) -> None:
        if error == GOOD:
            self._on_bytes(bytes([value]))
        elif error == BREAK:
            self.breaks += 1
            self._on_break()
        else:
            self.errors += 1
