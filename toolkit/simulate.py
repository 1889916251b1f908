"""``--simulate``: nodes on this computer, until Ctrl-C.

The start is measured from launch to first answer, so what a plain start does not need is imported when it is needed.

Exit codes: 0 after Ctrl-C, SIGTERM, SIGHUP or the control channel's ``stop``; 1 if it cannot start; 2 if the engine is
not to be had here.
"""

from __future__ import annotations

import gc
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from simulator.control.runner import Runner
from simulator.control.simulation import Simulation
from simulator.electrical.boards import BOARDS
from simulator.engine.engines import MICROPYTHON
from simulator.errors import NodeFailed, NodeHung, SimulatorError, StateError
from simulator.firmware import image, shipped
from simulator.lan.bridge import Bridge, addresses
from simulator.node import Node
from simulator.world import World
from toolkit.errors import ToolkitError, UsageError
from toolkit.options import DEFAULT_PORT, SimulateOptions
from toolkit.places import firmware_version
from toolkit.simulate_console import Printer, hang_report, last_lines
from toolkit.simulate_state import StateDir, shell_port

if TYPE_CHECKING:
    from simulator.wiring import Wiring

WEBREPL_PORT = 8266
#: A node must listen within so much virtual time after power-on, and within so much wall time in which nothing happens.
BOOT_LIMIT_S = 300
BOOT_LIMIT_WALL_S = 60.0
_BOOT_SLICE_US = 20_000
_SHOWN_LINES = 10
#: A node that reboots gives back at once what its last life held; a large fleet leaves that to the regular collections.
_COLLECT_UP_TO = 20
_LAST_PORT = 65_535
_FEW_NODES = 100
_FILES_PER_NODE = 8


def run(options: SimulateOptions) -> int:
    """Run nodes until somebody stops them.

    Returns:
        Exit code: 0.

    Raises:
        UsageError: the engine is not available here; the text says what is missing.
        ToolkitError: it cannot start; one line says why.
    """
    _check_engine(options.engine)
    try:
        with ExitStack() as stack:
            _Running(options, stack).run()
    except SimulatorError as error:
        raise ToolkitError(str(error)) from error
    return 0


def _check_engine(engine: str) -> None:
    if engine == MICROPYTHON:
        from simulator.engine.vm.process import why_not

        if problem := why_not():
            raise UsageError(problem)


