"""Faults of the radio: access points off the air, weak signal. See :mod:`simulator.lan.faults`."""

from __future__ import annotations

from simulator.errors import UsageError
from simulator.lan.faults import Fault, Flight, PacketFault, Param
from simulator.lan.wifi import LINK_LIMIT_DBM, AccessPoint

#: From here on downwards frames get lost. Estimates: ESP32 data sheet, receiver sensitivity -93 dBm for 802.11n MCS0
#: and -98 dBm for 1 Mbit/s; the noise of a home with other networks is at about -95 dBm, and repetition on air hides
#: losses down to 8..10 dB above it. So one frame in ten is lost per dB below -85, until beacons are lost too at -92.
WEAK_DBM = -85
LOSS_PER_DB = 0.1


class ApOff(Fault):
    """Access points are off the air, also those that come while it lasts; on again when it ends."""

    KIND = "ap_off"
    DOC = (
        "access points fall silent, also those that come later; on again at its end unless they are switched off. "
        "Counts stations cut off and attempts to join that failed"
    )
    PARAMS = (Param("ssid", "text", "only those with this name (default: all but those of nodes)"),)

    def validate(self) -> None:
        """There must be such an access point."""
        if self.params["ssid"] is not None:
            self.lan.access_point(self.params["ssid"])

    def begin(self) -> None:
        """Silence them."""
        self.lan.faults.silence.append(self)
        self.lan.faults.points_changed()

    def finish(self) -> None:
        """Let be heard those that no other fault silences."""
        self.lan.faults.silence.remove(self)
        self.lan.faults.points_changed()

    def silences(self, point: AccessPoint) -> bool:
        """It keeps this access point off the air."""
        ssid = self.params["ssid"]
        return not point.is_nodes if ssid is None else bool(point.ssid == ssid)


class WeakSignal(PacketFault):
    """Stations hear access points, and the other way round, only weakly."""

    KIND = "weak_signal"
    DOC = (
        f"a weak radio link: below {WEAK_DBM} dBm frames get lost, 10 % more per dB; below {LINK_LIMIT_DBM} dBm a "
        "station loses its link after 6 s and cannot join (estimates). Counts frames lost, links lost, failed attempts"
    )
    PARAMS = (
        Param("dbm", "int", "how loud, dBm", required=True, low=-120, high=0),
        Param("host", "host", "only this station"),
        Param("ssid", "text", "only this access point"),
    )

    def validate(self) -> None:
        """Who is concerned must be said."""
        host, ssid = self.params["host"], self.params["ssid"]
        if host is None and ssid is None:
            raise UsageError("weak_signal: give a host, an ssid, or both")
        if ssid is not None:
            self.lan.access_point(ssid)
        if host is not None and not self._has_radio(host):
            raise UsageError(f"weak_signal: host must have a radio; {host!r} has none")

    def _has_radio(self, host: str) -> bool:
        client = self.lan.clients.get(host)
        has_station = any(station.name == host for station in self.lan.stations)
        return has_station or (client is not None and client.interface.access_point is not None)

    def begin(self) -> None:
        """See :meth:`Fault.begin`."""
        super().begin()
        self.lan.faults.radio.append(self)
        for station in list(self.lan.stations):
            station.signal_changed()

    def finish(self) -> None:
        """See :meth:`Fault.finish`."""
        super().finish()
        self.lan.faults.radio.remove(self)

    def level(self, host: str, ssid: str) -> int | None:
        """How loud the host hears the access point, dBm; None if it does not concern them."""
        if self.params["host"] in (None, host) and self.params["ssid"] in (None, ssid):
            level: int = self.params["dbm"]
            return level
        return None

    def _ruling(self, host: str, ssid: str) -> int | None:
        """The level, unless a later fault has another one for this host."""
        for fault in reversed(self.lan.faults.radio):
            level = fault.level(host, ssid)
            if level is not None:
                return level if fault is self else None
        return None

    def apply(self, flight: Flight) -> None:
        """Lose a frame, at either end that goes by radio."""
        for door in flight.doors:
            if not flight.delays or door is None or door.access_point is None:
                continue
            level = self._ruling(door.stack.name, door.access_point.ssid)
            if level is None or level >= WEAK_DBM:
                continue
            if level < LINK_LIMIT_DBM or self.random.random() < (WEAK_DBM - level) * LOSS_PER_DB:
                self.strike()
                flight.delays.clear()

    def cuts(self, source: str, target: str) -> bool:
        """See :meth:`PacketFault.cuts`."""
        for station in self.lan.stations:
            point = station.access_point
            if station.name in (source, target) and point is not None:
                level = self._ruling(station.name, point.ssid)
                if level is not None and level < LINK_LIMIT_DBM:
                    return True
        return False
