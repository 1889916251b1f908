"""Console output and the error log.

The error log is two files: `err.log` takes lines `<Y>.<M>.<D> <H>:<M>:<S> <text>` (local time, no
padding) and becomes `err.pre.log` when it has 5 of them. Errors have no tag, the text of others begins
with `[WARN]` or `[INFO]`. Logging never raises and does not wear out the flash: a text that keeps
coming is written less and less often, and after a burst of lines one a minute is written. What is held
back is counted, and the next line that is written tells how much that was. `error_log` shows the files.
"""

import os
import time

import cold
import locks
from micropython import const

MAX_FILE = 8192         # bytes; more is no log of ours
BURST = 8               # lines that may be written at once
_LOG = const('err.log')
_OLD_LOG = const('err.pre.log')
_MAX_LINES = const(5)
_MAX_TEXT = const(256)
_REPEAT_MS = const(60000)       # pause after a text was written first; doubles while it keeps coming
_MAX_REPEAT_MS = const(3600000)
_MAX_RECENT = const(16)     # texts that are remembered
_REFILL_MS = const(60000)   # after the burst, one line in this time
_LOCK_MS = const(500)       # longer than a line takes to be written


class State:
    """What the module remembers."""

    is_on = True
    led = None
    recent = {}         # text -> [ticks of its last line, pause after it in ms, times held back since]
    others = 0          # lines held back whose text is not remembered
    tokens = BURST
    refilled = 0
    lock = locks.BoundedLock(_LOCK_MS)


def setup(is_on, led=None):
    """Switch console output on or off.

    Args:
        led: object with `step()`, called at each console line, or None.
    """
    State.is_on = is_on
    State.led = led if is_on else None


def console_write(msg):
    """Print msg if debug mode is on, and let the progress LED blink."""
    if not State.is_on:
        return
    print(msg)
    if State.led is not None:
        try:
            State.led.step()
        except Exception as e:  # noqa: BLE001 - border: a missing LED must not stop what wanted to print
            State.led = None
            print('progress LED:', e)


def errlog_add(text, level='ERR'):
    """Append a line to the error log; from any thread. Never raises.

    Args:
        text: of any type and length; line breaks become blanks, control characters `?`.
        level: 'ERR', 'WARN' or 'INFO'; only ERR is an alarm.

    Returns:
        bool: True if the text was written or counted.
    """
    try:
        text = plain(' '.join(str(text).split())[:_MAX_TEXT])
        tag = '[%s] ' % level
        console_write(tag + text)
        if level != 'ERR' or text.split(' ', 1)[0] in ('[WARN]', '[INFO]', '[ERR]'):
            text = tag + text
        with State.lock:
            return not _is_due(text, time.ticks_ms()) or _write(text)
    except Exception:  # noqa: BLE001 - border: whatever happens here, the caller has worse to do
        State.others += 1
        return False


def __getattr__(name):
    """Find `errlog_get` and `errlog_clean`, which are not resident."""
    return getattr(cold.load('error_log'), name)


def plain(text):
    """Replace control characters: a terminal would obey them."""
    return ''.join(['?' if c < ' ' or '\x7f' <= c <= '\x9f' else c for c in text])


def read(name):
    """Return the first bytes of a file; none if it cannot be read."""
    try:
        with open(name, 'rb') as log:
            return log.read(MAX_FILE)
    except OSError:
        return b''


def _is_due(text, now):
    """Decide whether text is written now; counts it if not. Beyond its range ticks_diff is below 0."""
    recent = State.recent
    for known in list(recent):
        if not 0 <= time.ticks_diff(now, recent[known][0]) <= 2 * recent[known][1]:
            _forget(known)
    waited_ms = time.ticks_diff(now, State.refilled)
    fresh = waited_ms // _REFILL_MS if waited_ms >= 0 else BURST
    if fresh:
        State.tokens = min(BURST, State.tokens + fresh)
        State.refilled = now
    entry = recent.get(text)
    if entry and time.ticks_diff(now, entry[0]) <= entry[1]:
        entry[2] += 1
        return False
    if not State.tokens:
        State.others += 1
        return False
    State.tokens -= 1
    if not entry and len(recent) >= _MAX_RECENT:
        _forget(max([(time.ticks_diff(now, recent[known][0]), known) for known in recent])[1])
    recent[text] = [now, min(2 * entry[1], _MAX_REPEAT_MS), entry[2]] if entry else [now, _REPEAT_MS, 0]
    return True


def _forget(text):
    State.others += State.recent.pop(text)[2]


def _write(text):
    """Write a line that is due, with the count of those that were held back; False if the flash refused."""
    entry = State.recent[text]
    notes = []
    if entry[2]:
        notes.append('%d more' % entry[2])
    if State.others:
        notes.append('%d others held back' % State.others)
    try:
        _append(text + (' (%s)' % ', '.join(notes) if notes else ''))
    except (OSError, MemoryError):
        State.others += 1
        return False
    entry[2] = State.others = 0
    return True


def _append(text):
    data = read(_LOG)
    if data.count(b'\n') >= _MAX_LINES or len(data) >= MAX_FILE:      # it could not be renamed, or is damaged
        _rotate()
        data = read(_LOG)
        if data:
            raise OSError('cannot rotate')
    start = '' if not data or data.endswith(b'\n') else '\n'
    with open(_LOG, 'a') as log:
        log.write(start + '%d.%d.%d %d:%d:%d ' % tuple(time.localtime()[:6]) + text + '\n')
    if data.count(b'\n') + len(start) + 1 >= _MAX_LINES:
        _rotate()


def _rotate():
    try:
        os.rename(_LOG, _OLD_LOG)
    except OSError:
        try:
            os.remove(_LOG)       # there is no going round it, so the log stays short
        except OSError:
            pass
