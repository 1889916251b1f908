"""The table of fault kinds. A kind that stands here can be started from tests and from the control channel."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.lan import fault_dhcp, fault_packets, fault_radio
from simulator.lan.faults import Fault
from simulator.lan.services.faults import SERVICE_KINDS

_ALL: tuple[type[Fault], ...] = (
    fault_packets.Loss,
    fault_packets.Latency,
    fault_packets.Reorder,
    fault_packets.Duplicate,
    fault_packets.Partition,
    fault_packets.Vanish,
    fault_packets.OneWay,
    fault_packets.HalfOpen,
    fault_dhcp.DhcpSilent,
    fault_dhcp.DhcpExhausted,
    fault_dhcp.DhcpRenumber,
    fault_radio.ApOff,
    fault_radio.WeakSignal,
    *SERVICE_KINDS,
)

#: Kind by name.
KINDS: Mapping[str, type[Fault]] = {kind.KIND: kind for kind in _ALL}


def to_markdown() -> str:
    """The table as docs/simulator.md shows it."""
    lines = ["| kind | parameters | does |", "| --- | --- | --- |"]
    for kind in _ALL:
        params = "<br>".join(
            f"`{param.name}` ({param.kind}{'' if param.required else ', optional'}): {param.doc}"
            for param in kind.PARAMS
        )
        lines.append(f"| `{kind.KIND}` | {params or 'none'} | {kind.DOC} |")
    return "\n".join(lines) + "\n"
