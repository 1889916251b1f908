"""Cron: commands at moments of the week.

    crontasks := entry (";" entry)*
    entry     := WD ":" H ":" M ":" S "!" command       WD: 0 is Monday
    field     := "*" | number | number "-" number       a range may wrap: 22-6

An entry runs once in each stretch between two ticks in which it was due, never early. Ticks begin when the
clock is right. After a gap of more than an hour, or a clock that was put back further, nothing is made up for.
`sunrise` and `sunset` are not known to this version.
"""

import time

import InterpreterCore
import literals
from Debug import errlog_add

_FIRST_YEAR = 2024          # a clock before that was never set
_MAX_GAP_S = 3600
_DAY_S = 86400
_SIZES = (7, 24, 60, 60)
_NAMES = ('weekday', 'hour', 'minute', 'second')


def parse(text):
    """Parse `crontasks`.

    Returns:
        (entries, problems): list of Entry, and list of str, one for each entry that is wrong.
    """
    entries, problems = [], []
    for position, part in enumerate(literals.split_tasks(text)):
        try:
            entries.append(Entry(part))
        except ValueError as e:
            problems.append('cron syntax error: entry %d: %s: %s' % (position + 1, part, e))
    return entries, problems


class Entry:
    """One line of cron.

    Args:
        text: str such as `*:8:0-30:0!rgb toggle`.

    Raises:
        ValueError: it is not of this form; says what is wrong.
    """

    def __init__(self, text):
        when, mark, self.command = text.partition('!')
        self.command = self.command.strip()
        if not mark or len(self.command.split()) < 2:
            raise ValueError('<time>!<module> <function> expected')
        fields = when.strip().split(':')
        if len(fields) != len(_SIZES):
            raise ValueError('weekday:hour:minute:second expected')
        self._ranges = [_range(fields[i].strip(), i) for i in range(len(_SIZES))]

    def is_due(self, start_s, end_s, monday_s):
        """True if a moment t in start_s < t <= end_s fits; all in seconds as time.time() gives them.

        Args:
            monday_s: any Monday, 0:00.
        """
        second = start_s + 1
        while second <= end_s:
            day = second - second % _DAY_S
            if not _fits(self._ranges[0], (day - monday_s) // _DAY_S % 7):
                second = day + _DAY_S
            elif not _fits(self._ranges[1], second // 3600 % 24):
                second += 3600 - second % 3600
            elif not _fits(self._ranges[2], second // 60 % 60):
                second += 60 - second % 60
            elif not _fits(self._ranges[3], second % 60):
                second += 1
            else:
                return True
        return False


class Cron:
    """Runs the entries of `crontasks`; wrong ones are logged once."""

    def __init__(self, text):
        self._entries, problems = parse(text)
        self._last_s = None
        for problem in problems:
            errlog_add(problem)

    async def tick(self):
        """Run what became due since the last tick."""
        now_s = time.time()
        year, _, _, hour, minute, second, weekday = time.localtime(now_s)[:7]
        if year < _FIRST_YEAR:
            return
        last_s, due = self._last_s, []
        if last_s is None or now_s - last_s > _MAX_GAP_S or last_s - now_s > _MAX_GAP_S:
            self._last_s = now_s
        elif now_s > last_s:
            self._last_s = now_s
            monday_s = now_s - ((weekday * 24 + hour) * 60 + minute) * 60 - second
            due = [entry for entry in self._entries if entry.is_due(last_s, now_s, monday_s)]
        for entry in due:
            await InterpreterCore.execute_pipe(entry.command, 'cron')


def _range(text, index):
    """Return (first, last) of a field."""
    size = _SIZES[index]
    if text == '*':
        return 0, size - 1
    first, mark, last = text.partition('-')
    first, last = _number(first, index), _number(last if mark else first, index)
    return first, last


def _number(text, index):
    text = text.strip()
    if not text or len(text) > 2 or not all(c in '0123456789' for c in text) or int(text) >= _SIZES[index]:
        raise ValueError('%s 0..%d expected, not %s' % (_NAMES[index], _SIZES[index] - 1, text or 'nothing'))
    return int(text)


def _fits(limits, value):
    first, last = limits
    return first <= value <= last if first <= last else value >= first or value <= last
