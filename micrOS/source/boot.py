"""First file that MicroPython runs: quiet the chip's log, make Load Modules importable, mend `main.py`.

`main.py` belongs to micrOS: one that does not start the loader would leave a node that nobody reaches. Whatever
differs from the text below is kept as `main.py.bad` and replaced. Code of your own goes into a boot hook.
"""

import gc
import os
import sys

_MAIN = '''\
"""Second file that MicroPython runs, written by boot.py: hand over to the loader, or to recovery if that is broken."""

import sys
import time

import machine

if '/modules' not in sys.path:      # boot.py may be damaged
    sys.path.append('/modules')
try:
    import micrOSloader
    micrOSloader.main()
except KeyboardInterrupt:
    print('[main] KeyboardInterrupt: REPL')
except BaseException as e:  # noqa: BLE001 - border: a node must not end at a dead prompt
    sys.print_exception(e)
    reason = 'micrOSloader: %s: %s' % (type(e).__name__, e)
    try:
        import recovery
        recovery.main('crash', {'reason': reason})
    except KeyboardInterrupt:
        print('[main] KeyboardInterrupt: REPL')
    except BaseException as e:  # noqa: BLE001 - border: see above
        sys.print_exception(e)
        print('[main] neither loader nor recovery mode: restart in 60 s, Ctrl-C gives the REPL')
        time.sleep(60)
        machine.reset()
'''


def _mend_main(text):
    """Write `main.py` if it is not as above; a power cut costs nothing."""
    wanted = text.encode()
    try:
        with open('main.py', 'rb') as file:
            if file.read(len(wanted) + 1) == wanted:
                return
    except OSError:
        pass        # there is none
    print('[micrOS boot] main.py is not the one of micrOS: written anew')
    with open('main.py.tmp', 'w') as file:
        file.write(text)
    if 'main.py' in os.listdir():
        os.rename('main.py', 'main.py.bad')
    os.rename('main.py.tmp', 'main.py')


try:
    import esp
    esp.osdebug(None)
except ImportError:
    print('[micrOS boot] Unknown board')

gc.enable()
gc.threshold(8192)      # long-lived objects stay together: without it, 5 kB was the largest piece left at system-up
if '/modules' not in sys.path:
    sys.path.append('/modules')
try:
    _mend_main(_MAIN)
except OSError as e:
    print('[micrOS boot] main.py cannot be mended:', e)
del _MAIN, _mend_main       # main.py and the prompt share these names; this frees their memory
