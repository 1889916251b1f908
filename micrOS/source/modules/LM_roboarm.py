"""Arm of two servos (1 moves X, 2 moves Y) with a tool on switch 1; it plays and records moves."""

import random

import LM_servo
import LM_switch
import motion
from micropython import const
from pds import Store

_HOME = const((75, 70))
_REST = const((75, 45))
_MOST_SPEED_MS = const(1000)
_MOST_DELAY_MS = const(60000)
_MOST_POINTS = const(250)   # as many numbers as a state file may have
_JIGGLES = const(5)
_EXERCISE = const(((40, 70), (115, 70), (75, 70), (75, 40), (75, 115), (75, 70),
                   (40, 40), (115, 115), (115, 40), (40, 115), _HOME))

_store = Store('rarm', ())      # x, y, x, y, ... of the record
_stopper = motion.Stopper()
_at = list(_HOME)
_speed_ms = 10                  # per sample of a smooth move


def load_n_init(x=75, y=70):
    """Jump to a position and load the record."""
    _jump(x, y)
    _record()
    return 'Move to home'


async def control(x_new, y_new, s=None, smooth=True):
    """Move; None leaves an axis where it is. `s` is the time of a sample in ms, from now on."""
    old = tuple(_at)
    new = _within(x_new, y_new)
    if new == old:
        return 'Already was moved X:%d Y:%d' % old
    _set_speed(s)
    try:
        await _move(new, smooth)
    except motion.Stopped:
        return 'Stopped'
    return 'Move X%d->%d Y%d->%d' % (old[0], new[0], old[1], new[1])


async def boot_move(s=None):
    """Move along all edges, then release the servos."""
    _set_speed(s)
    _jump(*_HOME)
    return await _play(_EXERCISE, 0, True) or 'Boot move'


async def standby():
    """Switch the tool off, move to rest and release the servos."""
    LM_switch.set_state(0)
    return await _play((_REST,), 0, True) or 'Standby mode'


async def jiggle():
    """Shake a little."""
    x, y = _at
    points = [(x + random.randint(-1, 1), y + random.randint(-1, 1)) for _ in range(_JIGGLES)]
    return await _play(points + [(x, y)], 0, False) or 'JJiggle :)'


async def play(*args, s=None, delay=None, deinit=True):
    """Play x1 y1 x2 y2 ..., or the record, with the tool on; `delay` is the time between points in ms."""
    values = args if len(args) > 1 else _record()
    if len(values) % 2:
        raise ValueError('play: %d numbers are no pairs of x and y' % len(values))
    points = [(motion.whole('x', values[k], LM_servo.LOW, LM_servo.HIGH),
               motion.whole('y', values[k + 1], LM_servo.LOW, LM_servo.HIGH)) for k in range(0, len(values), 2)]
    delay = 10 if delay is None else motion.whole('delay', delay, 0, _MOST_DELAY_MS)
    _set_speed(s)
    LM_switch.set_state(1)
    try:
        stopped = await _play(points, delay, deinit)
    finally:
        LM_switch.set_state(0)
    return stopped or 'MovePipe: %d move was played.' % len(points)


async def stop():
    """End a move."""
    _stopper.stop()
    return 'Stop'


def record(clean=False):
    """Append where the arm is to the record, or empty it."""
    values = _record() + _at
    if clean:
        _store.keep(())
        return 'Record was cleaned'
    if len(values) > 2 * _MOST_POINTS:
        raise ValueError('record: full, %d points' % _MOST_POINTS)
    _store.keep(values)
    return 'Record[%d]: X:%d Y:%d' % (len(values) // 2, _at[0], _at[1])


def status(lmf=None):
    """Return where the arm is."""
    return {'X': _at[0], 'Y': _at[1]}


def lmdep():
    """Return the modules that this one needs."""
    return 'servo', 'switch'


def help():
    """Return how to use this module."""
    return ('control x=<40-115> y=<40-115> s=<ms delay> smooth=True', 'boot_move', 'standby', 'jiggle',
            'play 40 40 115 115 s=<ms> delay=<ms>, deinit=True', 'stop', 'record clean=False', 'load_n_init', 'status',
            'lmdep')


def _record():
    """Return the record, from the flash the first time."""
    if not _store.is_on:
        _store.load(True)
    return list(_store.values)


def _set_speed(s):
    global _speed_ms
    if s is not None:
        _speed_ms = motion.whole('s', s, 0, _MOST_SPEED_MS)


def _within(x, y):
    """Return a position inside of what the servos can do; None means where the axis is."""
    return tuple([motion.clamped('xy'[k], _at[k] if new is None else new, LM_servo.LOW, LM_servo.HIGH)
                  for k, new in enumerate((x, y))])


def _jump(x, y):
    x, y = _within(x, y)
    LM_servo.sduty(x)
    LM_servo.s2duty(y)
    _at[:] = x, y


async def _move(point, smooth=True):
    old = tuple(_at)
    steps = max(abs(point[0] - old[0]), abs(point[1] - old[1])) if smooth else 0
    for k in range(steps):
        _jump(*[old[axis] + round((point[axis] - old[axis]) * k / steps) for axis in (0, 1)])
        await _stopper.sleep_ms(_speed_ms)
    _jump(*point)
    if smooth:
        await _stopper.sleep_ms(_speed_ms)


async def _play(points, delay_ms, deinit):
    """Move from point to point; returns 'Stopped' if it was stopped, else None."""
    try:
        for point in points:
            await _move(_within(*point))
            if delay_ms:
                await _stopper.sleep_ms(delay_ms)
    except motion.Stopped:
        return 'Stopped'
    finally:
        if deinit:
            LM_servo.deinit()
