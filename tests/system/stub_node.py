"""Nodes made of plain sockets that speak the shell's bytes, well or badly, to try the client on.

As on the firmware of 2022, one read is one command, whatever ends it, and a prompt has two blanks.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

Talk = Callable[[socket.socket], None]
PROMPT = b"node01 $  "
REPLIES = {
    "hello": b"hello:node01:micr0123456789abOS\n" + PROMPT,
    "version": b"1.4.2-6\n" + PROMPT,
    "conf": b"[configure] node01 $  ",
    "utc": b"60\n[configure] node01 $  ",
    "dump": b"  devfid    :        node01\n  appwd     :        *****\n[configure] node01 $  ",
    "appwd hunter2": b"Saved\n[configure] node01 $  ",
    "noconf": PROMPT,
    "system fail": b"exec_lm_core LM_system->fail: boom\n" + PROMPT,
    "umlaut": "größe 21 °C\n".encode() + PROMPT,
}


def talk_as_node(connection: socket.socket) -> None:
    """Greet, answer from REPLIES in pieces of 7 bytes (so that characters are cut), leave at ``exit``."""
    connection.sendall(PROMPT)
    while data := connection.recv(1024):
        command = data.decode().strip()
        if command == "exit":
            connection.sendall(b"Bye!\n")
            return
        reply = REPLIES.get(command, b"SHELL: type help for single word commands (built-in)\n" + PROMPT)
        for start in range(0, len(reply), 7):
            connection.sendall(reply[start : start + 7])


def close_at_once(connection: socket.socket) -> None:
    """Say nothing and close."""


def never_answer(connection: socket.socket) -> None:
    """Take what comes, say nothing, until the other side leaves."""
    while connection.recv(1024):
        pass


def close_after_command(connection: socket.socket) -> None:
    """Greet, then close in the middle of the first answer, in the middle of a character."""
    connection.sendall(PROMPT)
    connection.recv(1024)
    connection.sendall("half ä".encode()[:-1])


def refuse_password(connection: socket.socket) -> None:
    """Ask for a password and refuse every one; ``hello`` is answered without."""
    connection.sendall(b"[password] " + PROMPT)
    while (data := connection.recv(1024)).strip() == b"hello":
        connection.sendall(b"hello:node01:micr0123456789abOS\n[password] " + PROMPT)
    if data.strip() != b"exit":
        connection.sendall(b"AuthFailed\nBye!\n")


def be_busy(connection: socket.socket) -> None:
    """Have no session free."""
    connection.sendall(b"Connection is busy. Bye!\n")


class StubNode:
    """Listens on a free port of 127.0.0.1 and lets ``talk`` handle one connection after the other."""

    def __init__(self, talk: Talk) -> None:
        """Begin to listen."""
        self._talk = talk
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(30)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                try:
                    self._talk(connection)
                except OSError:
                    continue

    def close(self) -> None:
        """Stop listening and end the thread."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(35)
