"""Shortcut for the REPL and WebREPL: `import reset` restarts the board.

The one module besides boot.py and main.py that acts on import: that is its purpose.
"""

import time

print('Device reboot now, boot micrOS mode...')
time.sleep(1)
try:
    import hal
    hal.reset()
except Exception as e:  # noqa: BLE001 - border: hal.py may be what is broken
    import machine
    print('hal:', e)
    machine.reset()
