"""Network world: access points, DHCP, TCP and UDP between nodes, tests and, through the bridge, the host.

The bridge stands in :mod:`simulator.lan.bridge` and is not imported here: only it touches host sockets.
"""

from simulator.lan.client import LanClient, LanConnection, LanServer
from simulator.lan.host import NodeNet
from simulator.lan.lan import HOME_PASSWORD, HOME_SSID, Lan
from simulator.lan.network import Interface, Network
from simulator.lan.wifi import AccessPoint, Station

__all__ = [
    "HOME_PASSWORD",
    "HOME_SSID",
    "AccessPoint",
    "Interface",
    "Lan",
    "LanClient",
    "LanConnection",
    "LanServer",
    "Network",
    "NodeNet",
    "Station",
]
