"""A link to a node that exists only as a script, in virtual time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence

import pytest

from toolkit.errors import ClosedEarly

#: What happens on the wire: bytes arrive, seconds pass, or None: the node closes.
Event = bytes | float | None


class ScriptedLink:
    """Plays ``greeting`` at once and ``answers[line]`` after each line; keeps what was sent."""

    def __init__(self, greeting: Sequence[Event], answers: Mapping[str, Sequence[Event]]) -> None:
        self.sent: list[str] = []
        self.closed = False
        self._events: deque[Event] = deque(greeting)
        self._answers = answers
        self._now_s = 0.0

    def send(self, data: bytes) -> None:
        if self._events and self._events[0] is None:
            raise ClosedEarly("the node closed the connection")
        line = data.decode().removesuffix("\n")
        self.sent.append(line)
        self._events.extend(self._answers.get(line, ()))

    def receive(self, timeout_s: float) -> bytes | None:
        while self._events:
            event = self._events.popleft()
            if event is None:
                self._events.appendleft(None)
                return b""
            if isinstance(event, bytes):
                return event
            if event > timeout_s:
                self._events.appendleft(event - timeout_s)
                break
            self._now_s += event
            timeout_s -= event
        self._now_s += timeout_s
        return None

    def now_s(self) -> float:
        return self._now_s

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def scripted() -> Callable[..., ScriptedLink]:
    """``scripted([b"node01 $  "], {"hello": [b"..."]})`` makes a link to a scripted node."""
    return ScriptedLink
