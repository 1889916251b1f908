"""Faults that act on packets: lost, late, doubled, out of order, cut off. See :mod:`simulator.lan.faults`."""

from __future__ import annotations

from typing import Any

from simulator.errors import UsageError
from simulator.lan.faults import OUTSIDE, Fault, Flight, PacketFault, Param, names

_HOST = Param("host", "host", "only packets from or to this host (default: all)")
_PEER = Param("peer", "host", "only those that it exchanges with this one (default: all)")
_RATIO = Param("ratio", "number", "how many of them, 0..1", required=True, low=0, high=1)
_LONGEST_MS = 600_000


class _Statistical(PacketFault):
    """Strikes some of the packets between two hosts, in both directions."""

    def validate(self) -> None:
        """The bridge's clients send no packets."""
        if OUTSIDE in (self.params["host"], self.params["peer"]):
            raise UsageError(f"{self.KIND}: clients from outside use the host's TCP; its packets are out of reach")

    def apply(self, flight: Flight) -> None:
        """See :meth:`PacketFault.apply`."""
        if flight.delays and flight.touches(self.params["host"], self.params["peer"]):
            self.disturb(flight)

    def disturb(self, flight: Flight) -> None:
        """Do it to a packet that it applies to, or not."""
        raise NotImplementedError


class Loss(_Statistical):
    """Packets get lost."""

    KIND = "loss"
    DOC = "packets get lost"
    PARAMS = (_RATIO, _HOST, _PEER)

    def disturb(self, flight: Flight) -> None:
        """Lose it."""
        if self.random.random() < self.params["ratio"]:
            self.strike()
            flight.delays.clear()


class Latency(_Statistical):
    """Packets take longer. Their order stays, as in a queue, until the fault ends or unless ``reorder`` is set."""

    KIND = "latency"
    DOC = "packets take longer; the order stays unless `reorder` is true"
    PARAMS = (
        Param("ms", "number", "longer by this, ms", required=True, low=0, high=_LONGEST_MS),
        Param("jitter_ms", "number", "and by a random time up to this, ms", default=0, low=0, high=_LONGEST_MS),
        Param("reorder", "bool", "a packet may overtake another one", default=False),
        _HOST,
        _PEER,
    )

    def begin(self) -> None:
        """See :meth:`Fault.begin`."""
        self._latest_us: dict[Any, int] = {}
        super().begin()

    def disturb(self, flight: Flight) -> None:
        """Delay it."""
        extra_us = round(self.params["ms"] * 1000 + self.random.random() * self.params["jitter_ms"] * 1000)
        if extra_us:
            self.strike()
        flight.delays[:] = [delay_us + extra_us for delay_us in flight.delays]
        if not self.params["reorder"]:
            now_us = self.lan.kernel.now
            way = (flight.source, flight.target)
            earliest_us = self._latest_us.get(way, 0) - now_us
            flight.delays[:] = [max(delay_us, earliest_us) for delay_us in flight.delays]
            self._latest_us[way] = now_us + max(flight.delays)


class Reorder(_Statistical):
    """Packets are held back so that later ones overtake them."""

    KIND = "reorder"
    DOC = "packets are held back, so that later ones overtake them"
    PARAMS = (
        _RATIO,
        Param("by_ms", "number", "held back by this, ms", default=20, low=0.001, high=_LONGEST_MS),
        _HOST,
        _PEER,
    )

    def disturb(self, flight: Flight) -> None:
        """Hold it back."""
        if self.random.random() < self.params["ratio"]:
            self.strike()
            by_us = max(1, round(self.params["by_ms"] * 1000))
            flight.delays[:] = [delay_us + by_us for delay_us in flight.delays]


class Duplicate(_Statistical):
    """Packets arrive twice."""

    KIND = "duplicate"
    DOC = "packets arrive twice"
    PARAMS = (_RATIO, _HOST, _PEER)

    def disturb(self, flight: Flight) -> None:
        """Add a copy."""
        if self.random.random() < self.params["ratio"]:
            self.strike()
            flight.delays.append(max(flight.delays))


class _Cut(PacketFault):
    """Nothing at all gets through on some ways."""

    def apply(self, flight: Flight) -> None:
        """Lose it if it goes a way that is cut."""
        if flight.delays and any(self.cuts(source, target) for source in flight.source for target in flight.target):
            self.strike()
            flight.delays.clear()


class Partition(_Cut):
    """The network falls into two parts."""

    KIND = "partition"
    DOC = "two groups of hosts do not reach each other"
    PARAMS = (
        Param("a", "hosts", "one group, names separated by commas", required=True),
        Param("b", "hosts", "the other one (default: all others)"),
    )

    def validate(self) -> None:
        """A host is in one group only."""
        self._a = names(self.params["a"])
        self._b = None if self.params["b"] is None else names(self.params["b"])
        both = [name for name in self._a if name in (self._b or ())]
        if both:
            raise UsageError(f"partition: {both[0]!r} is in both groups")
        if not self._a or self._b == []:
            raise UsageError("partition: a group without hosts")

    def cuts(self, source: str, target: str) -> bool:
        """See :meth:`PacketFault.cuts`."""
        return self._parts(source, target) or self._parts(target, source)

    def _parts(self, one: str, other: str) -> bool:
        return one in self._a and (other not in self._a if self._b is None else other in self._b)


class Vanish(_Cut):
    """A host is gone, as if its cable was pulled behind the switch: nobody is told."""

    KIND = "vanish"
    DOC = "nothing from or to a host gets through, and nobody is told"
    PARAMS = (Param("host", "host", "which", required=True),)

    def cuts(self, source: str, target: str) -> bool:
        """See :meth:`PacketFault.cuts`."""
        return self.params["host"] in (source, target)


class OneWay(_Cut):
    """What a host sends is lost; what it is sent arrives."""

    KIND = "one_way"
    DOC = "what a host sends gets lost; the other direction works"
    PARAMS = (
        Param("host", "host", "the sender", required=True),
        Param("peer", "host", "only what it sends to this one (default: to anybody)"),
    )

    def cuts(self, source: str, target: str) -> bool:
        """See :meth:`PacketFault.cuts`."""
        return source == self.params["host"] and self.params["peer"] in (None, target)


class HalfOpen(Fault):
    """A host has forgotten its TCP connections with a peer, as after a reset. It acts at once, and once.

    When the peer sends, the host answers by a reset, since it knows of no connection.
    """

    KIND = "half_open"
    DOC = "a host forgets, now, its TCP connections with a peer, which believes in them until it sends"
    PARAMS = (
        Param("host", "host", "who forgets", required=True),
        Param("peer", "host", "whose connections", required=True),
    )

    def validate(self) -> None:
        """Both must be hosts of their own."""
        for name in ("host", "peer"):
            if self.params[name] not in self.lan.hosts:
                raise UsageError(f"{self.KIND}: {name} must be a host on the LAN, not {self.params[name]!r}")

    def begin(self) -> None:
        """Forget them."""
        peer = self.lan.hosts[self.params["peer"]]
        ips = [door.ip for door in peer.interfaces]
        for connection in self.lan.hosts[self.params["host"]].connections:
            inside = self.lan.internet.inside_of(connection.peer)
            if connection.peer[0] in ips or (inside is not None and inside[0] in ips):
                if connection.state != "time_wait":  # of those the peer knows nothing either
                    self.strike()
                connection.drop()
