"""Faults of the services: what homes see when the line, the name server, the time or a web service goes wrong.

Example::

    with lan.faults.start("ntp_wrong", offset_s=86_400):
        world.run_for(60)

Limits: they act on every home of the LAN, also on those that come while they last; on the name servers of routers,
not on those of the internet; on ``pool.ntp.org``, not on other time servers. ``http_error`` acts on the web services
that its host has when it begins.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from simulator.errors import UsageError
from simulator.lan.faults import Fault, Param
from simulator.lan.router import Router
from simulator.lan.services.dns import DnsServer, Interference
from simulator.lan.services.dns_message import TYPE_A, TYPE_ANY, Query, make_reply
from simulator.lan.services.host import ServiceHost
from simulator.lan.services.http import PORT, HttpReply, HttpRequest, HttpService
from simulator.lan.services.ntp import make_kiss
from simulator.lan.services.ntp import make_reply as make_ntp_reply

#: 60 years, so that the time stays within what the calendar knows.
_OFFSET_MAX_S = 60 * 365 * 86_400.0
_LOGIN_PATH = "/login"
_LOGIN_PAGE = b"<html><body><form>Welcome to our WiFi! Please log in.</form></body></html>\n"
_HTML = {"Content-Type": "text/html"}


class InternetDown(Fault):
    """The line to the internet is cut; it strikes with each packet that does not get out, or in."""

    KIND = "internet_down"
    DOC = "nothing gets through between the routers and the internet; counts packets of both directions"

    def begin(self) -> None:
        """Cut it."""
        self.lan.internet.cut()
        self.lan.internet.on_unsent.append(self.strike)

    def finish(self) -> None:
        """Mend it."""
        self.lan.internet.on_unsent.remove(self.strike)
        self.lan.internet.mend()


class _DnsFault(Fault):
    """A fault of the name servers in the routers."""

    def begin(self) -> None:
        """Look at each question."""
        self._watched: list[tuple[DnsServer, Interference]] = []
        for router in self.lan.internet.routers:
            self.watch(router)
        self.lan.internet.on_connect.append(self.watch)

    def finish(self) -> None:
        """Look at none any longer."""
        self.lan.internet.on_connect.remove(self.watch)
        for server, interference in self._watched:
            server.interferences.remove(interference)

    def watch(self, router: Router) -> None:
        """Look at each question to this router."""
        interference = partial(self.answer, router)
        router.dns.interferences.append(interference)
        self._watched.append((router.dns, interference))

    def answer(self, router: Router, query: Query) -> bytes | None:
        """What the server answers instead; b"" for nothing, None for what it would have."""
        raise NotImplementedError


class DnsSilent(_DnsFault):
    """The router's name server is dead."""

    KIND = "dns_silent"
    DOC = "the router's name server does not answer"

    def answer(self, router: Router, query: Query) -> bytes | None:
        """Nothing."""
        self.strike()
        return b""


class CaptiveDns(_DnsFault):
    """A network that wants a login first; it strikes with each name and each page."""

    KIND = "captive_dns"
    DOC = "the router answers every name with one address; its own shows a login page instead of any other"
    PARAMS = (Param("address", "text", "the address that every name has, by default the router's"),)

    def validate(self) -> None:
        """An address must be one, and the routers' web port free."""
        address = self.params["address"]
        try:
            for router in self.lan.internet.routers:
                make_reply(Query(0, "", TYPE_A, False, b""), address or router.inside.ip)
        except UsageError as error:
            raise UsageError(f"{self.KIND}: {error}") from None
        if any(PORT in router.stack.listeners for router in self.lan.internet.routers):
            raise UsageError(f"{self.KIND}: the router's web port is in use")

    def begin(self) -> None:
        """Answer each question, and offer the login page."""
        self._pages: list[HttpService] = []
        super().begin()

    def finish(self) -> None:
        """Be an honest router again."""
        super().finish()
        for page in self._pages:
            page.close()

    def watch(self, router: Router) -> None:
        """Look at each question to this router, and have it show the login page."""
        super().watch(router)
        page = HttpService(router)
        page.route("*", self._redirection(router.inside.ip), methods=("GET", "POST", "PUT"))
        page.route(_LOGIN_PATH, lambda request: (200, _HTML, _LOGIN_PAGE))
        self._pages.append(page)

    def answer(self, router: Router, query: Query) -> bytes | None:
        """The one address."""
        self.strike()
        if query.kind not in (TYPE_A, TYPE_ANY):
            return make_reply(query)
        return make_reply(query, self.params["address"] or router.inside.ip)

    def _redirection(self, ip: str) -> Any:
        def redirect(request: HttpRequest) -> HttpReply:
            self.strike()
            return 302, {**_HTML, "Location": f"http://{ip}{_LOGIN_PATH}"}, b""

        return redirect


