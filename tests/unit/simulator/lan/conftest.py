"""A LAN with virtual time and no nodes."""

import pytest

from simulator.kernel import Kernel
from simulator.lan import HOME_PASSWORD, HOME_SSID, Interface, Lan, Station
from simulator.lan.stack import IpStack

#: Scan, authentication, four messages of DHCP, probe.
JOIN_S = 6 * 0.12 + 0.1 + 4 * 0.002 + 0.5


class Desk:
    """Two hosts on a LAN, and time."""

    def __init__(self):
        self.kernel = Kernel(seed=1)
        self.lan = Lan(self.kernel)
        self.server = self.lan.client("server")
        self.client = self.lan.client("client")

    def run(self, ms):
        self.kernel.run(self.kernel.now + round(ms * 1000))

    def guests(self, name="guest"):
        """A further network with its access point, which has the network's name."""
        network = self.lan.add_network(name, "192.168.7.0/24", gateway="192.168.7.1", first_lease="192.168.7.2")
        return self.lan.add_access_point(name, network=network)

    def pair(self):
        """A connection from client to server: (client's side, server's side)."""
        listening = self.server.listen(80)
        connection = self.client.connect(self.server.ip, 80)
        self.run(20)
        return connection, listening.connections[0]


@pytest.fixture
def desk():
    return Desk()


class Home:
    """Stations on a LAN, and time in seconds."""

    def __init__(self) -> None:
        self.kernel = Kernel(seed=1)
        self.lan = Lan(self.kernel)
        self.dhcp = self.lan.home.dhcp

    def station(self, number: int = 1) -> Station:
        """A station that begins to join."""
        stack = IpStack(self.kernel, f"radio{number}")
        stack.interfaces.append(Interface("sta", stack, bytes([2, 0, 0, 0, 1, number])))
        station = Station(self.lan, stack.interfaces[0])
        self.lan.hosts[stack.name] = stack
        station.active = True
        station.ssid, station.password = HOME_SSID, HOME_PASSWORD
        station.connect()
        return station

    def joined(self, number: int = 1) -> Station:
        station = self.station(number)
        self.run(JOIN_S)
        assert station.connected
        return station

    def run(self, seconds: float) -> None:
        self.kernel.run(self.kernel.now + round(seconds * 1_000_000))


@pytest.fixture
def home() -> Home:
    return Home()
