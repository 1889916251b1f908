"""Console output and the error log.

The error log is two files: `err.log` takes lines `<Y>.<M>.<D> <H>:<M>:<S> <text>` (local time, no
padding) and becomes `err.pre.log` when it has 5 of them. Logging never raises, and a text that comes
again within a minute is counted instead of written, so a failing task does not wear out the flash.
"""

import os
import time

import locks

_LOG = 'err.log'
_OLD_LOG = 'err.pre.log'
_MAX_LINES = 5
_MAX_TEXT = 256
_REPEAT_MS = 60000      # the same text is written once in this time
_MAX_RECENT = 8         # so many different texts are written in this time
_LOCK_MS = 100


class _State:
    """What the module remembers; one object, so that no function needs `global`."""

    def __init__(self):
        self.is_on = True
        self.led = None
        self.recent = {}      # text -> [ticks of its last line, times it was held back]
        self.lock = locks.BoundedLock(_LOCK_MS)


_state = _State()


def setup(is_on, led=None):
    """Switch console output on or off.

    Args:
        led: object with `step()`, called at each console line, or None.
    """
    _state.is_on = is_on
    _state.led = led if is_on else None


def console_write(msg):
    """Print msg if debug mode is on, and let the progress LED blink."""
    if not _state.is_on:
        return
    print(msg)
    if _state.led is not None:
        try:
            _state.led.step()
        except Exception as e:  # noqa: BLE001 - border: a missing LED must not stop what wanted to print
            _state.led = None
            print('progress LED:', e)


def errlog_add(text):
    """Append a line to the error log. Never raises; True if the text was written or counted."""
    text = ' '.join(str(text).split())[:_MAX_TEXT]
    console_write('[ERR] ' + text)
    try:
        with _state.lock:
            if _is_due(text):
                _append(text)
    except (OSError, MemoryError):
        return False
    return True


def errlog_get(msgobj=None):
    """Show the error log.

    Args:
        msgobj: function that takes a line; None prints.

    Returns:
        int, number of lines.
    """
    count = 0
    for name in _log_files():
        with open(name) as log:
            for line in log:
                count += 1
                (msgobj or console_write)(line.rstrip())
    return count


def errlog_clean():
    """Delete the error log."""
    with _state.lock:
        _state.recent.clear()
        for name in _log_files():
            os.remove(name)


def _log_files():
    return sorted([name for name in os.listdir() if name.endswith('.log')], reverse=True)


def _is_due(text):
    """Decide whether text is written now, and remember it."""
    now = time.ticks_ms()
    recent = _state.recent
    for old in [t for t in recent if time.ticks_diff(now, recent[t][0]) > _REPEAT_MS]:
        if old != text:
            del recent[old]
    if text in recent:
        entry = recent[text]
        if time.ticks_diff(now, entry[0]) <= _REPEAT_MS:
            entry[1] += 1
            return False
        return True
    if len(recent) >= _MAX_RECENT:
        return False
    recent[text] = [now, 0]
    return True


def _append(text):
    entry = _state.recent[text]
    note = ' (%d more)' % entry[1] if entry[1] else ''
    entry[0], entry[1] = time.ticks_ms(), 0
    now = time.localtime()
    with open(_LOG, 'a') as log:
        log.write('%d.%d.%d %d:%d:%d ' % tuple(now[:6]) + text + note + '\n')
    with open(_LOG) as log:
        lines = sum(1 for _ in log)
    if lines >= _MAX_LINES:
        os.rename(_LOG, _OLD_LOG)
