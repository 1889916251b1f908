"""Faults of the LAN: what goes wrong in it, on request, and how often it did.

A fault is started by kind and parameters, counts how often it has struck, and is ended. One that never struck has
tested nothing, so leaving its ``with`` block, and :meth:`Faults.check`, raise
:exc:`~simulator.errors.FaultNeverFired` then.

Example::

    with lan.faults.start("loss", ratio=0.3, host="node01") as fault:
        world.run_for(60)
    print(fault.count)

To add a kind: write a subclass of :class:`Fault` (of :class:`PacketFault` if it acts on packets) with ``KIND``, ``DOC``
and ``PARAMS``, and put it into ``simulator.lan.fault_kinds.KINDS``; tests, control channel and docs have it then.

Hosts are named by what the test calls them: a node's name, a client's name, a service host's name; :data:`ROUTER` is
the home router and all that goes through it (``router-NAME`` that of the network ``NAME``), :data:`OUTSIDE` are the
clients that come through the bridge. Each fault draws from a random stream of its own, so same seed, same faults: same
run.

Faults act in every network of the LAN, also in those of access points that nodes offer, and in what is added while
they run. A packet meets them once: in the network of the home that it leaves or enters, or, if it is one of a router
itself, on that router's line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar

from simulator.errors import FaultNeverFired, UsageError

if TYPE_CHECKING:
    from simulator.lan.fault_dhcp import DhcpFault
    from simulator.lan.fault_radio import ApOff, WeakSignal
    from simulator.lan.lan import Lan
    from simulator.lan.network import Interface
    from simulator.lan.wifi import AccessPoint

ROUTER = "router"
OUTSIDE = "outside"

#: A text parameter names at most so much.
_TEXT_MAX = 1_024
_KIND_NAMES = {"text": "a text", "host": "the name of a host", "hosts": "names of hosts, separated by commas"}
_KIND_NAMES |= {"int": "a whole number", "number": "a number", "bool": "True or False"}


@dataclass(frozen=True)
class Param:
    """One parameter of a kind.

    Attributes:
        name: as in :meth:`Faults.start`.
        kind: ``number``, ``int``, ``bool``, ``text``, ``host`` or ``hosts`` (names separated by commas).
        doc: what it means, with its unit.
        default: taken if it is not given; None means "not given".
        required: must be given.
        low: smallest number.
        high: largest number.
    """

    name: str
    kind: str
    doc: str
    default: Any = None
    required: bool = False
    low: float = 0
    high: float = 0

    def problem(self, value: object, lan: Lan) -> str | None:
        """What a value should be, None if it is that."""
        if self.kind in ("int", "number"):
            right = isinstance(value, int) or (self.kind == "number" and isinstance(value, float))
            if isinstance(value, bool) or not right:
                return _KIND_NAMES[self.kind]
            return None if self.low <= value <= self.high else f"{self.low:g}..{self.high:g}"  # type: ignore[operator]
        if self.kind == "bool":
            return None if isinstance(value, bool) else _KIND_NAMES["bool"]
        if not isinstance(value, str) or not 0 < len(value) <= _TEXT_MAX:
            return _KIND_NAMES[self.kind]
        if self.kind == "text":
            return None
        strangers = [name for name in (names(value) if self.kind == "hosts" else [value]) if name not in lan.host_names]
        if not strangers:
            return None
        known = lan.host_names
        shown = ", ".join(known[:8]) + (", ..." if len(known) > 8 else "")
        return f"{_KIND_NAMES[self.kind]}, and there is no {strangers[0][:40]!r}; there are: {shown}"


def names(hosts: str) -> list[str]:
    """The single names of a ``hosts`` parameter."""
    return [name.strip() for name in hosts.split(",") if name.strip()]


class Fault:
    """One fault; made by :meth:`Faults.start`. Leaving its ``with`` block ends it.

    Attributes:
        KIND: name of its kind.
        DOC: what it does, one line, for people.
        PARAMS: what it takes.
        lan: where it acts.
        ident: a number of its own, from 1.
        params: every parameter, defaults filled in.
        count: how often it has struck.
        running: it has not ended.
        random: its own random stream.
    """

    KIND: ClassVar[str]
    DOC: ClassVar[str]
    PARAMS: ClassVar[tuple[Param, ...]] = ()

    def __init__(self, lan: Lan, ident: int, params: Mapping[str, Any]) -> None:
        self.lan = lan
        self.ident = ident
        self.params = dict(params)
        self.count = 0
        self.running = False
        self.random = lan.kernel.stream(f"fault/{ident}/{self.KIND}")
        self._excused = False

    # --- for kinds ------------------------------------------------------------------------------

    def validate(self) -> None:
        """Look at parameters that must fit together.

        Raises:
            UsageError: they do not.
        """

    def begin(self) -> None:
        """Take effect."""

    def finish(self) -> None:
        """Have no effect any longer."""

    def strike(self, times: int = 1) -> None:
        """Count that it has had its effect."""
        self.count += times

    # --- for users ------------------------------------------------------------------------------

    def end(self) -> None:
        """Take it away; nothing happens if it has ended."""
        if self.running:
            self.running = False
            self.lan.faults.active.remove(self)
            self.finish()
            self.lan.kernel.trace.add(self.lan.kernel.now, f"fault.{self.ident}", "ends")

    def excuse(self) -> None:
        """It need not strike; for tests that draw their faults at random."""
        self._excused = True

    @property
    def idle(self) -> bool:
        """It has not struck although it should have."""
        return self.count == 0 and not self._excused

    def describe(self) -> str:
        """Kind, parameters and count in one line."""
        given = ", ".join(f"{name}={value!r}" for name, value in self.params.items() if value is not None)
        return f"fault {self.ident}: {self.KIND}({given}), struck {self.count} times"

    def __enter__(self) -> Fault:
        return self

    def __exit__(self, exc_type: type | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.end()
        idle = self.idle
        self.excuse()  # said once; Faults.check() need not say it again
        if idle and exc is None:
            raise FaultNeverFired(f"{self.describe()}: never fired")


class Flight:
    """A message on its way to one receiver, while faults look at it.

    Attributes:
        source: names of who sends it: the host and, for one beyond the router, the router.
        target: names of who shall get it, likewise.
        doors: the interfaces at both ends, as far as they are on this network.
        delays: when it arrives, µs from now; one for each copy, none if it is lost.
    """

    __slots__ = ("delays", "doors", "source", "target")

    def __init__(
        self, source: tuple[str, ...], target: tuple[str, ...], doors: tuple[Interface | None, ...], delay_us: int
    ) -> None:
        self.source = source
        self.target = target
        self.doors = doors
        self.delays = [delay_us]

    def touches(self, host: str | None, peer: str | None) -> bool:
        """It goes between ``host`` and ``peer``, in whatever direction; None stands for any."""
        return self.goes(host, peer) or self.goes(peer, host)

    def goes(self, source: str | None, target: str | None) -> bool:
        """It goes from ``source`` to ``target``; None stands for any."""
        return (source is None or source in self.source) and (target is None or target in self.target)


class PacketFault(Fault):
    """A fault that acts on whatever is carried: packets, each receiver of a broadcast, DHCP, name queries."""

    def begin(self) -> None:
        """Look at every flight from now on."""
        self.lan.faults.in_the_air.append(self)

    def finish(self) -> None:
        """Look at none any longer."""
        self.lan.faults.in_the_air.remove(self)

    def apply(self, flight: Flight) -> None:
        """Change ``flight.delays``, and count it if so."""
        raise NotImplementedError

    def cuts(self, source: str, target: str) -> bool:
        """Nothing at all gets from ``source`` to ``target``; the bridge asks this."""
        return False


class Faults:
    """The faults of one LAN.

    Args:
        lan: where they act.
        kinds: the table, name -> class.

    Attributes:
        kinds: the table.
        active: those that have not ended, oldest first.
        in_the_air: those among them that act on packets; each network shares this list.
        dhcp: those among them that act in DHCP servers; shared likewise.
        radio: those among them that make radio signals weak.
        silence: those among them that keep access points off the air.
    """

    def __init__(self, lan: Lan, kinds: Mapping[str, type[Fault]]) -> None:
        self._lan = lan
        self.kinds = kinds
        self.active: list[Fault] = []
        self.in_the_air: list[PacketFault] = []
        self.dhcp: list[DhcpFault] = []
        self.radio: list[WeakSignal] = []
        self.silence: list[ApOff] = []
        self._all: list[Fault] = []  # those that run, or have never struck
        self._count = 0

    def start(self, kind: str, **params: Any) -> Fault:
        """Start a fault.

        Args:
            kind: a name of the table.
            params: as the kind takes them.

        Raises:
            UsageError: unknown kind, parameter or host, or a value out of range; the text names it.
        """
        cls = self.kinds.get(kind)
        if cls is None:
            raise UsageError(f"no fault {kind[:40]!r}; there are: {', '.join(self.kinds)}")
        fault = cls(self._lan, self._count + 1, self._checked(cls, params))
        fault.validate()
        self._count += 1
        self._all = [other for other in self._all if other.running or other.idle]
        self._all.append(fault)
        self.active.append(fault)
        fault.running = True
        given = " ".join(f"{name}={value}" for name, value in fault.params.items() if value is not None)
        self._lan.kernel.trace.add(self._lan.kernel.now, f"fault.{fault.ident}", f"{kind} {given}".rstrip())
        fault.begin()
        return fault

    def _checked(self, cls: type[Fault], given: Mapping[str, Any]) -> dict[str, Any]:
        known = [param.name for param in cls.PARAMS]
        for name in given:
            if name not in known:
                there_are = ", ".join(known) or "none"
                raise UsageError(f"{cls.KIND}: no parameter {name[:40]!r}; there are: {there_are}")
        for param in cls.PARAMS:
            if param.name not in given:
                if param.required:
                    raise UsageError(f"{cls.KIND}: parameter {param.name!r} is missing")
                continue
            problem = param.problem(given[param.name], self._lan)
            if problem is not None:
                raise UsageError(f"{cls.KIND}: {param.name} must be {problem}")
        return {param.name: given.get(param.name, param.default) for param in cls.PARAMS}

    def find(self, ident: int) -> Fault:
        """The active fault with this number.

        Raises:
            UsageError: there is none.
        """
        for fault in self.active:
            if fault.ident == ident:
                return fault
        there_are = ", ".join(str(fault.ident) for fault in self.active) or "none"
        raise UsageError(f"no fault {ident} is active; there are: {there_are}")

    def cut(self, source: str, target: str, *, count: bool) -> bool:
        """Some fault lets nothing through from ``source`` to ``target``; it counts this if ``count``."""
        for fault in self.in_the_air:
            if fault.cuts(source, target):
                if count:
                    fault.strike()
                return True
        return False

    def level(self, host: str, ssid: str) -> int | None:
        """How loud a host hears an access point by the latest fault that says so, dBm; None if none does."""
        for fault in reversed(self.radio):
            level = fault.level(host, ssid)
            if level is not None:
                return level
        return None

    def note_weak(self, host: str, ssid: str) -> None:
        """A host could not join, or not stay, since it hears the access point too weakly."""
        for fault in reversed(self.radio):
            if fault.level(host, ssid) is not None:
                fault.strike()
                return

    def points_changed(self) -> None:
        """An access point has come or is called otherwise, or a fault that silences some begins or ends."""
        for point in self._lan.access_points:
            silencers = [fault for fault in self.silence if fault.silences(point)]
            if not point.silenced:
                for fault in silencers:
                    fault.strike(len(point.stations))
            point.silenced = bool(silencers)

    def note_missed(self, point: AccessPoint) -> None:
        """A station looks for an access point that is off the air."""
        for fault in self.silence:
            if fault.silences(point):
                fault.strike()

    def check(self) -> None:
        """Make sure that every fault so far, active or ended, has struck.

        Raises:
            FaultNeverFired: some have not; the text names them. They are named once.
        """
        idle = [fault for fault in self._all if fault.idle]
        for fault in idle:
            fault.excuse()
        if idle:
            raise FaultNeverFired("; ".join(fault.describe() for fault in idle) + ": never fired")
