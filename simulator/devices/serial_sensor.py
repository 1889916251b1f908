"""A sensor with a serial line: sends a line of text each so many seconds, and answers a query byte with one.

Roles, named as on the sensor: ``tx``, where it sends (the chip's receiving pin), and optionally ``rx``, where it
listens. The text may hold ``{value}``, which becomes the quantity ``value``; with a sentence of NMEA 0183 as the text
it is a GPS receiver as far as a driver can tell.

Example, in a wiring file::

    [[part]]
    name = "level"
    kind = "serial_sensor"
    pins = { tx = 13, rx = 12 }
    options = { text = "level {value} mm", period_s = 10, query = "?" }
    set = { value = 250 }

Source: none, it is no part that one can buy; the line's rules are those of :mod:`simulator.electrical.uart`.

Limits: it is ready as soon as it has power; a query that comes while it sends is answered afterwards.
"""

from __future__ import annotations

from simulator.devices.device import Device, Quantity, Site, part
from simulator.electrical.frame import Format
from simulator.electrical.uart import UartPort
from simulator.errors import UsageError
from simulator.kernel import Event

_MOST_TEXT = 255


@part("serial_sensor")
class SerialSensor(Device):
    """A sensor that sends lines of text.

    Args:
        site: where it is soldered.
        text: the line, ASCII, without its end.
        end: what ends a line.
        period_s: a line comes each so many seconds; 0 for none unasked.
        query: the character that it answers; empty for none.
        baud: bits per second.
        bits: data bits, 7 or 8.
        parity: ``none``, ``even`` or ``odd``.
        stop: stop bits, 1 or 2.

    Attributes:
        value: what it measures.
        text: the line.
        lines: lines sent since it has power.
        queries: queries heard since it has power.
        errors: characters heard with wrong parity or stop bit.
    """

    roles = ("tx",)
    optional_roles = ("rx",)
    quantities = {
        "value": Quantity("what it measures"),
        "text": Quantity("the line that it sends; {value} stands for the value", kind=str),
        "lines": Quantity("lines sent since it has power", kind=int, is_reading=True),
        "queries": Quantity("queries heard since it has power", kind=int, is_reading=True),
        "errors": Quantity("characters heard with wrong parity or stop bit", kind=int, is_reading=True),
    }
    faults = {
        "silent": "it sends nothing and holds its line idle",
        "disconnected": "a wire is cut: its lines float",
        "noisy": "one bit in each second character is wrong",
    }

    def __init__(  # noqa: PLR0913  # options of a wiring file
        self,
        site: Site,
        *,
        text: str = "{value}",
        end: str = "\r\n",
        period_s: float = 1.0,
        query: str = "",
        baud: int = 9600,
        bits: int = 8,
        parity: str = "none",
        stop: int = 1,
    ) -> None:
        super().__init__(site)
        self.value = 0.0
        self.text = text
        self.lines = self.queries = 0
        self._end = _ascii("end", end)
        self._query = _ascii("query", query)
        if len(self._query) > 1 or (self._query and "rx" not in site.pins):
            raise UsageError("query must be one character, and needs rx to be wired")
        _ascii("text", text)
        if isinstance(period_s, bool) or not isinstance(period_s, (int, float)) or not 0 <= period_s <= 86_400:
            raise UsageError(f"period_s must be 0..86400 s, not {period_s!r}")
        self._period_us = round(period_s * 1_000_000)
        self._port = UartPort(
            site.name,
            tx=site.net("tx"),
            rx=site.net("rx") if "rx" in site.pins else None,
            format=_format(baud, bits, parity, stop),
            on_bytes=self._heard,
        )
        self._tick: Event | None = None
        self._is_on = True
        self._wait()

    @property
    def errors(self) -> int:
        """Characters heard with wrong parity or stop bit."""
        return self._port.errors

    def update(self) -> None:
        """A fault has come or gone: a cut wire lets go of the line."""
        self._port.power(on=self._is_on and "disconnected" not in self.failed)

    def power(self, *, on: bool) -> None:
        """Without power it lets go of its line; afterwards it counts anew."""
        self._is_on = on
        if self._tick is not None:
            self.site.kernel.cancel(self._tick)
            self._tick = None
        self.update()
        if on:
            self.lines = self.queries = 0
            self._wait()

    def line(self) -> bytes:
        """The line that it would send now.

        Raises:
            UsageError: the text that was set is no ASCII, or too long.
        """
        return _ascii("text", self.text.replace("{value}", f"{self.value:g}")) + self._end

    def _wait(self) -> None:
        if self._period_us:
            self._tick = self.site.kernel.after(self._period_us, self._due)

    def _due(self) -> None:
        self._wait()
        self._send()

    def _heard(self, byte: bytes) -> None:
        if byte == self._query and self._is_on and "disconnected" not in self.failed:
            self.queries += 1
            self._send()

    def _send(self) -> None:
        if self.failed & {"silent", "disconnected"}:
            return
        data = self.line()
        if "noisy" in self.failed:
            data = bytes(byte ^ (1 << self.site.random.randrange(7) if at % 2 else 0) for at, byte in enumerate(data))
        self.lines += 1
        self._port.send(data)


def _ascii(name: str, text: object) -> bytes:
    if not isinstance(text, str) or not text.isascii() or len(text) > _MOST_TEXT:
        raise UsageError(f"{name} must be ASCII text of at most {_MOST_TEXT} characters, not {text!r}")
    return text.encode()


def _format(baud: int, bits: int, parity: str, stop: int) -> Format:
    parities = {"none": None, "even": 0, "odd": 1}
    if parity not in parities:
        raise UsageError(f"parity must be one of {', '.join(parities)}, not {parity!r}")
    if any(isinstance(value, bool) or not isinstance(value, int) for value in (baud, bits, stop)):
        raise UsageError("baud, bits and stop must be whole numbers")
    return Format(baud, bits, parities[parity], stop)
