"""Network world: access points, DHCP, TCP and UDP between nodes, tests and, through the bridge, the host.

Beyond the router of each network lies the internet (:mod:`simulator.lan.internet`) with names, time and web services
(:mod:`simulator.lan.services`). To add a web service::

    site = HttpService(world.lan.internet.host("example.org"))
    site.route("/hello", lambda request: (200, {"Content-Type": "text/plain"}, b"hello"))

and nodes find it by its name. Any other service is a program on such a host's ports, or on those of a
``lan.client(...)``.

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
