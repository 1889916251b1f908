"""Nodes, their network and their time, put together.

Example::

    with World(seed=1) as world:
        node = world.add_node("node01")
        shell = world.shell(node)
        print(shell("system info"))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType

from simulator.electrical.boards import BOARDS
from simulator.engine.engines import CPYTHON
from simulator.errors import UsageError, WaitTimeout
from simulator.firmware import image, shipped
from simulator.kernel import Kernel, Trace
from simulator.lan import Lan
from simulator.micropython.runtime import HANG_US
from simulator.node import Node
from simulator.shell import Shell

#: Espressif's prefix, so that a node's MAC looks like one. Source: IEEE OUI list, 24:0A:C4.
_OUI = bytes.fromhex("240ac4")
#: The engine of worlds that name none; the pytest option ``--engine`` sets it.
default_engine = CPYTHON


class World:
    """Everything that shares one virtual clock.

    Args:
        seed: any int or str; same seed, same inputs, same trace.
        hang_s: virtual seconds that a thread may compute without waiting.
        utc: what time it is when the world begins, with a time zone; 2026-01-01 00:00:00 UTC by default.
        engine: what runs its nodes unless they say otherwise; :data:`default_engine` by default.

    Attributes:
        kernel: clock, events, trace.
        lan: the network.
        nodes: by name.

    Raises:
        UsageError: ``utc`` has no time zone, or is not between 1970 and 2100.
    """

    def __init__(
        self,
        *,
        seed: int | str = 0,
        hang_s: float = HANG_US / 1e6,
        utc: datetime | None = None,
        engine: str | None = None,
    ) -> None:
        self.kernel = Kernel(seed)
        self.lan = Lan(self.kernel)
        if utc is not None:
            self.lan.internet.set_utc(utc)
        self.nodes: dict[str, Node] = {}
        self.engine = engine or default_engine
        self._hang_us = round(hang_s * 1_000_000)
        self._failures: list[Exception] = []

    @property
    def trace(self) -> Trace:
        """What happened; ``world.trace.digest()`` is the identity of the run."""
        return self.kernel.trace

    @property
    def now_s(self) -> float:
        """Virtual seconds since the world began."""
        return self.kernel.now / 1e6

    def utc_now(self) -> datetime:
        """What time it is in this world; nodes learn it from ``pool.ntp.org``."""
        return self.lan.internet.utc_now()

    def add_node(  # noqa: PLR0913 - each has its default, and is named
        self,
        name: str = "node01",
        *,
        board: str = "esp32",
        firmware: bool | Path = True,
        config: Mapping[str, object] | None = None,
        files: Mapping[str, bytes | Path] | None = None,
        unique_id: bytes | None = None,
        power: bool = True,
        engine: str | None = None,
        wiring: str | Path | None = None,
    ) -> Node:
        """Put a node into the world and, unless told otherwise, switch it on.

        Args:
            name: unique; also its ``devfid`` unless ``config`` says otherwise.
            board: key of :data:`simulator.electrical.boards.BOARDS`.
            firmware: True for the project's, a folder for another one, False for a bare MicroPython board.
            config: keys of ``node_config.json`` that differ from the defaults.
            files: further files, path on flash -> content, or the host file that holds it.
            unique_id: 6 bytes; by default made from the count of nodes.
            power: False leaves it off.
            engine: ``cpython`` or ``micropython``; by default the world's.
            wiring: what hangs on its pins: name of a built-in wiring, or a TOML file (:mod:`simulator.wiring.file`).

        Raises:
            UsageError: name in use, no such board, wrong id, something wrong in the wiring.
            StateError: the engine is not available here.
        """
        software = {} if firmware is False else image(None if firmware is True else firmware)
        node = self.make_node(name, board=board, unique_id=unique_id, engine=engine)
        if wiring is not None:
            from simulator import wiring as wirings

            wired = wirings.load(wiring, board=board)
            wirings.solder(wired, node)
            config = {**wired.config, **(config or {})}
        if software:
            node.install(shipped(software) if node.ships_bytecode else software)
            node.install({"/node_config.json": _config_file(name, config or {})})
        node.install(files or {})
        if power:
            node.power_on()
        return node

    def make_node(
        self,
        name: str,
        *,
        board: str = "esp32",
        unique_id: bytes | None = None,
        engine: str | None = None,
        image: Path | None = None,
    ) -> Node:
        """Put a node into the world, switched off; its flash is empty, or what the file ``image`` holds.

        The engine ``micropython`` makes that file if it is not there, and works on it.

        Raises:
            UsageError: name in use, no such board, wrong id.
        """
        if name in self.nodes:
            raise UsageError(f"there is a node {name!r} already")
        self.lan.check_new_host(name)
        if board not in BOARDS:
            raise UsageError(f"no board {board!r}; there are: {', '.join(sorted(BOARDS))}")
        if unique_id is None:
            unique_id = _OUI + (len(self.nodes) + 1).to_bytes(3, "big")
        if len(unique_id) != 6:
            raise UsageError(f"unique_id has {len(unique_id)} bytes, not 6")
        node = Node(
            name,
            kernel=self.kernel,
            lan=self.lan,
            board=BOARDS[board],
            unique_id=unique_id,
            hang_us=self._hang_us,
            engine=engine or self.engine,
            image=image,
        )
        node.on_hang = self._note_failure
        self.nodes[name] = node
        return node

    def _note_failure(self, error: Exception) -> None:
        self._failures.append(error)
        self.kernel.stop()

    def _run(self, until_us: int) -> None:
        self.kernel.run(until_us)
        if self._failures:
            raise self._failures.pop(0)

    def run_for(self, seconds: float) -> None:
        """Let virtual time pass.

        Raises:
            NodeHung: a thread of a node never waits.
        """
        self._run(self.kernel.now + round(seconds * 1_000_000))

    def run_until(self, predicate: Callable[[], object], *, timeout_s: float = 60.0) -> None:
        """Let virtual time pass, event by event, until ``predicate()`` is true.

        Raises:
            WaitTimeout: it stayed false for ``timeout_s`` virtual seconds.
            NodeHung: a thread of a node never waits.
        """
        deadline_us = self.kernel.now + round(timeout_s * 1_000_000)
        while not predicate():
            next_us = self.kernel.next_us()
            if next_us is None or next_us > deadline_us:
                self._run(deadline_us)
                if predicate():
                    return
                name = getattr(predicate, "__name__", repr(predicate))
                raise WaitTimeout(f"{name} stayed false for {timeout_s:g} s of virtual time")
            self._run(max(next_us, self.kernel.now))

    def at(self, t_us: int, action: Callable[[], object]) -> None:
        """Have ``action`` called at a virtual time, microseconds."""
        self.kernel.at(t_us, action)

    def run_on(self, node: Node, source: str, *, timeout_s: float = 60.0) -> str:
        """Execute source on a node and return what it printed meanwhile.

        Raises:
            NodeError: the source raised; the node's traceback is in the text.
            WaitTimeout: it did not end within ``timeout_s`` virtual seconds.
        """
        run = node.start(source)
        self.run_until(lambda: run.done, timeout_s=timeout_s)
        run.check()
        return run.printed

    def shell(self, node: Node, *, port: int = 9008, boot_timeout_s: float = 60.0) -> Shell:
        """A shell session on a node, over the LAN; waits until the node listens.

        Raises:
            WaitTimeout: the node does not listen in time, or does not greet.
        """
        self.run_until(lambda: node.listening(port), timeout_s=boot_timeout_s)
        return Shell(self, node, port=port)

    def close(self) -> None:
        """Switch every node off; their threads end."""
        for node in self.nodes.values():
            node.power_off()

    def __enter__(self) -> World:
        return self

    def __exit__(self, exc_type: type | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()
        if exc is None:
            self.lan.faults.check()


def _config_file(name: str, config: Mapping[str, object]) -> bytes:
    import json

    return json.dumps({"devfid": name, **config}).encode()
