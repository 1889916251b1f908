"""``--sim-set``, ``--sim-get`` and the like: reach the parts on the boards of a running simulator.

A part is named ``PART``, or ``NODE/PART`` if several nodes run; one of its quantities ``PART.NAME``.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from simulator.control.client import ControlClient
from simulator.control.protocol import ControlError
from simulator.errors import StateError
from toolkit.errors import ToolkitError, UsageError
from toolkit.running import connect


def run(action: str, wanted: Sequence[str], *, sim: str = "") -> int:
    """Do one of the actions for each of what is wanted, and print what there is to say.

    Args:
        action: a key of :data:`ACTIONS`.
        wanted: ``PART.NAME=VALUE`` and the like.
        sim: which simulator: process number or state directory; empty: the only one.

    Returns:
        Exit code: 0.

    Raises:
        UsageError: something wanted is not written as it should be; no simulator runs.
        ToolkitError: the simulator refuses; the text says why.
    """
    act, read = ACTIONS[action]
    orders = [read(text) for text in wanted]
    with connect(sim) as control:
        for order in orders:
            try:
                act(control, order)
            except ControlError as error:
                raise ToolkitError(error.text) from error
            except StateError as error:
                raise ToolkitError(str(error)) from error
    return 0


_Order = dict[str, Any]


def _address(text: str) -> _Order:
    node, slash, part = text.rpartition("/")
    if not part or (slash and not node):
        raise UsageError(f"{text!r}: write PART, or NODE/PART")
    return {"node": node, "part": part} if slash else {"part": part}


def _read_set(text: str) -> _Order:
    place, equals, value = text.partition("=")
    part, dot, name = place.partition(".")
    if not (equals and dot and name):
        raise UsageError(f"--sim-set {text!r}: write PART.NAME=VALUE, e.g. bme280.temp_c=21.5")
    return {**_address(part), "name": name, "value": value}


def _read_get(text: str) -> _Order:
    part, dot, name = text.partition(".")
    if dot and not name:
        raise UsageError(f"--sim-get {text!r}: write PART or PART.NAME, e.g. servo.angle_deg")
    return {**_address(part), **({"name": name} if dot else {})}


def _read_press(text: str) -> _Order:
    part, colon, seconds = text.partition(":")
    if not colon:
        return _address(part)
    try:
        return {**_address(part), "hold_s": float(seconds)}
    except ValueError:
        raise UsageError(f"--sim-press {text!r}: write PART or PART:SECONDS, e.g. button1:0.5") from None


def _read_fail(text: str) -> _Order:
    place, equals, state = text.partition("=")
    part, dot, fault = place.partition(".")
    if not (dot and fault) or state not in ("", "0", "1"):
        raise UsageError(f"--sim-fail {text!r}: write PART.FAULT to have it fail, PART.FAULT=0 to mend it")
    return {**_address(part), "fault": fault, "on": not equals or state == "1"}


def _read_shot(text: str) -> _Order:
    file = Path(text.rpartition("=")[2] if "=" in text else text)
    part = text.partition("=")[0] if "=" in text else file.stem
    if file.suffix.lower() != ".png":
        raise UsageError(f"--sim-shot {text!r}: write PART.png, or PART=FILE.png")
    return {**_address(part), "file": file}


def _read_vcd(text: str) -> _Order:
    node, equals, name = text.rpartition("=")
    file = Path(name)
    if file.suffix.lower() != ".vcd" or (equals and not node):
        raise UsageError(f"--sim-vcd {text!r}: write NODE.vcd, or NODE=FILE.vcd")
    return {"node": node or file.stem, "file": file}


def _read_parts(text: str) -> _Order:
    return {"node": text} if text else {}


def _show(place: str, values: dict[str, Any]) -> None:
    for name, value in values.items():
        print(f"{place}.{name}={_text(value)}")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _place(order: _Order) -> str:
    return f"{order['node']}/{order['part']}" if "node" in order else str(order["part"])


def _set(control: ControlClient, order: _Order) -> None:
    _show(_place(order), control.call("set", **order)["values"])


def _get(control: ControlClient, order: _Order) -> None:
    _show(_place(order), control.call("get", **order)["values"])


def _press(control: ControlClient, order: _Order) -> None:
    control.call("press", **order)


def _fail(control: ControlClient, order: _Order) -> None:
    failed = control.call("fail", **order)["failed"]
    print(f"{_place(order)}: {', '.join(failed) or 'works'}")


def _shot(control: ControlClient, order: _Order) -> None:
    file: Path = order.pop("file")
    try:
        picture = base64.b64decode(control.call("shot", **order)["png"])
    except binascii.Error as error:
        raise ToolkitError(f"the simulator sent no picture: {error}") from error
    _save(file, picture)


def _vcd(control: ControlClient, order: _Order) -> None:
    file: Path = order.pop("file")
    _save(file, control.call("vcd", **order)["vcd"].encode())


def _save(file: Path, data: bytes) -> None:
    try:
        file.write_bytes(data)
    except OSError as error:
        raise ToolkitError(f"cannot write {file}: {error.strerror}") from error
    print(file)


def _parts(control: ControlClient, order: _Order) -> None:
    told = control.call("parts", **order)["parts"]
    if not told:
        print("no parts: start the simulator with --wiring")
    for part in told:
        pins = ", ".join(f"{role} {gpio}" for role, gpio in part["pins"].items())
        print(f"{part['node']}/{part['name']}  ({part['kind']}; {pins or 'no pins'})")
        for name, quantity in part["quantities"].items():
            unit = f" [{quantity['unit']}]" if quantity["unit"] else ""
            print(f"    {'set' if quantity['set'] else 'get'}   {name}{unit}: {quantity['doc']}")
        for name, fault in part["faults"].items():
            print(f"    fail  {name}{' (on)' if fault['on'] else ''}: {fault['doc']}")


#: Action -> what does it, and what reads its argument.
ACTIONS: dict[str, tuple[Callable[[ControlClient, _Order], None], Callable[[str], _Order]]] = {
    "sim_set": (_set, _read_set),
    "sim_get": (_get, _read_get),
    "sim_press": (_press, _read_press),
    "sim_fail": (_fail, _read_fail),
    "sim_shot": (_shot, _read_shot),
    "sim_vcd": (_vcd, _read_vcd),
    "sim_parts": (_parts, _read_parts),
}
