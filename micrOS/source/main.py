"""Second file that MicroPython runs: hand over to the loader, or to recovery if that is broken."""

import sys

if '/modules' not in sys.path:      # boot.py may be damaged
    sys.path.append('/modules')
try:
    import micrOSloader
    micrOSloader.main()
except KeyboardInterrupt:
    print('[main] KeyboardInterrupt: REPL')
except BaseException as e:  # noqa: BLE001 - border: a node must not end at a dead prompt
    sys.print_exception(e)
    import recovery
    recovery.main('crash', {'reason': 'micrOSloader: %s: %s' % (type(e).__name__, e)})
