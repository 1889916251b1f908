"""Virtual time: clock, event heap, fibers, random streams and trace. Nothing else.

This is the only place in the simulator that may wait. See :mod:`simulator.kernel.kernel`.
"""

from simulator.kernel.kernel import Event, Fiber, Kernel, Wait
from simulator.kernel.trace import Trace

__all__ = ["Event", "Fiber", "Kernel", "Trace", "Wait"]
