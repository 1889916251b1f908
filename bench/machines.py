"""The processes of virtual machines, as the system tells of them: which there are, their memory and processor time.

Source: Linux proc(5): /proc/pid/stat, fields 4 (ppid), 14 and 15 (utime, stime in ticks); /proc/pid/smaps_rollup, Pss.

Limits: Linux only; elsewhere OSError.
"""

from __future__ import annotations

import os
from pathlib import Path


def family(pid: int) -> set[int]:
    """A process and all that descend from it, now.

    Raises:
        OSError: the system does not tell.
    """
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            fields = _stat(int(folder.name))
            if fields:
                parents[int(folder.name)] = int(fields[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def cpu_s(pids: set[int]) -> float:
    """Processor time that processes have used, seconds, to the hundredth."""
    ticks = sum(int(fields[11]) + int(fields[12]) for fields in map(_stat, pids) if fields)
    return ticks / os.sysconf("SC_CLK_TCK")


def pss_bytes(pids: set[int]) -> int:
    """What processes occupy in RAM, pages shared with others by their share.

    Raises:
        OSError: the system does not tell.
    """
    total_kib = 0
    for pid in pids:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        total_kib += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total_kib * 1024


def _stat(pid: int) -> list[str]:
    """Fields of a process from the third on; empty if it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
