"""MicroPython's error numbers and its ``OSError``.

Source: micropython py/mperrno.h, py/objexcept.c, extmod/modos.c (v1.28).
"""

from __future__ import annotations

#: Symbol -> number as the ESP32 port has them (newlib's numbers, which for these differ from Linux in part).
ERRNO = {
    "EPERM": 1,
    "ENOENT": 2,
    "EIO": 5,
    "EBADF": 9,
    "EAGAIN": 11,
    "ENOMEM": 12,
    "EACCES": 13,
    "EEXIST": 17,
    "ENODEV": 19,
    "ENOTDIR": 20,
    "EISDIR": 21,
    "EINVAL": 22,
    "ENOSPC": 28,
    "EROFS": 30,
    "EOPNOTSUPP": 95,
    "ECONNRESET": 104,
    "ENOBUFS": 105,
    "ECONNREFUSED": 111,
    "EADDRINUSE": 112,
    "ECONNABORTED": 113,
    "ETIMEDOUT": 116,
    "EHOSTUNREACH": 118,
    "EINPROGRESS": 119,
    "EALREADY": 120,
    "ENOTCONN": 128,
}
#: Numbers whose symbol the port tells; of the others its texts have the bare number. Source: py/moderrno.c.
NAMES = {number: name for name, number in ERRNO.items() if name not in ("ENOTDIR", "ENOSPC", "EROFS")}


class MicroOSError(OSError):
    """``OSError`` as a node sees it: ``e.errno`` is ``e.args[0]``, and the text has the symbol.

    CPython's own OSError turns into subclasses that MicroPython lacks (FileNotFoundError…) and leaves ``errno``
    empty when built from one argument; a subclass does neither.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self.args = args  # CPython's has dropped the third
        self.errno = args[0] if args and isinstance(args[0], int) else None

    def __str__(self) -> str:
        name = NAMES.get(self.errno) if self.errno is not None else None
        if name and len(self.args) <= 2:  # Source: py/objexcept.c, mp_obj_exception_print
            return f"[Errno {self.errno}] {name}" + "".join([f": {arg}" for arg in self.args[1:]])
        return str(self.args if len(self.args) > 1 else "".join([str(arg) for arg in self.args]))


MicroOSError.__name__ = MicroOSError.__qualname__ = "OSError"


def os_error(symbol: str) -> MicroOSError:
    """The ``OSError`` for an errno symbol, e.g. ``raise os_error("ENOENT")``."""
    return MicroOSError(ERRNO[symbol])
