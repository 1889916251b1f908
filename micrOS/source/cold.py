"""Cold modules: code that is loaded when it is needed, and whose memory is free again when nobody uses it any more.

    await cold.load('wifi_join').Attempt(station).run()
    text = cold.call('results_json', 'to_text', value)

A cold module keeps nothing between two uses: what must stay is handed in. It names in `COLD` those that it imports and
that are cold too. Each use reads the flash, some 10 ms, so nothing that an ordinary command needs is cold.
"""

import sys

import locks

_lock = locks.BoundedLock(10000)    # longer than any import


def load(name):
    """Import a module and forget it: it lives as long as the caller uses it.

    Args:
        name: str.

    Raises:
        OSError: another thread has been importing for 10 s, or the file cannot be read.
        ImportError, MemoryError and the like: as `import`.
    """
    with _lock:     # a second thread would see a module that is half imported
        module = __import__(name)
        drop(module)
    return module


def call(name, function, *args):
    """Call a function of a module that is loaded for it; returns what it returns."""
    return getattr(load(name), function)(*args)


def drop(module):
    """Let a module and those in its `COLD` go; the next import loads them anew."""
    for name in (module.__name__,) + getattr(module, 'COLD', ()):
        sys.modules.pop(name, None)
