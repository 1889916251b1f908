"""Messages between the simulator and a virtual machine.

A message to the VM is eight words (size of the JSON, size of the bytes, ticks in us, ticks in ms, microseconds of the
millisecond, microseconds until something is due, kind, thread), JSON, bytes. One from it is three words (size of the
JSON, size of the bytes, microseconds spent) and thread (16 bits), kind (8), wakes (8), then JSON and bytes.
SYNC and AGAIN are calls that are a header alone: let happen what is due; poll what the main thread polled last
(:class:`simulator.engine.vm.polls.Polls`), with its time-out in the place of the size of the bytes: milliseconds + 1,
0 for ever, times 2, and 1 added if a stream of the machine's own may end it.
A thread's number has 65536 added if streams of the world may have become ready (:mod:`simulator.engine.vm.polls`).
After the callback LAST the machine need not tell that it is DONE, nor be told that the call in which it ran is over, if
it knows by itself: its next message then has 2 added to its wakes.
A callback with one object that the machine knows is a header alone: the object's handle in the place of the size of the
bytes, the function's number times 256 added to the kind.

Values that JSON lacks are objects with one key: ``t`` tuple, ``b`` bytes, ``B`` a buffer that may be written, ``s``
a slice, ``o`` an object of the API by its handle, ``f`` a function of the firmware by its number, ``d`` a dict, ``r``
a float, ``n`` a named tuple, ``m`` a bound function of the world, ``x`` something that has no counterpart.
"""

from __future__ import annotations

import codecs
import json
import os
import socket
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

from simulator.engine.vm.process import VmProcess

RESULT, ERROR, CALLBACK, SERVICE, LAST = range(5)
CALL, DONE, REPLY, _SYNC, _AGAIN = range(5)
#: Added to the wakes of a message: the machine went on by itself after a callback.
WENT_ON = 2
_TO_VM = struct.Struct("<IIIIIIII")
_FROM_VM = struct.Struct("<IIIHBB")
_PIECE = 1 << 16
#: Most messages are short; a large buffer for each read would cost more than the read.
_SHORT = 1 << 12
_SYNC_CALL = (".sync", ())
_to_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_from_text = json.JSONDecoder().decode
#: How long a read waits before it looks whether the machine prints, or computes for ever.
_LOOK_S = 0.2


class VmEnded(Exception):
    """The machine's process is gone."""


class VmBusy(Exception):
    """The machine computes and does not call."""


class Message(NamedTuple):
    """What the machine sent."""

    kind: int
    thread: int
    spent_us: int
    wakes: int
    value: Any
    blob: bytes


class Channel:
    """Both directions of a machine's wire, and what it prints.

    Args:
        process: the machine.
        write: called with what it prints.
        patience_s: processor time that the machine may take between two messages.
    """

    def __init__(self, process: VmProcess, write: Callable[[str], object], *, patience_s: float = 8.0) -> None:
        self._process = process
        self._write = write
        self._patience_s = patience_s
        self._fd = process.wire.fileno()
        seconds, part = divmod(_LOOK_S, 1)
        process.wire.setsockopt(
            socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", int(seconds), int(part * 1_000_000))
        )
        self._rest = b""
        self._printed = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._computed_s = 0.0

    def send(
        self,
        kind: int,
        thread: int,
        value: object,
        blob: bytes = b"",
        *,
        clock: tuple[int, int, int, int] = (0, 0, 0, 0),
        handle: int = 0,
    ) -> None:
        """Send a message.

        Args:
            kind: what it is.
            thread: for which.
            value: as JSON takes it; None for none.
            blob: bytes that it mentions.
            clock: ticks in us and in ms, microseconds of the millisecond, and until something is due.
            handle: in the place of value and bytes.

        Raises:
            VmEnded: nobody reads.
        """
        text = b"" if value is None else _to_text(value).encode("utf-8", "surrogatepass")
        data = _TO_VM.pack(len(text), handle or len(blob), *clock, kind, thread) + text + blob
        try:
            sent = os.write(self._fd, data)
            while sent < len(data):
                sent += os.write(self._fd, data[sent:])
        except OSError:
            raise VmEnded from None

    def receive(self) -> Message:
        """Wait for the next message; what the machine prints meanwhile is written.

        Raises:
            VmEnded: it has ended.
            VmBusy: it computes for longer than the limit.
        """
        head = self._read(_FROM_VM.size)
        size, blob_size, spent_us, thread, kind, wakes = _FROM_VM.unpack(head)
        if kind == _SYNC:
            self.show()
            return Message(CALL, thread, spent_us, wakes, _SYNC_CALL, b"")
        if kind == _AGAIN:
            self.show()
            return Message(CALL, thread, spent_us, wakes, (".again", ((blob_size >> 1) - 1, blob_size & 1)), b"")
        text = self._read(size) if size else b""
        blob = self._read(blob_size) if blob_size else b""
        self.show()
        value = _from_text(text.decode("utf-8", "surrogatepass")) if size else None
        return Message(kind, thread, spent_us, wakes, value, blob)

    def _read(self, count: int) -> bytes:
        data = self._rest
        is_waiting = False
        while len(data) < count:
            try:
                piece = os.read(self._fd, max(_SHORT, count - len(data)))
            except BlockingIOError:
                self.show()
                self._check_patience(is_waiting)
                is_waiting = True
                continue
            except OSError:
                piece = b""
            if not piece:
                self.show()
                raise VmEnded
            data += piece
        self._rest = data[count:]
        return data[:count]

    def _check_patience(self, is_waiting: bool) -> None:
        computed_s = self._process.cpu_s()
        if not is_waiting:
            self._computed_s = computed_s
        elif computed_s - self._computed_s > self._patience_s:
            raise VmBusy

    def show(self) -> None:
        """Write what the machine has printed."""
        pieces = []
        try:
            piece = os.read(self._process.output_fd, _SHORT)
            while piece:
                pieces.append(piece)
                if len(piece) < _SHORT:
                    break
                piece = os.read(self._process.output_fd, _PIECE)
        except OSError:  # there is no more
            pass
        if pieces:
            self._write(self._printed(b"".join(pieces)).replace("\r\n", "\n"))
