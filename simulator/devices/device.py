"""What every device model is made of: where it is soldered, what can be set and read, how it can fail.

A model speaks to nets and buses only and does not know which driver talks to it. What a person or a test may set or
read is declared in ``quantities``; the attribute of the same name holds it. Ways to fail are declared in ``faults`` and
switched on by :meth:`Device.fail`.

Example, a whole model::

    @part("water_switch")
    class WaterSwitch(Device):
        '''A float switch to ground.'''

        roles = ("out",)
        quantities = {"wet": Quantity("water has reached it", kind=bool)}
        faults = {"broken": "its wire is cut: it never closes"}

        def __init__(self, site: Site) -> None:
            super().__init__(site)
            self._contact = site.net("out").driver(site.name)
            self.wet = False

        def update(self) -> None:
            if self.wet and "broken" not in self.failed:
                self._contact.drive(0)
            else:
                self._contact.release()
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from simulator.electrical.net import Net
from simulator.electrical.pads import Pads
from simulator.errors import UsageError
from simulator.kernel import Kernel

#: A value of a :class:`Quantity`.
Value = bool | int | float | str | tuple[Any, ...]


@dataclass(frozen=True)
class Quantity:
    """Something that a person or a test can set or read.

    Attributes:
        doc: what it is, a few words.
        kind: ``float``, ``int``, ``bool``, ``str`` or, for readings only, ``tuple``.
        unit: e.g. ``degC``, ``%``, ``hPa``, ``mm``, ``V``; empty if it has none.
        low: the smallest that can be set.
        high: the largest that can be set.
        is_reading: it follows from what the node does and cannot be set.
        choices: the only texts that can be set; empty for any.
    """

    doc: str
    kind: type = float
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    is_reading: bool = False
    choices: tuple[str, ...] = ()

    def take(self, name: str, value: object) -> Value:
        """Check a value that is to be set.

        Args:
            name: of the quantity, for the error's text.
            value: of this quantity's kind, or a text that says such a value.

        Returns:
            The value in its own kind.

        Raises:
            UsageError: it is a reading, or the value is of another kind or out of range.
        """
        if self.is_reading:
            raise UsageError(f"{name} can be read only")
        if self.kind is str:
            text = str(value)
            if self.choices and text not in self.choices:
                raise UsageError(f"{name} must be one of {', '.join(self.choices)}, not {text[:40]!r}")
            return text
        taken = _to_bool(value) if self.kind is bool else _to_number(value, self.kind)
        if taken is None:
            wanted = {bool: "0 or 1", int: "a whole number", float: "a number"}[self.kind]
            raise UsageError(f"{name} must be {wanted}, not {str(value)[:40]!r}")
        if not self.low <= taken <= self.high:
            unit = f" {self.unit}" if self.unit else ""
            raise UsageError(f"{name} must be {self.low:g}..{self.high:g}{unit}, not {taken:g}")
        return taken


def _to_bool(value: object) -> bool | None:
    return {"1": True, "true": True, "on": True, "0": False, "false": False, "off": False}.get(str(value).lower())


def _to_number(value: object, kind: type) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    if not math.isfinite(number) or (kind is int and number != int(number)):
        return None
    return int(number) if kind is int else number


class Site:
    """Where a part is soldered: its name, its pins, the clock.

    Args:
        name: of the part, unique on its board, e.g. ``bme280``.
        pads: the chip's pads.
        pins: role -> GPIO, e.g. ``{"scl": 22, "sda": 21}``.
        record: puts a happening into the trace; by default nobody is told.
        owner: name of the node, for the part's own stream of random numbers.

    Attributes:
        name: of the part.
        pads: the chip's pads, with the buses.
        kernel: the clock.
        pins: role -> GPIO.
        random: the part's own random numbers; the same for the same seed and names.
    """

    def __init__(
        self,
        name: str,
        pads: Pads,
        pins: Mapping[str, int],
        *,
        record: Callable[[str], object] | None = None,
        owner: str = "",
    ) -> None:
        self.name = name
        self.pads = pads
        self.kernel: Kernel = pads.kernel
        self.pins = dict(pins)
        self._record = record or (lambda text: None)
        self.random: random.Random = self.kernel.stream(f"{owner}/part/{name}")

    @property
    def now(self) -> int:
        """Virtual microseconds."""
        return self.kernel.now

    def gpio(self, role: str) -> int:
        """The GPIO of a role.

        Raises:
            UsageError: the wiring names none.
        """
        if role not in self.pins:
            raise UsageError(f"{self.name}: pin {role!r} is not wired")
        return self.pins[role]

    def net(self, role: str) -> Net:
        """The net at a role's pin.

        Raises:
            UsageError: the wiring names none, or the board has no such GPIO.
        """
        return self.pads.net(self.gpio(role))

    def record(self, text: str) -> None:
        """Put a happening into the trace."""
        self._record(f"{self.name} {text}")


class Device:
    """A part on a board. A model derives from it and is made known by :func:`part`.

    Args:
        site: where it is soldered.

    Attributes:
        site: where it is soldered.
        failed: names of the faults that are on.
    """

    #: Set by :func:`part`: how wiring files name it.
    kind: ClassVar[str] = ""
    #: Pins that must be wired.
    roles: ClassVar[tuple[str, ...]] = ()
    #: Pins that may be wired.
    optional_roles: ClassVar[tuple[str, ...]] = ()
    #: What can be set or read: attribute -> what it is.
    quantities: ClassVar[Mapping[str, Quantity]] = {}
    #: Ways to fail: name -> what it means.
    faults: ClassVar[Mapping[str, str]] = {}

    def __init__(self, site: Site) -> None:
        self.site = site
        self.failed: set[str] = set()

    def update(self) -> None:
        """Called after a quantity or a fault was set from outside: show it on the nets."""

    def power(self, *, on: bool) -> None:
        """Called when the board's supply comes or goes; a part with memory of its own forgets it here."""

    def set(self, name: str, value: object) -> None:
        """Set a quantity.

        Raises:
            UsageError: there is none of that name, it can be read only, or the value is wrong.
        """
        taken = self._quantity(name).take(f"{self.site.name}.{name}", value)
        setattr(self, name, taken)
        self.site.record(f"{name}={taken}")
        self.update()

    def get(self, name: str) -> Value:
        """Read a quantity.

        Raises:
            UsageError: there is none of that name.
        """
        self._quantity(name)
        value: Value = getattr(self, name)
        return value

    def fail(self, name: str, *, on: bool = True) -> None:
        """Switch a way to fail on or off.

        Raises:
            UsageError: the model has no such fault.
        """
        if name not in self.faults:
            known = ", ".join(self.faults) or "none"
            raise UsageError(f"{self.site.name} has no fault {name[:40]!r}; there are: {known}")
        (self.failed.add if on else self.failed.discard)(name)
        self.site.record(f"{name} {'on' if on else 'off'}")
        self.update()

    def press(self, hold_s: float) -> None:
        """Press it and let go after a while.

        Raises:
            UsageError: it is nothing that can be pressed.
        """
        raise UsageError(f"{self.site.name} ({self.kind}) cannot be pressed")

    def shot(self) -> bytes:
        """A picture of what it shows, as PNG.

        Raises:
            UsageError: it shows nothing.
        """
        raise UsageError(f"{self.site.name} ({self.kind}) shows no picture")

    def _quantity(self, name: str) -> Quantity:
        if name not in self.quantities:
            known = ", ".join(self.quantities) or "none"
            raise UsageError(f"{self.site.name} has no {name[:40]!r}; there are: {known}")
        return self.quantities[name]


#: Models by the name that wiring files use; filled by :func:`part`.
_parts: dict[str, type[Device]] = {}
_D = TypeVar("_D", bound=type[Device])


def part(kind: str) -> Callable[[_D], _D]:
    """Class decorator: make a model known to wiring files as ``kind``.

    Raises:
        UsageError: the name is taken.
    """

    def known(model: _D) -> _D:
        if kind in _parts:
            raise UsageError(f"part {kind!r} is there twice")
        model.kind = kind
        _parts[kind] = model
        return model

    return known


def find_part(kind: str) -> type[Device]:
    """The model of a kind.

    Raises:
        UsageError: there is none.
    """
    if kind not in _parts:
        raise UsageError(f"no part of kind {kind[:40]!r}; there are: {', '.join(sorted(_parts))}")
    return _parts[kind]


def all_parts() -> Iterator[tuple[str, type[Device]]]:
    """All models, by name."""
    yield from sorted(_parts.items())
