"""28BYJ-48 stepper motor on a ULN2003 board: the order of its coils.

    motor = stepper_28byj48.Stepper([Pin(n, Pin.OUT, value=0) for n in (33, 25, 26, 27)])
    motor.phase(1)

Source: Kiatronics 28BYJ-48 data sheet, switching sequence (clockwise: 4, 4-3, 3, 3-2, 2, 2-1, 1, 1-4); its gears,
counted in opened motors: 32/9 * 22/11 * 26/9 * 31/10, so 4075.77 half steps per turn of the shaft.
"""

from micropython import const

HALF = const(1)     # half steps per phase
FULL = const(2)
PHASES = const(8)   # half steps until the pattern comes again
TURN = 4075.7728 / PHASES   # patterns per turn of the shaft

_COILS = const(b'\x08\x0c\x04\x06\x02\x03\x01\x09')     # bit 0 is IN1


class Stepper:
    """One motor.

    Args:
        pins: outputs IN1 to IN4, low.
        mode: HALF, or FULL for two coils at a time.
    """

    def __init__(self, pins, mode=HALF):
        self._pins = pins
        self._mode = mode
        self._at = PHASES - 1
        self._coils = 0     # that carry current, as in _COILS

    def phase(self, direction):
        """Energise the next coils: clockwise for 1, back for -1."""
        self._at = (self._at + direction * self._mode) % PHASES
        self._show(_COILS[self._at])

    def release(self):
        """Let the coils go; the shaft is held by the gear only."""
        self._show(0)

    def _show(self, coils):
        changed = coils ^ self._coils
        self._coils = coils
        for k, pin in enumerate(self._pins):
            if changed >> k & 1:
                pin.value(coils >> k & 1)
