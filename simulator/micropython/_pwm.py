"""``machine.PWM`` of the ESP32 port: 16 channels on 8 timers, in two groups ("modes") of 8 and 4.

Theory of operation. A pin takes a channel; channels of one group that want the same frequency share a timer. A timer
counts to a power of two, as large as the frequency allows (at most 16 bits), so the duty that is read back may be
coarser than the one that was set. The search order for channels and timers is the port's own.

Source: extmod/machine_pwm.c, ports/esp32/machine_pwm.c (v1.28); divider and resolution: ESP-IDF
components/esp_driver_ledc/src/ledc.c (ledc_calculate_divisor, ledc_find_suitable_duty_resolution, ledc_get_freq).

Limits: ``light_sleep_enable`` other than false raises NotImplementedError.
"""

from __future__ import annotations

from typing import Any, cast

from simulator.electrical.net import Pwm
from simulator.electrical.pads import INPUT, OUTPUT, Pad
from simulator.micropython._args import to_int
from simulator.micropython._builtin import Builtin
from simulator.micropython._esp_error import esp_error
from simulator.micropython._pin import pad_of
from simulator.micropython.runtime import Machine, running

_CALL_US = 5
_INIT_US = 30
_KEY = "machine.pwm"
_MODES = 2
_CHANNELS = 8
_TIMERS = 4
_DEFAULT_HZ = 5000
_MAX_HZ = 40_000_000
_APB_HZ = 80_000_000
_REF_HZ = 1_000_000
#: Below this a timer counts the 1 MHz clock.
_SLOW_BELOW_HZ = 10
_U10 = 1023
_U16 = 65_535
_HALF = 32_768
_NS = 1_000_000_000
_DIVIDER_MIN, _DIVIDER_MAX = 256, 0x3FFFF
#: How the duty was given.
_NOT_SET, _BY_U10, _BY_U16, _BY_NS = 0, 10, 16, -16


