"""The loop that keeps a world running beside the wall clock.

Theory of operation. A turn lets virtual time catch up with the wall clock (:class:`simulator.kernel.pace.Pacer`), then
waits, in the bridge's ``poll``, for the next event or for input from outside. Whatever changes the world from outside
(a client's bytes, a control command, a file that was saved) happens in or after that wait, so never in the middle of an
event. If the world lags, it is run in slices, and the outside is heard after :data:`TURN_S` even then: a fleet that
is too slow for its pace, or a pace that no computer keeps, leaves Ctrl-C and clients alive.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from simulator.kernel import Kernel
from simulator.kernel.pace import Pacer

#: Wall time after which a lagging world is interrupted to hear the outside.
TURN_S = 0.03
#: Wait while time stands still.
_PAUSED_WAIT_S = 0.25
_SLICE_US = 20_000
_SHORTEST_WAIT_S = 0.001


class Runner:
    """Runs a world until it is told to stop.

    Args:
        kernel: the world's.
        wait: waits at most the given seconds for input from outside and handles it.
        pace: virtual seconds per wall second, > 0.
        clock: wall clock in seconds, monotonic.

    Attributes:
        on_turn: called after each wait, between two stretches of virtual time.
        stopped: :meth:`stop` was called.
    """

    def __init__(
        self,
        kernel: Kernel,
        wait: Callable[[float], object],
        *,
        pace: float = 1.0,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.on_turn: list[Callable[[], object]] = []
        self.stopped = False
        self._kernel = kernel
        self._wait = wait
        self._clock = clock
        self._pacer = Pacer(kernel, pace, clock=clock)
        self._paused = False
        self._goals: list[tuple[int, Callable[[], object]]] = []

    @property
    def pace(self) -> float:
        """Virtual seconds per wall second."""
        return self._pacer.pace

    @pace.setter
    def pace(self, pace: float) -> None:
        self._pacer.anchor()
        self._pacer.pace = pace

    @property
    def is_fast(self) -> bool:
        """Virtual time passes faster than the wall's."""
        return self._pacer.pace > 1 or bool(self._goals)

    @property
    def paused(self) -> bool:
        """Virtual time stands still."""
        return self._paused

    def pause(self) -> None:
        """Let virtual time stand still; clients are heard but not answered."""
        self._paused = True

    def resume(self) -> None:
        """Let virtual time go on from where it stands."""
        self._paused = False
        self._pacer.anchor()

    def step(self, seconds: float, done: Callable[[], object]) -> None:
        """Let ``seconds`` of virtual time pass as fast as it can, then go on (or stand still) as before.

        Args:
            seconds: virtual, >= 0.
            done: called when they have passed.
        """
        start_us = self._goals[-1][0] if self._goals else self._kernel.now
        self._goals.append((start_us + round(seconds * 1e6), done))

    def stop(self) -> None:
        """Make :meth:`run` return soon. May be called from a signal handler."""
        self.stopped = True
        self._kernel.stop()

    def run(self) -> None:
        """Run until :meth:`stop`."""
        self._pacer.anchor()
        while not self.stopped:
            self.turn()

    def turn(self) -> None:
        """One stretch of virtual time and one wait."""
        if self._goals:
            self._run_to_goal()
        elif self._paused:
            self._wait(_PAUSED_WAIT_S)
        else:
            target_us = self._pacer.target_us()
            if target_us - self._kernel.now <= _SLICE_US or self._advance(target_us):
                self._pacer.step(self._wait_for_event)
            else:
                self._wait(0.0)
        for action in self.on_turn:
            action()

    def _wait_for_event(self, seconds: float) -> None:
        """Wait; above the wall's pace at least so long that a computer can sleep, as events are dense there."""
        self._wait(max(seconds, _SHORTEST_WAIT_S) if self._pacer.pace > 1 else seconds)

    def _run_to_goal(self) -> None:
        goal_us, done = self._goals[0]
        if self._advance(goal_us):
            self._goals.pop(0)
            self._pacer.anchor()
            done()
        self._wait(0.0)

    def _advance(self, target_us: int) -> bool:
        """Run in slices up to ``target_us``; False if :data:`TURN_S` was over before."""
        kernel, clock = self._kernel, self._clock
        slice_us = _SLICE_US
        start_s = now_s = clock()
        while kernel.now < target_us and not self.stopped:
            if now_s - start_s >= TURN_S:
                return False
            kernel.run(min(target_us, kernel.now + slice_us))
            before_s, now_s = now_s, clock()
            if now_s - before_s < TURN_S / 16:
                slice_us *= 2
        return kernel.now >= target_us
