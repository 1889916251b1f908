"""What a machine on WASI does otherwise than one on Unix: wire, files, error numbers."""

import builtins
import os as _os
import sys

import host
import uctypes
import _link

#: Number of an error of WASI -> on the board. Source: wasi-libc, errno.h; newlib, sys/errno.h.
_NUMBERS = {2: 13, 8: 9, 20: 17, 28: 22, 29: 5, 31: 21, 44: 2, 48: 12, 51: 28, 54: 20, 55: 39, 63: 1, 69: 30}


class Wire:
    """Writes are kept until something is read: the two are one call of the host."""

    def __init__(self):
        self._kept = []

    def write(self, data):
        data = bytes(data)      # of an array, the bytes of its items
        self._kept.append(data)
        return len(data)

    def read(self, count):
        data = bytes(count)
        request = b''.join(self._kept)
        self._kept.clear()
        got = int(host.call(data, request))
        return data if got == count else data[:got]

    def readinto(self, buffer):
        size = len(bytes(buffer))       # of an array, the bytes of its items
        data = self.read(size)
        uctypes.bytearray_at(uctypes.addressof(buffer), size)[:len(data)] = data
        return len(data)


def _translated(function):
    def call(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except OSError as e:
            raise OSError(_NUMBERS.get(e.args[0], e.args[0]))
    return call


class Os:
    sep = '/'
    chdir = staticmethod(_translated(_os.chdir))
    getcwd = staticmethod(_os.getcwd)
    ilistdir = staticmethod(_translated(_os.ilistdir))
    listdir = staticmethod(_translated(_os.listdir))
    mkdir = staticmethod(_translated(_os.mkdir))
    remove = staticmethod(_translated(_os.remove))
    rename = staticmethod(_translated(_os.rename))
    rmdir = staticmethod(_translated(_os.rmdir))
    stat = staticmethod(_translated(_os.stat))
    unlink = staticmethod(_translated(_os.unlink))
    statvfs = staticmethod(lambda path: _link.call('.statvfs', ()))


open = _translated(builtins.open)


def load_asyncio():
    """Import it, when the modules that it needs are there."""
    import asyncio
    sys.modules['asyncio.core'] = asyncio


def know(names):
    """Have names in the tables of the shadows, as a board has them in flash."""
    for name in names:
        hasattr(Os, name)


def be_fresh():
    """Have names of the firmware stored as on a board, where those of the shadows are in flash."""
    host.call(b'', b'')
