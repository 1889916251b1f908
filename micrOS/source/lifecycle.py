"""What runs, and what comes after it: the half of the loader that is needed only before and after normal mode.

`micrOSloader` loads it, asks `choose()`, and lets it go; when normal mode ends it loads it again and calls `ended()`.

`.if_mode` holds one word: `micros` (or no file) is normal mode, `off` returns to the REPL, `recovery` asks
for recovery mode, anything else for recovery mode as the receiver of an update.

Theory of operation. When normal mode ends, for whatever reason, the reason is logged, a crash is counted,
and after a moment in which Ctrl-C reaches the REPL the chip is reset. `.crash` holds the count; at LIMIT
the next boot goes to recovery mode (`recovery.py`). A core that cannot be imported goes there at once. The step
is always a reset, so recovery has the chip for itself. `micrOS.py` removes `.crash` when the node has been up
for a minute: a quiet node writes nothing.

A boot that ends without a word (a boot hook that resets the board, or hangs until the watchdog bites)
counts too. It is found by a word in RTC memory, which survives a reset: `boot` is written before normal mode
starts, and taken back by `hal.reset()`, by the loader, and when the node is up. RTC memory that a Load Module
uses is left alone; then only resets by the watchdog count. Power-on and deep sleep never count. The
watchdog runs from before the core is imported; it cannot be stopped, so the REPL gets a longer time.

This file depends on no other of the firmware, since each of them may be what is broken.
"""

import io
import json
import os
import sys
import time

import machine
from micropython import const

LIMIT = 3                       # crashes in a row, then recovery mode
_MODE_FILE = const('.if_mode')
_CRASH_FILE = const('.crash')
_LOG = const('err.log')
_OLD_LOG = const('err.pre.log')
_MAX_LOG = const(4096)    # bytes of an error log that Debug cannot look after
_RESTART_S = const(10)
_REPL_S = const(600)
_BOOT_WATCHDOG_S = const(60)    # until the node is up; then hal.start_watchdog() sets its own
_MAX_REASON = const(72)    # `.crash` then fits where LittleFS needs no free block: it is kept on a full flash
_MARK = const(b'micrOS:')    # first bytes of RTC memory that is ours; hal.py knows it too
_BROKEN = (ImportError, SyntaxError, AttributeError, NameError)     # an import that fails so will fail again
_BROKEN_LATER = (ImportError, SyntaxError)      # the same of a file that is loaded when it is needed


def choose():
    """Decide what runs; True if that is normal mode, else it has been done."""
    mode = read_mode()
    if mode == 'off':
        print('[loader] off: returning to the REPL')
        return False
    try:
        crash = read_crash()
        role = _role(mode, crash)
        if role and _recover(role, crash):
            return False
        machine.WDT(timeout=_BOOT_WATCHDOG_S * 1000)
        _mark(b'boot')
        return True
    except KeyboardInterrupt:
        _offer_repl()
        return False


def read_mode():
    """Return `normal`, `off`, `asked` or `update`."""
    try:
        with open(_MODE_FILE) as file:
            word = file.read(64).strip().lower()
    except OSError:
        return 'normal'
    except ValueError:      # no text at all
        word = ''
    return {'micros': 'normal', 'off': 'off', 'recovery': 'asked'}.get(word, 'update')


# --- normal mode has ended ------------------------------------------------------------------------

def ended(error, is_loaded):
    """Normal mode has ended: count a crash and restart, or give the REPL to whoever asked for it.

    Args:
        error: what it raised, or None.
        is_loaded: False if the core could not be imported.
    """
    if isinstance(error, KeyboardInterrupt):
        _offer_repl()
        return
    reason = 'Unexpected micrOS restart' if error is None else _describe(error)
    _restart(reason, isinstance(error, _BROKEN_LATER if is_loaded else _BROKEN))


def _restart(reason, is_broken):
    """Count a crash and reset the chip; what comes next is decided after the reset."""
    crash = read_crash()        # anew: the node may have been up long enough to forget what was there at boot
    if is_broken:
        crash['count'] = max(crash['count'], LIMIT - 1)
    _report_new(reason, crash)
    was_tried = crash['count'] >= LIMIT     # recovery mode was due already, and was not there
    is_kept = _count(crash, reason)
    if is_kept and crash['count'] >= LIMIT and not was_tried:
        print('[loader] restart into recovery mode')
    else:
        print('[loader] restart in %d s' % _RESTART_S)
        time.sleep(_RESTART_S)
    if not _mark(b'' if is_kept else b'rescue') and not is_kept:
        _recover('crash', crash)    # nothing can be handed over a reset
    machine.reset()


def _describe(error):
    """Return what ended normal mode, even if the error cannot be shown."""
    try:
        trace = io.StringIO()
        sys.print_exception(error, trace)
        print(trace.getvalue(), end='')
        return '[loader] %s: %s%s' % (type(error).__name__, error, _place(trace.getvalue()))
    except BaseException:  # noqa: BLE001 - border: the error's own text failed
        return '[loader] ' + type(error).__name__


