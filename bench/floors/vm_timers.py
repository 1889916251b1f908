"""Floor of the bench ``vm``: a bare virtual machine in lock-step with a heap of two timers, and nothing else.

Each firing is one exchange over a socket, of the size of the engine's header. Run as ``python vm_timers.py HOURS``; it
prints virtual seconds per second, and per second of processor time of both processes. Needs fork (Linux, macOS).
"""

from __future__ import annotations

import json
import os
import resource
import socket
import sys
import tempfile
import time
from heapq import heappush, heapreplace
from pathlib import Path

_PERIODS_US = (1_000_000, 3_000_000)
_TO_VM, _FROM_VM = bytes(32), 16
_WIRE_FD = 3
_ECHO = f"""
wire = open({_WIRE_FD}, 'r+b')
head = bytearray({len(_TO_VM)})
answer = bytes({_FROM_VM})
while wire.readinto(head) == {len(_TO_VM)}:
    wire.write(answer)
"""


def _become_machine(wire: int, script: Path) -> None:
    import micropython_run  # type: ignore[import-not-found,unused-ignore]  # where the extra is installed

    os.dup2(wire, _WIRE_FD)
    os._exit(micropython_run.run_main(["micropython", str(script)]) & 0xFF)


def _fire(wire: int, until_us: int) -> None:
    heap: list[tuple[int, int]] = []
    for period_us in _PERIODS_US:
        heappush(heap, (period_us, period_us))
    while heap[0][0] <= until_us:
        due_us, period_us = heap[0]
        os.write(wire, _TO_VM)
        assert len(os.read(wire, 4096)) == _FROM_VM
        heapreplace(heap, (due_us + period_us, period_us))


def main() -> None:
    """Measure and print."""
    seconds = float(sys.argv[1]) * 3600
    ours, theirs = socket.socketpair()
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "echo.py"
        script.write_text(_ECHO, encoding="utf-8")
        pid = os.fork()
        if not pid:
            ours.close()
            _become_machine(theirs.fileno(), script)
        theirs.close()
        _fire(ours.fileno(), 1_000_000)  # it has started
        started, began_cpu_s = time.perf_counter(), time.process_time()
        _fire(ours.fileno(), round(seconds * 1_000_000))
        wall_s, cpu_s = time.perf_counter() - started, time.process_time() - began_cpu_s
        ours.close()
        os.waitpid(pid, 0)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s += used.ru_utime + used.ru_stime
    print(json.dumps({"speed": seconds / wall_s, "cpu_speed": seconds / cpu_s}))


if __name__ == "__main__":
    main()
