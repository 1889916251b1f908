"""Starts the node and catches what ends it. It never leaves a dead node.

What runs, and what follows a crash, is decided in `lifecycle`, which is loaded for that and let go: it would take 5 kB
of memory all the time. If it is broken, `main.py` starts recovery mode.
"""

import gc
import sys
import time

import machine

_RESTART_S = 10


def main():
    """Run the node. Returns only to give the REPL to somebody."""
    if not _lifecycle().choose():
        return
    is_loaded = False
    error = None
    try:
        from micrOS import main as run  # inside `try`: a broken file must not end in a dead prompt
        is_loaded = True
        run()
    except BaseException as e:  # noqa: BLE001 - border: whatever ended normal mode, the node restarts
        error = e
    try:
        _lifecycle().ended(error, is_loaded)
    except BaseException as e:  # noqa: BLE001 - border: no memory to load the file again, or no file
        print('[loader] cannot count this crash:', e)
        time.sleep(_RESTART_S)
        machine.reset()


def _lifecycle():
    """Load the other half, from the memory that the node's modules had."""
    for name in [name for name in sys.modules if name[:3] == 'LM_'] + ['SocketServer']:
        sys.modules.pop(name, None)
    gc.collect()
    import lifecycle
    del sys.modules['lifecycle']
    return lifecycle
