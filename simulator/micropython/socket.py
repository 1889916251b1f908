"""``socket`` of the ESP32 port: TCP and UDP over the node's WiFi.

Facts that surprise and are honoured: a refused connection is ECONNRESET, an absent host ECONNABORTED after 18.5 s;
time-outs run in steps of 0.1 s plus one (``settimeout(1)`` ends after 1.1 s, ``settimeout(0.05)`` after 0.1 s with
EAGAIN); sending nothing raises; a listening socket whose node has no free socket left closes the client.

Source: ports/esp32/modsocket.c (MicroPython 1.28); lwIP 2.1 api/sockets.c, api/api_msg.c, api/err.c; py/stream.c for
``read``, ``readinto``, ``readline`` and ``write``; values of constants: lwip/sockets.h.

Limits: IPv4 only; no raw sockets, multicast, SO_BINDTODEVICE or TLS; sockets are not closed by garbage collection, so
one that is forgotten stays open until reset; a listener accepts on all addresses of the node, whichever it was bound
to. The port's stock image has ESP-IDF's default of 10 sockets; here there are 16, the most that
ESP-IDF's menu allows.
"""

from __future__ import annotations

from typing import Any

from simulator.lan.addresses import ANY
from simulator.lan.endpoint import Address
from simulator.lan.tcp import TcpConnection
from simulator.micropython._net import net_error, node_net
from simulator.micropython._netresolve import parse_port, resolve
from simulator.micropython._netsocket import (
    CALL_US,
    MSG_DONTWAIT,
    MSG_PEEK,
    SOCK_DGRAM,
    SOCK_STREAM,
    STEP_US,
    SocketBase,
    as_bytes,
    as_integer,
    as_text,
    look_up,
    open_sockets,
)
from simulator.micropython.runtime import running

__all__ = [
    "AF_INET",
    "AF_INET6",
    "IPPROTO_IP",
    "IPPROTO_TCP",
    "IPPROTO_UDP",
    "IP_ADD_MEMBERSHIP",
    "MSG_DONTWAIT",
    "MSG_PEEK",
    "SOCK_DGRAM",
    "SOCK_RAW",
    "SOCK_STREAM",
    "SOL_SOCKET",
    "SO_BINDTODEVICE",
    "SO_BROADCAST",
    "SO_REUSEADDR",
    "TCP_NODELAY",
    "getaddrinfo",
    "socket",
]

AF_INET = 2
AF_INET6 = 10
SOCK_RAW = 3
IPPROTO_IP = 0
IPPROTO_TCP = 6
IPPROTO_UDP = 17
SOL_SOCKET = 0xFFF
SO_REUSEADDR = 0x0004
SO_BROADCAST = 0x0020
SO_BINDTODEVICE = 0x100B
IP_ADD_MEMBERSHIP = 3
TCP_NODELAY = 1

#: Source: py/mpconfig.h, MICROPY_PY_SOCKET_LISTEN_BACKLOG_DEFAULT.
_BACKLOG = 2
#: ``setsockopt`` option by which ``webrepl`` asks to be called when there is data. Source: modsocket.c.
_OPTION_CALLBACK = 20


def getaddrinfo(
    host: str, port: int, af: int = 0, type: int = 0, proto: int = 0, flags: int = 0, /
) -> list[tuple[int, int, int, str, Address]]:
    """Addresses of ``host`` as [(family, type, proto, name, (ip, port))]; waits for the name server if it must.

    Raises:
        OSError: -202 nobody to ask, -2 no such name, -201 no such port.
    """
    machine = running()
    machine.cpu.charge(CALL_US)
    if af not in (0, AF_INET):
        raise NotImplementedError(f"socket.getaddrinfo: address family {af} is not modelled")
    number = parse_port(port)
    ip = resolve(machine, as_text(host))
    return [(AF_INET, type or SOCK_STREAM, proto, host or ANY, (ip, number))]


