"""The slave's side of a 1-Wire line: resets, presence, slots. What is said is up to the part, see :data:`Talk`.

Source: Maxim DS18B20 data sheet 19-7487, 1-Wire signaling (reset 480 us, presence 60..240 us after 15..60 us, slots
60 us, sampling 15..60 us); application note 27 (checksum).
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from simulator.electrical.net import Net

#: Yields what to do in the next slot: send a bit, send what a function says then, or (None) receive. Is sent the bit
#: that was on the line.
Talk = Generator[int | Callable[[], int] | None, int, None]

_RESET_US = 480
_PRESENCE_AFTER_US, _PRESENCE_US = 30, 120
#: So long after a reset an edge belongs to somebody's presence pulse.
_PRESENCE_END_US = 300
_SAMPLE_US = 30
_BITS = 8
_POLYNOMIAL = 0x8C


def crc8(data: bytes) -> int:
    """The checksum of bytes; 0 over data and its own checksum."""
    crc = 0
    for byte in data:
        for bit in range(_BITS):
            odd = (crc ^ byte >> bit) & 1
            crc = crc >> 1 ^ (_POLYNOMIAL if odd else 0)
    return crc


def receive_byte() -> Generator[None, int, int]:
    """Part of a talk: one byte from the host, least significant bit first."""
    value = 0
    for place in range(_BITS):
        value |= (yield None) << place
    return value


def send_bytes(data: bytes) -> Generator[int, int, None]:
    """Part of a talk: bytes to the host, least significant bit first."""
    for byte in data:
        for place in range(_BITS):
            yield byte >> place & 1


class OneWireSlave:
    """One device on a line.

    Args:
        net: the line.
        name: of the device, for faults of the net.
        talk: begins what is said after a reset.
    """

    def __init__(self, net: Net, name: str, talk: Callable[[], Talk]) -> None:
        self._net = net
        self._kernel = net.kernel
        self._line = net.driver(name)
        self._begin = talk
        self._talk: Talk | None = None
        self._next: int | Callable[[], int] | None = None
        self._sends_low = False
        self._low_since_us: int | None = None
        self._is_there = True
        self._is_shorted = False
        self._round = 0
        self._reset_us = -_PRESENCE_END_US
        net.on_change(self._heard)

    def set_state(self, *, is_there: bool, is_shorted: bool) -> None:
        """Put it on the line or take it off, shorted to ground or not."""
        if (is_there, is_shorted) == (self._is_there, self._is_shorted):
            return
        self._is_there, self._is_shorted = is_there, is_shorted
        self._talk = None
        if is_shorted:
            self._line.drive(0)
        else:
            self._line.release()

    def _heard(self, level: int) -> None:
        if not self._is_there or self._is_shorted:
            return
        now = self._kernel.now
        if level == 0:
            self._low_since_us = now
            self._slot()
        elif self._low_since_us is not None and now - self._low_since_us >= _RESET_US:
            self._reset()

    def _reset(self) -> None:
        self._round += 1
        self._reset_us = self._kernel.now
        talk = self._talk = self._begin()
        self._next = next(talk)
        mark = self._round
        self._kernel.after(_PRESENCE_AFTER_US, lambda: self._present(mark))

    def _present(self, mark: int) -> None:
        if mark == self._round and self._is_there and not self._is_shorted:
            self._line.drive(0)
            self._kernel.after(_PRESENCE_US, self._let_go)

    def _let_go(self) -> None:
        if not self._is_shorted:
            self._line.release()

    def _slot(self) -> None:
        """A falling edge: send or receive, unless it is a presence pulse, its own or another's."""
        talk, mark = self._talk, self._round
        if talk is None or self._kernel.now - self._reset_us < _PRESENCE_END_US:
            return
        self._sends_low = (self._next() if callable(self._next) else self._next) == 0
        if self._sends_low:
            self._line.drive(0)
        self._kernel.after(_SAMPLE_US, lambda: self._sample(talk, mark))

    def _sample(self, talk: Talk, mark: int) -> None:
        if mark != self._round or self._talk is not talk:
            return
        bit = self._net.level()
        if self._sends_low:
            self._let_go()
        try:
            self._next = talk.send(bit)
        except StopIteration:
            self._talk = None
