"""The grammar of `crontasks`; loaded when they are read.

    crontasks := entry (";" entry)*     or, with several commands in an entry,
                 entry (";;" entry)*
    entry     := when "!" command (";" command)*
    when      := weekday ":" hour ":" minute ":" second | ("sunrise" | "sunset") [("+" | "-") minutes]
    field     := part ("," part)*                       weekday 0 is Monday
    part      := "*" | number | number "-" number       a range may wrap: 22-6

Blanks may stand between all of them. `;` in quotes belongs to its command. One entry with several commands ends
in `;;`.

    >>> parse('5-6:8:30:0!rgb toggle; sunset-15!rgb on')[0][1]
    (2, 'rgb on', -29)
"""

from literals import is_digits, is_identifier, split_tasks

_MAX_SHIFT_MIN = 720
_FIELDS = (('weekday', 7), ('hour', 24), ('minute', 60), ('second', 60))
_BYTES = 19                 # a bit for each value of each field


def parse(text):
    """Parse `crontasks`.

    Args:
        text: str; `n/a` at its start means no entry.

    Returns:
        (entries, problems): list of (position, commands, when), and list of str, one for each wrong entry. position
        counts from 1. when is for cron.Timetable: bytes with a bit for each value of weekday, hour, minute and
        second, lowest first; or int, twice the shift in minutes, and 1 more for sunset.
    """
    entries, problems = [], []
    parts = [] if text.strip().lower().startswith('n/a') else [part for part in _split(text) if part]
    for i, part in enumerate(parts):
        try:
            entries.append((i + 1,) + _entry(part))
        except ValueError as e:
            problems.append('cron syntax error: entry %d: %s: %s' % (i + 1, part, e))
    return entries, problems


def _split(text):
    marks, opened = _semicolons(text)
    if opened is not None:      # that entry is wrong, the ones after it are not
        marks += [i for i in range(opened, len(text)) if text[i] == ';']
    double = [i for i in marks if i + 1 in marks]
    parts, start = [], 0
    for i in double or marks:
        parts.append(text[start:i].strip())
        start = i + (2 if double else 1)
    return parts + [text[start:].strip()]


def _semicolons(text):
    """Return (positions of `;` outside of quotes, position of a quote that is not closed or None)."""
    marks, opened, is_escaped = [], None, False
    for i, char in enumerate(text):
        if is_escaped:
            is_escaped = False
        elif opened is not None:
            is_escaped = char == '\\'
            if char == text[opened]:
                opened = None
        elif char in '"\'':
            opened = i
        elif char == ';':
            marks.append(i)
    return marks, opened


def _entry(text):
    """Return (commands, when) of one entry."""
    when, _, commands = text.partition('!')
    tasks = [task.split() for task in split_tasks(commands)]
    if not tasks or not all(len(words) > 1 and is_identifier(words[0]) for words in tasks):
        raise ValueError('<time>!<module> <function> expected')
    if _semicolons(commands)[1] is not None:
        raise ValueError('unterminated string')
    when = when.strip()
    for i, name in enumerate(('sunrise', 'sunset')):
        if when.startswith(name):
            return commands.strip(), _shift_min(when[len(name):].strip()) * 2 + i
    return commands.strip(), _bits(when.split(':'))


def _shift_min(text):
    if not text:
        return 0
    if text[0] not in '+-':
        raise ValueError('+ or - expected, not ' + text)
    minutes = _number(text[1:], 'minutes', _MAX_SHIFT_MIN)
    return minutes if text[0] == '+' else -minutes


def _bits(fields):
    if len(fields) != len(_FIELDS):
        raise ValueError('weekday:hour:minute:second, sunrise or sunset expected')
    bits, base = bytearray(_BYTES), 0
    for i, (name, size) in enumerate(_FIELDS):
        for part in fields[i].split(','):
            first, mark, last = ('0-%d' % (size - 1) if part.strip() == '*' else part).partition('-')
            first = _number(first, name, size - 1)
            last = _number(last, name, size - 1) if mark else first
            for value in range(first, last + 1 if first <= last else last + size + 1):
                at = base + value % size
                bits[at >> 3] |= 1 << (at & 7)
        base += size
    return bytes(bits)


def _number(text, name, most):
    text = text.strip()
    if not is_digits(text) or len(text) > 3 or int(text) > most:
        raise ValueError('%s 0..%d expected, not %s' % (name, most, text or 'nothing'))
    return int(text)
