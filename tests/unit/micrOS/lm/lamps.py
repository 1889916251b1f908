"""The lamps that share `lamp.py`, each with its part on a board, for tests of what is common to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


def state(reply: str) -> dict[str, int]:
    """The numbers of a reply of lines `` <key>: <value>``; the order of lines is the engine's."""
    return {key.strip(): int(value) for key, value in (line.split(":") for line in reply.split("\n"))}


@dataclass(frozen=True)
class Kind:
    """One Load Module.

    Attributes:
        name: of the module, and of its wiring.
        setter: its function that takes the channels.
        keys: of its channels in replies.
        names: of the setter's arguments.
        top: full scale.
        pds: its state file.
        pin: logical name of its first pin.
        light: what its part shows, in the module's scale.
    """

    name: str
    setter: str
    keys: tuple[str, ...]
    names: str
    top: int
    pds: str
    pin: str
    default: tuple[int, ...]
    light: Callable[[Any], tuple[float, ...]]


def _rgb(node: Any) -> tuple[float, ...]:
    strip = node.part("strip")
    return 10 * strip.get("r_pct"), 10 * strip.get("g_pct"), 10 * strip.get("b_pct")


def _cct(node: Any) -> tuple[float, ...]:
    strip = node.part("strip")
    return 10 * strip.get("cold_pct"), 10 * strip.get("warm_pct")


def _neopixel(node: Any) -> tuple[float, ...]:
    shown = set(node.part("strip").get("pixels"))
    assert len(shown) == 1
    return tuple(shown.pop())


KINDS = (
    Kind("rgb", "rgb", ("R", "G", "B"), "rgb", 1000, "rgb", "redgb", (197, 35, 10), _rgb),
    Kind("cct", "white", ("CW", "WW"), "cw", 1000, "cwww", "cwhite", (500, 500), _cct),
    Kind("neopixel", "neopixel", ("R", "G", "B"), "rgb", 255, "neopixel", "neop", (100, 100, 100), _neopixel),
)


class Lamp:
    """A booted node with a lamp.

    Attributes:
        kind: which one.
        node: the node.
        shell: a session on it.
    """

    def __init__(self, world: Any, kind: Kind, **config: Any) -> None:
        self.world = world
        self.kind = kind
        self.node = world.add_node("node01", wiring=kind.name, config=config)
        self.shell = world.shell(self.node)

    def __call__(self, command: str) -> str:
        """Send a command of the module; a moment later its light is there."""
        reply = self.shell(f"{self.kind.name} {command}")
        self.world.run_for(0.001)
        return str(reply)

    def set(self, colour: tuple[int, ...], rest: str = "smooth=False") -> dict[str, int]:
        """Show a colour; returns the state that the reply tells."""
        return state(self(f"{self.kind.setter} {' '.join(map(str, colour))} {rest}"))

    def expected(self, colour: tuple[int, ...], is_on: bool) -> dict[str, int]:
        """The state that stands for a colour."""
        return {**dict(zip(self.kind.keys, colour, strict=True)), "S": int(is_on)}

    @property
    def status(self) -> dict[str, int]:
        """What `status` tells."""
        return state(self("status"))

    @property
    def light(self) -> tuple[int, ...]:
        """What the part shows, in the module's scale; rounded, as the PWM has steps of its own."""
        return tuple(round(value) for value in self.kind.light(self.node))

    @property
    def dark(self) -> tuple[int, ...]:
        """All channels off."""
        return (0,) * len(self.kind.keys)

    def colour(self, *shares: float) -> tuple[int, ...]:
        """A colour of this lamp: shares 0..1 of full scale, as many as it has channels."""
        return tuple(round(share * self.kind.top) for share in shares[: len(self.kind.keys)])

    def file(self) -> str:
        """The state file."""
        return str(self.node.flash.read(f"/{self.kind.pds}.pds").decode())

    def writes(self) -> int:
        """Steps of the flash that had to do with the state file."""
        return sum(count for path, count in self.node.flash.writes.items() if path.startswith(f"/{self.kind.pds}.pds"))
