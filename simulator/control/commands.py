"""The commands of the control channel: handlers, and the table that declares them.

To add one: write a handler (it gets the simulation and checked arguments, and answers a mapping of JSON values or a
:class:`~simulator.control.table.Later`), put a row into ``_ROWS``, and run
``python -m simulator.control.docs docs/simulator.md``.
"""

from __future__ import annotations

import base64
import binascii
import math
import os
from collections.abc import Callable, Mapping
from typing import Any

from simulator.control.modules import NAME, syntax_problem
from simulator.control.protocol import BAD_ARGS, FAILED, VERSION, ControlError
from simulator.control.simulation import Simulation
from simulator.control.table import Arg, Command, Later
from simulator.devices import Device
from simulator.electrical.vcd import to_vcd
from simulator.errors import UsageError
from simulator.lan.fault_kinds import KINDS
from simulator.lan.faults import Fault
from simulator.micropython.errors import MicroOSError
from simulator.node import Node

Args = Mapping[str, Any]

_DEFAULT_CONSOLE_CHARS = 4_096
_MOST_CONSOLE_CHARS = 65_536
_DEFAULT_HOLD_S = 0.1
_LONGEST_STEP_S = 31_536_000.0


def _time(sim: Simulation) -> dict[str, Any]:
    return {"t_us": sim.world.kernel.now, "pace": sim.runner.pace, "paused": sim.runner.paused}


def _hello(sim: Simulation, args: Args) -> Args:
    return {"protocol": VERSION, "version": sim.version, "pid": os.getpid(), **_nodes(sim, args), **_time(sim)}


def _nodes(sim: Simulation, args: Args) -> Args:
    return {"nodes": [_describe(sim, node) for node in sim.world.nodes.values()]}


def _describe(sim: Simulation, node: Node) -> dict[str, Any]:
    host, port = sim.addresses.get(node.name, (None, None))
    return {
        "name": node.name,
        "board": node.machine.board.name,
        "uid": f"micr{node.machine.unique_id.hex()}OS",
        "powered": node.powered,
        "boots": node.boots,
        "host": host,
        "port": port,
    }


def _pace(sim: Simulation, args: Args) -> Args:
    if "value" in args:
        sim.runner.pace = float(args["value"])
    return _time(sim)


def _pause(sim: Simulation, args: Args) -> Args:
    sim.runner.pause()
    return _time(sim)


def _run(sim: Simulation, args: Args) -> Args:
    sim.runner.resume()
    return _time(sim)


def _step(sim: Simulation, args: Args) -> Later:
    later = Later()
    sim.runner.step(args["seconds"], lambda: later.finish(_time(sim)))
    return later


def _power(sim: Simulation, args: Args) -> Args:
    node = sim.node(args["node"])
    {"on": node.power_on, "off": node.power_off, "reset": node.reset}[args["action"]]()
    return _describe(sim, node)


def _console(sim: Simulation, args: Args) -> Args:
    text = sim.node(args["node"]).console.text()
    return {"text": text[-args.get("chars", _DEFAULT_CONSOLE_CHARS) :]}


def _flash(sim: Simulation, args: Args) -> Args:
    flash = sim.node(args["node"]).flash
    if args["action"] == "list":
        return {"files": [{"path": path, "size": len(data)} for path, data in flash.files().items()]}
    path = args.get("path")
    if path is None or not path.startswith("/"):
        raise ControlError(BAD_ARGS, "flash: path must be given and begin with /")
    try:
        if args["action"] == "read":
            return {"path": path, "data": base64.b64encode(flash.read(path)).decode()}
        if args["action"] == "write":
            flash.write(path, _decode(args))
        else:
            flash.remove(path)
    except OSError as error:
        raise ControlError(FAILED, f"flash: {path[:200]}: {_os_text(error)}") from None
    return {"path": path}


def _decode(args: Args) -> bytes:
    if "data" not in args:
        raise ControlError(BAD_ARGS, "flash: data is missing")
    try:
        return base64.b64decode(args["data"], validate=True)
    except (binascii.Error, ValueError):
        raise ControlError(BAD_ARGS, "flash: data must be base64") from None


def _os_text(error: OSError) -> str:
    return str(error) if isinstance(error, MicroOSError) else (error.strerror or str(error))


