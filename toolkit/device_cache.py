"""The list of known devices: ``device_conn_cache.json`` in the user's directory.

Format: a JSON object, indent 4, ``"<uid>": ["<ip>", <port>, "<name>"]``. Two entries are built
in: a node in access-point mode and the simulator. A damaged file is set aside, and what can be read of it kept.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import CacheError
from toolkit.options import DEFAULT_PORT

FILE_NAME = "device_conn_cache.json"


@dataclass(frozen=True)
class Device:
    """One node as we know it: hardware id, address of its shell, friendly name."""

    uid: str
    host: str
    port: int
    name: str

    @property
    def address(self) -> str:
        """``host:port``, an IPv6 host in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def is_built_in(self) -> bool:
        """True for the entries that stand for a place, not for one known node."""
        return self.uid.startswith("__")


BUILT_IN = (
    Device("__devuid__", "192.168.4.1", DEFAULT_PORT, "__device_on_AP__"),
    Device("__localhost__", "127.0.0.1", DEFAULT_PORT, "__simulator__"),
)


class DeviceCache:
    """The devices in one file.

    Example::

        cache = DeviceCache(user_dir() / FILE_NAME, print)
        lamp = cache.find("BedLamp")
    """

    def __init__(self, path: Path, warn: Callable[[str], None]) -> None:
        """Read ``path`` if it is there; ``warn`` gets one line if it is damaged."""
        self._path = path
        self._warn = warn
        self._devices = self._load()

    def devices(self) -> tuple[Device, ...]:
        """Return all devices, in the order of the file; the built-in ones are always there, and last."""
        return tuple(sorted(self._devices.values(), key=lambda device: device.is_built_in))

    def find(self, tag: str) -> Device | None:
        """Return the device whose uid, name or host is ``tag`` exactly, looked for in this order."""
        for key in ("uid", "name", "host"):
            for device in self._devices.values():
                if getattr(device, key) == tag:
                    return device
        return None

    def learn(self, device: Device) -> None:
        """Keep a device that was met; write only if that is news.

        On loopback an address is only ever the newest simulated node's; older ones there are dropped.

        Raises:
            CacheError: the file cannot be written.
        """
        if self._devices.get(device.uid) == device:
            return
        self._devices = self._load()  # another process may have learnt something meanwhile
        if _is_loopback(device.host):
            self._drop(other for other in self.devices() if other.address == device.address)
        self._devices[device.uid] = device
        self._save()

    def _drop(self, devices: Iterable[Device]) -> None:
        for device in devices:
            if not device.is_built_in:
                del self._devices[device.uid]

    def _load(self) -> dict[str, Device]:
        try:
            entries = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            entries = {}
        except (ValueError, RecursionError):
            entries = None
        except OSError as error:
            raise CacheError(f"cannot read {self._path}: {error.strerror}") from error
        rows = entries if isinstance(entries, dict) else {}
        found = [_device(uid, row) for uid, row in rows.items()]
        if entries is None or len(rows) != len(entries) or None in found:
            self._set_aside()
        devices = {device.uid: device for device in found if device is not None}
        for device in BUILT_IN:
            devices.setdefault(device.uid, device)
        return devices

    def _set_aside(self) -> None:
        kept = self._path.with_name(f"{FILE_NAME}.damaged")
        try:
            os.replace(self._path, kept)
        except OSError as error:
            raise CacheError(f"{self._path} is damaged and cannot be set aside: {error.strerror}") from error
        self._warn(f"the device list was damaged; it is now {kept}, and what could be read of it is used")

    def _save(self) -> None:
        rows = {device.uid: [device.host, device.port, device.name] for device in self.devices()}
        scratch = self._path.with_name(f"{FILE_NAME}.{os.getpid()}.new")
        try:
            with open(scratch, "w", encoding="utf-8", newline="\n") as file:
                json.dump(rows, file, indent=4)
                file.flush()
                os.fsync(file.fileno())
            os.replace(scratch, self._path)
        except OSError as error:
            with contextlib.suppress(OSError):
                scratch.unlink()
            raise CacheError(f"cannot write {self._path}: {error.strerror}") from error


def _device(uid: str, row: object) -> Device | None:
    """Return the device of one entry of the file; None if the entry makes no sense."""
    match row:
        case [str(host), int(port), str(name)] if not isinstance(port, bool):
            return Device(uid, host, port, name) if uid and host and name and 0 < port < 65536 else None
    return None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