class _Running:
    """One run: nodes, bridge, control channel, and the loop. What is opened is closed by ``stack``, last first."""

    def __init__(self, options: SimulateOptions, stack: ExitStack) -> None:
        self._options = options
        self._stack = stack
        self._printer = Printer(sys.stdout)
        self._state = stack.enter_context(StateDir(options.state, is_fresh=options.fresh, say=self._printer.say))
        self._world = stack.enter_context(World(utc=datetime.now(UTC), engine=options.engine))
        self._bridge = Bridge(self._world.lan, self._world.kernel)
        stack.callback(self._bridge.close)
        self._runner = Runner(self._world.kernel, self._bridge.poll, pace=options.pace)
        self._simulation = Simulation(self._world, self._runner, version=firmware_version())
        self._nodes: list[Node] = []
        self._shell_ports: dict[str, int] = {}

    def run(self) -> None:
        """Start, say so, and run until told to stop."""
        with _signals(self._interrupt):
            self._make_nodes()
            self._expose()
            self._boot()
            if not self._runner.stopped:
                self._open_control()
                self._tell_how()
                self._runner.on_turn.append(self._printer.flush)
                self._runner.run()
        self._printer.flush()

    def _interrupt(self) -> None:
        """Called in a signal handler."""
        self._runner.stop()
        self._bridge.wakeup()

    # --- nodes ----------------------------------------------------------------------------------

    def _make_nodes(self) -> None:
        self._give_own_modules()
        firmware = image()
        wiring = self._load_wiring()
        for number in range(1, self._options.nodes + 1):
            node = self._make_node(f"node{number:02}")
            self._nodes.append(node)
            if wiring is not None:
                from simulator.wiring import solder

                solder(wiring, node)
            config = {} if wiring is None else wiring.config
            for line in self._state.fill(node, shipped(firmware) if node.ships_bytecode else firmware, config):
                self._printer.say(line)
            node.on_hang = self._hung
            node.on_boot.append(lambda node=node: self._check_port(node))  # type: ignore[misc]
            if self._options.nodes <= _COLLECT_UP_TO:
                node.on_boot.append(_collect)
            self._printer.attach(node)

    def _make_node(self, name: str) -> Node:
        board = self._options.board
        kept = self._state.image(name, BOARDS[board].flash_bytes) if self._options.engine == MICROPYTHON else None
        return self._world.make_node(name, board=board, image=kept)

    def _load_wiring(self) -> Wiring | None:
        """The wiring of ``--wiring``; its errors are the caller's mistakes."""
        if not self._options.wiring:
            return None
        from simulator.wiring import load

        return load(self._options.wiring, board=self._options.board)

    def _give_own_modules(self) -> None:
        """Read the files of ``--lm``, and watch them if asked to."""
        if not self._options.lm:
            return
        from toolkit.simulate_modules import Watcher, load

        files = load(self._options.lm, self._printer.say)
        for file in files:
            self._state.give(file.flash_path, file.source)
        if self._options.watch:
            reload = self._simulation.modules.reload
            watcher = Watcher(files, self._nodes, self._state.give, reload, self._printer.say)
            self._runner.on_turn.append(watcher.turn)

    def _check_port(self, node: Node) -> None:
        """A node that was given another port is offered under the old one until the next start: say so."""
        port = shell_port(node)
        if port != self._shell_ports[node.name]:
            self._printer.say(f"{node.name}: its shell is on port {port} now; start the simulator anew to reach it")

    def _hung(self, error: Exception) -> None:
        """A thread of a node never waits, or failed: say where, and do what a watchdog does. Called in its thread."""
        assert isinstance(error, NodeFailed)
        for line in hang_report(error) if isinstance(error, NodeHung) else [str(error)]:
            self._printer.say(line)
        machine = self._world.nodes[error.node].machine
        self._world.at(self._world.kernel.now, lambda: machine.reset_asked("wdt"))

    # --- start ----------------------------------------------------------------------------------

    def _expose(self) -> None:
        """Offer each node on loopback, before any boots, so that a port in use is told at once."""
        count, port = self._options.nodes, self._options.port
        _allow_files(count)
        places = addresses(count, port)
        if places[-1][1] > _LAST_PORT:
            raise ToolkitError(f"--port {port}: {count} nodes need the ports up to {port + count - 1}")
        for node, (host, host_port) in zip(self._nodes, places, strict=True):
            node_port = self._shell_ports[node.name] = shell_port(node)
            try:
                got = self._bridge.expose(node.machine, node_port, host=host, host_port=host_port if port else 0)
            except StateError as error:
                raise ToolkitError(f"{error} (--port takes another one, 0 any free one)") from error
            self._simulation.addresses[node.name] = (host, got)
        self._expose_webrepl()

    def _expose_webrepl(self) -> None:
        """Offer each node's WebREPL beside its shell, on any free port if the shell is; tell what is not as usual."""
        usual = WEBREPL_PORT if self._options.port else 0
        for node, (host, port) in zip(self._nodes, addresses(len(self._nodes), usual), strict=True):
            try:
                got = self._bridge.expose(node.machine, WEBREPL_PORT, host=host, host_port=port if usual else 0)
            except StateError as error:
                self._printer.say(f"{node.name}: no WebREPL from here: {error}")
                continue
            if got != WEBREPL_PORT:
                self._printer.say(f"{node.name}: its WebREPL is at {host}:{got}")

    def _boot(self) -> None:
        """Switch the nodes on and let time pass, as fast as it can, until each one listens."""
        for node in self._nodes:
            node.power_on()
        waiting = list(self._nodes)
        limit_us = self._world.kernel.now + BOOT_LIMIT_S * 1_000_000
        limit_s = time.monotonic() + BOOT_LIMIT_WALL_S
        while waiting and not self._runner.stopped:
            self._world.kernel.run(self._world.kernel.now + _BOOT_SLICE_US)
            still = [node for node in waiting if not node.listening(self._shell_ports[node.name])]
            if len(still) < len(waiting):
                limit_s = time.monotonic() + BOOT_LIMIT_WALL_S
                for node in waiting:
                    if node not in still:
                        self._tell_ready(node)
                waiting = still
            elif self._world.kernel.now > limit_us or time.monotonic() > limit_s:
                raise ToolkitError(self._no_answer(waiting))
            self._bridge.poll(0.0)
            self._printer.flush()

    def _no_answer(self, waiting: list[Node]) -> str:
        """Show what the first silent node printed last; returns what to tell."""
        node = waiting[0]
        self._printer.say(f"the last that {node.name} printed:")
        for line in last_lines(node, _SHOWN_LINES) or ["nothing"]:
            self._printer.say(f"    {line}")
        self._printer.flush()
        others = f" (nor do {len(waiting) - 1} more)" if len(waiting) > 1 else ""
        return (
            f"{node.name} does not listen{others}; its state is in {self._state.path}: "
            "--state DIR starts with another, --fresh with none"
        )

    def _open_control(self) -> None:
        from simulator.control.server import ControlServer
        from simulator.control.sessions import SessionKeeper

        keeper = SessionKeeper(self._world, self._bridge, self._runner)
        self._runner.on_turn.append(keeper.turn)
        server = ControlServer(self._simulation, self._bridge)
        self._stack.callback(server.close)
        try:
            server.publish(self._state.path)
        except OSError as error:
            raise ToolkitError(f"cannot write to {self._state.path}: {error.strerror}") from error
        from toolkit.running import noted

        self._stack.enter_context(noted(self._state.path))

    def _tell_ready(self, node: Node) -> None:
        host, port = self._simulation.addresses[node.name]
        self._printer.say(f"{node.name} ({node.machine.board.name}) ready at {host}:{port}")

    def _tell_how(self) -> None:
        host, port = self._simulation.addresses[self._nodes[0].name]
        at = "" if (host, port) == ("127.0.0.1", DEFAULT_PORT) else f" -p '--dev {host}:{port}'"
        self._printer.say(f"state: {self._state.path}{' (thrown away at the end)' if self._options.fresh else ''}")
        if self._options.wiring:
            count = sum(len(node.parts) for node in self._nodes)
            self._printer.say(f"wiring: {count} parts; list them: devToolKit.py --sim-parts")
        self._printer.say(f"reach it: devToolKit.py --connect{at}, or: nc {host} {port}; stop it: Ctrl-C")
        self._printer.flush()


def _allow_files(nodes: int) -> None:
    """Raise the limit of open files for a fleet: two sockets for each node, and one for each client; with one engine a
    lock, with the other an image and the machine's wire, output and handle.
    """
    if nodes <= _FEW_NODES:
        return
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES_PER_NODE * nodes + _FEW_NODES
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard < 0 else min(wanted, hard), hard))


def _collect() -> None:
    gc.collect()


@contextmanager
def _signals(interrupt: Callable[[], None]) -> Iterator[None]:
    """Have Ctrl-C, SIGTERM, SIGHUP and Ctrl-Break call ``interrupt`` instead of raising in the middle of things."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
    former = {name: signal.signal(getattr(signal, name), lambda number, frame: interrupt()) for name in names}
    try:
        yield
    finally:
        for name, handler in former.items():
            signal.signal(getattr(signal, name), handler)
