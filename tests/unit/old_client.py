"""A host tool of the old kind, in virtual time: what existing clients do on the wire, byte for byte.

Written from the description of their behaviour: commands go out without a line end, the first one without waiting for
the prompt; a reply is complete when a line end has come and the last line holds `` $`` (or ``[configure]`` has), or
when it holds ``Bye!``; nothing is read for more than three seconds of silence.
"""

from __future__ import annotations

from simulator.lan.client import LanClient
from simulator.world import World

_POLL_S = 0.2
_SILENCE_S = 3.0


class OldClient:
    """One connection of an old client.

    Args:
        world: virtual time.
        host: where it runs.
        ip: of the node.
        port: of the shell.

    Attributes:
        timed_out: the last command got no complete reply.
    """

    def __init__(self, world: World, host: LanClient, ip: str, port: int = 9008) -> None:
        self._world = world
        self._connection = host.connect(ip, port)
        self.timed_out = False
        world.run_until(lambda: self._connection.connected, timeout_s=6)

    def command(self, text: str) -> str:
        """Send one command, without line end, and return the reply as the client shows it."""
        self._connection.send(text.encode())
        data, silent_s = b"", 0.0
        while silent_s < _SILENCE_S:
            self._world.run_for(_POLL_S)
            piece = bytes(self._connection.received)
            self._connection.received.clear()
            data += piece
            silent_s = 0.0 if piece else silent_s + _POLL_S
            if _is_complete(data):
                self.timed_out = False
                return _filtered(data)
        self.timed_out = True
        return _filtered(data)

    def close(self) -> None:
        """Leave as the clients do: ``exit``, then close."""
        if not self._connection.closed:
            self.command("exit")
            self._connection.close()

    @property
    def is_closed_by_node(self) -> bool:
        """The node has ended the stream: the oldest client then reads its end for ever."""
        return self._connection.closed


def run(world: World, host: LanClient, ip: str, words: str) -> list[str]:
    """What ``-c -p '<words>'`` does: the pieces between ``<a>`` one by one on one connection; returns their replies."""
    client = OldClient(world, host, ip)
    replies = [client.command(piece.strip()) for piece in words.split("<a>")]
    client.close()
    return replies


def _is_complete(data: bytes) -> bool:
    if b"Bye!" in data:
        return True
    last = data.rsplit(b"\n", 1)[-1]
    return (b"\n" in data or b"[configure]" in data) and b" $" in last


def _filtered(data: bytes) -> str:
    """What is shown: of each line the part behind its first `` $``, if it has one."""
    lines = []
    for line in data.decode().split("\n"):
        _, mark, rest = line.partition(" $")
        lines.append(rest.strip() if mark else line)
    return "\n".join(lines).strip()
