"""Pacing: virtual time that follows the wall clock.

Theory of operation. :meth:`Pacer.step` runs what is due by now and then waits, in the caller's ``wait`` (a selector),
until the next event or until something comes from outside. Virtual time may run ahead of the wall by less than
:data:`SLACK_US`, so that no wait is shorter than a host can sleep. If the host was away (suspended, or too slow for
the pace), virtual time does not rush after it for longer than :data:`CATCH_UP_US`: the mapping is set anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from simulator.kernel.kernel import Kernel

SLACK_US = 1_000
CATCH_UP_US = 2_000_000
#: A wait is never longer, so that Ctrl-C is seen on every system.
_LONGEST_WAIT_S = 0.25


class Pacer:
    """Maps wall time to virtual time.

    Args:
        kernel: what to run.
        pace: virtual seconds per wall second, > 0.
        clock: wall clock in seconds, monotonic.
    """

    def __init__(self, kernel: Kernel, pace: float, *, clock: Callable[[], float] = time.perf_counter) -> None:
        if not pace > 0:
            raise ValueError(f"pace must be above 0, not {pace}")
        self._kernel = kernel
        self._clock = clock
        self.pace = pace
        self._wall_s = 0.0
        self._virtual_us = 0
        self.anchor()

    def anchor(self) -> None:
        """Let virtual time now stand for wall time now."""
        self._wall_s = self._clock()
        self._virtual_us = self._kernel.now

    def target_us(self) -> int:
        """The virtual time that belongs to the wall time now."""
        target_us = self._virtual_us + int((self._clock() - self._wall_s) * 1e6 * self.pace)
        if target_us - self._kernel.now > CATCH_UP_US * max(1.0, self.pace):
            self.anchor()
            target_us = self._virtual_us
        return target_us

    def step(self, wait: Callable[[float], object]) -> None:
        """Run what is due, then wait for the next event or for input.

        Args:
            wait: called with the seconds to wait at most; returns earlier when input came.
        """
        kernel = self._kernel
        target_us = self.target_us()
        kernel.run(target_us + SLACK_US, rest_us=target_us)
        next_us = kernel.next_us()
        if next_us is None:
            wait(_LONGEST_WAIT_S)
            return
        ahead_s = (next_us - target_us) / (1e6 * self.pace)
        if ahead_s > _LONGEST_WAIT_S:
            wait(_LONGEST_WAIT_S)
            return
        ahead_s = (next_us - self.target_us()) / (1e6 * self.pace)
        wait(min(max(ahead_s, 0.0), _LONGEST_WAIT_S) if ahead_s * 1e6 >= SLACK_US else 0.0)
