"""Bench ``vm-fleet``: many nodes on the engine ``micropython``.

In lock-step in one world: seconds until all listen, PSS of a node (its machine and its share of the simulator), virtual
seconds per second while nobody asks anything. On loopback at pace 1: answered commands per second, one client per
node; floor: the asyncio echo of the bench ``shell`` with as many clients.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from bench.client import PROMPT, Connection, Peer, commands_per_s, connect_when_up
from bench.environment import TOOL, base_python, ready_python
from bench.figures import Figure, Report, median
from bench.process import Server, free_port, run_json
from bench.shell import FLOOR
from bench.vm import EXTRA

_LIMIT_S = 600.0
_BOOT_LIMIT_S = 120.0


def measure(quick: bool) -> Report:
    """Boot fleets in lock-step, then ask one on loopback.

    Raises:
        BenchError: a fleet does not boot or answer.
    """
    size, served, rounds, commands = (4, 2, 1, 5) if quick else (200, 50, 3, 20)
    samples: dict[int, list[Any]] = {1: [], size: []}
    for _ in range(rounds):
        for nodes in samples:
            samples[nodes].append(run_json("bench.vm_fleet_run", nodes, 2.0, limit_s=_LIMIT_S, extra=EXTRA))
    pss = {nodes: median([sample["pss_bytes"] for sample in taken]) for nodes, taken in samples.items()}
    figures = {
        f"boot_{size}": Figure(median([sample["boot_s"] for sample in samples[size]]), "s"),
        f"pss_per_node_{size}": Figure((pss[size] - pss[1]) / (size - 1) / 1e6, "MB"),
        f"idle_speed_{size}": Figure(median([sample["idle_speed"] for sample in samples[size]]), "s/s"),
    }
    floor, subject = _served(served, rounds, commands)
    figures[f"commands_per_s_{served}"] = Figure(median(subject), "1/s", median(floor))
    return Report(
        figures,
        f"median of {rounds} process(es) with 1 and with {size} nodes in lock-step; {served} nodes on loopback at pace "
        f"1, {rounds} rounds of {commands} commands for each, floor and subject by turns; MB = 10^6 bytes",
    )


def _served(nodes: int, rounds: int, commands: int) -> tuple[list[float], list[float]]:
    """Answered commands per second of floor and fleet."""
    ready_python(*EXTRA)
    floor_port, port = free_port(), free_port()
    with ExitStack() as stack:
        echo = stack.enter_context(Server([ready_python(*EXTRA), str(FLOOR), str(floor_port)]))
        tool = [base_python(), str(TOOL), *EXTRA, "--fresh", "--nodes", str(nodes), "--port", str(port)]
        fleet = stack.enter_context(Server(tool))
        fleet.wait_for("stop it", limit_s=_BOOT_LIMIT_S)
        peers = [Peer(at_port, greeting=PROMPT, ending=PROMPT, host=host) for host, at_port in fleet.addresses()]
        floors = [Peer(floor_port, greeting=b"", ending=b"\n")] * nodes
        sides: list[tuple[list[Connection], list[float]]] = []
        for server, targets in ((echo, floors), (fleet, peers)):
            connected = [connect_when_up(peer, server.check_alive, limit_s=_BOOT_LIMIT_S) for peer in targets]
            sides.append(([stack.enter_context(connection) for connection in connected], []))
        for _ in range(rounds):
            for connections, rates in sides:
                rates.append(commands_per_s(connections, commands))
    return sides[0][1], sides[1][1]
