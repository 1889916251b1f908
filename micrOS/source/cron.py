"""Cron's timetable: which entries are due at a tick. It computes only; who ticks it also runs them.

The promise:

- An entry runs once for each of its moments, never early; if several of its moments lie between two ticks, once.
- A moment counts if the clock passes it while it is right and ticks come. If the clock goes on by more than an hour
  between two ticks, because of a long call or a step, what it passed is skipped.
- If the clock goes back by an hour at most, no moment that was passed comes again. If by more, cron starts afresh: it
  does not know what ran.
- Sunrise and sunset come once a day, even if place or zone change in between.

Moments are int, local seconds since 2000-01-01; days count from then too.
"""

_DAY_S = 86400
_HALF_DAY_S = 43200
_WEEK_S = 604800
_STEP_S = 3600
_LATE_S = 60                # beyond the period: the tick after a step of an hour (DST) may be late
CLOCK_SET_S = 757382400    # 2024-01-01: a clock before that was never set
_MAX_STRETCHES = 8
# of each field of an entry: unit in seconds, number of values, value of day 0 (a Saturday), first bit
_FIELDS = ((86400, 7, 5, 0), (3600, 24, 0, 7), (60, 60, 0, 31), (1, 60, 0, 91))


class Timetable:
    """Entries, and what of them is done.

    Args:
        sun: function (day, is_set) that returns the second of sunrise (is_set 0) or sunset (1) after the local
            midnight of that day: int, up to half a day outside of it; None if there is none or it is not known.
        period_s: int, seconds between two ticks, rounded up.
    """

    def __init__(self, sun, period_s):
        self._sun = sun
        self._max_gap_s = _STEP_S + _LATE_S + period_s
        self._last_s = None     # the last tick; None until the clock is right
        self._stretches = []    # [after, until] that the clock passed; the current one stands last
        self.load([])

    def load(self, entries):
        """Take other entries, of crontab.parse(); at any time."""
        self._entries = entries
        self._ran = [0] * len(entries)      # for sunrise and sunset: the moment they ran for
        self.refresh()

    def refresh(self):
        """Look anew when entries are due: for a changed place or zone. Call it when clock and zone fit again."""
        self._due = None        # per entry: its next moment, or minus the moment at which to look for it

    def due(self, now_s):
        """Take a tick.

        Args:
            now_s: int, the clock.

        Returns:
            list of entries that are to be run now, in the order of their moments.
        """
        found = []
        if self._follow(now_s):
            if self._due is None:
                self._due = [self._next(i, self._last_s) for i in range(len(self._entries))]
                self._soonest_s = 0
            self._last_s = now_s
            if now_s >= self._soonest_s:
                self._take(now_s, found)
        return self._in_order(found)

    def replay(self, now_s, window_s=_WEEK_S):
        """Return the entries that were due in the last window_s seconds, each once, in the order of their last moments.

        Nothing until the clock is right. What became due since the last tick is left to the next one.
        """
        found = []
        if self._follow(now_s):
            for i in range(len(self._entries)):
                moment = self._previous(i, self._last_s, window_s)
                if moment > self._last_s - window_s:
                    found.append((moment, i))
                    self._ran[i] = moment
        return self._in_order(found)

    def _follow(self, now_s):
        """Cope with a step of the clock; False if it is not right."""
        last_s = self._last_s
        if now_s < CLOCK_SET_S:
            self._last_s = None
            return False
        if last_s is not None and 0 <= now_s - last_s <= self._max_gap_s:
            return True
        stretches = self._stretches
        if last_s is None or last_s - now_s > _STEP_S:
            stretches = []
            self._ran = [0] * len(self._entries)
        else:
            stretches[-1][1] = max(stretches[-1][1], last_s)
        current = [now_s, now_s]
        for stretch in stretches:
            if stretch[0] <= now_s <= stretch[1]:
                current = stretch
        self._stretches = [stretch for stretch in stretches if stretch is not current][-_MAX_STRETCHES:] + [current]
        self._last_s = now_s
        self.refresh()
        return True

    def _take(self, now_s, found):
        """Add (moment, index) of what is due to found and look for the next moments."""
        self._soonest_s = now_s + _DAY_S
        for i, moment in enumerate(self._due):
            if abs(moment) <= now_s:
                if moment > 0:
                    found.append((moment, i))
                    self._ran[i] = moment
                moment = self._due[i] = self._next(i, now_s)
            self._soonest_s = min(self._soonest_s, abs(moment))

    def _in_order(self, found):
        return [self._entries[i] for _, i in sorted(found)]

    def _next(self, i, after_s):
        """Return when an entry is due next, or minus the moment at which to look again."""
        when = self._entries[i][2]
        if isinstance(when, int):
            day = after_s // _DAY_S         # a moment lies between a day before and 60 h after the midnight of its day
            for moment in self._sun_moments(when, range(day - 2, day + 3)):
                if moment > after_s and abs(moment - self._ran[i]) >= _HALF_DAY_S:
                    return moment
            return -after_s - _DAY_S
        while True:
            moment = _seek(when, after_s + 1, 1)
            for after, until in self._stretches:
                if after < moment <= until:
                    after_s = until
                    break
            else:
                return moment

    def _previous(self, i, until_s, window_s):
        """Return the last moment of an entry, 0 if it lies before the window."""
        when = self._entries[i][2]
        if not isinstance(when, int):
            return _seek(when, until_s, -1)
        day = until_s // _DAY_S
        for moment in self._sun_moments(when, range(day + 1, day - window_s // _DAY_S - 4, -1)):
            if moment <= until_s:
                return moment
        return 0

    def _sun_moments(self, when, days):
        for day in days:
            second = self._sun(day, when & 1)
            if second is not None:
                yield day * _DAY_S + second + (when >> 1) * 60


def _seek(bits, moment, step):
    """Return the fitting moment that is nearest, moment itself included, forward (step 1) or back (-1)."""
    while True:
        for unit, size, shift, first in _FIELDS:
            at = first + (moment // unit + shift) % size
            if not bits[at >> 3] >> (at & 7) & 1:
                moment = moment // unit * unit + (unit if step > 0 else -1)
                break
        else:
            return moment
