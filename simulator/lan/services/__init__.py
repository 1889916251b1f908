"""Services on hosts of the LAN and of the internet: names, time, web pages.

Each answers real datagrams or connections of :mod:`simulator.lan`, takes whatever bytes come, and never raises because
of them.
"""

from simulator.lan.services.dns import DnsServer, HomeDns
from simulator.lan.services.http import HttpRequest, HttpService
from simulator.lan.services.ntp import NtpService
from simulator.lan.services.sites import GeolocationSite, SunTimesSite

__all__ = [
    "DnsServer",
    "GeolocationSite",
    "HomeDns",
    "HttpRequest",
    "HttpService",
    "NtpService",
    "SunTimesSite",
]
