"""Progress LED of the TinyPICO: its APA102, one step round the colour wheel at each console line."""

import hal
import LogicalPins

_COLOR_STEP = 2
_LAST_COLOR = 1000
_BRIGHTNESS = 0.4
_RED_SCALE = 0.6      # the red of this LED outshines the others


class Led:
    """A DotStar that changes its colour, unless a Load Module has booked its clock."""

    def __init__(self, dotstar, color_wheel, gpio):
        self._dotstar = dotstar
        self._gpio = gpio
        self._color_wheel = color_wheel
        self._color = 0

    def step(self):
        """Show the next colour."""
        if LogicalPins.holder(self._gpio) is not None:
            return
        red, green, blue = self._color_wheel(self._color)
        self._dotstar[0] = (int(red * _RED_SCALE), green, blue, _BRIGHTNESS)
        self._color = self._color + _COLOR_STEP if self._color < _LAST_COLOR else 0


def make():
    """Return the LED, powered on, or None if the firmware of the board lacks its modules."""
    try:
        import tinypico
        from dotstar import DotStar
    except ImportError:
        return None
    spi = hal.soft_spi(tinypico.DOTSTAR_CLK, tinypico.DOTSTAR_DATA, tinypico.SPI_MISO)
    tinypico.set_dotstar_power(True)
    return Led(DotStar(spi, 1, brightness=_BRIGHTNESS), tinypico.dotstar_color_wheel, tinypico.DOTSTAR_CLK)
