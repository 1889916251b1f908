"""Shortcut for the REPL and WebREPL: `import reset` restarts the board.

The one module that acts on import: that is its purpose.
"""

import time

import hal

print('Device reboot now, boot micrOS mode...')
time.sleep(1)
hal.reset()
