"""Pulses: ``machine.time_pulse_us``, ``machine.bitstream``, ``machine.dht_readinto``.

They keep the processor for themselves while they work: other threads and soft interrupts wait, the world goes on.

Source: extmod/machine_pulse.c, extmod/machine_bitstream.c, ports/esp32/machine_bitstream.c, drivers/dht/dht.c (v1.28).

Limits: the bits of a bit stream or of a serial line are no pulses for ``time_pulse_us``; those of a PWM signal are, to
whole microseconds; ``bitstream`` reaches the net as one stream of bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from greenlet import getcurrent

from simulator.electrical.pads import INPUT, OPEN_DRAIN, OUTPUT, Pad
from simulator.errors import NodeDead
from simulator.micropython._args import readable, to_int, writable
from simulator.micropython._esp_error import esp_error
from simulator.micropython._pin import pad_of
from simulator.micropython.errors import os_error
from simulator.micropython.runtime import Machine, Thread, running

_CALL_US = 2
_HIGH_LOW = 0
_TIMINGS = 4
_DHT_BYTES = 5
_DHT_BITS = 40


def time_pulse_us(pin: Any, pulse_level: int, timeout_us: int = 1_000_000, /) -> int:
    """Length in us of the next pulse of the given level, or of what is left of one that is on.

    Returns:
        The length; -2 if the level did not come within the time, -1 if it did not end within it.
    """
    machine = running()
    machine.cpu.charge(_CALL_US)
    pad, timeout = pad_of(machine, pin), to_int(timeout_us)
    with _Watch(machine, pad) as watch:
        return watch.time_pulse(1 if to_int(pulse_level) else 0, timeout)


class _Watch:
    """A thread that spins on a pad, keeping the processor; it sleeps from one change of the net to the next."""

    def __init__(self, machine: Machine, pad: Pad) -> None:
        self._machine = machine
        self._pad = pad
        self._thread = cast(Thread, getcurrent())
        self._ends = [listen(self._changed) for listen in (pad.net.on_change, pad.net.on_pwm)]

    def __enter__(self) -> _Watch:
        return self

    def __exit__(self, *error: object) -> None:
        for end in self._ends:
            end()

    def _changed(self, what: object) -> None:
        self._machine.kernel.at(self._machine.kernel.now, self._thread.resume)

    def time_pulse(self, level: int, timeout_us: int) -> int:
        """As :func:`time_pulse_us`."""
        if not self.await_level(level, timeout_us):
            return -2
        start_us = self._machine.kernel.now
        if not self.await_level(1 - level, timeout_us):
            return -1
        return self._machine.kernel.now - start_us

    def await_level(self, level: int, timeout_us: int) -> bool:
        """Wait until the pad reads ``level``; False if it does not within the time."""
        kernel, pad = self._machine.kernel, self._pad
        until_us = kernel.now + max(0, timeout_us)
        while pad.read() != level:
            if kernel.now >= until_us:
                return False
            wave = pad.net.pwm()
            edge_us = None if wave is None else wave.edge_us(level, kernel.now)
            event = kernel.at(until_us if edge_us is None else min(edge_us, until_us), self._thread.resume)
            kernel.hub.switch()
            kernel.cancel(event)
            if self._machine.cpu.dead:
                raise NodeDead
        return True


def bitstream(pin: Any, encoding: int, timing: Sequence[int], data: Any, /) -> None:
    """Send bytes as pulses, most significant bit first.

    Args:
        pin: where to.
        encoding: 0, pulse lengths.
        timing: nanoseconds (high of 0, low of 0, high of 1, low of 1).
        data: the bytes.

    Raises:
        ValueError: another encoding; not four timings.
        OSError: the pin has no output.
    """
    machine = running()
    machine.cpu.charge(_CALL_US)
    pad, content = pad_of(machine, pin), readable(data)
    if to_int(encoding) != _HIGH_LOW:
        raise ValueError("encoding")
    if not isinstance(timing, (tuple, list)):
        raise TypeError(f"object '{type(timing).__name__}' isn't a tuple or list")
    if len(timing) != _TIMINGS:
        raise ValueError(f"requested length {_TIMINGS} but object has length {len(timing)}")
    high0, low0, high1, low1 = (to_int(part) for part in timing)
    if pad.input_only:
        raise esp_error("ESP_ERR_INVALID_ARG")
    ones = sum(byte.bit_count() for byte in content)
    total_ns = ones * (high1 + low1) + (8 * len(content) - ones) * (high0 + low0)
    pad.set_level(0)
    machine.cpu.busy(-(-total_ns // 1000))
    pad.net.send_stream(content, (high0, low0, high1, low1))


def dht_readinto(pin: Any, buf: Any, /) -> None:
    """Ask a DHT sensor on a pin for its five bytes; takes about 270 ms.

    Raises:
        ValueError: ``buf`` is shorter than 5 bytes.
        OSError: ETIMEDOUT when nothing answers, or not in time.
    """
    machine = running()
    machine.cpu.charge(_CALL_US)
    pad, view = pad_of(machine, pin), writable(buf)
    pad.set_mode(INPUT | OUTPUT | OPEN_DRAIN)
    pad.take("gpio")
    if len(view) < _DHT_BYTES:
        raise ValueError("buffer too small")
    pad.set_level(1)
    cast(Thread, getcurrent()).sleep_until(machine.kernel.now + 250_000)
    pad.set_level(0)
    cast(Thread, getcurrent()).sleep_until(machine.kernel.now + 18_000)
    pad.set_level(1)
    machine.cpu.busy(10)
    with _Watch(machine, pad) as watch:
        if not watch.await_level(0, 100) or watch.time_pulse(1, 150) < 0:
            raise os_error("ETIMEDOUT")
        for bit in range(_DHT_BITS):
            high_us = watch.time_pulse(1, 100)
            if high_us < 0:
                raise os_error("ETIMEDOUT")
            view[bit // 8] = (view[bit // 8] << 1 & 0xFF) | (high_us > 48)
