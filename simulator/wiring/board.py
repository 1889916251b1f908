"""Solders the parts of a wiring onto a node."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache

from simulator.devices import Device, Site, find_part
from simulator.devices.catalog import load_all, load_file
from simulator.errors import UsageError
from simulator.firmware import default_source
from simulator.node import Node
from simulator.wiring.file import PartLine, Wiring


def solder(wiring: Wiring, node: Node) -> None:
    """Put the parts of a wiring onto a node's board: ``node.parts``.

    Raises:
        UsageError: no such kind of part, pin, option or quantity; the node has a part of that name; the text says which
            part of which file.
    """
    load_all()
    for path in wiring.models:
        try:
            load_file(path)
        except UsageError as error:
            raise UsageError(f"wiring {wiring.source}: {error}") from None
    pin_map = read_pin_map(node.machine.board.name)
    for line in wiring.parts:
        try:
            node.add_part(_make(line, node, pin_map))
        except UsageError as error:
            raise UsageError(f"wiring {wiring.source}: {line.name}: {error}") from None


def _make(line: PartLine, node: Node, pin_map: Mapping[str, int]) -> Device:
    model = find_part(line.kind)
    roles = (*model.roles, *model.optional_roles)
    for role in line.pins:
        if role not in roles:
            raise UsageError(f"{line.kind} has no pin {role[:40]!r}; there are: {', '.join(roles) or 'none'}")
    for role in model.roles:
        if role not in line.pins:
            raise UsageError(f"pin {role!r} is not wired")
    pins = {role: _gpio(pin, node, pin_map) for role, pin in line.pins.items()}
    site = Site(
        line.name,
        node.machine.parts["pads"],
        pins,
        record=lambda text: node.machine.record("part", text),
        owner=node.name,
    )
    try:
        device = model(site, **line.options)
    except TypeError as error:
        raise UsageError(f"{line.kind}: {str(error).removeprefix(model.__name__ + '.__init__() ')}") from None
    for name, value in line.values.items():
        device.set(name, value)
    return device


def _gpio(pin: int | str, node: Node, pin_map: Mapping[str, int]) -> int:
    if isinstance(pin, str):
        if pin not in pin_map:
            raise UsageError(f"the pin map of {node.machine.board.name} has no {pin[:40]!r}")
        pin = pin_map[pin]
    if pin not in node.machine.board.gpios:
        raise UsageError(f"board {node.machine.board.name} has no GPIO {pin}")
    return pin


@cache
def read_pin_map(board: str) -> Mapping[str, int]:
    """Names of pins -> GPIO, from the firmware's ``LP_<board>.py``; empty if the board has none."""
    try:
        tree = ast.parse((default_source() / "modules" / f"LP_{board}.py").read_bytes())
    except FileNotFoundError:
        return {}
    return {
        target.id: statement.value.value
        for statement in tree.body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
        for target in statement.targets
        if isinstance(target, ast.Name) and type(statement.value.value) is int
    }
