"""First file that MicroPython runs: quiet the chip's log, make Load Modules importable, mend `main.py`.

A `main.py` that does not call the loader would leave a node that nobody reaches. It is replaced by the
standard one and kept as `main.py.bad`. A `main.py` of your own stays as long as it calls the loader.
"""

import gc
import os
import sys

_CALL = b'micrOSloader.main()'
_STANDARD = '''"""Second file that MicroPython runs, written anew by boot.py: hand over to the loader."""

import micrOSloader

micrOSloader.main()
'''


def _calls_loader():
    try:
        with open('main.py', 'rb') as file:
            return _CALL in file.read()
    except OSError:
        return False


def _mend_main():
    """Write the standard `main.py` if there is none that calls the loader; a power cut costs nothing."""
    if _calls_loader():
        return
    print('[micrOS boot] main.py does not call the loader: written anew')
    with open('main.py.tmp', 'w') as file:
        file.write(_STANDARD)
    if 'main.py' in os.listdir():
        os.rename('main.py', 'main.py.bad')
    os.rename('main.py.tmp', 'main.py')


try:
    import esp
    esp.osdebug(None)
except ImportError:
    print('[micrOS boot] Unknown board')

gc.enable()
if '/modules' not in sys.path:
    sys.path.append('/modules')
try:
    _mend_main()
except OSError as e:
    print('[micrOS boot] main.py cannot be mended:', e)
