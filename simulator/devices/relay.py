"""Relay module: a coil behind a transistor, and a contact.

Role ``in``: high switches on (``active_low=True``: low does).

Source: Songle SRD-05VDC-SL-C data sheet: pull-in at most 75 %, drop-out at least 10 % of the rated voltage; operate
time at most 10 ms, release time at most 5 ms. The input's resistor keeps the relay off while nobody drives it, as on
the usual modules.

Limits: a square wave counts by its mean (the coil's inductance); the contact does not bounce; no load, no wear.
"""

from __future__ import annotations

from simulator.devices.device import Device, Quantity, Site, part
from simulator.devices.drive import share, watch
from simulator.electrical.net import WEAK
from simulator.errors import UsageError
from simulator.kernel.kernel import Event

_OPERATE_US = 10_000
_RELEASE_US = 5_000
_PULL_IN = 0.75
_DROP_OUT = 0.10


@part("relay")
class Relay(Device):
    """A relay module.

    Args:
        site: where it is soldered.
        active_low: a low level switches it on.

    Attributes:
        closed: the contact is closed.
        operations: how often the contact has moved.
    """

    roles = ("in",)
    quantities = {
        "closed": Quantity("its contact is closed", kind=bool, is_reading=True),
        "operations": Quantity("how often its contact has moved", kind=int, is_reading=True),
    }
    faults = {"welded": "its contact stays closed once it is", "coil_open": "its coil is broken: it never closes"}

    def __init__(self, site: Site, *, active_low: bool = False) -> None:
        if not isinstance(active_low, bool):
            raise UsageError(f"active_low must be true or false, not {active_low!r}")
        super().__init__(site)
        self.closed = False
        self.operations = 0
        self._active_low = active_low
        self._has_pulled = False
        self._moving: Event | None = None
        self._net = site.net("in")
        self._net.driver(f"{site.name} input").drive(int(active_low), strength=WEAK)
        watch(self._net, self.update)
        self.update()

    def update(self) -> None:
        """Energise or release the coil; the contact follows."""
        force = share(self._net)
        if self._active_low:
            force = 1.0 - force
        self._has_pulled = force >= _PULL_IN or (self._has_pulled and force > _DROP_OUT)
        wanted = self._has_pulled and "coil_open" not in self.failed
        wanted = wanted or (self.closed and "welded" in self.failed)
        if self._moving is not None:
            self.site.kernel.cancel(self._moving)
            self._moving = None
        if wanted != self.closed:
            self._moving = self.site.kernel.after(_OPERATE_US if wanted else _RELEASE_US, self._move)

    def _move(self) -> None:
        self._moving = None
        self.closed = not self.closed
        self.operations += 1
        self.site.record("closed" if self.closed else "open")
