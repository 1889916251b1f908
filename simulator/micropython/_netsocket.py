"""What a socket of the ESP32 port is made of: its state, when it is ready, what it waits for.

:class:`simulator.micropython.socket.socket` adds the methods that firmware sees.

Source: ports/esp32/modsocket.c (MicroPython 1.28); lwIP 2.1 api/sockets.c, api/api_msg.c.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.lan.addresses import ANY, BROADCAST
from simulator.lan.endpoint import Address, Listener, StreamEndpoint, Waitable
from simulator.lan.udp import MAX_PAYLOAD, Datagram, UdpPort
from simulator.micropython._builtin import Builtin
from simulator.micropython._net import net_error, node_net, wait_for
from simulator.micropython._netresolve import parse_port, resolve
from simulator.micropython.runtime import Machine, running

SOCK_STREAM = 1
SOCK_DGRAM = 2
MSG_PEEK = 1
MSG_DONTWAIT = 8

#: Source: esp-idf components/lwip/Kconfig, LWIP_MAX_SOCKETS: 1..16, default 10.
#: A test or bench gives a node another number with ``machine.parts["max_sockets"]``.
MAX_SOCKETS = 16
#: Numbers of lwIP sockets end below this. Source: esp-idf lwipopts.h, LWIP_SOCKET_OFFSET = FD_SETSIZE -
#: LWIP_MAX_SOCKETS.
_FD_END = 64
CALL_US = 5
#: Source: modsocket.c, SOCKET_POLL_US: what a blocking call waits at a time.
STEP_US = 100_000
#: How often the port looks for data on sockets with a callback: at every 8th turn of what it does while it waits, a
#: FreeRTOS tick of 10 ms each. Source: modsocket.c, USOCKET_EVENTS_DIVISOR; mphalport.c, mp_hal_delay_ms.
EVENTS_US = 80_000
#: When to look again if the main program was busy; in step with nothing that a program does.
_LOOK_AGAIN_US = 9_973
#: Source: py/stream.h, MP_STREAM_POLL_*.
_POLL_RD, _POLL_WR, _POLL_HUP, _POLL_NVAL = 1, 4, 16, 32


def open_sockets(machine: Machine) -> dict[int, SocketBase]:
    """The open sockets of this life by number."""
    open_ones: dict[int, SocketBase] = machine.state.setdefault("socket", {})
    return open_ones


def as_bytes(data: object) -> memoryview:
    """The buffer behind bytes, a text or the like."""
    if isinstance(data, str):
        return memoryview(data.encode())
    try:
        return memoryview(data).cast("B")  # type: ignore[arg-type]
    except TypeError:
        raise TypeError("object with buffer protocol required") from None


def as_integer(value: object) -> int:
    """``value``, if it is an int."""
    if not isinstance(value, int):
        raise TypeError(f"can't convert {type(value).__name__} to int")
    return value


def look_up(machine: Machine, address: object) -> Address:
    """The (ip, port) of an address tuple, its name resolved."""
    if not isinstance(address, (tuple, list)):
        raise TypeError(f"object '{type(address).__name__}' isn't a tuple or list")
    if len(address) != 2:
        raise ValueError(f"requested length 2 but object has length {len(address)}")
    host, port = address
    return resolve(machine, as_text(host)), parse_port(port)


def as_text(value: object) -> str:
    """``value``, if it is a str."""
    if not isinstance(value, str):
        raise TypeError(f"can't convert '{type(value).__name__}' object to str implicitly")
    return value


class SocketBase(metaclass=Builtin):
    """State of a socket, and the calls of lwIP that the port builds on."""

    __slots__ = (
        "_blocking",
        "_callback",
        "_fd",
        "_idle",
        "_kind",
        "_listener",
        "_looking",
        "_machine",
        "_new",
        "_port",
        "_proto",
        "_retries",
        "_reuse",
        "_stream",
        "_udp",
    )

    def _set_up(self, machine: Machine, kind: int, proto: int) -> None:
        sockets = open_sockets(machine)
        limit = machine.parts.get("max_sockets", MAX_SOCKETS)
        fd = next((n for n in range(_FD_END - limit, _FD_END) if n not in sockets), None)
        if fd is None:
            raise net_error("ENFILE")
        sockets[fd] = self
        self._machine = machine
        self._fd = fd
        self._kind = kind
        self._proto = proto
        self._new = kind == SOCK_STREAM
        self._port = 0
        self._reuse = False
        self._blocking = True
        self._retries: int | None = None
        self._stream: StreamEndpoint | None = None
        self._listener: Listener | None = None
        self._udp: UdpPort | None = None
        self._idle = Waitable()
        self._callback: Callable[[Any], object] | None = None
        self._looking = False

    # --- readiness: what select and asyncio ask ----------------------------------------------------

    @property
    def _source(self) -> Waitable:
        return self._stream or self._listener or self._udp or self._idle

    def _readable(self) -> bool:
        """A read or accept would not wait."""
        if self._stream is not None:
            return self._stream.readable
        if self._listener is not None:
            return bool(self._listener.pending)
        if self._udp is not None:
            return bool(self._udp.received)
        return self._fd < 0 or self._new

    def _writable(self) -> bool:
        """A write would not wait, or the connect that was begun has ended."""
        if self._stream is not None:
            return self._stream.writable
        return self._fd < 0 or self._new or self._kind == SOCK_DGRAM

    def _poll(self, events: int) -> int:
        """The port's poll request. Source: modsocket.c, socket_stream_ioctl."""
        if self._fd < 0:
            return _POLL_NVAL
        if self._new:
            return events & _POLL_WR | _POLL_HUP
        ready = 0
        if events & _POLL_RD and self._readable():
            ready |= _POLL_RD
        if events & _POLL_WR and self._writable():
            ready |= _POLL_WR
        if events & _POLL_HUP and self._stream is not None and self._stream.error is not None:
            ready |= _POLL_HUP
        return ready

    def _on_ready(self, callback: Callable[[], object]) -> None:
        """Have ``callback`` called once when readiness may have changed; cheap, in hub or thread."""
        self._source.on_change(callback)

    def _off_ready(self, callback: Callable[[], object]) -> None:
        """Take a callback back."""
        self._source.off_change(callback)

    def _wait(self, until_us: int | None) -> bool:
        woken = wait_for((self._source,), until_us)
        if self._fd < 0:
            raise net_error("EBADF")
        return woken

    def _deadline(self) -> int | None:
        if self._retries is None:
            return None
        return self._machine.kernel.now + (self._retries + 1) * STEP_US

    def _too_late(self) -> str:
        return "EAGAIN" if self._retries == 0 else "ETIMEDOUT"

    def _enter(self) -> Machine:
        machine = running()
        machine.cpu.charge(CALL_US)
        if self._fd < 0:
            raise net_error("EBADF")
        return machine

    @staticmethod
    def _fault(stream: StreamEndpoint) -> OSError:
        """What ended a stream: told once, then it is just not connected. Source: lwIP, netconn_err."""
        symbol, stream.error = stream.error or "ENOTCONN", "ENOTCONN"
        return net_error(symbol)

    # --- the callback for data: theory of operation ------------------------------------------------
    # The port asks select() now and then, while the main program waits, and calls back for each socket that is
    # readable, for as long as it is (modsocket.c, socket_events_handler). Timers go on meanwhile, other sockets'
    # callbacks do not. Here the question is put when there may be something to find, in step with the port's turns.

    def _set_callback(self, value: Any) -> None:
        """Have a function of the node called whenever there is something to read; None for no more."""
        self._callback = value
        self._off_ready(self._look_soon)
        if value is not None:
            self._watch()

    def _watch(self) -> None:
        if self._readable():
            self._look_soon()
        else:
            self._off_ready(self._look_soon)
            self._on_ready(self._look_soon)

    def _look_soon(self) -> None:
        now = self._machine.kernel.now
        self._look_after(EVENTS_US - now % EVENTS_US)

    def _look_after(self, delay_us: int) -> None:
        if not self._looking:
            self._looking = True
            self._machine.event(delay_us, self._look)

    def _look(self) -> None:
        """Call back if there is something and the main program waits. Called by the hub."""
        self._looking = False
        if self._callback is None or self._fd < 0:
            return
        cpu = self._machine.cpu
        if not self._readable():
            self._watch()
        elif cpu.owner is cpu.threads.get(1) is not None or not cpu.interrupt(self._serve, None):
            self._look_after(_LOOK_AGAIN_US)

    def _serve(self, argument: object) -> None:
        cpu, state = self._machine.cpu, self._machine.state
        if self._callback is None or self._fd < 0:
            return
        if state.get("socket_events"):
            self._look_soon()
            return
        state["socket_events"] = True
        cpu.in_callback = False
        try:
            self._callback(self)
        finally:
            cpu.in_callback = True
            state["socket_events"] = False
            if self._callback is not None and self._fd >= 0:
                self._watch()

    def _bind_udp(self, port: int | None) -> UdpPort:
        stack = node_net(self._machine).stack
        if port is None:
            port = stack.free_port()
        elif port in stack.udp and stack.udp[port] is not self._udp:
            raise net_error("EADDRINUSE")
        if self._udp is not None:
            stack.udp.pop(self._udp.number, None)
        self._port = port
        udp = self._udp = stack.udp[port] = UdpPort(port)
        self._idle.changed()
        return udp

    # --- lwIP's calls -----------------------------------------------------------------------------

    def _write_once(self, data: memoryview) -> int:
        """What lwIP takes at once; 0 if there is no room."""
        stream = self._stream
        if stream is None:
            if self._udp is not None and self._udp.peer is not None:
                return self._send_datagram(data, self._udp.peer)
            raise net_error("ENOTCONN")
        if stream.error is not None:
            raise self._fault(stream)
        return 0 if stream.connecting else stream.put(data)

    def _send(self, data: memoryview) -> int:
        sent = 0
        until_us = self._deadline()
        while sent < len(data):
            sent += self._write_once(data[sent:] if sent else data)
            if sent == len(data):
                return sent
            if not self._blocking or not self._wait(until_us):
                break
        if sent == 0:
            raise net_error(self._too_late() if self._blocking else "EAGAIN")
        return sent

    def _send_datagram(self, data: memoryview, target: Address) -> int:
        if len(data) > MAX_PAYLOAD:
            raise net_error("EMSGSIZE")
        stack = node_net(self._machine).stack
        udp = self._udp or self._bind_udp(None)
        door = stack.route(target[0])
        source = door.ip if door is not None else "127.0.0.1"
        if target[0] == BROADCAST and door is None:
            raise net_error("EHOSTUNREACH")
        if not stack.transmit(Datagram((source, udp.number), target, data.tobytes())):
            raise net_error("EHOSTUNREACH")
        return len(data)

    def _receive(self, count: int, flags: int = 0) -> bytes | str:
        """Up to ``count`` bytes as soon as there are any, b"" at the end, or EAGAIN or ETIMEDOUT."""
        stream = self._stream
        if stream is None:
            return self._receive_datagram(count, flags)[0] if not self._new else "ENOTCONN"
        until_us: int | None = -1
        while True:
            if stream.rx:
                return bytes(stream.rx[:count]) if flags & MSG_PEEK else stream.take(count)
            if stream.eof:
                return b""
            if stream.error is not None:
                raise self._fault(stream)
            if not self._blocking or flags & MSG_DONTWAIT:
                return "EAGAIN"
            if until_us == -1:
                until_us = self._deadline()
            if not self._wait(until_us):
                return self._too_late()

    def _receive_datagram(self, count: int, flags: int) -> tuple[bytes | str, Address]:
        udp = self._udp
        if udp is None:
            if self._kind == SOCK_STREAM:
                return "ENOTCONN", (ANY, 0)
            udp = self._bind_udp(None)
        until_us = self._deadline()
        while not udp.received:
            if not self._blocking or flags & MSG_DONTWAIT:
                return "EAGAIN", (ANY, 0)
            if not self._wait(until_us):
                return self._too_late(), (ANY, 0)
        data, sender = udp.received[0] if flags & MSG_PEEK else udp.received.popleft()
        return data[:count], sender
