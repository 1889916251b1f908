"""HC-SR04: distance as the length of a pulse.

Source: Elecfreaks HC-SR04 user guide: trigger of 10 us, 2..400 cm, a shot every 60 ms at most; without an echo the
line is high for 38 ms.
"""

import time

from machine import time_pulse_us
from micropython import const

_TIMEOUT_US = const(30000)      # an echo from 5 m; the processor is busy for so long
_CYCLE_MS = const(60)


class Hcsr04:
    """A sensor.

    Args:
        trigger: machine.Pin, an output.
        echo: machine.Pin, an input.
    """

    def __init__(self, trigger, echo):
        self._trigger = trigger
        self._echo = echo
        self._shot = time.ticks_add(time.ticks_ms(), -_CYCLE_MS)
        trigger.value(0)

    def pulse_us(self):
        """Fire, and return how long the sound was on its way forth and back, in us.

        Waits up to 60 ms for the end of the last shot, and takes up to 30 ms.

        Raises:
            OSError: no answer, no echo, or the line is stuck.
        """
        left_ms = _CYCLE_MS - time.ticks_diff(time.ticks_ms(), self._shot)
        if 0 < left_ms <= _CYCLE_MS:
            time.sleep_ms(left_ms)
        if self._echo.value():
            raise OSError('echo line is stuck high')
        self._trigger.value(0)
        time.sleep_us(5)
        self._trigger.value(1)
        time.sleep_us(10)
        self._trigger.value(0)
        pulse = time_pulse_us(self._echo, 1, _TIMEOUT_US)
        self._shot = time.ticks_ms()
        if pulse < 0:
            raise OSError('no echo: nothing in reach' if pulse == -1 else 'no answer of the sensor')
        return pulse
