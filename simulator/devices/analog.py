"""Parts whose output is a voltage: light, gas and pH sensors, potentiometer, joystick.

Each drives its net and follows its quantities at once, unless it has a time constant: then whoever wants to see the
voltage on its way lets time pass, in steps of 20 ms.

Sources per part, at its class.

Limits: outputs have no resistance and no noise; what a part gives beyond 3.3 V is there as such: it is the input that
suffers.
"""

from __future__ import annotations

from simulator.devices.device import Device, Quantity, Site, part
from simulator.devices.drive import check_number
from simulator.devices.lag import Lag
from simulator.electrical.net import VDD
from simulator.errors import UsageError

_STEP_US = 20_000
#: How near a lagging value must be to its end to be there, as a share of the step.
_ARRIVED = 0.001
_OPEN = {"disconnected": "its wire is broken"}
_VOLTS = Quantity("what it puts out", unit="V", is_reading=True)
_LUX = Quantity("illuminance", unit="lux", low=0, high=200_000)


class _Output(Device):
    """A part with one analog output, role ``out``.

    Attributes:
        volts: what it puts out; 0 when its wire is broken.
    """

    roles = ("out",)
    faults = _OPEN

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._out = site.net("out").driver(site.name)
        self.volts = 0.0

    def _volts(self) -> float:
        """What it puts out at this moment."""
        raise NotImplementedError

    def update(self) -> None:
        """Put out what follows from the quantities."""
        if "disconnected" in self.failed:
            self.volts = 0.0
            self._out.release()
        else:
            self.volts = self._volts()
            self._out.set_volts(self.volts)


class _Slow(_Output):
    """An output that follows one quantity with a time constant."""

    _followed: str

    def __init__(self, site: Site, response_s: float) -> None:
        tau_s = check_number("response_s", response_s, 0, 36_000)
        super().__init__(site)
        self._lag = Lag(site.kernel, tau_s, getattr(self, self._followed))
        self._is_moving = False

    def update(self) -> None:
        """Put out what follows from the quantities, and go on until it has settled."""
        self._lag.aim(getattr(self, self._followed))
        self._show()

    def _show(self) -> None:
        super().update()
        goal, value = getattr(self, self._followed), self._lag.value()
        if not self._is_moving and abs(goal - value) > _ARRIVED * max(abs(goal), 1.0):
            self._is_moving = True
            self.site.kernel.after(_STEP_US, self._move)

    def _move(self) -> None:
        self._is_moving = False
        self._show()


@part("temt6000")
class Temt6000(_Output):
    """An ambient light sensor: a phototransistor with 10 kOhm to ground.

    Source: Vishay TEMT6000X01 data sheet: 50 uA at 100 lux, the current in proportion.
    """

    quantities = {"lux": _LUX, "volts": _VOLTS}
    _volts_per_lux = 1 / 200

    def __init__(self, site: Site) -> None:
        self.lux = 100.0
        super().__init__(site)
        self.update()

    def _volts(self) -> float:
        return min(self.lux * self._volts_per_lux, VDD)


@part("photoresistor")
class Photoresistor(_Output):
    """A photoresistor to 3.3 V with a resistor to ground: brighter is more.

    Source: GL5528 data sheet: 10..20 kOhm at 10 lux (here 15), gamma 0.7, 1 MOhm in the dark.

    Args:
        site: where it is soldered.
        load_kohm: the resistor to ground.
    """

    quantities = {"lux": _LUX, "volts": _VOLTS}

    def __init__(self, site: Site, *, load_kohm: float = 10.0) -> None:
        self._load_kohm = check_number("load_kohm", load_kohm, 0.1, 10_000)
        self.lux = 100.0
        super().__init__(site)
        self.update()

    def _volts(self) -> float:
        kohm = min(15.0 * (self.lux / 10) ** -0.7, 1000.0) if self.lux else 1000.0
        return VDD * self._load_kohm / (kohm + self._load_kohm)


