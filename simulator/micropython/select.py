"""``select`` of the ESP32 port: wait until streams are ready.

Source: extmod/modselect.c (MicroPython 1.28), py/stream.h for the values.

Limits: streams are sockets and other modelled objects; a stream class of the firmware's own (with an ``ioctl`` method)
is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Protocol, Self

from simulator.kernel import Wait
from simulator.micropython._builtin import Builtin
from simulator.micropython._net import current_thread
from simulator.micropython.errors import MicroOSError, os_error
from simulator.micropython.runtime import running

__all__ = ["POLLERR", "POLLHUP", "POLLIN", "POLLOUT", "poll", "select"]

POLLIN = 1
POLLOUT = 4
POLLERR = 8
POLLHUP = 16

_CALL_US = 5
_ONE_SHOT = 1


class _Pollable(Protocol):
    """What a stream of this package offers to be waited for."""

    def _readable(self) -> bool: ...

    def _writable(self) -> bool: ...

    def _on_ready(self, callback: Callable[[], object]) -> None: ...

    def _off_ready(self, callback: Callable[[], object]) -> None: ...


class Entry:
    """A stream, what is asked of it, and what it last answered."""

    __slots__ = ("asked", "found", "stream")

    def __init__(self, stream: _Pollable, asked: int) -> None:
        self.stream = stream
        self.asked = asked
        self.found = 0

    def look(self) -> int:
        """Ask the stream; returns the events that are there."""
        request: Callable[[int], int] | None = getattr(self.stream, "_poll", None)
        if request is not None:
            self.found = request(self.asked)
        else:
            ready = POLLIN if self.asked & POLLIN and self.stream._readable() else 0
            self.found = ready | (POLLOUT if self.asked & POLLOUT and self.stream._writable() else 0)
        return self.found


def _enter(entries: dict[int, Entry], stream: Any, asked: int, *, add: bool) -> None:
    entry = entries.get(id(stream))
    if entry is not None:
        entry.asked = entry.asked | asked if add else asked
    elif hasattr(stream, "_on_ready"):
        entries[id(stream)] = Entry(stream, asked)
    elif hasattr(stream, "ioctl"):
        raise NotImplementedError("select: a stream class of one's own is not modelled")
    else:
        raise MicroOSError("stream operation not supported")


def wait_until_ready(entries: Collection[Entry], timeout_ms: int | None) -> int:
    """Look at every entry, and wait and look again until one is ready; returns how many are."""
    machine = running()
    machine.cpu.charge(_CALL_US)
    until_us = None if timeout_ms is None else machine.kernel.now + timeout_ms * 1000
    while True:
        count = sum(entry.look() != 0 for entry in entries)
        if count or (until_us is not None and machine.kernel.now >= until_us):
            return count
        thread = current_thread()
        wait = Wait(thread)
        streams = [entry.stream for entry in entries]
        for stream in streams:
            stream._on_ready(wait.wake)
        try:
            thread.wait(wait, until_us)
        finally:
            for stream in streams:
                stream._off_ready(wait.wake)


def _timeout(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int):
        raise TypeError(f"can't convert {type(value).__name__} to int")
    return None if value < 0 else value


class poll(metaclass=Builtin):
    """A set of streams to wait for."""

    __slots__ = ("_entries", "_flags", "_left")

    def __init__(self) -> None:
        self._entries: dict[int, Entry] = {}
        self._flags = 0
        self._left: list[Entry] = []

    def register(self, obj: Any, eventmask: int = POLLIN | POLLOUT) -> None:
        """Add a stream, or change what is asked of it.

        Raises:
            OSError: ``obj`` is no stream.
        """
        running().cpu.charge(_CALL_US)
        _enter(self._entries, obj, eventmask, add=False)

    def unregister(self, obj: Any) -> None:
        """Take a stream out; nothing happens if it is not in."""
        running().cpu.charge(_CALL_US)
        self._entries.pop(id(obj), None)

    def modify(self, obj: Any, eventmask: int) -> None:
        """Change what is asked of a stream.

        Raises:
            OSError: ENOENT, it is not registered.
        """
        running().cpu.charge(_CALL_US)
        entry = self._entries.get(id(obj))
        if entry is None:
            raise os_error("ENOENT")
        entry.asked = eventmask

    def poll(self, timeout: int | None = -1, /) -> list[tuple[Any, int]]:
        """Wait at most ``timeout`` ms, for ever if negative; returns [(stream, events)], [] if none is ready."""
        wait_until_ready(self._entries.values(), _timeout(timeout))
        return [(entry.stream, entry.found) for entry in self._entries.values() if entry.found]

    def ipoll(self, timeout: int | None = -1, flags: int = 0, /) -> Self:
        """As :meth:`poll`, as an iterator; with flag 1 a stream that was ready is not asked again until ``modify``."""
        wait_until_ready(self._entries.values(), _timeout(timeout))
        self._flags = flags
        self._left = [entry for entry in self._entries.values() if entry.found]
        return self

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> tuple[Any, int]:
        if not self._left:
            raise StopIteration
        entry = self._left.pop(0)
        if self._flags & _ONE_SHOT:
            entry.asked = 0
        return entry.stream, entry.found


def select(rlist: Any, wlist: Any, xlist: Any, timeout: float | None = -1, /) -> tuple[list[Any], list[Any], list[Any]]:
    """Wait at most ``timeout`` seconds, for ever if negative; returns what is readable, writable, in error."""
    entries: dict[int, Entry] = {}
    for streams, asked in ((rlist, POLLIN), (wlist, POLLOUT), (xlist, POLLERR | POLLHUP)):
        for stream in streams:
            _enter(entries, stream, asked, add=True)
    wait_until_ready(entries.values(), None if timeout is None or timeout < 0 else int(timeout * 1000))
    found = list(entries.values())
    return (
        [entry.stream for entry in found if entry.found & POLLIN],
        [entry.stream for entry in found if entry.found & POLLOUT],
        [entry.stream for entry in found if entry.found & ~(POLLIN | POLLOUT)],
    )
