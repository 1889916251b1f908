"""Passive buzzer: beeps and melodies."""

import motion
from drivers import rtttl
from LogicalPins import bind, physical_pin
from machine import PWM, Pin
from micropython import const
from pds import Store

_LOUD = const(512)
_LOW_HZ = const(20)
_HIGH_HZ = const(20000)
_BEEP_MS = const(150)
_BEEP_GAP_MS = const(100)
_NOTE_GAP_MS = const(50)
_MOST_BEEPS = const(100)

_store = Store('buzzer', (600,), ((_LOW_HZ, _HIGH_HZ),))     # frequency of the last beep
_stopper = motion.Stopper()
_pwm = None


async def bipp(repeat=1, freq=None):
    """Beep; without `freq` in Hz as the last time."""
    repeat = motion.whole('repeat', repeat, 1, _MOST_BEEPS)
    freq = _store.values[0] if freq is None else motion.whole('freq', freq, _LOW_HZ, _HIGH_HZ)
    _store.keep((freq,))
    beeps = [(freq, _BEEP_MS)] * repeat
    return await _sound(beeps, _BEEP_GAP_MS) or 'Bi%s on %d Hz' % ('p' * repeat, freq)


async def play(rtttlstr='d=4,o=5,b=250:e,8p,8f,8g,8p,1c6,8p.,d,8p,8e,1f,p.'):
    """Play a melody in RTTTL."""
    return await _sound(rtttl.notes(rtttlstr), _NOTE_GAP_MS) or 'Song played successfully'


async def stop():
    """End beeps and melodies."""
    _stopper.stop()
    return 'Stop'


def load_n_init(cache=None):
    """Restore the frequency of the last beep."""
    return 'CACHE: %s' % _store.load(cache)


def pinmap():
    """Return the GPIO."""
    return {'buzzer': physical_pin('buzzer')}


def help():
    """Return how to use this module."""
    return 'bipp repeat=<int> freq=<Hz>', 'play <rtttlstr>', 'stop', 'load_n_init', 'pinmap'


async def _sound(notes, gap_ms):
    """Play (Hz, ms) one after the other, 0 Hz is a pause; returns 'Stopped' if it was stopped, else None."""
    global _pwm
    if _pwm is None:
        _pwm = PWM(Pin(bind('buzzer', 'buzzer')), freq=_store.values[0], duty=0)
    try:
        for freq_hz, ms in notes:
            if freq_hz:
                _pwm.freq(freq_hz)
                _pwm.duty(_LOUD)
            await _stopper.sleep_ms(ms)
            _pwm.duty(0)
            await _stopper.sleep_ms(gap_ms)
    except motion.Stopped:
        return 'Stopped'
    finally:
        _pwm.duty(0)