class socket(SocketBase):
    """A TCP or UDP socket; its own stream, as ``makefile`` says."""

    __slots__ = ()

    def __init__(self, af: int = AF_INET, type: int = SOCK_STREAM, proto: int = IPPROTO_TCP, /) -> None:
        machine = running()
        machine.cpu.charge(CALL_US)
        if af != AF_INET or type not in (SOCK_STREAM, SOCK_DGRAM):
            raise NotImplementedError(f"socket.socket: family {af}, type {type} is not modelled")
        self._set_up(machine, type, proto)

    # --- set-up ---------------------------------------------------------------------------------

    def bind(self, address: Address, /) -> None:
        """Take a local port.

        Raises:
            OSError: EADDRINUSE, another socket or a connection has it and not both have SO_REUSEADDR; one in
                TIME_WAIT counts only without SO_REUSEADDR.
        """
        machine = self._enter()
        port = look_up(machine, address)[1]
        if self._stream is not None or self._listener is not None:
            raise net_error("EINVAL")
        self._new = False
        if self._kind == SOCK_DGRAM:
            self._bind_udp(port)
            return
        others: list[bool] = [
            other._reuse
            for other in open_sockets(machine).values()
            if other is not self and other._kind == SOCK_STREAM and other._port == port
        ]
        others += [
            connection.reusable
            for connection in node_net(machine).stack.tcp_port_users(port)
            if not (self._reuse and connection.state == "time_wait")
        ]
        if others and not (self._reuse and all(others)):
            raise net_error("EADDRINUSE")
        self._port = port

    def listen(self, backlog: int = _BACKLOG, /) -> None:
        """Accept connections; up to ``backlog`` wait to be accepted.

        Raises:
            OSError: EADDRINUSE, another socket listens on the port.
        """
        machine = self._enter()
        backlog = max(0, as_integer(backlog))
        if self._kind != SOCK_STREAM:
            raise net_error("EOPNOTSUPP")
        if self._stream is not None:
            raise net_error("EINVAL")
        if self._listener is not None:
            self._listener.backlog = max(1, backlog)
            return
        stack = node_net(machine).stack
        port = self._port or stack.free_port()
        if port in stack.listeners:
            raise net_error("EADDRINUSE")
        self._new = False
        self._port = port
        self._listener = stack.listen(port, backlog)
        self._idle.changed()

    def accept(self) -> tuple[socket, Address]:
        """Wait for a client; returns its socket and address.

        Raises:
            OSError: EINVAL not listening, EAGAIN or ETIMEDOUT nobody came, ENFILE no socket is left.
        """
        machine = self._enter()
        listener = self._listener
        if listener is None:
            raise net_error("EINVAL")
        until_us = self._deadline()
        while (stream := listener.pop()) is None:
            if not self._blocking or not self._wait(until_us):
                raise net_error(self._too_late() if self._blocking else "EAGAIN")
        client = socket.__new__(socket)
        try:
            client._set_up(machine, SOCK_STREAM, self._proto)
        except OSError:
            stream.close()
            raise
        client._new = False
        client._port = self._port
        client._stream = stream
        client._reuse = self._reuse
        if isinstance(stream, TcpConnection):
            stream.reusable = self._reuse
        return client, stream.peer

    def connect(self, address: Address, /) -> None:
        """Connect to a server; a non-blocking socket raises EINPROGRESS and goes on in the background.

        Raises:
            OSError: ECONNRESET refused, ECONNABORTED nobody there (after 18.5 s), EHOSTUNREACH no network, ETIMEDOUT,
                EADDRINUSE the port that was bound has a connection with this server, if only in TIME_WAIT.
        """
        machine = self._enter()
        peer = look_up(machine, address)
        if self._kind == SOCK_DGRAM:
            (self._udp or self._bind_udp(None)).peer = peer
            return
        if self._stream is not None:
            raise net_error("EALREADY" if self._stream.connecting else "EISCONN")
        if self._listener is not None:
            raise net_error("EISCONN")
        stack = node_net(machine).stack
        if self._port and stack.is_connected(self._port, peer):
            raise net_error("EADDRINUSE")
        self._new = False
        stream = stack.connect(peer, local_port=self._port or None)
        if stream is None:
            raise net_error("EHOSTUNREACH")
        stream.reusable = self._reuse
        self._port = stream.local[1]
        self._stream = stream
        self._idle.changed()
        if not self._blocking:
            raise net_error("EINPROGRESS")
        until_us = self._deadline()
        while stream.connecting:
            if not self._wait(until_us):
                raise net_error("ETIMEDOUT")
        if stream.error is not None:
            raise self._fault(stream)

    def setsockopt(self, level: int, optname: int, value: object, /) -> None:
        """Set an option: SO_REUSEADDR; SO_BROADCAST and TCP_NODELAY are taken and change nothing here."""
        machine = self._enter()
        if optname == SO_REUSEADDR:
            self._reuse = bool(as_integer(value))
        elif optname in (SO_BROADCAST, TCP_NODELAY):
            as_integer(value)
        elif optname == _OPTION_CALLBACK:
            self._set_callback(value)
        elif optname in (SO_BINDTODEVICE, IP_ADD_MEMBERSHIP):
            raise NotImplementedError(f"socket.setsockopt: option {optname} is not modelled")
        else:
            machine.console.write("Warning: lwip.setsockopt() option not implemented\n")

    def settimeout(self, value: float | None, /) -> None:
        """Wait at most ``value`` seconds in later calls; None for ever, 0 not at all."""
        self._enter()
        if value is None:
            self._blocking, self._retries = True, None
            return
        if not isinstance(value, (int, float)):
            raise TypeError(f"can't convert {type(value).__name__} to float")
        timeout_ms = int(value * 1000)
        self._blocking = timeout_ms != 0
        self._retries = None if timeout_ms < 0 else timeout_ms * 1000 // STEP_US

    def setblocking(self, value: bool, /) -> None:
        """``settimeout(None)`` if true, else ``settimeout(0)``."""
        self._enter()
        self._blocking = bool(value)
        self._retries = None if value else 0

    # --- sending --------------------------------------------------------------------------------

    def send(self, bytes: object, /) -> int:
        """Send; returns how many bytes were accepted, all of them unless the time-out came first.

        Raises:
            OSError: ENOTCONN, ECONNRESET…; EAGAIN or ETIMEDOUT if nothing was accepted.
        """
        self._enter()
        return self._send(as_bytes(bytes))

    def sendall(self, bytes: object, /) -> None:
        """Send everything.

        Raises:
            OSError: as :meth:`send`; ETIMEDOUT if a part was not accepted.
        """
        self._enter()
        data = as_bytes(bytes)
        if self._send(data) < len(data):
            raise net_error("ETIMEDOUT")

    def sendto(self, bytes: object, address: Address, /) -> int:
        """Send a datagram.

        Raises:
            OSError: EHOSTUNREACH no network, EMSGSIZE more than one frame holds.
        """
        machine = self._enter()
        if self._kind != SOCK_DGRAM:
            return self.send(bytes)
        return self._send_datagram(as_bytes(bytes), look_up(machine, address))

    def write(self, buf: object, /) -> int | None:
        """Send everything; a non-blocking socket sends what it can and returns the count, None for nothing."""
        self._enter()
        data = as_bytes(buf)
        sent = 0
        while sent < len(data):
            count = self._write_once(data[sent:] if sent else data)
            sent += count
            if sent == len(data) or (count and self._blocking):
                continue
            if not self._blocking:
                return sent or None
            if not self._wait(self._deadline()):
                if self._too_late() == "ETIMEDOUT":
                    raise net_error("ETIMEDOUT")
                return sent or None
        return sent

    # --- receiving ------------------------------------------------------------------------------

    @staticmethod
    def _count(value: object) -> int:
        count = as_integer(value)
        if count < 0:
            raise MemoryError("memory allocation failed")
        return count

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """Wait for data and return up to ``bufsize`` bytes; b"" when the other side has closed.

        Raises:
            OSError: ENOTCONN, ECONNRESET, EAGAIN, ETIMEDOUT.
        """
        self._enter()
        data = self._receive(self._count(bufsize), flags)
        if isinstance(data, str):
            raise net_error(data)
        return data

    def recvfrom(self, bufsize: int, flags: int = 0, /) -> tuple[bytes, Address]:
        """As :meth:`recv`, with the sender's address."""
        self._enter()
        count = self._count(bufsize)
        if self._stream is not None:
            data: bytes | str = self._receive(count, flags)
            sender = self._stream.peer
        else:
            data, sender = self._receive_datagram(count, flags)
        if isinstance(data, str):
            raise net_error(data)
        return data, sender

    def read(self, size: int = -1, /) -> bytes | None:
        """Read exactly ``size`` bytes, all up to the end if negative; fewer at the end or on a non-blocking socket.

        Returns:
            None if a non-blocking socket has nothing.
        """
        self._enter()
        size = -1 if size is None else as_integer(size)
        pieces = bytearray()
        while size < 0 or len(pieces) < size:
            piece = self._receive(size - len(pieces) if size >= 0 else 1 << 20)
            if isinstance(piece, str):
                if piece != "EAGAIN":
                    raise net_error(piece)
                return bytes(pieces) if pieces else None
            if not piece:
                break
            pieces += piece
            if not self._blocking and not self._readable():
                break
        return bytes(pieces)

    def readinto(self, buf: Any, nbytes: int | None = None, /) -> int | None:
        """Fill ``buf``, or its first ``nbytes``; returns the count, None if a non-blocking socket has nothing."""
        view = memoryview(buf).cast("B")
        size = len(view) if nbytes is None else min(self._count(nbytes), len(view))
        data = self.read(size)
        if data is None:
            return None
        view[: len(data)] = data
        return len(data)

    def readline(self) -> bytes | None:
        """Read up to and with a newline, or to the end; a non-blocking socket may return a part, or None."""
        self._enter()
        line = bytearray()
        while line[-1:] != b"\n":
            stream = self._stream
            end = stream.rx.find(b"\n") + 1 if stream is not None else 0
            piece = self._receive(end or (len(stream.rx) if stream is not None and stream.rx else 1))
            if isinstance(piece, str):
                if piece != "EAGAIN":
                    raise net_error(piece)
                return bytes(line) if line else None
            if not piece:
                break
            line += piece
        return bytes(line)

    def makefile(self, mode: str = "rb", buffering: int = 0, /) -> socket:
        """The socket itself."""
        self._enter()
        return self

    def fileno(self) -> int:
        """Its number; -1 once closed."""
        running().cpu.charge(CALL_US)
        return self._fd

    def close(self) -> None:
        """Close; the other side learns it. A second close does nothing."""
        machine = running()
        machine.cpu.charge(CALL_US)
        if self._fd < 0:
            return
        open_sockets(machine).pop(self._fd, None)
        source = self._source
        stack = node_net(machine).stack
        self._fd = -1
        if self._stream is not None:
            self._stream.close()
        elif self._listener is not None:
            stack.unlisten(self._listener)
        elif self._udp is not None:
            stack.udp.pop(self._udp.number, None)
        self._stream = self._listener = self._udp = None
        source.changed()
