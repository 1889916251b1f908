"""``--connect``: find the device, then run the commands of ``-p`` or a session at the keyboard.

Replies go to stdout, everything about them to stderr, so that scripts get the node's words and no others.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from toolkit.client import OPEN_COMMANDS, NodeSession, Reply
from toolkit.connect_args import ConnectRequest, parse_parameters
from toolkit.device_cache import FILE_NAME, Device, DeviceCache
from toolkit.errors import AuthFailed, CacheError, CannotConnect, WrongDevice
from toolkit.links import open_link, split_address
from toolkit.options import DEFAULT_PORT
from toolkit.places import user_dir

_TABLE_HEAD = "[i]         FUID        IP               UID"


def run(parameters: str) -> int:
    """Connect as the text after ``-p`` says; empty: choose a device and talk to it.

    Returns:
        0 if every command was answered without an error, else 1.

    Raises:
        ToolkitError: see ``toolkit.errors``.
    """
    request = parse_parameters(parameters)
    if hasattr(sys.stdout, "reconfigure"):  # a name or text that the terminal cannot show must not end us
        sys.stdout.reconfigure(errors="replace")
    cache = DeviceCache(user_dir() / FILE_NAME, _note)
    device = _named(cache, request.device) if request.device else _choose(cache.devices())
    if device is None:
        return 1
    with NodeSession(open_link(f"tcp://{device.address}")) as session:
        session.open()
        _learn(cache, device, session, by_name=request.device not in (None, device.host))
        _log_in(session, request)
        if request.commands:
            return run_commands(session, request.commands)
        from toolkit import terminal

        return terminal.run(session, user_dir() / "connect_history")


def run_commands(session: NodeSession, commands: Sequence[str]) -> int:
    """Send the commands one after the other, printing each reply; 1 if one of them failed."""
    replies = []
    for command in commands:
        _refuse_as_password(session, command)
        replies.append(session.command(command, _print))
        _end_line(replies[-1])
    return 1 if any(reply.failed for reply in replies) else 0


def _print(text: str) -> None:
    print(text, end="", flush=True)


def _end_line(reply: Reply) -> None:
    """Finish a reply on the screen; an answer that is only a changed prompt shows that prompt."""
    if not reply.text and reply.prompt and reply.prompt.prefix:
        print(f"{reply.prompt.prefix}{reply.prompt.name}", flush=True)
    elif reply.text and not reply.text.endswith("\n"):
        print(flush=True)


def _refuse_as_password(session: NodeSession, command: str) -> None:
    """A node that waits for the password would take a command for one; stop before that."""
    if session.prompt and session.prompt.wants_password and command not in OPEN_COMMANDS:
        raise AuthFailed("the node wants a password: -p '--dev NAME --pwd PASSWORD command'")


def _log_in(session: NodeSession, request: ConnectRequest) -> None:
    if request.password is not None and session.prompt and session.prompt.wants_password:
        session.login(request.password)


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# --- which device ---------------------------------------------------------------------------------------------


def _named(cache: DeviceCache, tag: str) -> Device:
    device = cache.find(tag)
    if device is None and ("." in tag or ":" in tag):
        host, port = split_address(tag.removeprefix("tcp://"), DEFAULT_PORT)
        device = Device("__address__", host, port, tag)
    if device is None:
        for line in _table(cache.devices()):
            _note(line)
        raise CannotConnect(f"Device not found: {tag} (a name, uid or address of the list, or HOST:PORT)")
    _note(f"Device was found: {tag}")
    return device


def _table(devices: Sequence[Device]) -> list[str]:
    lines = [_TABLE_HEAD]
    for i, device in enumerate(devices):
        place = device.host if device.port == DEFAULT_PORT else device.address
        lines.append(f"[{i}] Device: {device.name} - {place} - {device.uid}")
    return lines


def _choose(devices: Sequence[Device]) -> Device | None:
    """Show the devices and ask for one; None if the person leaves (end of input)."""
    print(*_table(devices), sep="\n", flush=True)
    index = 0 if len(devices) == 1 else _ask_index(len(devices))
    if index is None:
        return None
    print(f"Device was selected: {devices[index].name} {devices[index].address}", flush=True)
    return devices[index]


def _ask_index(count: int) -> int | None:
    while True:
        print("Choose a device index: ", end="", flush=True)
        answer = sys.stdin.readline()
        if not answer:
            _note("\ndevToolKit: no device was chosen")
            return None
        text = answer.strip()
        if text.isascii() and text.isdecimal() and int(text[:6]) < count:
            return int(text)
        print(f"{text!r} is no index from 0 to {count - 1}")


def _learn(cache: DeviceCache, device: Device, session: NodeSession, *, by_name: bool) -> None:
    """Ask who is there if we do not know it, and keep the answer.

    Raises:
        WrongDevice: a device was asked for by name or uid, and another one has its address now.
    """
    if session.prompt is None or (session.prompt.name == device.name and not device.is_built_in):
        return
    met = _who_is_there(session, device)
    if met is None:
        return
    if by_name and not device.is_built_in and met.uid != device.uid:
        raise WrongDevice(f"{device.address} is {met.name} ({met.uid}) now, not {device.name} ({device.uid})")
    try:
        cache.learn(met)
    except CacheError as error:  # not knowing it next time is no reason to fail now
        _note(f"devToolKit: {error}")


def _who_is_there(session: NodeSession, device: Device) -> Device | None:
    """Return the device that answers ``hello:<name>:<uid>``, with further fields or not; None: it says otherwise."""
    fields = session.command("hello").text.strip().split(":")
    if len(fields) < 3 or fields[0] != "hello" or not fields[1] or not fields[2]:
        return None
    return Device(fields[2], device.host, device.port, fields[1])
