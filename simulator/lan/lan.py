"""The network world: networks, access points, hosts.

Example::

    lan = Lan(kernel)
    lan.attach(machine)                        # a node's radio; firmware joins by name and password
    client = lan.client("laptop")
    connection = client.connect(lan.address(machine), 9008)
"""

from __future__ import annotations

from simulator.errors import StateError, UsageError
from simulator.kernel import Kernel
from simulator.lan.addresses import Subnet
from simulator.lan.client import LanClient
from simulator.lan.fault_kinds import KINDS
from simulator.lan.faults import OUTSIDE, ROUTER, Faults
from simulator.lan.host import NodeNet, Silicon
from simulator.lan.internet import Internet
from simulator.lan.network import Interface, Network
from simulator.lan.router import router_name
from simulator.lan.stack import IpStack
from simulator.lan.wifi import AccessPoint, Station

#: What the firmware's default configuration joins. Source: firmware specification, keys staessid and stapwd.
HOME_SSID = "your_wifi_name"
HOME_PASSWORD = "your_wifi_passwd"
#: Wide, so that a fleet of a thousand nodes gets addresses.
_HOME_SUBNET = "10.0.0.0/16"
_HOME_GATEWAY = "10.0.1.1"
_HOME_FIRST_LEASE = "10.0.1.2"
#: Locally administered MACs of what is no node.
_AP_MAC = 0x02_00_00_00_AA_00
_CLIENT_MAC = 0x02_00_00_00_CC_00


class Lan:
    """All networks of one world, with one home network and its access point.

    Args:
        kernel: virtual time.

    Attributes:
        home: the home network.
        home_ap: its first access point.
        access_points: those on the air, and those that a test has switched off (``up``).
        clients: hosts made by :meth:`client`, by name.
        hosts: IP stacks of all hosts, by the name that faults call them.
        nets: nodes' parts of the LAN, by name.
        stations: all radios that can join an access point.
        faults: what goes wrong.
        internet: what lies beyond the routers; each network made by :meth:`add_network` has one.
    """

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.access_points: list[AccessPoint] = []
        self.clients: dict[str, LanClient] = {}
        self.hosts: dict[str, IpStack] = {}
        self.nets: dict[str, NodeNet] = {}
        self.stations: list[Station] = []
        self.faults = Faults(self, KINDS)
        self._macs = 0
        self.internet = Internet(kernel, self.hosts)
        self.expose_to_faults(self.internet.network)
        self.home = self.add_network("home", _HOME_SUBNET, gateway=_HOME_GATEWAY, first_lease=_HOME_FIRST_LEASE)
        self.home_ap = self.add_access_point(HOME_SSID, HOME_PASSWORD)

    # --- building -------------------------------------------------------------------------------

    def add_network(self, name: str, subnet: str, *, gateway: str, first_lease: str) -> Network:
        """Make a network.

        Args:
            name: for traces; its router is ``router-NAME``, that of the home network ``router``.
            subnet: e.g. ``192.168.1.0/24``.
            gateway: the router's address in it.
            first_lease: lowest address that its DHCP server gives out.

        Raises:
            UsageError: the router's name is in use or holds a comma, or an address is not in the subnet.
        """
        if router_name(name) in self.hosts or "," in name:
            raise UsageError(f"a network cannot be called {name!r}: the name is in use, or holds a comma")
        network = Network(self.kernel, name, subnet=Subnet.parse(subnet), gateway=gateway, first_lease=first_lease)
        self.expose_to_faults(network)
        self.internet.connect(network)
        return network

    def add_access_point(
        self,
        ssid: str,
        password: str = "",
        *,
        rssi_dbm: int = -50,
        channel: int = 6,
        hidden: bool = False,
        network: Network | None = None,
    ) -> AccessPoint:
        """Put an access point on the air; it leads to the home network unless told otherwise.

        Raises:
            UsageError: ssid, password or channel is not possible.
        """
        self._macs += 1
        point = AccessPoint(
            network or self.home,
            ssid,
            password,
            bssid=(_AP_MAC + self._macs).to_bytes(6, "big"),
            rssi_dbm=rssi_dbm,
            channel=channel,
        )
        point.hidden = hidden
        self.access_points.append(point)
        self.faults.points_changed()
        return point

    def access_point(self, ssid: str) -> AccessPoint:
        """The first access point with this name.

        Raises:
            UsageError: there is none.
        """
        for point in self.access_points:
            if point.ssid == ssid:
                return point
        names = ", ".join(sorted({point.ssid for point in self.access_points}))
        raise UsageError(f"no access point {ssid!r}; there are: {names}")

    def client(self, name: str, *, access_point: AccessPoint | None = None) -> LanClient:
        """A host of the test; the same name gives the same host.

        Args:
            name: also its host name.
            access_point: joins it instead of the home network by cable.

        Raises:
            UsageError: a node or another kind of host has this name, or it holds a comma, or the host was made on
                another access point or by cable.
            StateError: the network has no address left, or the access point no place.
        """
        client = self.clients.get(name)
        if client is None:
            self.check_new_host(name)
            mac = (_CLIENT_MAC + len(self.clients) + 1).to_bytes(6, "big")
            network = self.home if access_point is None else access_point.network
            client = self.clients[name] = LanClient(self.kernel, name, mac, network, access_point)
            self.hosts[name] = client.stack
        elif access_point not in (None, client.access_point):
            raise UsageError(f"{name} is there already, and not on this access point")
        return client

    # --- faults ---------------------------------------------------------------------------------

    def expose_to_faults(self, network: Network) -> None:
        """Have the faults act in this network."""
        network.faults = self.faults.in_the_air
        network.dhcp.faults = self.faults.dhcp

    def check_new_host(self, name: str) -> None:
        """Make sure that a host may be called so: faults name hosts, several of them separated by commas.

        Raises:
            UsageError: it may not.
        """
        if name in self.host_names or "," in name:
            raise UsageError(f"a host cannot be called {name!r}: the name is in use, reserved, or holds a comma")

    @property
    def host_names(self) -> list[str]:
        """What faults can be told of: every host, :data:`ROUTER`, :data:`OUTSIDE`."""
        return [*self.hosts, *(name for name in (ROUTER, OUTSIDE) if name not in self.hosts)]

    # --- nodes ----------------------------------------------------------------------------------

    def attach(self, machine: Silicon) -> None:
        """Give a machine its radio and IP stack (``machine.parts["net"]``)."""
        net = machine.parts["net"] = NodeNet(self, machine)
        self.nets[machine.name] = net
        self.hosts[machine.name] = net.stack

    @staticmethod
    def _net(machine: Silicon) -> NodeNet:
        net: NodeNet = machine.parts["net"]
        return net

    def listening(self, machine: Silicon, port: int) -> bool:
        """True while the node accepts TCP connections on ``port``."""
        return port in self._net(machine).stack.listeners

    def address(self, machine: Silicon) -> str:
        """The node's present address.

        Raises:
            StateError: it is on no network.
        """
        address = self._net(machine).address
        if address is None:
            raise StateError(f"{machine.name} is on no network")
        return address

    def set_rssi(self, machine: Silicon, dbm: int | None) -> None:
        """How loud this node hears access points; None takes each access point's own figure."""
        self._net(machine).station.rssi_dbm = dbm

    def note(self, interface: Interface, what: str) -> None:
        """Put a happening of an interface into the trace."""
        self.kernel.trace.add(self.kernel.now, f"{interface.stack.name}.{interface.name}", what)
