"""What the board itself has: the temperature of its chip, and the TinyPICO's battery."""

from __future__ import annotations

from simulator.devices.device import Device, Quantity, Site, part
from simulator.electrical.net import WEAK

#: Resistors between battery and analog input. Source: tinypico-arduino, TinyPICO.cpp, battery divider resistor values.
_UPPER_KOHM, _LOWER_KOHM = 442, 160


@part("chip_temperature")
class ChipTemperature(Device):
    """The temperature of the chip's die, as its own sensor tells it: in whole degrees Fahrenheit.

    Source: ports/esp32/modesp32.c, raw_temperature; 110..160 degF are usual readings.

    Limits: the sensor is taken as exact; that of a real chip is many degrees off, another one for each chip.
    """

    quantities = {"temp_c": Quantity("temperature of the die", unit="degC", low=-40, high=125)}

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.temp_c = 53.3
        self.update()

    def update(self) -> None:
        """Tell the chip."""
        self.site.pads.die_temp_f = round(self.temp_c * 1.8 + 32)


@part("battery")
class Battery(Device):
    """The TinyPICO's battery with its charger: a voltage divider, and a line that is low while it charges.

    Source: tinypico-arduino, TinyPICO-Helper (divider, BAT_CHARGE); Microchip MCP73831 data sheet: STAT is low while it
    charges and lets go when it is done.

    Limits: the voltage stays what is set, whatever the board draws or the charger gives.

    Attributes:
        battery_v: its voltage.
        charging: the charger charges.
    """

    roles = ("volt", "stat")
    quantities = {
        "battery_v": Quantity("its voltage", unit="V", low=0, high=4.3),
        "charging": Quantity("the charger charges it", kind=bool),
        "volts": Quantity("what the divider gives to the analog input", unit="V", is_reading=True),
    }
    faults = {"disconnected": "no battery is plugged in: the charger tries and gives up, so that its line is high"}

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.battery_v = 3.7
        self.charging = False
        self.volts = 0.0
        self._volt = site.net("volt").driver(site.name)
        self._stat = site.net("stat").driver(f"{site.name} charger")
        site.net("stat").driver(f"{site.name} pull-up").drive(1, strength=WEAK)
        self.update()

    def update(self) -> None:
        """Show voltage and charger."""
        is_there = "disconnected" not in self.failed
        self.volts = self.battery_v * _LOWER_KOHM / (_UPPER_KOHM + _LOWER_KOHM) if is_there else 0.0
        self._volt.set_volts(self.volts)
        if self.charging and is_there:
            self._stat.drive(0)
        else:
            self._stat.release()
