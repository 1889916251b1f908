"""How an exception reads in one line. Cold, see `cold`."""

import io
import sys

from micropython import const

_MAX_ERROR = const(200)
_ENOSPC = const('28')      # the port's texts have no name for it
# how getaddrinfo's errors read. Source: lwip/netdb.h, EAI_NONAME to EAI_FAMILY; ports/esp32/modsocket.c, -2
_LOOKUP = const(('-2', '-200', '-201', '-202', '-203', '-204'))


def text(error):
    """Return the text of an exception in one line, as MicroPython words it; its type if that alone tells what it is."""
    try:
        words = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    except BaseException:  # noqa: BLE001 - border: a Load Module's own class may raise anything here
        words = ''
    words = ' '.join(words.split())[:_MAX_ERROR]
    name = type(error).__name__
    if not words or not isinstance(error, Exception):    # SystemExit(1) would read `1`
        words = name + ': ' + words if words else name
    elif isinstance(error, OSError) and (words in _LOOKUP or words == _ENOSPC):
        words = ('no space on the flash (%s)' if words == _ENOSPC else 'name lookup failed (%s)') % words
    return words + _place(error) if isinstance(error, SyntaxError) else words


def _place(error):
    """Return ` (LM_x.py:3)` for a syntax error: its text does not say where it is."""
    trace = io.StringIO()
    sys.print_exception(error, trace)
    for line in reversed(trace.getvalue().split('\n')):
        if line.strip().startswith('File "'):
            path, _, rest = line.strip()[6:].partition('", line ')
            return ' (%s:%s)' % (path.split('/')[-1], rest.split(',')[0])
    return ''
