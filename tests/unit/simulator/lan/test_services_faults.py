"""Faults of the services, as a program on a board meets them; each has struck, and is over when it ends."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.errors import FaultNeverFired, UsageError
from simulator.lan.services.dns_message import make_query, parse_reply

SETUP = """
import network, socket, time, ntptime
wlan = network.WLAN(network.STA_IF)
wlan.active(True)
wlan.connect('your_wifi_name', 'your_wifi_passwd')
while not wlan.isconnected():
    time.sleep_ms(50)

def tell(call, *args):
    begin = time.ticks_ms()
    try:
        outcome = call(*args)
    except OSError as error:
        outcome = error.errno
    print(outcome, time.ticks_diff(time.ticks_ms(), begin) // 100 / 10)

def find(name):
    return socket.getaddrinfo(name, 80)[0][-1][0]

def get(host, path):
    connection = socket.socket()
    connection.settimeout(3)
    try:
        connection.connect(socket.getaddrinfo(host, 80)[0][-1])
        connection.send(f'GET {path} HTTP/1.0\\r\\nHost: {host}\\r\\n\\r\\n'.encode())
        return connection.recv(512).split(b'\\r\\n')[0].decode()
    finally:
        connection.close()
"""
SUN = "api.sunrise-sunset.org"


@pytest.fixture
def online(bare: Any) -> Any:
    bare.run(SETUP)
    return bare


def test_services_work_without_faults(online: Any) -> None:
    assert online.run(f"tell(find, '{SUN}'); tell(get, 'ip-api.com', '/json/')") == (
        "203.0.113.102 0.0\nHTTP/1.1 200 OK 0.0\n"
    )
    assert online.run("ntptime.settime(); print(time.localtime()[:5])") == "(2026, 1, 1, 0, 0)\n"


def test_cut_line_silences_names_time_and_sites(online: Any) -> None:
    online.run("find('ip-api.com')")
    faults = online.world.lan.faults
    with faults.start("internet_down") as fault:
        assert online.run(f"tell(find, '{SUN}')") == "-202 7.0\n"
        assert fault.count == 4
        assert online.run("tell(get, 'ip-api.com', '/json/')") == "116 3.1\n"
        assert fault.count >= 6
    assert online.run(f"tell(find, '{SUN}')") == "203.0.113.102 0.0\n"


def test_cut_line_leaves_the_home_alone(online: Any) -> None:
    online.world.lan.client("pc")
    online.world.lan.internet.up = False
    assert online.run("tell(find, 'pc')") == "10.0.1.3 0.0\n"


def test_silent_name_server_costs_7_s_and_is_asked_4_times(online: Any) -> None:
    with online.world.lan.faults.start("dns_silent") as fault:
        assert online.run("tell(find, 'ip-api.com')") == "-202 7.0\n"
        assert fault.count == 4
    assert online.run("tell(find, 'ip-api.com')").startswith("203.0.113.")


def test_name_server_that_wakes_up_is_heard_at_the_next_question(online: Any) -> None:
    fault = online.world.lan.faults.start("dns_silent")
    online.world.at(online.world.kernel.now + 2_500_000, fault.end)
    assert online.run("tell(find, 'ip-api.com')") == "203.0.113.101 4.0\n"
    assert fault.count == 3


def test_captive_network_shows_its_login_page(online: Any) -> None:
    with online.world.lan.faults.start("captive_dns") as fault:
        assert online.run(f"tell(find, '{SUN}'); tell(get, 'ip-api.com', '/json/'); tell(get, 'x.y', '/login')") == (
            "10.0.1.1 0.0\nHTTP/1.1 302 Found 0.0\nHTTP/1.1 200 OK 0.0\n"
        )
        assert fault.count == 4  # three names, one page
        assert online.run("tell(ntptime.time)") == "116 1.1\n"
    assert online.run("tell(get, 'ip-api.com', '/json/')") == "HTTP/1.1 200 OK 0.0\n"
    assert online.run("tell(get, '10.0.1.1', '/')") == "104 0.0\n"


def test_captive_network_may_name_another_address(online: Any) -> None:
    with online.world.lan.faults.start("captive_dns", address="10.0.9.9"):
        assert online.run(f"tell(find, '{SUN}')") == "10.0.9.9 0.0\n"


@pytest.mark.parametrize("address", ["nowhere", "1.2.3.4.5"])
def test_captive_network_needs_an_address(online: Any, address: str) -> None:
    with pytest.raises(UsageError, match="captive_dns: not an IPv4 address"):
        online.world.lan.faults.start("captive_dns", address=address)


def test_second_captive_network_is_refused(online: Any) -> None:
    faults = online.world.lan.faults
    first = faults.start("captive_dns")
    first.excuse()
    with pytest.raises(UsageError, match="web port is in use"):
        faults.start("captive_dns")
    first.end()


def test_silent_time_server_runs_into_the_time_out(online: Any) -> None:
    with online.world.lan.faults.start("ntp_silent") as fault:
        assert online.run("tell(ntptime.time)") == "116 1.1\n"
        assert fault.count == 1


# a time before 2024 counts as one of the era that begins in 2036, see ntptime: 2000-08-25 and 2**32 s
@pytest.mark.parametrize(("offset_s", "shown"), [(86_400, "(2026, 1, 2)"), (-800_000_000, "(2136, 10, 2)")])
def test_wrong_time_server_sets_a_wrong_clock(online: Any, offset_s: float, shown: str) -> None:
    with online.world.lan.faults.start("ntp_wrong", offset_s=offset_s):
        assert online.run("print(time.gmtime(ntptime.time())[:3])") == f"{shown}\n"


def test_kiss_of_death_looks_like_2036_to_a_simple_client(online: Any) -> None:
    with online.world.lan.faults.start("ntp_kiss") as fault:
        assert online.run("print(time.gmtime(ntptime.time())[:3])") == "(2036, 2, 7)\n"
        assert fault.count == 1


def test_web_error_strikes_its_host_only(online: Any) -> None:
    with online.world.lan.faults.start("http_error", host="ip-api.com", status=503) as fault:
        assert online.run(f"tell(get, 'ip-api.com', '/json/'); tell(get, '{SUN}', '/json')") == (
            "HTTP/1.1 503 Service Unavailable 0.0\nHTTP/1.1 400 Bad Request 0.0\n"
        )
        assert fault.count == 1


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"host": "pool.ntp.org"}, "pool.ntp.org serves no web pages"),
        ({"host": "ip-api.com", "status": 200}, "status must be 400..599"),
        ({"host": "nobody.example"}, "there is no 'nobody.example'"),
    ],
)
def test_impossible_web_error_is_refused(online: Any, params: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        online.world.lan.faults.start("http_error", **params)


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("internet_down", {}),
        ("dns_silent", {}),
        ("captive_dns", {}),
        ("ntp_silent", {}),
        ("ntp_wrong", {"offset_s": 1}),
        ("ntp_kiss", {}),
        ("http_error", {"host": "ip-api.com"}),
    ],
)
def test_fault_that_met_nobody_is_told(online: Any, kind: str, params: dict[str, Any]) -> None:
    with pytest.raises(FaultNeverFired, match=kind), online.world.lan.faults.start(kind, **params):
        online.world.run_for(1)


class Guest:
    """A client in a network of its own, which asks that network's router."""

    def __init__(self, desk: Any, name: str = "guest") -> None:
        self.desk = desk
        self.host = desk.lan.client(f"{name}1", access_point=desk.guests(name))
        self.port = self.host.bind_udp(5000)

    def ask(self, name: str) -> str | None:
        """The address of a name; None without an answer."""
        self.host.send_udp(make_query(7, name), ("192.168.7.1", 53), port=5000)
        self.desk.run(100)
        if not self.port.received:
            return None
        address = parse_reply(self.port.received.popleft()[0]).address
        return None if address is None else address[0]

    def get(self, ip: str) -> bytes:
        """First line of a page."""
        connection = self.host.connect(ip, 80)
        connection.send(b"GET / HTTP/1.0\r\n\r\n")
        self.desk.run(100)
        return bytes(connection.received).split(b"\r\n")[0]


@pytest.fixture(params=["before", "while"])
def struck(request: pytest.FixtureRequest, desk: Any) -> Any:
    """``struck(kind, ...)`` is a guest, of a network made before the fault starts or while it lasts, and the fault."""

    def make(kind: str, **params: Any) -> Any:
        if request.param == "before":
            guest = Guest(desk)
            return guest, desk.lan.faults.start(kind, **params)
        fault = desk.lan.faults.start(kind, **params)
        return Guest(desk), fault

    return make


def test_silent_name_server_is_that_of_each_network(struck: Any) -> None:
    guest, fault = struck("dns_silent")
    assert (guest.ask("ip-api.com"), fault.count) == (None, 1)
    fault.end()
    assert guest.ask("ip-api.com") == "203.0.113.101"


def test_captive_network_names_its_own_router(struck: Any) -> None:
    guest, fault = struck("captive_dns")
    assert guest.ask("ip-api.com") == "192.168.7.1"
    assert guest.get("192.168.7.1") == b"HTTP/1.1 302 Found"
    assert fault.count == 2
    fault.end()
    assert (guest.ask("ip-api.com"), guest.get("192.168.7.1")) == ("203.0.113.101", b"")


def test_network_made_after_the_end_is_left_alone(desk: Any) -> None:
    desk.lan.faults.start("captive_dns").excuse()
    desk.lan.faults.active[0].end()
    assert Guest(desk).ask("ip-api.com") == "203.0.113.101"


def test_cut_line_is_that_of_each_network(struck: Any) -> None:
    guest, fault = struck("internet_down")
    assert (guest.ask("ip-api.com"), fault.count) == (None, 1)
    fault.end()
    assert guest.ask("ip-api.com") == "203.0.113.101"


def test_silent_address_server_is_that_of_each_network(desk: Any) -> None:
    dhcp = desk.guests().network.dhcp
    with desk.lan.faults.start("dhcp_silent") as fault:
        assert (dhcp.discover(bytes(6), "any"), fault.count) == (None, 1)


def test_cut_line_counts_what_only_comes_in(desk: Any) -> None:
    site = desk.lan.internet.host("site.example")
    port, back = site.bind_udp(7), desk.client.bind_udp(9)
    desk.client.send_udp(b"subscribe", (site.ip, 7), port=9)
    desk.run(100)
    sender = port.received.popleft()[1]
    with desk.lan.faults.start("internet_down") as fault:
        for _ in range(3):
            site.send_udp(b"news", sender, port=7)
        site.send_udp(b"for nobody", ("203.0.113.99", 7), port=7)
        desk.run(100)
        assert (fault.count, desk.lan.internet.unsent, list(back.received)) == (3, 3, [])
    site.send_udp(b"news", sender, port=7)
    desk.run(100)
    assert len(back.received) == 1