class _NtpFault(Fault):
    """A fault of the time server."""

    def begin(self) -> None:
        """Look at each request."""
        self.lan.internet.ntp.interferences.append(self._answer)

    def finish(self) -> None:
        """Look at none any longer."""
        self.lan.internet.ntp.interferences.remove(self._answer)

    def _answer(self, packet: bytes) -> bytes:
        self.strike()
        return self.answer(packet)

    def answer(self, packet: bytes) -> bytes:
        """What the server answers; b"" for nothing."""
        raise NotImplementedError


class NtpSilent(_NtpFault):
    """The time server is dead."""

    KIND = "ntp_silent"
    DOC = "the time server does not answer"

    def answer(self, packet: bytes) -> bytes:
        """Nothing."""
        return b""


class NtpWrong(_NtpFault):
    """The time server's clock is wrong."""

    KIND = "ntp_wrong"
    DOC = "the time server's clock is wrong"
    PARAMS = (
        Param(
            "offset_s", "number", "how far it is fast, seconds", required=True, low=-_OFFSET_MAX_S, high=_OFFSET_MAX_S
        ),
    )

    def answer(self, packet: bytes) -> bytes:
        """The wrong time."""
        return make_ntp_reply(packet, self.lan.internet.utc_now() + timedelta(seconds=self.params["offset_s"]))


class NtpKiss(_NtpFault):
    """The time server wants to be left alone."""

    KIND = "ntp_kiss"
    DOC = "the time server answers with a kiss of death: stratum 0, RATE, no time"

    def answer(self, packet: bytes) -> bytes:
        """The kiss."""
        return make_kiss(packet)


class HttpFails(Fault):
    """A web service answers with an error."""

    KIND = "http_error"
    DOC = "a web service answers every request with an error"
    PARAMS = (
        Param("host", "host", "the host that serves it, e.g. ip-api.com", required=True),
        Param("status", "int", "status that it answers with", default=500, low=400, high=599),
    )

    def validate(self) -> None:
        """The host must serve web pages."""
        self._sites = [
            service
            for host in _hosts(self)
            if host.name == self.params["host"]
            for service in host.services
            if isinstance(service, HttpService)
        ]
        if not self._sites:
            raise UsageError(f"{self.KIND}: {self.params['host']} serves no web pages")

    def begin(self) -> None:
        """Look at each request."""
        for site in self._sites:
            site.interferences.append(self._answer)

    def finish(self) -> None:
        """Look at none any longer."""
        for site in self._sites:
            site.interferences.remove(self._answer)

    def _answer(self, request: HttpRequest) -> HttpReply:
        self.strike()
        return self.params["status"], {}, b"out of order\n"


def _hosts(fault: Fault) -> list[ServiceHost]:
    """Every host of the world that may serve."""
    lan = fault.lan
    return [*lan.internet.hosts.values(), *lan.clients.values(), *lan.internet.routers]


SERVICE_KINDS: tuple[type[Fault], ...] = (
    InternetDown,
    DnsSilent,
    CaptiveDns,
    NtpSilent,
    NtpWrong,
    NtpKiss,
    HttpFails,
)
