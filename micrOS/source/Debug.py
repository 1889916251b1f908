"""Console output and the error log.

The error log is two files: `err.log` takes lines `<Y>.<M>.<D> <H>:<M>:<S> <text>` (local time, no
padding) and becomes `err.pre.log` when it has 5 of them. Errors have no tag, the text of others begins
with `[WARN]` or `[INFO]`. Logging never raises and does not wear out the flash: a text that keeps
coming is written less and less often, and after a burst of lines one a minute is written. What is held
back is counted, and the next line that is written tells how much that was.
"""

import os
import time

import locks

_LOG = 'err.log'
_OLD_LOG = 'err.pre.log'
_MAX_LINES = 5
_MAX_TEXT = 256
_MAX_FILE = 8192        # bytes; more is no log of ours
_REPEAT_MS = 60000      # pause after a text was written first; doubles while it keeps coming
_MAX_REPEAT_MS = 3600000
_MAX_RECENT = 16        # texts that are remembered
_BURST = 8              # lines that may be written at once
_REFILL_MS = 60000      # after the burst, one line in this time
_LOCK_MS = 500          # longer than a line takes to be written
_TAGS = ('[WARN]', '[INFO]', '[ERR]')


class _Limiter:
    """Decides which texts are written; counts the others."""

    def __init__(self):
        self._recent = {}       # text -> [ticks of its last line, pause after it in ms, times held back since]
        self._others = 0        # lines held back whose text is not remembered
        self._tokens = _BURST
        self._refilled = time.ticks_ms()

    def is_due(self, text, now):
        """Decide whether text is written now; counts it if not."""
        self._age(now)
        entry = self._recent.get(text)
        if entry is not None and 0 <= time.ticks_diff(now, entry[0]) <= entry[1]:
            entry[2] += 1
            return False
        if not self._tokens:
            self.miss()
            return False
        self._tokens -= 1
        if entry is not None:
            entry[0], entry[1] = now, min(2 * entry[1], _MAX_REPEAT_MS)
        else:
            self._make_room(now)
            self._recent[text] = [now, _REPEAT_MS, 0]
        return True

    def miss(self):
        """Count a line that is lost."""
        self._others += 1

    def note(self, text):
        """Return what a line of text has to say about lines that were held back; '' if there were none."""
        parts = []
        if self._recent[text][2]:
            parts.append('%d more' % self._recent[text][2])
        if self._others:
            parts.append('%d others held back' % self._others)
        return ' (%s)' % ', '.join(parts) if parts else ''

    def told(self, text):
        """The line with the note was written."""
        self._recent[text][2] = self._others = 0

    def held_back(self):
        """Return how many lines no line has told of yet."""
        return self._others + sum([entry[2] for entry in list(self._recent.values())])

    def _age(self, now):
        """Forget texts that stayed away, and fill up what may be written. Beyond its range ticks_diff is below 0."""
        for text in list(self._recent):
            ticks, pause_ms, _held = self._recent[text]
            if not 0 <= time.ticks_diff(now, ticks) <= 2 * pause_ms:
                self._forget(text)
        waited_ms = time.ticks_diff(now, self._refilled)
        fresh = waited_ms // _REFILL_MS if waited_ms >= 0 else _BURST
        if fresh:
            self._tokens = min(_BURST, self._tokens + fresh)
            self._refilled = now

    def _make_room(self, now):
        if len(self._recent) >= _MAX_RECENT:
            ages = [(time.ticks_diff(now, self._recent[text][0]), text) for text in self._recent]
            self._forget(max(ages)[1])

    def _forget(self, text):
        self._others += self._recent.pop(text)[2]


class _State:
    """What the module remembers; one object, so that no function needs `global`."""

    def __init__(self):
        self.is_on = True
        self.led = None
        self.limiter = _Limiter()
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


def errlog_add(text, level='ERR'):
    """Append a line to the error log; from any thread. Never raises.

    Args:
        text: of any type and length; line breaks become blanks, control characters `?`.
        level: 'ERR', 'WARN' or 'INFO'; only ERR is an alarm.

    Returns:
        bool: True if the text was written or counted.
    """
    try:
        text = _plain(' '.join(str(text).split())[:_MAX_TEXT])
        tag = '[%s] ' % level
        console_write(tag + text)
        if level != 'ERR' or text.split(' ', 1)[0] in _TAGS:
            text = tag + text
        with _state.lock:
            return not _state.limiter.is_due(text, time.ticks_ms()) or _write(text)
    except Exception:  # noqa: BLE001 - border: whatever happens here, the caller has worse to do
        _state.limiter.miss()
        return False


def errlog_get(msgobj=None):
    """Show all `*.log` files of the root folder.

    Args:
        msgobj: function that takes a line; None prints.

    Returns:
        int, number of lines that are errors.
    """
    show = msgobj or console_write
    count = 0
    for name in _log_files():
        data = _read(name)
        for line in data.split(b'\n'):
            text = _decode(line)
            if text:
                count += _is_error(text)
                show(text)
        if len(data) >= _MAX_FILE:
            show('[...] %s is longer' % name)
    held_back = _state.limiter.held_back()
    if held_back:
        show('[INFO] %d lines held back' % held_back)
    return count


def errlog_clean():
    """Delete the error log, as far as the flash permits."""
    with _state.lock:
        _state.limiter = _Limiter()
        for name in _log_files():
            _remove(name)


def _log_files():
    try:
        return sorted([name for name in os.listdir() if name.endswith('.log')], reverse=True)
    except OSError:
        return []


def _plain(text):
    """Replace control characters: a terminal would obey them."""
    return ''.join(['?' if c < ' ' or '\x7f' <= c <= '\x9f' else c for c in text])


def _decode(line):
    """Return the text of a line; of a damaged one what is readable."""
    try:
        text = line.decode()
    except UnicodeError:
        text = ''.join([chr(byte) if byte < 128 else '?' for byte in line])
    return _plain(text.strip())


def _is_error(text):
    return text.split(' ', 3)[2:3] not in (['[WARN]'], ['[INFO]'])


def _write(text):
    """Write a line that is due, with the count of those that were held back; False if the flash refused."""
    limiter = _state.limiter
    try:
        _append(text + limiter.note(text))
    except (OSError, MemoryError):
        limiter.miss()
        return False
    limiter.told(text)
    return True


def _append(text):
    data = _read(_LOG)
    if data.count(b'\n') >= _MAX_LINES or len(data) >= _MAX_FILE:   # it could not be renamed, or is damaged
        _rotate()
        data = _read(_LOG)
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
        _remove(_LOG)       # there is no going round it, so the log stays short


def _remove(name):
    try:
        os.remove(name)
    except OSError:
        pass        # read-only; it is shown on


def _read(name):
    """Return the first bytes of a file; none if it cannot be read."""
    try:
        with open(name, 'rb') as log:
            return log.read(_MAX_FILE)
    except OSError:
        return b''
