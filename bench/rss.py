"""Resident memory of this process, without a package for it."""

from __future__ import annotations

import os
import subprocess
import sys


def rss_bytes() -> int:
    """What this process occupies in RAM now, in bytes.

    Source: Linux proc(5), /proc/pid/statm, second field, in pages; elsewhere POSIX ``ps -o rss``, in KiB;
    Windows PROCESS_MEMORY_COUNTERS.WorkingSetSize, in bytes.
    """
    if sys.platform == "win32":
        return _working_set_bytes()
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        command = ["ps", "-o", "rss=", "-p", str(os.getpid())]
        return int(subprocess.run(command, capture_output=True, check=True, timeout=10).stdout) * 1024


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    class _Counters(ctypes.Structure):
        _fields_ = [
            ("cb", wintypes.DWORD),
            ("PageFaultCount", wintypes.DWORD),
            ("PeakWorkingSetSize", ctypes.c_size_t),
            ("WorkingSetSize", ctypes.c_size_t),
            ("quotas", ctypes.c_size_t * 6),
        ]

    def _working_set_bytes() -> int:
        counters = _Counters()
        counters.cb = ctypes.sizeof(counters)
        kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel32.GetCurrentProcess.restype = wintypes.HANDLE
        query = kernel32.K32GetProcessMemoryInfo
        query.argtypes = [wintypes.HANDLE, ctypes.POINTER(_Counters), wintypes.DWORD]
        if not query(kernel32.GetCurrentProcess(), ctypes.byref(counters), counters.cb):
            raise ctypes.WinError(ctypes.get_last_error())
        return int(counters.WorkingSetSize)
