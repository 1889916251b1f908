"""First file that MicroPython runs: quiet the chip's log and make Load Modules importable."""

import gc
import sys

try:
    import esp
    esp.osdebug(None)
except ImportError:
    print('[micrOS boot] Unknown board')

gc.enable()
if '/modules' not in sys.path:
    sys.path.append('/modules')
