"""A value that follows another one as a sensor's element follows its surroundings: a first-order lag."""

from __future__ import annotations

import math

from simulator.kernel import Kernel


class Lag:
    """Follows a target with a time constant; worked out when asked for, so that it costs no events.

    Args:
        kernel: the clock.
        time_constant_s: after so long 63 % of a step are reached; 0 follows at once.
        value: what it begins with.
    """

    def __init__(self, kernel: Kernel, time_constant_s: float, value: float) -> None:
        self._kernel = kernel
        self._tau_us = time_constant_s * 1e6
        self._value = self._target = value
        self._since_us = kernel.now

    def aim(self, target: float) -> None:
        """Follow ``target`` from now on."""
        self._value = self.value()
        self._target, self._since_us = target, self._kernel.now

    def value(self) -> float:
        """What has been reached by now."""
        if not self._tau_us:
            return self._target
        left = math.exp((self._since_us - self._kernel.now) / self._tau_us)
        return self._target + (self._value - self._target) * left
