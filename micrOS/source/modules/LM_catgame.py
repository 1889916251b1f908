"""Moves a laser pointer on servo 1 to play with a cat."""

import random

import LM_servo
import motion
from micropython import const

_MOST_GAMES = const(1000)
_MOST_DELTA = const(35)
_PAUSE_MS = const((20, 1500))
_LIVE_MOVES = const(5)

_stopper = motion.Stopper()


async def game(repeat=10, delta=20):
    """Move at random, at most delta from the centre."""
    repeat = motion.whole('repeat', repeat, 1, _MOST_GAMES)
    delta = motion.whole('delta', delta, 0, _MOST_DELTA)
    LM_servo.sduty(LM_servo.CENTRE)
    try:
        for _ in range(repeat):
            LM_servo.sduty(LM_servo.CENTRE + random.randint(-delta, delta))
            await _stopper.sleep_ms(random.randint(*_PAUSE_MS))
    except motion.Stopped:
        return 'Stopped'
    finally:
        LM_servo.sduty(LM_servo.CENTRE)
    return 'Game action'


async def live_game(chance=10):
    """Play a short game with a chance of 0..100 %, in steps of 10; for timirqcbf."""
    if random.randint(1, 10) > motion.whole('chance', chance, 0, 100) // 10:
        return 'No action'
    return await game(_LIVE_MOVES)


async def stop():
    """End the game."""
    _stopper.stop()
    return LM_servo.sduty(LM_servo.CENTRE)


def lmdep():
    """Return the module that this one needs."""
    return 'servo'


def help():
    """Return how to use this module."""
    return 'game repeat=10', 'live_game chance=<10-90>', 'stop', 'lmdep'
