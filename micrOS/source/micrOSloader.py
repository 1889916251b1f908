"""Decides what runs: the normal system, an update, or nothing.

`.if_mode` holds one word: `micros` (or no file) is normal mode, `off` returns to the REPL, anything
else asks for update mode. When normal mode ends, for whatever reason, the node tells why, waits a
moment in which Ctrl-C reaches the REPL, and restarts: it never stays dead. Ctrl-C in normal mode gives
the REPL at once, for some minutes; whoever needs it longer stops the timer, as a soft reset does too.
"""

import sys
import time

_MODE_FILE = '.if_mode'
_UPDATE_MODULE = 'recovery'     # optional file
_RESTART_S = 10
_REPL_S = 600


def main():
    """Run the node. Returns only in mode `off`."""
    mode = read_mode()
    if mode == 'off':
        print('[loader] off: returning to the REPL')
        return
    try:
        if mode == 'update':
            _update()
        from micrOS import main as run  # inside `try`: a broken file must not end in a dead prompt
        run()
        _report('Unexpected micrOS restart')
    except SystemExit:
        _report('[loader] SystemExit: soft reset')
        raise           # the port resets and comes here again
    except KeyboardInterrupt:
        _report('[loader] KeyboardInterrupt: REPL')
        _offer_repl()
        return
    except BaseException as e:  # noqa: BLE001 - border: whatever ended normal mode, the node restarts
        _report_error(e)
    print('[loader] restart in %d s' % _RESTART_S)
    time.sleep(_RESTART_S)
    import machine  # not through hal, which may be what is broken
    machine.reset()


def read_mode():
    """Return `normal`, `off` or `update`."""
    try:
        with open(_MODE_FILE) as file:
            word = file.read().strip().lower()
    except OSError:
        return 'normal'
    return {'micros': 'normal', 'off': 'off'}.get(word, 'update')


def _update():
    """Run the module of update mode; a node without that file goes on in normal mode."""
    try:
        update = __import__(_UPDATE_MODULE)
    except ImportError as e:
        _report('[loader] no update mode: %s' % e)
        with open(_MODE_FILE, 'w') as file:
            file.write('micros')
        return
    update.main()


def _offer_repl():
    """Restart the node when the REPL has had its time: a Load Module can raise KeyboardInterrupt too."""
    import machine  # see above
    print('[loader] restart in %d s; machine.Timer(0).deinit() keeps the REPL' % _REPL_S)
    machine.Timer(0).init(mode=machine.Timer.ONE_SHOT, period=_REPL_S * 1000, callback=lambda _timer: machine.reset())


def _report_error(error):
    """Tell what ended normal mode, even if the error cannot be shown."""
    try:
        sys.print_exception(error)
        text = '[loader] %s: %s' % (type(error).__name__, error)
    except BaseException:  # noqa: BLE001 - border: the error's own text failed
        text = '[loader] ' + type(error).__name__
    _report(text)


def _report(text):
    """Print and log, even if the log itself is broken."""
    print(text)
    try:
        from Debug import errlog_add
        errlog_add(text)
    except Exception as e:  # noqa: BLE001 - border: see above
        print('[loader] no error log:', e)
