"""Lamps behind power switches (N-channel MOSFETs on the low side): RGB strip, white strip of two colours, one lamp.

A resistor from gate to ground keeps a switch off while no output drives it; a pull-up of the chip does not get far
against it. What a channel gives is the mean of its square wave, as the eye sees it.

Source: the usual board: IRLZ44N data sheet (threshold 1..2 V: driven by 3.3 V logic), 10 kOhm from gate to ground;
the chip's pull-up has 45 kOhm (ESP32 data sheet, table 5-3).

Limits: no rise times and no heat; light is proportional to the duty; the colour temperature of a mixture is the mean of
the mireds, weighted by light, which is off by a few percent.
"""

from __future__ import annotations

from simulator.devices.device import Device, Quantity, Site, part
from simulator.devices.drive import check_number, share, watch
from simulator.devices.png import encode

_FULL = 255
_WHITE_K = (1_000, 20_000)
_MOST_W = 10_000
_PICTURE = (96, 12)


class _Switched(Device):
    """Channels behind MOSFETs."""

    faults = {
        "no_supply": "its supply is off: dark",
        "fet_shorted": "the switch of its first channel conducts always",
    }

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._gates = [site.net(role) for role in self.roles]
        for gate in self._gates:
            watch(gate, self._note)
        self.most_pct = 0.0

    def light(self, channel: int) -> float:
        """What a channel gives, 0..1."""
        if "no_supply" in self.failed:
            return 0.0
        if channel == 0 and "fet_shorted" in self.failed:
            return 1.0
        gate = self._gates[channel]
        return share(gate) if gate.is_driven() else 0.0

    @property
    def freq_hz(self) -> float:
        """Of the first channel that is dimmed; 0 if none is."""
        waves = [gate.pwm() for gate in self._gates]
        return next((wave.freq_hz for wave in waves if wave is not None), 0.0)

    def update(self) -> None:
        """A fault was set."""
        self._note()

    def _note(self) -> None:
        self.most_pct = max(self.most_pct, *(100 * self.light(at) for at in range(len(self._gates))))


_FREQ = Quantity("of the first channel that is dimmed; 0 if none is", unit="Hz", is_reading=True)
_MOST = Quantity("the most that a channel gave so far; can be set back", unit="%", low=0, high=100)


def _pct(what: str) -> Quantity:
    return Quantity(what, unit="%", is_reading=True)


@part("rgb_strip")
class RgbStrip(_Switched):
    """A strip with three colours.

    Attributes:
        most_pct: the most that a channel gave so far.
    """

    roles = ("r", "g", "b")
    quantities = {
        "rgb": Quantity("its light, 0..255 per colour", kind=tuple, is_reading=True),
        "r_pct": _pct("red light"),
        "g_pct": _pct("green light"),
        "b_pct": _pct("blue light"),
        "freq_hz": _FREQ,
        "most_pct": _MOST,
    }

    @property
    def rgb(self) -> tuple[int, int, int]:
        """Its light, 0..255 per colour."""
        red, green, blue = (round(_FULL * self.light(at)) for at in range(3))
        return red, green, blue

    def shot(self) -> bytes:
        """Its light on a strip; PNG."""
        return encode(*_PICTURE, bytes(self.rgb) * (_PICTURE[0] * _PICTURE[1]))

    @property
    def r_pct(self) -> float:
        """Red light."""
        return 100 * self.light(0)

    @property
    def g_pct(self) -> float:
        """Green light."""
        return 100 * self.light(1)

    @property
    def b_pct(self) -> float:
        """Blue light."""
        return 100 * self.light(2)


@part("cct_strip")
class CctStrip(_Switched):
    """A strip with cold and warm white, of equal power.

    Args:
        site: where it is soldered.
        cold_k: colour temperature of the cold one.
        warm_k: of the warm one.

    Attributes:
        most_pct: the most that a channel gave so far.
    """

    roles = ("cold", "warm")
    quantities = {
        "cold_pct": _pct("cold light"),
        "warm_pct": _pct("warm light"),
        "light_pct": _pct("of its full light"),
        "colour_k": Quantity("colour temperature; 0 if dark", unit="K", is_reading=True),
        "freq_hz": _FREQ,
        "most_pct": _MOST,
    }

    def __init__(self, site: Site, *, cold_k: float = 6500, warm_k: float = 2700) -> None:
        self._cold_k = check_number("cold_k", cold_k, *_WHITE_K)
        self._warm_k = check_number("warm_k", warm_k, *_WHITE_K)
        super().__init__(site)

    @property
    def cold_pct(self) -> float:
        """Cold light."""
        return 100 * self.light(0)

    @property
    def warm_pct(self) -> float:
        """Warm light."""
        return 100 * self.light(1)

    @property
    def light_pct(self) -> float:
        """Of its full light."""
        return (self.cold_pct + self.warm_pct) / 2

    @property
    def colour_k(self) -> float:
        """Colour temperature; 0 if dark."""
        cold, warm = self.light(0), self.light(1)
        return (cold + warm) / (cold / self._cold_k + warm / self._warm_k) if cold + warm else 0.0


@part("dimmer")
class DimmedLamp(_Switched):
    """A lamp behind one switch.

    Args:
        site: where it is soldered.
        watts: its power when fully on.

    Attributes:
        most_pct: the most that it gave so far.
    """

    roles = ("gate",)
    quantities = {
        "light_pct": _pct("its light"),
        "power_w": Quantity("the power that it takes", unit="W", is_reading=True),
        "freq_hz": _FREQ,
        "most_pct": _MOST,
    }

    def __init__(self, site: Site, *, watts: float = 12) -> None:
        self._watts = check_number("watts", watts, 0, _MOST_W)
        super().__init__(site)

    @property
    def light_pct(self) -> float:
        """Its light."""
        return 100 * self.light(0)

    @property
    def power_w(self) -> float:
        """The power that it takes."""
        return self._watts * self.light(0)
