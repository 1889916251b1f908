"""What threads of a virtual machine wait for in ``select.poll``, and what the machine knows without asking.

The machine asks once. As long as nothing *stirs* the streams of the world that it asked about, it knows that none of
them is ready, and answers its program by itself; each message to it tells whether something has. So it is with the
clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from greenlet import getcurrent

from simulator.kernel import Wait
from simulator.kernel.kernel import FOREVER_US
from simulator.micropython._clock import RTC_KEY, rtc_us
from simulator.micropython.runtime import Machine, Thread
from simulator.micropython.select import Entry

#: Added to the number of a message's thread: a stream may be ready; the clock that the machine knows is not right.
_STIRRED = 1 << 16
_CLOCK_SET = 1 << 17
#: Ticks in ms wrap; the clock is told anew before they do.
_CLOCK_SHIFT = 39
_TICKS_MS = 1 << 30
#: What a look takes; the machine counts the same for those that it answers by itself.
_POLL_US = 15
#: What a loop's turn takes: it is worth while to see whether something is really due within that time.
SOON_US = 500

#: [[index, events], ...] of what is ready; None if nothing is.
Found = list[list[int]] | None


class Polls:
    """The polls of one life.

    Args:
        machine: whose.

    Attributes:
        stirred: a stream of the world may have become ready since the machine asked.
        syncs: the thread that only lets happen what is due, if one does.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.stirred = True
        #: What was kept last; what is watched.
        self._asked: list[Entry] = []
        self._watched: list[Entry] = []
        self._waits: list[Wait] = []
        #: Of these, those that a stream of the machine's own may end; the one that it ended last.
        self._own: list[Wait] = []
        self._ended: Wait | None = None
        self._ends = 0
        self.syncs: Thread | None = None
        self._clock: tuple[int | None, int] | None = None

    def news(self, now_us: int) -> int:
        """What a message tells by the way.

        Args:
            now_us: since the chip started.
        """
        clock = (self._machine.retained.get(RTC_KEY), now_us >> _CLOCK_SHIFT)
        if clock == self._clock:
            return _STIRRED if self.stirred else 0
        self._clock = clock
        return _CLOCK_SET | (_STIRRED if self.stirred else 0)

    def clock(self) -> list[int]:
        """The clock: microseconds since 2000, and when that is: ticks in ms, microseconds of the millisecond."""
        now = self._machine.kernel.now - self._machine.retained.get("started_us", 0)
        return [rtc_us(self._machine), now // 1000 % _TICKS_MS, now % 1000]

    def ask(
        self, streams: Sequence[Any], masks: Sequence[int], timeout_ms: int | None, own: int, *, is_kept: bool
    ) -> Found:
        """Wait until a stream is ready.

        Args:
            streams: of the world.
            masks: what is asked of each.
            timeout_ms: None or negative for ever.
            own: a stream of the machine's own may end the wait, see :meth:`end_own`.
            is_kept: it may be asked :meth:`again`, by the same thread.

        Returns:
            [[index, events], ...]; None if the time is up.
        """
        asked = [Entry(stream, mask) for stream, mask in zip(streams, masks, strict=True)]
        if is_kept:
            self._asked = asked
        return self._wait(asked, timeout_ms, own)

    def again(self, timeout_ms: int | None, own: int) -> Found:
        """The same for the streams that were kept last."""
        return self._wait(self._asked, timeout_ms, own)

    def _wait(self, asked: list[Entry], timeout_ms: int | None, own: int) -> Found:
        thread = cast(Thread, getcurrent())
        cpu, kernel = thread.cpu, thread.kernel
        ends = self._ends
        cpu.charge(_POLL_US)
        thread.hang_at = kernel.now + cpu.hang_us
        until_us = None if timeout_ms is None or timeout_ms < 0 else kernel.now + timeout_ms * 1000
        while True:
            found = self._look(asked) if self.stirred or asked is not self._watched else None
            is_ended = own and self._ends != ends  # by a thread that ran before this one waits
            if found or is_ended or (until_us is not None and kernel.now >= until_us):
                return found
            self._watch(asked)
            if self._park(Wait(thread), until_us, own):
                return self._look(asked) if self.stirred else None

    @staticmethod
    def _look(entries: list[Entry]) -> Found:
        return [[index, entry.found] for index, entry in enumerate(entries) if entry.look()] or None

    def _park(self, wait: Wait, until_us: int | None, own: int) -> bool:
        """Wait; True if a stream of the machine's own has ended it."""
        self._waits.append(wait)
        if own:
            self._own.append(wait)
        try:
            wait.fiber.wait(wait, until_us)
        finally:
            self._waits.remove(wait)
            if own:
                self._own.remove(wait)
        return self._ended is wait

    def _watch(self, asked: list[Entry]) -> None:
        if self.stirred or asked is not self._watched:
            for entry in self._watched:
                entry.stream._off_ready(self._stir)
            for entry in asked:
                entry.stream._on_ready(self._stir)
            self._watched = asked
            self.stirred = False

    def _stir(self) -> None:
        self.stirred = True
        for wait in self._waits:
            wait.wake()

    def end_own(self) -> None:
        """A stream of the machine's own is ready: the poll that waits for it is over."""
        self._ends += 1
        if self._own:
            self._ended = self._own[-1]
            self._ended.wake()

    def left_us(self, *, is_over: bool) -> int:
        """How long the thread that runs may compute until something is due.

        Args:
            is_over: the wait in which it runs a callback is over by it, if anything is.
        """
        thread = cast(Thread, getcurrent())
        kernel = thread.kernel
        left_us = kernel.limit - kernel.now
        if 0 < left_us < SOON_US and not thread.cpu.ready:
            deadline = self._own[0] if is_over and self.syncs is not thread else None
            due_us = min(kernel.horizon_without(deadline), thread.hang_at or FOREVER_US)
            left_us = max(left_us, due_us - kernel.now)
        return max(left_us, 0)

    def is_ended_by(self, thread: Thread) -> bool:
        """Whether the machine can tell by itself that the call of a thread, in which a callback runs, is over."""
        cpu = thread.cpu
        if cpu.pending or cpu.ready or cpu.interrupted:
            return False
        if self.syncs is thread:
            return True
        if self.stirred or len(self._own) != 1:
            return False
        return self._own[0].fiber is thread and self._own[0].state == 0
