"""``ntptime`` on a node; the time server is another node of the test."""

from __future__ import annotations

from typing import Any

import pytest

JOIN = """
import network, socket, time, ntptime
wlan = network.WLAN(network.STA_IF)
wlan.active(True)
wlan.connect('your_wifi_name', 'your_wifi_passwd')
while not wlan.isconnected():
    time.sleep_ms(50)
"""
#: Answers with a fixed second: RFC 958, transmit time stamp at byte 40.
SERVER = """
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(('', 123))
question, peer = server.recvfrom(48)
print(len(question), question[0])
server.sendto(bytes(40) + ({seconds}).to_bytes(4, 'big') + bytes(4), peer)
"""


@pytest.fixture
def ask(bare: Any) -> Any:
    """Run source on the node while another one answers a question with an NTP second."""

    def run(seconds: int, source: str) -> str:
        server = bare.world.add_node("ntp", firmware=False)
        bare.world.run_until(lambda: ">>> " in server.console.text(), timeout_s=5)
        bare.world.run_on(server, JOIN, timeout_s=60)
        address = bare.world.lan.address(server.machine)
        server.start(SERVER.format(seconds=seconds))
        text: str = bare.run(f"{JOIN}ntptime.host = {address!r}\n" + source)
        return text

    return run


def test_settime_sets_the_clock_from_the_server(ask: Any) -> None:
    # 2024-06-01 12:00:00 UTC: 1 717 243 200 s since 1970, 2 208 988 800 s from 1900 to 1970 (RFC 868)
    assert ask(1_717_243_200 + 2_208_988_800, "ntptime.settime()\nprint(time.gmtime()[:5])") == "(2024, 6, 1, 12, 0)\n"


def test_time_counts_from_2000_also_after_the_era_of_2036(ask: Any) -> None:
    assert ask(3_913_056_000, "print(ntptime.time())") == "757382400\n"


def test_small_time_stamp_is_of_the_next_era(ask: Any) -> None:
    assert ask(10, "print(time.gmtime(ntptime.time())[:3])") == "(2036, 2, 7)\n"


def test_silent_server_ends_in_an_error_after_the_time_out(bare: Any) -> None:
    source = """
ntptime.host = '10.255.255.1'
ntptime.timeout = 3
begin = time.ticks_ms()
try:
    ntptime.settime()
except OSError as e:
    print(e.errno, round(time.ticks_diff(time.ticks_ms(), begin) / 1000))
"""
    assert bare.run(JOIN + source) == "116 3\n"


def test_node_without_network_cannot_ask(bare: Any) -> None:
    source = "import ntptime\ntry:\n    ntptime.settime()\nexcept OSError as e:\n    print('OSError')"
    assert bare.run(source) == "OSError\n"


def test_host_is_set_for_one_node_only(bare: Any) -> None:
    bare.run("import ntptime\nntptime.host = 'time.example'")
    other = bare.world.add_node("other", firmware=False)
    bare.world.run_until(lambda: ">>> " in other.console.text(), timeout_s=5)
    assert bare.world.run_on(other, "import ntptime\nprint(ntptime.host)") == "pool.ntp.org\n"
