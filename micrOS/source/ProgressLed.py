"""Progress LED of boards with a plain LED on the logical pin `builtin`."""

import hal
import LogicalPins


class Led:
    """Toggles at each step, unless a Load Module has booked the pin."""

    def __init__(self, gpio):
        self._gpio = gpio
        self._pin = hal.output(gpio)
        self._level = 0

    def step(self):
        """Toggle the LED."""
        if LogicalPins.holder(self._gpio) is None:
            self._level = 1 - self._level
            self._pin.value(self._level)


def make():
    """Return the progress LED of this board, or None."""
    if LogicalPins.detect_platform() == 'tinypico':
        import TinyPLed
        return TinyPLed.make()
    gpio = LogicalPins.physical_pin('builtin')
    return None if gpio is None else Led(gpio)