def _place(trace):
    """Return ` (hal.py:3)`, the file and line that a traceback ends in, or ``."""
    for line in reversed(trace.split('\n')):
        if line.strip().startswith('File "'):
            path, _, rest = line.strip()[6:].partition('", line ')
            return ' (%s:%s)' % (path.split('/')[-1], rest.split(',')[0])
    return ''


def _offer_repl():
    """Restart the node when the REPL has had its time: a Load Module can raise KeyboardInterrupt too."""
    _report('[loader] KeyboardInterrupt: REPL')
    _mark(b'bye')
    machine.WDT(timeout=_REPL_S * 1000)
    print('[loader] restart in %d s; machine.WDT(timeout=3600000) gives an hour more' % _REPL_S)


# --- recovery mode --------------------------------------------------------------------------------

def _role(mode, crash):
    """Return what recovery mode is needed for: `update`, `asked`, `crash`, or `` if it is not."""
    marked = _marker()
    if _was_cut_off(marked):
        reason = '[loader] reset without a word, cause %d' % machine.reset_cause()
        _report_new(reason, crash)
        _count(crash, reason)
    if mode != 'normal':
        return mode
    if marked == b'try':
        return ''
    return 'crash' if marked == b'rescue' or crash['count'] >= LIMIT else ''


def _was_cut_off(marked):
    """True if the life before this one ended before it was up, and not because somebody asked for it."""
    cause = machine.reset_cause()
    if cause == machine.WDT_RESET:
        return marked != b'bye'
    return marked == b'boot' and cause in (machine.HARD_RESET, machine.SOFT_RESET)


def _recover(role, crash):
    """Run recovery mode; False if it is not there, or went wrong: then normal mode is all that is left."""
    _mark(b'')
    try:
        import recovery
        recovery.main(role, crash)
        return True
    except Exception as e:  # noqa: BLE001 - border: a broken recovery mode must not stop the normal one
        reason = '[loader] no recovery mode: %s' % e
    if role == 'crash':
        print(reason)           # it comes at every boot now: no write
    else:
        _report(reason)
        _write(_MODE_FILE, 'micros')
    return False


# --- what outlives a reset ------------------------------------------------------------------------

def read_crash():
    """Return {'count': crashes in a row, 'cycles': returns from recovery that failed, 'reason': text}."""
    crash = {'count': 0, 'cycles': 0, 'reason': ''}
    try:
        with open(_CRASH_FILE) as file:
            found = json.loads(file.read(512))
        for key in crash:
            if type(found[key]) is not type(crash[key]) or (key != 'reason' and found[key] < 0):
                raise ValueError(key)
        crash.update(found)
    except OSError:
        pass        # no crash
    except (ValueError, KeyError, TypeError, AttributeError, MemoryError, RuntimeError) as e:
        _report('[loader] %s is damaged (%s %s), counted as none' % (_CRASH_FILE, type(e).__name__, e))
    return crash


def _report_new(reason, crash):
    """Report a reason unless the last crash had the same: a repeated one is only counted, which spares the flash."""
    if reason[:_MAX_REASON] != crash['reason'][:_MAX_REASON]:
        _report(reason)


def _count(crash, reason):
    """Add a crash; False if it cannot be kept."""
    before = dict(crash)
    crash['count'] = min(crash['count'] + 1, LIMIT)
    crash['reason'] = reason[:_MAX_REASON]
    return crash == before or _write(_CRASH_FILE, json.dumps(crash))


def _write(path, text):
    """Replace a file so that a power cut leaves the old or the new one; False if the flash refuses."""
    try:
        with open(path + '.tmp', 'w') as file:
            file.write(text)
        os.rename(path + '.tmp', path)
    except OSError as e:
        print('[loader] cannot write %s: %s' % (path, e))
        return False
    return True


def _marker():
    """Return the word in RTC memory; None if the memory is somebody else's, or the port has none."""
    try:
        data = machine.RTC().memory()
    except (AttributeError, OSError):
        return None
    if not data:
        return b''
    return data[len(_MARK):] if data.startswith(_MARK) else None


def _mark(word):
    """Put a word into RTC memory, or nothing; False if it is somebody else's."""
    if _marker() is None:
        return False
    machine.RTC().memory(_MARK + word if word else b'')
    return True


def _report(text):
    """Print and log, even if the log itself is broken."""
    print(text)
    try:
        from Debug import errlog_add
        if errlog_add(text):
            return
    except Exception as e:  # noqa: BLE001 - border: Debug may be what is broken
        print('[loader] no error log:', e)
    try:
        _append(text)
    except OSError as e:
        print('[loader] cannot log:', e)


def _append(text):
    with open(_LOG, 'a') as log:
        log.write('%d.%d.%d %d:%d:%d ' % tuple(time.localtime()[:6]) + text + '\n')
    if os.stat(_LOG)[6] > _MAX_LOG:
        os.rename(_LOG, _OLD_LOG)
