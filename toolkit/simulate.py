"""``--simulate``: nodes on this computer, until Ctrl-C.

The start is measured from launch to first answer, so what a plain start does not need is imported when it is needed.

Exit codes: 0 after Ctrl-C, SIGTERM or the control channel's ``stop``; 1 if it cannot start.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from simulator.control.runner import Runner
from simulator.control.simulation import Simulation
from simulator.errors import NodeHung, SimulatorError
from simulator.firmware import image
from simulator.lan.bridge import Bridge, addresses
from simulator.node import Node
from simulator.world import World
from toolkit.errors import ToolkitError
from toolkit.options import DEFAULT_PORT, SimulateOptions
from toolkit.places import firmware_version
from toolkit.simulate_console import Printer, hang_report, last_lines
from toolkit.simulate_state import StateDir

#: A node must listen within so much virtual and so much wall time after power-on.
BOOT_LIMIT_S = 300
BOOT_LIMIT_WALL_S = 90.0
_BOOT_SLICE_US = 50_000
_SHOWN_LINES = 8
_LAST_PORT = 65_535


def run(options: SimulateOptions) -> int:
    """Run nodes until somebody stops them.

    Returns:
        Exit code: 0.

    Raises:
        ToolkitError: it cannot start; one line says why.
    """
    try:
        with ExitStack() as stack:
            _Running(options, stack).run()
    except SimulatorError as error:
        raise ToolkitError(str(error)) from error
    except BaseException:
        raise
    return 0


class _Running:
    """One run: nodes, bridge, control channel, and the loop. What is opened is closed by ``stack``, last first."""

    def __init__(self, options: SimulateOptions, stack: ExitStack) -> None:
        self.options = options
        self.printer = Printer(sys.stdout)
        self.state = stack.enter_context(StateDir(options))
        self.world = stack.enter_context(World())
        self.nodes = [self.world.make_node(f"node{n:02}", board=options.board) for n in range(1, options.nodes + 1)]
        self.bridge = Bridge(self.world.lan, self.world.kernel)
        stack.callback(self.bridge.close)
        self.runner = Runner(self.world.kernel, self.bridge.poll, pace=options.pace)
        self.simulation = Simulation(self.world, self.runner, version=firmware_version())
        self._stack = stack

    def run(self) -> None:
        """Start, say so, run."""
        with _signals(self._interrupt):
            self._prepare()
            self._boot()
            if self.runner.stopped:
                return
            self._open_control()
            self._tell_ready()
            self.printer.flush()
            self.runner.run()
            self.printer.flush()

    def _interrupt(self) -> None:
        """Called from a signal handler."""
        self.runner.stop()
        self.bridge.wakeup()