@part("mq135")
class Mq135(_Slow):
    """A gas sensor: a resistance that falls with the concentration, with 10 kOhm to ground.

    Its resistance is 76.63 kOhm * factor(temperature, humidity) * (ppm / 116.602) ** (-1 / 2.769).

    Source: Winsen MQ135 data sheet 1.4 (circuit, 5 V, curves of sensitivity and of temperature and humidity); the usual
    fits of these curves for CO2, as in G. Krocker's library for this sensor.

    Limits: one gas; it is warm from the beginning unless it has the fault ``cold``.

    Args:
        site: where it is soldered.
        supply_v: of the sensor.
        load_kohm: the resistor to ground.
        response_s: time constant with which it follows the concentration.
    """

    quantities = {
        "ppm": Quantity("concentration of CO2", unit="ppm", low=1, high=1_000_000),
        "temp_c": Quantity("temperature around it", unit="degC", low=-10, high=50),
        "hum_pct": Quantity("relative humidity around it", unit="%", low=0, high=100),
        "rs_kohm": Quantity("its resistance", unit="kOhm", is_reading=True),
        "volts": _VOLTS,
    }
    faults = {**_OPEN, "cold": "its heater is broken: it conducts next to nothing"}
    _followed = "ppm"
    _cold_kohm = 10_000.0

    def __init__(self, site: Site, *, supply_v: float = 5.0, load_kohm: float = 10.0, response_s: float = 0.0) -> None:
        self._supply_v = check_number("supply_v", supply_v, 1, 5.5)
        self._load_kohm = check_number("load_kohm", load_kohm, 0.1, 1000)
        self.ppm = 400.0
        self.temp_c = 20.0
        self.hum_pct = 33.0
        self.rs_kohm = 0.0
        super().__init__(site, response_s)
        self.update()

    def _volts(self) -> float:
        self.rs_kohm = 76.63 * self._factor() * (self._lag.value() / 116.6020682) ** (-1 / 2.769034857)
        if "cold" in self.failed:
            self.rs_kohm = self._cold_kohm
        return self._supply_v * self._load_kohm / (self.rs_kohm + self._load_kohm)

    def _factor(self) -> float:
        temp, hum = self.temp_c, self.hum_pct
        if temp < 20:
            return 0.00035 * temp * temp - 0.02718 * temp + 1.39538 - (hum - 33) * 0.0018
        return -0.003333333 * temp - 0.001923077 * hum + 1.130128205


@part("ph_probe")
class PhProbe(_Slow):
    """A pH probe with its amplifier: 2.5 V at pH 7, falling by about 0.18 V per pH at 25 degC.

    Source: Nernst's law: the slope is in proportion to the absolute temperature; boards like the
    PH-4502C are usually set so.

    Args:
        site: where it is soldered.
        neutral_v: what this board gives at pH 7.
        slope_v: by how much its output falls per pH at 25 degC.
        response_s: time constant with which the probe follows.
    """

    quantities = {
        "ph": Quantity("of the water", low=0, high=14),
        "temp_c": Quantity("of the water", unit="degC", low=0, high=100),
        "volts": _VOLTS,
    }
    _followed = "ph"

    def __init__(self, site: Site, *, neutral_v: float = 2.5, slope_v: float = 0.18, response_s: float = 0.0) -> None:
        self._neutral_v = check_number("neutral_v", neutral_v, 0, 5)
        self._slope_v = check_number("slope_v", slope_v, 0.01, 1)
        self.ph = 7.0
        self.temp_c = 25.0
        super().__init__(site, response_s)
        self.update()

    def _volts(self) -> float:
        slope_v = self._slope_v * (self.temp_c + 273.15) / 298.15
        return min(max(self._neutral_v + (7 - self._lag.value()) * slope_v, 0.0), 5.0)


@part("potentiometer")
class Potentiometer(_Output):
    """A potentiometer between ground and 3.3 V, linear."""

    quantities = {"position_pct": Quantity("of its wiper", unit="%", low=0, high=100), "volts": _VOLTS}

    def __init__(self, site: Site) -> None:
        self.position_pct = 50.0
        super().__init__(site)
        self.update()

    def _volts(self) -> float:
        return VDD * self.position_pct / 100


@part("joystick")
class Joystick(Device):
    """Two potentiometers and a button to ground: x and y from -100 to 100, 0 in the middle.

    Args:
        site: where it is soldered.
        is_y_inverted: up gives the lower voltage.
    """

    roles = ("x", "y")
    optional_roles = ("button",)
    quantities = {
        "x_pct": Quantity("left -100, right 100", unit="%", low=-100, high=100),
        "y_pct": Quantity("down -100, up 100", unit="%", low=-100, high=100),
        "pressed": Quantity("its button is down", kind=bool),
    }
    faults = _OPEN

    def __init__(self, site: Site, *, is_y_inverted: bool = False) -> None:
        if not isinstance(is_y_inverted, bool):
            raise UsageError(f"is_y_inverted must be true or false, not {is_y_inverted!r}")
        super().__init__(site)
        self.x_pct = self.y_pct = 0.0
        self.pressed = False
        self._y_sign = -1 if is_y_inverted else 1
        self._x = site.net("x").driver(f"{site.name} x")
        self._y = site.net("y").driver(f"{site.name} y")
        self._button = site.net("button").driver(f"{site.name} button") if "button" in site.pins else None
        self.update()

    def update(self) -> None:
        """Put out where the stick stands."""
        is_whole = "disconnected" not in self.failed
        for line, pct in ((self._x, self.x_pct), (self._y, self._y_sign * self.y_pct)):
            if is_whole:
                line.set_volts(VDD * (pct + 100) / 200)
            else:
                line.release()
        if self._button is not None:
            if self.pressed and is_whole:
                self._button.drive(0)
            else:
                self._button.release()

    def press(self, hold_s: float) -> None:
        """Press the button and let go after a while."""
        self.set("pressed", True)
        self.site.kernel.after(
            round(check_number("hold_s", hold_s, 0, 86_400) * 1e6), lambda: self.set("pressed", False)
        )
