"""Keeps a world and its virtual machines on one processor of the host.

Theory of operation. Of a world and its machines, one runs at a time, and wakes the next one by a message. A host puts
who is woken onto a processor that is idle, which takes longer than all else about the message. So the thread
that runs the world stays where it is while it does so, and so do the machines that it sends something to. Every few
hundred messages it is free for some of them: the host then takes it to a better processor if there is one, and the
machines follow. Between two runs the thread may go where it likes, as before.

Limits: where all processors are busy with other programs, the two together get the share of one and a half, not of two.

Only Linux has a say in this; elsewhere, and where there is one processor only, nothing is done.
"""

from __future__ import annotations

import os
from pathlib import Path

from simulator.engine.vm.process import VmProcess
from simulator.kernel import Kernel

_NONE = -1
#: Messages for which the thread is free; for which it stays; so many more for each machine that had to follow.
_FREE = 4
_BOUND = 512
_BOUND_PER_MOVE = 64
#: Source: proc(5), /proc/pid/stat: the 39th field is the processor; the name, which ends with ")", is the second.
_PROCESSOR_FIELD = 39 - 3


class Processor:
    """The processor that a world and its machines share.

    Attributes:
        number: the host's for it; -1 while the host chooses.
    """

    def __init__(self) -> None:
        self.number = _NONE
        self._left = _FREE
        self._moves = 0
        self._allowed: set[int] = set()  # what the thread may use else, while it is bound

    @classmethod
    def of(cls, kernel: Kernel) -> Processor:
        """The one of a kernel's world."""
        for rest in kernel.rests:
            owner = getattr(rest, "__self__", None)
            if isinstance(owner, cls):
                return owner
        processor = cls()
        kernel.rests.append(processor.let_go)
        return processor

    def meet(self, process: VmProcess) -> None:
        """A message to a machine is about to be sent, while the kernel runs."""
        self._left -= 1
        if self._left < 0:
            self._change()
        if self.number >= 0:
            if not self._allowed:
                self._bind()
            if process.processor != self.number:
                process.move(self.number)
                self._moves += 1

    def let_go(self) -> None:
        """The thread may run anywhere again."""
        if self._allowed:
            os.sched_setaffinity(0, self._allowed)
            self._allowed = set()

    def _change(self) -> None:
        if self.number >= 0:
            self.let_go()
            self.number, self._left = _NONE, _FREE
        else:
            self.number, self._left = _present(), _BOUND + _BOUND_PER_MOVE * self._moves
            self._moves = 0

    def _bind(self) -> None:
        allowed = os.sched_getaffinity(0)
        if self.number in allowed and len(allowed) > 1:
            os.sched_setaffinity(0, {self.number})
            self._allowed = allowed
        else:
            self.number = _NONE


def _present() -> int:
    """The number of the processor that the calling thread runs on; -1 if the host does not tell."""
    if not hasattr(os, "sched_setaffinity"):
        return _NONE
    try:
        fields = Path("/proc/thread-self/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return _NONE
    return int(fields[_PROCESSOR_FIELD])
