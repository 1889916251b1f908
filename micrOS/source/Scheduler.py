"""Runs `crontasks`: `crontab` reads them, `cron` knows when they are due. Imported only if `cron` is on.

A changed configuration takes effect at the next tick. What fails is logged with the entry's position and text.
"""

import pipes
import time

import cold
import cron
import Network
from ConfigHandler import cfgget
from Debug import errlog_add
from micropython import const
from results import error_text

_REPLAY_S = const(86400)    # so long a replay waits for the clock


class State:
    """What others tell cron."""

    config = None       # dict, the configuration that the timetable fits; None has it look anew
    replay_until = None     # seconds since boot; None if no replay is asked for


def refresh():
    """Look anew when entries are due, at the next tick: the place has changed."""
    State.config = None


def ask_replay():
    """Run, as soon as the clock is right, what was due last; given up after a day."""
    State.replay_until = Network.state.now() + _REPLAY_S


class Cron:
    """The entries of `crontasks`, and what of them is done. Wrong ones are logged once."""

    def __init__(self):
        self._text = self._sun = None
        self._is_sun_known = True
        self._table = cron.Timetable(self._sun_of, -(-cfgget('cronseq') // 1000))
        self._read(cfgget())

    async def tick(self):
        """Run what became due since the last tick."""
        for position, commands, _ in self._take(time.time()):
            await pipes.run(commands, 'cron: entry %d' % position)

    def _take(self, now_s):
        """Return the entries to run now, in their order."""
        config = cfgget()       # another dict after each change
        is_same = config is State.config
        self._is_sun_known = True
        try:
            if not is_same:
                self._table.refresh()
            due = self._replayed(now_s) + self._table.due(now_s)
            if not is_same:
                self._read(config)      # last: an entry is not due before it was there
        finally:
            self._sun = None
        if not self._is_sun_known:
            State.config = None
        return due

    def _replayed(self, now_s):
        if State.replay_until is None or now_s < cron.CLOCK_SET_S and Network.state.now() < State.replay_until:
            return []
        State.replay_until = None
        return self._table.replay(now_s)

    def _read(self, config):
        State.config = None     # if this fails it is done again
        text = config['crontasks']
        if text != self._text:
            entries, problems = cold.call('crontab', 'parse', text)
            for problem in problems:
                errlog_add(problem)
            self._table.load(entries)
            self._text = text
        State.config = config

    def _sun_of(self, day, is_set):
        """As cron.Timetable wants it; None too if it cannot be computed now, and then the next tick tries again."""
        try:
            self._sun = self._sun or cold.call('place', 'sun_finder')
            return self._sun(day, is_set)
        except Exception as e:  # noqa: BLE001 - border: the sun's files may be damaged, and others are due all the same
            errlog_add('cron: no sun: ' + error_text(e))
            self._is_sun_known = False
