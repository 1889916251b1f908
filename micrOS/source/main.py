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
