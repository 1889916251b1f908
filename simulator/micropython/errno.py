"""``errno`` of the ESP32 port.

Source: py/moderrno.c (MicroPython 1.28), the list without MICROPY_PY_ERRNO_LIST; numbers of :mod:`.errors`.
"""

from __future__ import annotations

from simulator.micropython.errors import ERRNO

_PUBLIC = (
    "EPERM",
    "ENOENT",
    "EIO",
    "EBADF",
    "EAGAIN",
    "ENOMEM",
    "EACCES",
    "EEXIST",
    "ENODEV",
    "EISDIR",
    "EINVAL",
    "EOPNOTSUPP",
    "EADDRINUSE",
    "ECONNABORTED",
    "ECONNRESET",
    "ENOBUFS",
    "ENOTCONN",
    "ETIMEDOUT",
    "ECONNREFUSED",
    "EHOSTUNREACH",
    "EALREADY",
    "EINPROGRESS",
)
__all__ = [*_PUBLIC, "errorcode"]

globals().update({name: ERRNO.get(name, 111) for name in _PUBLIC})
errorcode = {ERRNO.get(name, 111): name for name in _PUBLIC}