def _lm(sim: Simulation, args: Args) -> Later:
    name, source = args["name"], args["source"].encode("utf-8", "surrogatepass")
    if not NAME.fullmatch(name):
        raise ControlError(BAD_ARGS, "lm: name must be LM_<name>.py")
    problem = syntax_problem(name, source)
    if problem is not None:
        raise ControlError(FAILED, problem)
    nodes = [sim.node(args["node"])] if "node" in args else list(sim.world.nodes.values())
    return _reload(sim, nodes, name, source)


def _reload(sim: Simulation, nodes: list[Node], name: str, source: bytes) -> Later:
    later = Later()
    waiting = [node.name for node in nodes]

    def done_on(node: Node) -> Callable[[str | None], None]:
        def done(problem: str | None) -> None:
            waiting.remove(node.name)
            if problem is not None:
                later.fail(f"{node.name}: {problem}")
            elif not waiting:
                later.finish({"nodes": [node.name for node in nodes]})

        return done

    for node in nodes:
        try:
            sim.modules.reload(node, name, source, done_on(node))
        except OSError as error:
            raise ControlError(FAILED, f"{node.name}: {_os_text(error)}") from None
    return later


def _pins(sim: Simulation, args: Args) -> Args:
    net = sim.node(args["node"]).machine.parts["pads"].net(args["gpio"])
    given = [name for name in ("drive", "volts", "release") if name in args]
    if len(given) > 1:
        raise ControlError(BAD_ARGS, f"pins: {given[0]} does not go with {given[1]}")
    if "drive" in args:
        net.drive(args["drive"])
    elif "volts" in args:
        net.set_volts(args["volts"])
    elif args.get("release"):
        net.release()
    wave = net.pwm()
    pwm = None if wave is None else {"freq_hz": wave.freq_hz, "duty": wave.duty}
    return {"level": net.level(), "volts": net.volts(), "driven": net.is_driven(), "pwm": pwm}


def _parts(sim: Simulation, args: Args) -> Args:
    nodes = [sim.node(args["node"])] if "node" in args else list(sim.world.nodes.values())
    return {"parts": [_describe_part(node, device) for node in nodes for device in node.parts.values()]}


def _describe_part(node: Node, device: Device) -> dict[str, Any]:
    return {
        "node": node.name,
        "name": device.site.name,
        "kind": device.kind,
        "pins": device.site.pins,
        "quantities": {
            name: {"doc": quantity.doc, "unit": quantity.unit, "set": not quantity.is_reading}
            for name, quantity in device.quantities.items()
        },
        "faults": {name: {"doc": doc, "on": name in device.failed} for name, doc in device.faults.items()},
    }


def _part_of(sim: Simulation, args: Args) -> Device:
    if "node" in args:
        return sim.node(args["node"]).part(args["part"])
    nodes = list(sim.world.nodes.values())
    if len(nodes) != 1:
        raise ControlError(BAD_ARGS, f"there are {len(nodes)} nodes: say which")
    return nodes[0].part(args["part"])


def _get(sim: Simulation, args: Args) -> Args:
    device = _part_of(sim, args)
    names = [args["name"]] if "name" in args else list(device.quantities)
    return {"values": {name: device.get(name) for name in names}}


def _set(sim: Simulation, args: Args) -> Args:
    device = _part_of(sim, args)
    device.set(args["name"], args["value"])
    return {"values": {args["name"]: device.get(args["name"])}}


def _press(sim: Simulation, args: Args) -> Args:
    _part_of(sim, args).press(args.get("hold_s", _DEFAULT_HOLD_S))
    return {}


def _fail(sim: Simulation, args: Args) -> Args:
    device = _part_of(sim, args)
    device.fail(args["fault"], on=args.get("on", True))
    return {"failed": sorted(device.failed)}


def _shot(sim: Simulation, args: Args) -> Args:
    return {"png": base64.b64encode(_part_of(sim, args).shot()).decode()}


def _vcd(sim: Simulation, args: Args) -> Args:
    node = sim.node(args["node"])
    gpios = [args["gpio"]] if "gpio" in args else None
    return {"vcd": to_vcd(node.machine.parts["pads"], scope=node.name, gpios=gpios)}


def _ap(sim: Simulation, args: Args) -> Args:
    points = sim.world.lan.access_points
    if "ssid" in args:
        points = [sim.world.lan.access_point(args["ssid"])]
    if "on" in args:
        for point in points:
            point.up = args["on"]
    return {"access_points": [{"ssid": p.ssid, "on": p.up, "stations": len(p.stations)} for p in points]}


