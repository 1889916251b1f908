"""28BYJ-48 stepper motor on a ULN2003 board."""

import motion
from drivers import stepper_28byj48 as driver
from LogicalPins import physical_pin
from machine import Pin
from micropython import const

_PINS = const(('stppr_1', 'stppr_2', 'stppr_3', 'stppr_4'))
# mode -> its number for the driver, quickest and usual ms per phase
_MODES = {'HALF': (driver.HALF, 1, 2), 'FULL': (driver.FULL, 10, 10)}
_MOST_MS = const(1000)
_MOST_STEPS = const(50000)
_MOST_DEGREES = const(36000)

_stopper = motion.Stopper()
_mode = None        # of _MODES, once it is chosen
_motor = None
_phase_ms = 0


def load_n_init(mode="HALF"):
    """Choose HALF or FULL steps; only the first choice counts."""
    global _mode, _phase_ms, _motor
    if mode not in _MODES:
        raise ValueError('mode: %s is not HALF or FULL' % mode)
    if _motor is None:
        number, _least_ms, usual_ms = _MODES[mode]
        _motor = driver.Stepper([Pin(gpio, Pin.OUT, value=0) for gpio in motion.bind(_PINS, 'stepper')], number)
        _mode, _phase_ms = mode, usual_ms


async def angle(dg, speed=None):
    """Turn the shaft by degrees; `speed` is in ms per phase, from now on."""
    steps = round(driver.TURN * motion.number('dg', dg, -_MOST_DEGREES, _MOST_DEGREES) / 360)
    return await _turn(steps, speed) or 'Move %s degree (%d ms)' % (dg, _phase_ms)


async def step(st, speed=None):
    """Turn by steps; 509 of them are about a turn."""
    st = motion.whole('st', st, -_MOST_STEPS, _MOST_STEPS)
    return await _turn(st, speed) or 'Move %d step (%d ms)' % (st, _phase_ms)


def standby():
    """Let the coils go."""
    load_n_init()
    _motor.release()
    return 'Standby'


async def stop():
    """End a move."""
    _stopper.stop()
    return 'Stop'


def pinmap():
    """Return the GPIOs."""
    return {name: physical_pin(name) for name in _PINS}


def help():
    """Return how to use this module."""
    return ('angle dg=+/-360 speed=<ms>', 'step st=+/-2 speed=<ms>', 'standby', 'stop',
            'load_n_init mode=<"HALF"/"FULL">', 'pinmap', 'Info: stepper: 28byj-48 driver: ULN2003')


async def _turn(steps, speed):
    """Move; returns 'Stopped' if it was stopped, else None."""
    global _phase_ms
    load_n_init()
    if speed is not None:
        _phase_ms = max(_MODES[_mode][1], motion.whole('speed', speed, 0, _MOST_MS))
    try:
        for _ in range(abs(steps) * (driver.PHASES // _MODES[_mode][0])):
            _motor.phase(1 if steps > 0 else -1)
            await _stopper.sleep_ms(_phase_ms)
    except motion.Stopped:
        return 'Stopped'
    finally:
        _motor.release()
