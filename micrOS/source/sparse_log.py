"""Error log lines of what may happen again and again for years: few enough for the flash. Cold, see `cold`.

Some lines are written at once and then one every 4 hours; what is left out is counted. What has to be remembered is
kept by the caller: `state.told` is [lines that count, since when fewer do, {problem: when}, lines that were left out],
all zero and empty at first, and `state.now()` gives seconds that never wrap.
"""

from Debug import console_write, errlog_add
from micropython import const

_SAME_LINE_S = const(86400) # the same problem is logged once in this time
_LINES = const(6)           # so many lines at once,
_LINE_S = const(14400)      # and then one in this time
_MAX_TEXTS = const(8)


def problem(state, text, level='ERR'):
    """Log something that is wrong and stays so; the same once a day."""
    problems = state.told[2]
    now = state.now()
    if text in problems and now - problems[text] < _SAME_LINE_S:
        console_write(text)
    elif event(state, text, level):
        if len(problems) >= _MAX_TEXTS:
            problems.clear()
        problems[text] = now


def event(state, text, level='ERR'):
    """Log something that happened; False if it was left out."""
    used, since, _, left_out = state.told
    raised = (state.now() - since) // _LINE_S
    used = max(0, used - raised)
    is_written = used < _LINES
    state.told[0] = used + is_written
    state.told[1] = since + raised * _LINE_S
    state.told[3] = 0 if is_written else left_out + 1
    if is_written:
        errlog_add(text + (' (%d lines left out)' % left_out if left_out else ''), level)
    else:
        console_write(text)
    return is_written