class _Timer:
    """One counter: its frequency (-1 free) and its bits."""

    def __init__(self) -> None:
        self.hz = -1
        self.bits = 0

    def source_hz(self) -> int:
        """The clock that it counts."""
        return _REF_HZ if self.hz < _SLOW_BELOW_HZ else _APB_HZ

    def actual_hz(self) -> int:
        """The frequency that the divider really gives."""
        divider = _divider(self.source_hz(), self.hz, self.bits)
        counts = divider << self.bits
        return (self.source_hz() * 256 + counts // 2) // counts


class _Channel:
    """One output: its pin and its timer, -1 for none."""

    def __init__(self) -> None:
        self.gpio = -1
        self.timer = -1


class _Ledc:
    """The peripheral, for one life."""

    def __init__(self) -> None:
        self.channels = [[_Channel() for _ in range(_CHANNELS)] for _ in range(_MODES)]
        self.timers = [[_Timer() for _ in range(_TIMERS)] for _ in range(_MODES)]

    def find_channel(self, gpio: int) -> tuple[int, int] | None:
        """The pin's channel, else the first free one."""
        for wanted in (gpio, -1):
            for mode, channels in enumerate(self.channels):
                for number, channel in enumerate(channels):
                    if channel.gpio == wanted:
                        return mode, number
        return None

    def find_timer(self, gpio: int, hz: int) -> tuple[int, int] | None:
        """A timer of that frequency (-1: a free one) in a mode where the pin has or can get a channel."""
        for mode, channels in enumerate(self.channels):
            if any(channel.gpio in (-1, gpio) for channel in channels):
                for number, timer in enumerate(self.timers[mode]):
                    if timer.hz == hz:
                        return mode, number
        return None

    def is_shared(self, mode: int, channel: int, timer: int) -> bool:
        """Whether another channel uses the timer too."""
        return any(other.timer == timer for at, other in enumerate(self.channels[mode]) if at != channel)


def _divider(source_hz: int, hz: int, bits: int) -> int:
    """The timer's divider in 1/256."""
    counts = hz << bits
    return (source_hz * 256 + counts // 2) // counts


def _resolution(source_hz: int, hz: int) -> int:
    """Bits that a timer can count at a frequency, at most 16."""
    bits = 0
    for ratio in ((source_hz + hz // 2) // hz, source_hz // hz):
        bits = min(ratio.bit_length() - 1, 20)
        if _DIVIDER_MIN <= _divider(source_hz, hz, bits) <= _DIVIDER_MAX:
            return min(bits, 16)
    return 0


class PWM(metaclass=Builtin):
    """A square wave on a pin.

    Args:
        dest: a Pin or its number.
        freq: Hz, 1…40 000 000; 5000 by default.
        duty: 0…1023.
        duty_u16: 0…65535; half by default.
        duty_ns: length of the high part in ns.
        invert: swap high and low.
        light_sleep_enable: must be false.

    Raises:
        ValueError: a value out of range.
        RuntimeError: ``out of PWM channels:16``, ``out of PWM timers:8``.
        OSError: the pin has no output.
    """

    __slots__ = ("_channel", "_duty", "_gpio", "_hz", "_invert", "_kind", "_mode", "_pad", "_raw", "_timer")

    _pad: Pad

    def __init__(
        self,
        dest: Any,
        /,
        freq: int = -1,
        *,
        duty: int = -1,
        duty_u16: int = -1,
        duty_ns: int = -1,
        invert: int = -1,
        light_sleep_enable: int = -1,
    ) -> None:
        self._pad = pad_of(running(), dest)
        self._gpio = self._pad.gpio
        self._forget()
        self.init(
            freq,
            duty=duty,
            duty_u16=duty_u16,
            duty_ns=duty_ns,
            invert=invert,
            light_sleep_enable=light_sleep_enable,
        )

    def __repr__(self) -> str:
        if self._timer < 0:
            return f"PWM(Pin({self._gpio}))"
        timer = self._my_timer(running())
        shown = {_BY_U10: ("duty", self._u16() >> 6), _BY_NS: ("duty_ns", self._ns())}
        name, value = shown.get(self._kind, ("duty_u16", self._u16()))
        invert = f", invert={self._invert}" if self._invert else ""
        return (
            f"PWM(Pin({self._gpio}), freq={timer.actual_hz()}, {name}={value}{invert})"
            f"  # duty={100 * self._u16() / _U16:.2f}%, raw_duty={self._register()}, resolution={timer.bits}"
            f", mode={self._mode}, timer={self._timer}, channel={self._channel}"
        )

    def init(
        self,
        freq: int = -1,
        *,
        duty: int = -1,
        duty_u16: int = -1,
        duty_ns: int = -1,
        invert: int = -1,
        light_sleep_enable: int = -1,
    ) -> None:
        """Set what is given; arguments as for the class."""
        machine = running()
        machine.cpu.charge(_INIT_US)
        if to_int(light_sleep_enable) > 0:
            raise NotImplementedError("PWM(light_sleep_enable=True) is not modelled")
        if to_int(freq) != -1:
            _check_freq(freq)
        self._note_duty(to_int(duty), to_int(duty_u16), to_int(duty_ns))
        if to_int(invert) >= 0:
            self._invert = 1 if invert else 0
        ledc = _ledc(machine)
        found = ledc.find_channel(self._gpio)
        if found is None:
            raise RuntimeError(f"out of PWM channels:{_MODES * _CHANNELS}")
        self._mode, self._channel = found
        if freq == -1:
            at = ledc.channels[self._mode][self._channel].timer
            freq = ledc.timers[self._mode][at].hz if at >= 0 else -1
        self._start(machine, freq if freq > 0 else _DEFAULT_HZ)

    def deinit(self) -> None:
        """Stop; the pin stays an output at its idle level and the channel is free."""
        machine = running()
        machine.cpu.charge(_CALL_US)
        if self._mode >= 0:
            ledc = _ledc(machine)
            channel = ledc.channels[self._mode][self._channel]
            if channel.timer >= 0 and not ledc.is_shared(self._mode, self._channel, channel.timer):
                ledc.timers[self._mode][channel.timer] = _Timer()
            if channel.gpio >= 0 and self._pad.owner == "pwm":
                self._pad.drive(self._invert)
            channel.gpio = channel.timer = -1
        self._forget()

    def freq(self, value: int | None = None, /) -> int | None:
        """Get the frequency that the divider gives, or set it."""
        machine = running()
        machine.cpu.charge(_CALL_US)
        timer = self._my_timer(machine)
        if value is None:
            return timer.actual_hz()
        _check_freq(to_int(value))
        if value != timer.hz:
            self._start(machine, value)
        return None

    def duty(self, value: int | None = None, /) -> int | None:
        """Get or set the duty, 0…1023."""
        if value is None:
            return self._get() >> 6
        self._set(_BY_U10, value)
        return None

    def duty_u16(self, value: int | None = None, /) -> int | None:
        """Get or set the duty, 0…65535."""
        if value is None:
            return self._get()
        self._set(_BY_U16, value)
        return None

    def duty_ns(self, value: int | None = None, /) -> int | None:
        """Get or set the high part's length in ns."""
        if value is None:
            self._get()
            return self._ns()
        self._set(_BY_NS, value)
        return None

    def _forget(self) -> None:
        self._mode = self._channel = self._timer = self._hz = -1
        self._kind, self._duty, self._raw, self._invert = _NOT_SET, 0, -1, 0

    def _note_duty(self, duty: int, duty_u16: int, duty_ns: int) -> None:
        if duty_u16 >= 0:
            self._kind, self._duty = _BY_U16, duty_u16
        elif duty_ns >= 0:
            self._kind, self._duty = _BY_NS, duty_ns
        elif duty >= 0:
            self._kind, self._duty = _BY_U10, duty
        elif self._kind == _NOT_SET:
            self._kind, self._duty = _BY_U16, _HALF

    def _start(self, machine: Machine, hz: int) -> None:
        """Take a timer of that frequency and drive the pin with the duty noted."""
        self._select_timer(_ledc(machine), hz)
        timer = self._my_timer(machine)
        self._hz = hz
        if timer.hz != hz:
            timer.hz = hz
            _check_freq(hz, timer.source_hz() // 2)
            timer.bits = _resolution(timer.source_hz(), hz)
        self._check_duty(self._kind, self._duty)
        self._apply(machine)

    def _select_timer(self, ledc: _Ledc, hz: int) -> None:
        found = ledc.find_timer(self._gpio, hz)
        if found is None and self._timer >= 0 and not ledc.is_shared(self._mode, self._channel, self._timer):
            found = self._mode, self._timer
        found = found or ledc.find_timer(self._gpio, -1)
        if found is None:
            raise RuntimeError(f"out of PWM timers:{_MODES * _TIMERS}")
        if self._timer != found[1] or self._mode != found[0]:
            former = ledc.channels[self._mode][self._channel]
            former.gpio = former.timer = -1
            if self._mode != found[0]:
                self._mode = found[0]
                self._channel = next(at for at, free in enumerate(ledc.channels[self._mode]) if free.gpio == -1)
            self._timer = found[1]
            ledc.channels[self._mode][self._channel].timer = self._timer

    def _set(self, kind: int, value: int) -> None:
        machine = running()
        machine.cpu.charge(_CALL_US)
        self._check_duty(kind, to_int(value))
        self._kind, self._duty = kind, value
        self._apply(machine)

    def _check_duty(self, kind: int, value: int) -> None:
        if kind == _BY_U10 and not 0 <= value <= _U10:
            raise ValueError(f"duty must be from 0 to {_U10}")
        if kind == _BY_U16 and not 0 <= value <= _U16:
            raise ValueError(f"duty_u16 must be from 0 to {_U16}")
        if kind == _BY_NS and not 0 <= value <= self._to_ns(_U16):
            raise ValueError(f"duty_ns must be from 0 to {self._to_ns(_U16)} ns")

    def _apply(self, machine: Machine) -> None:
        """Work out the register's value and drive the pin."""
        timer = self._my_timer(machine)
        duty = self._duty
        if self._kind == _BY_U10:
            duty <<= 6
        elif self._kind == _BY_NS:
            duty = min((duty * _U16 * self._hz + _NS // 2) // _NS, _U16) or (1 if duty > 0 else 0)
        self._raw = duty >> (16 - timer.bits)
        channel = _ledc(machine).channels[self._mode][self._channel]
        if channel.gpio == -1 or self._raw in (0, _top(timer)):
            if self._pad.input_only:
                raise esp_error("ESP_ERR_INVALID_ARG")
            self._pad.set_mode(INPUT | OUTPUT)
            self._pad.take("pwm")
        channel.gpio, channel.timer = self._gpio, self._timer
        if self._pad.owner == "pwm":
            share = 1.0 if self._raw and self._raw == _top(timer) else self._raw / (1 << timer.bits)
            self._pad.set_pwm(Pwm(timer.actual_hz(), 1.0 - share if self._invert else share, machine.kernel.now))

    def _get(self) -> int:
        machine = running()
        machine.cpu.charge(_CALL_US)
        self._my_timer(machine)
        return self._u16()

    def _u16(self) -> int:
        timer = self._my_timer(running())
        return _U16 if self._raw == _top(timer) else self._register() << (16 - timer.bits)

    def _register(self) -> int:
        """The channel's duty register; a full duty is written as 0, inverted."""
        return 0 if self._raw == _top(self._my_timer(running())) else self._raw

    def _ns(self) -> int:
        return self._to_ns(self._u16())

    def _to_ns(self, duty: int) -> int:
        self._my_timer(running())
        return (duty * _NS + self._hz * _U16 // 2) // (self._hz * _U16)

    def _my_timer(self, machine: Machine) -> _Timer:
        if self._timer < 0:
            raise RuntimeError("PWM is inactive")
        return _ledc(machine).timers[self._mode][self._timer]


def _top(timer: _Timer) -> int:
    return (1 << timer.bits) - 1


def _check_freq(hz: int, most_hz: int = _MAX_HZ) -> None:
    if not 0 < hz <= most_hz:
        raise ValueError(f"frequency must be from 1Hz to {most_hz // 1_000_000}MHz")


def _ledc(machine: Machine) -> _Ledc:
    if _KEY not in machine.state:
        machine.state[_KEY] = _Ledc()
    return cast(_Ledc, machine.state[_KEY])
