"""``webrepl`` of the port: a terminal and file transfer over a WebSocket, port 8266, one client at a time.

Facts that surprise and are honoured: from the moment a client connects until it has sent its request, the main program
stands still, for ever if the client says nothing; a header without a colon raises in the handler; a second client is
accepted, answered and closed; the client of a session that was not closed keeps its socket until :func:`stop`.

Source: micropython-lib micropython/net/webrepl/webrepl.py.

Limits: ``DEBUG`` prints nothing. A client whose request raises is closed at once, on the port when the garbage
collector finds its socket. A request line ends the session with MemoryError at 64 kB.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.micropython import binascii, hashlib, network, socket
from simulator.micropython import os as node_os
from simulator.micropython._webrepl import _webrepl
from simulator.micropython._webrepl import password as set_password
from simulator.micropython.runtime import running
from simulator.micropython.websocket import websocket

__all__ = [
    "DEBUG",
    "accept_conn",
    "client_s",
    "listen_s",
    "send_html",
    "server_handshake",
    "setup_conn",
    "start",
    "start_foreground",
    "static_host",
    "stop",
]

_CALL_US = 50
_PRINT_US = 20
_OPTION_CALLBACK = 20
_LINE_MAX = 65_536
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

listen_s: Any = None
client_s: Any = None
DEBUG = 0
static_host = "https://micropython.org/webrepl/"


def _own() -> Any:
    """The running node's own module, which has its variables."""
    machine = running()
    machine.cpu.charge(_CALL_US)
    return machine.import_module("webrepl")


def _say(text: str) -> None:
    machine = running()
    machine.cpu.charge(_PRINT_US)
    machine.console.write(text + "\n")


def _read_line(cl: Any) -> bytes:
    line = bytearray()
    while line[-1:] != b"\n":
        byte = cl.recv(1)
        if not byte:
            break
        line += byte
        if len(line) > _LINE_MAX:
            raise MemoryError(f"memory allocation failed, allocating {_LINE_MAX} bytes")
    return bytes(line)


def server_handshake(cl: Any) -> bool:
    """Read a client's request, and answer it if it asks for a WebSocket; True if it does.

    Raises:
        ValueError: a header has no colon.
        OSError: the connection broke.
    """
    headers = _read_headers(cl)
    if headers is None:
        return False
    key = headers.get(b"Sec-WebSocket-Key")
    if not (key and b"Upgrade" in headers.get(b"Connection", b"") and headers.get(b"Upgrade") == b"websocket"):
        return False
    digest = hashlib.sha1(key)
    digest.update(_GUID)
    answer = binascii.b2a_base64(digest.digest())[:-1]
    cl.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ")
    cl.send(answer)
    cl.send("\r\n\r\n")
    return True


def _read_headers(cl: Any) -> dict[bytes, bytes] | None:
    """The three headers that matter by name; None if the client ends before the empty line."""
    _read_line(cl)
    headers: dict[bytes, bytes] = {}
    while (line := _read_line(cl)) != b"\r\n":
        if not line:
            return None
        name, colon, value = line.partition(b":")
        if not colon:
            raise ValueError("need more than 1 values to unpack")
        name, value = name.strip(), value.strip()
        if _counts(name, value):
            headers[name] = value
    return headers


def _counts(name: bytes, value: bytes) -> bool:
    """Whether the port takes note of a header: one that says something else takes nothing back."""
    return (
        name == b"Sec-WebSocket-Key"
        or (name == b"Connection" and b"Upgrade" in value)
        or (name == b"Upgrade" and value == b"websocket")
    )


def send_html(cl: Any) -> None:
    """Answer with a page that loads the client from ``static_host``, and close."""
    host = _own().static_host
    cl.send(b'HTTP/1.0 200 OK\r\n\r\n<base href="')
    cl.send(host)
    cl.send(b'"></base>\r\n<script src="webrepl_content.js"></script>\r\n')
    cl.close()


def setup_conn(port: int, accept_handler: Callable[[Any], object] | None) -> Any:
    """Listen on a port; ``accept_handler`` is called with the listening socket for each client.

    Raises:
        OSError: the port is in use.
    """
    own = _own()
    own.listen_s = listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(socket.getaddrinfo("0.0.0.0", port)[0][4])
    listener.listen(1)
    if accept_handler:
        listener.setsockopt(socket.SOL_SOCKET, _OPTION_CALLBACK, accept_handler)
    started = False
    for number in (network.AP_IF, network.STA_IF):
        interface = network.WLAN(number)
        if interface.active():
            _say(f"WebREPL server started on http://{_address(interface)}:{port}/")
            started = True
    if not started:
        _say("WebREPL no active interface")
    return listener


def _address(interface: network.WLAN) -> str:
    settings = interface.ifconfig()
    return settings[0] if settings else ""


def accept_conn(listen_sock: Any) -> bool:
    """Take the client that waits; True if it has the terminal now.

    Raises:
        OSError, ValueError: as :func:`server_handshake`.
    """
    own = _own()
    cl, remote_addr = listen_sock.accept()
    try:
        if not server_handshake(cl):
            send_html(cl)
            return False
    except (OSError, ValueError, MemoryError, KeyboardInterrupt):
        cl.close()
        raise
    previous = node_os.dupterm(None)
    node_os.dupterm(previous)
    if previous:
        _say(f"\nConcurrent WebREPL connection from {remote_addr} rejected")
        cl.close()
        return False
    _say(f"\nWebREPL connection from: {remote_addr}")
    own.client_s = cl
    session = _webrepl(websocket(cl, True))
    cl.setblocking(False)
    cl.setsockopt(socket.SOL_SOCKET, _OPTION_CALLBACK, node_os.dupterm_notify)
    node_os.dupterm(session)
    return True


def stop() -> None:
    """End the service and its session; nothing happens if it does not run."""
    own = _own()
    node_os.dupterm(None)
    if own.client_s:
        own.client_s.close()
    if own.listen_s:
        own.listen_s.close()


def start(
    port: int = 8266,
    password: str | None = None,
    accept_handler: Callable[[Any], object] | None = accept_conn,
) -> None:
    """Serve, with ``password`` or that of ``webrepl_cfg.py``; without a handler, wait for the first client.

    Raises:
        ValueError: the password is longer than 9 bytes.
        TypeError: there is no password.
        OSError: the port is in use.
    """
    stop()
    chosen = password
    if chosen is None:
        chosen = _configured()
    set_password(chosen)  # None raises, as on the port
    listener = setup_conn(port, accept_handler)
    if accept_handler is None:
        _say("Starting webrepl in foreground mode")
        while not accept_conn(listener):
            pass
    elif password is None:
        _say("Started webrepl in normal mode")
    else:
        _say("Started webrepl in manual override mode")


def _configured() -> Any:
    """The password in ``webrepl_cfg.py``, None without one; its ``BASE`` becomes ``static_host``."""
    chosen = None
    try:
        settings: Any = running().import_module("webrepl_cfg")
        chosen = settings.PASS
        if hasattr(settings, "BASE"):
            _own().static_host = settings.BASE
    except Exception:  # noqa: BLE001 - the file is the user's: whatever it raises, as on the port
        _say("WebREPL is not configured, run 'import webrepl_setup'")
    return chosen


def start_foreground(port: int = 8266, password: str | None = None) -> None:
    """Listen, and wait for the first client.

    Raises:
        ValueError, TypeError, OSError: as :func:`start`.
    """
    start(port, password, None)