def _fault(sim: Simulation, args: Args) -> Args:
    faults = sim.world.lan.faults
    params = {name: value for name, value in args.items() if name not in ("action", "kind", "id")}
    action = args["action"]
    needed = {"start": "kind", "end": "id"}.get(action)
    if needed is not None and needed not in args:
        raise ControlError(BAD_ARGS, f"fault: {action} needs {needed}")
    if params and action != "start":
        raise ControlError(BAD_ARGS, f"fault: {next(iter(params))} does not go with {action}")
    if action == "start":
        try:
            return _describe_fault(faults.start(args["kind"], **params))
        except UsageError as error:
            raise ControlError(BAD_ARGS, f"fault: {error}") from None
    if action == "end":
        fault = faults.find(args["id"])
        fault.end()
        return _describe_fault(fault)
    if action == "check":
        faults.check()
    return {"faults": [_describe_fault(fault) for fault in faults.active]}


def _describe_fault(fault: Fault) -> dict[str, Any]:
    params = {name: value for name, value in fault.params.items() if value is not None}
    return {"id": fault.ident, "kind": fault.KIND, "params": params, "count": fault.count}


def _fault_args() -> tuple[Arg, ...]:
    """The parameters of all kinds; which kind takes which, and their limits, the table of kinds says."""
    kinds: dict[str, str] = {}
    users: dict[str, list[str]] = {}
    for kind in KINDS.values():
        for param in kind.PARAMS:
            type_name = param.kind if param.kind in ("int", "number", "bool") else "text"
            known = kinds.setdefault(param.name, type_name)
            if {known, type_name} == {"int", "number"}:
                kinds[param.name] = "number"
            users.setdefault(param.name, []).append(kind.KIND)
    return tuple(
        Arg(name, kinds[name], f"of {', '.join(users[name])}", high=1_024 if kinds[name] == "text" else math.inf)
        for name in kinds
    )


def _trace(sim: Simulation, args: Args) -> Args:
    return {"digest": sim.world.trace.digest(), "t_us": sim.world.kernel.now}


def _stop(sim: Simulation, args: Args) -> Args:
    sim.runner.stop()
    return {}


_NODE = Arg("node", "text", "name of the node", required=True, high=64)
_PART = (
    Arg("node", "text", "name of the node; may be left out if there is one only", high=64),
    Arg("part", "text", "name of the part", required=True, high=64),
)
_TIME = "`t_us`: virtual time; `pace`; `paused`"

_ROWS = (
    Command(
        "hello",
        "say what runs here",
        f"`protocol`, `version` of the firmware, `pid`, `nodes` as below, {_TIME}",
        _hello,
    ),
    Command(
        "nodes",
        "list the nodes",
        "`nodes`: list of `name`, `board`, `uid`, `powered`, `boots`, `host`, `port`",
        _nodes,
    ),
    Command(
        "pace",
        "get or set the pace",
        _TIME,
        _pace,
        (Arg("value", "number", "virtual seconds per second, 0.001 to 100000", low=0.001, high=100_000),),
    ),
    Command("pause", "let virtual time stand still", _TIME, _pause),
    Command("run", "let virtual time go on", _TIME, _run),
    Command(
        "step",
        "let virtual time pass as fast as it can, then go on (or stand still) as before",
        f"{_TIME}; once the time has passed",
        _step,
        (Arg("seconds", "number", "virtual seconds, up to a year", required=True, low=0, high=_LONGEST_STEP_S),),
    ),
    Command(
        "power",
        "switch a node on or off, or press its reset button",
        "the node, as in `nodes`",
        _power,
        (_NODE, Arg("action", "text", "what to do", required=True, choices=("on", "off", "reset"))),
    ),
    Command(
        "console",
        "read what a node printed last",
        "`text`",
        _console,
        (
            _NODE,
            Arg(
                "chars",
                "int",
                f"at most so many, up to {_MOST_CONSOLE_CHARS} (default {_DEFAULT_CONSOLE_CHARS})",
                low=1,
                high=_MOST_CONSOLE_CHARS,
            ),
        ),
    ),
    Command(
        "flash",
        "list, read, write or remove files of a node",
        "`files` (list of `path`, `size`), or `path` and on reading `data`",
        _flash,
        (
            _NODE,
            Arg("action", "text", "what to do", required=True, choices=("list", "read", "write", "remove")),
            Arg("path", "text", "absolute path", low=1, high=1_024),
            Arg("data", "text", "content to write, base64"),
        ),
    ),
    Command(
        "lm",
        "put a Load Module on a node and have it loaded anew, its pins, timers and interrupts freed",
        "`nodes`: names of those that have it; `failed` names file and line if it does not compile",
        _lm,
        (
            Arg("node", "text", "name of the node (default: all)", high=64),
            Arg("name", "text", "`LM_<name>.py`", required=True, high=64),
            Arg("source", "text", "its source", required=True, high=1_000_000),
        ),
    ),
    Command(
        "pins",
        "read a pin's net, drive it from outside, or let go of it",
        "`level` 0 or 1, `volts`, `driven` (by anybody, strongly), `pwm` (`freq_hz`, `duty` 0..1) or null",
        _pins,
        (
            _NODE,
            Arg("gpio", "int", "number of the GPIO", required=True, low=0, high=64),
            Arg("drive", "int", "put this level on the net", low=0, high=1),
            Arg("volts", "number", "put this voltage on the net", low=0, high=5),
            Arg("release", "bool", "let go of what was put on it"),
        ),
    ),
    Command(
        "parts",
        "list the parts that hang on the boards, with what can be set and read",
        "`parts`: list of `node`, `name`, `kind`, `pins`, `quantities` (name: `doc`, `unit`, `set`: can it be set) and "
        "`faults` (name: `doc`, `on`)",
        _parts,
        (Arg("node", "text", "only of this node", high=64),),
    ),
    Command(
        "get",
        "read what a part measures, shows or does",
        "`values`: name: value",
        _get,
        (*_PART, Arg("name", "text", "only this quantity", high=64)),
    ),
    Command(
        "set",
        "set what a part feels",
        "`values`: name: value",
        _set,
        (
            *_PART,
            Arg("name", "text", "of the quantity", required=True, high=64),
            Arg("value", "text", "the value, as text", required=True, high=1_024),
        ),
    ),
    Command(
        "press",
        "press a button and let go",
        "nothing, at once",
        _press,
        (*_PART, Arg("hold_s", "number", "virtual seconds until it is let go (default 0.1)", low=0.001, high=3_600)),
    ),
    Command(
        "fail",
        "have a part fail in one of its ways, or mend it",
        "`failed`: the faults that are on",
        _fail,
        (
            *_PART,
            Arg("fault", "text", "name of the fault, see `parts`", required=True, high=64),
            Arg("on", "bool", "fail, or mend (default true)"),
        ),
    ),
    Command(
        "vcd",
        "say what pins have done, as a value change dump for a waveform viewer",
        "`vcd`: the file's text; each pin's newest 1024 edges",
        _vcd,
        (_NODE, Arg("gpio", "int", "only this one (default: all that have changed)", low=0, high=64)),
    ),
    Command("shot", "take a picture of what a part shows", "`png`: base64", _shot, _PART),
    Command(
        "ap",
        "list the access points of the simulated network, or switch them on or off",
        "`access_points`: list of `ssid`, `on`, `stations` (how many have joined)",
        _ap,
        (
            Arg("ssid", "text", "only this one (default: all)", high=32),
            Arg("on", "bool", "on the air or not (a fault may silence it all the same); stations notice after 6 s"),
        ),
    ),
    Command(
        "fault",
        "list, start or end faults of the simulated network, or check that each one so far has struck",
        "`faults`: list of `id`, `kind`, `params`, `count` (how often it struck); `start` and `end`: that fault; "
        "`check` fails if one never struck and names it",
        _fault,
        (
            Arg("action", "text", "what to do", required=True, choices=("list", "start", "end", "check")),
            Arg("kind", "text", "what to start, see the table of faults", high=64),
            Arg("id", "int", "what to end", low=1),
            *_fault_args(),
        ),
    ),
    Command("trace", "identify the run so far", "`digest`, `t_us`", _trace),
    Command("stop", "end the simulator as Ctrl-C does", "nothing", _stop),
)

#: Command by name.
TABLE: Mapping[str, Command] = {row.name: row for row in _ROWS}
