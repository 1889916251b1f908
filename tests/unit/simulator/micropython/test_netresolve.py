"""What ``socket.getaddrinfo`` puts on the network, and which answers it believes."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.lan.services.dns_message import make_reply, parse_query
from simulator.world import World

JOIN = """
import network, socket, time
wlan = network.WLAN(network.STA_IF)
wlan.active(True)
wlan.connect('your_wifi_name', 'your_wifi_passwd')
while not wlan.isconnected():
    time.sleep_ms(50)

def find(name):
    begin = time.ticks_ms()
    try:
        outcome = socket.getaddrinfo(name, 80)[0][-1][0]
    except OSError as error:
        outcome = error.errno
    print(outcome, time.ticks_diff(time.ticks_ms(), begin))
"""


class NameServer:
    """A name server of the test: notes each question, answers with what ``answer`` makes of it."""

    def __init__(self, bare: Any) -> None:
        self.bare = bare
        self.host = bare.world.lan.client("names")
        self.port = self.host.bind_udp(53)
        self.port.on_change(self.receive)
        self.asked: list[tuple[float, bytes, tuple[str, int]]] = []
        self.answer: Any = lambda query: [make_reply(query, "10.9.9.9", ttl_s=60)]
        bare.run(f"{JOIN}network.ipconfig(dns='{self.host.ip}')")

    def receive(self) -> None:
        self.port.on_change(self.receive)
        while self.port.received:
            data, sender = self.port.received.popleft()
            self.asked.append((self.bare.world.now_s, data, sender))
            for reply in self.answer(parse_query(data)):
                self.host.send_udp(reply, sender, port=53)

    def find(self, name: str = "a.example") -> str:
        text: str = self.bare.run(f"find({name!r})")
        return text.strip()


@pytest.fixture
def names(bare: Any) -> NameServer:
    return NameServer(bare)


def test_answer_of_the_name_server_is_the_address(names: NameServer) -> None:
    assert names.find() == "10.9.9.9 4"


def test_silent_server_is_asked_at_0_1_2_and_4_s_with_one_number(names: NameServer) -> None:
    names.answer = lambda query: []
    assert names.find() == "-202 7000"
    first_s = names.asked[0][0]
    assert [round(t - first_s, 3) for t, _, _ in names.asked] == [0, 1, 2, 4]
    assert len({(data, sender) for _, data, sender in names.asked}) == 1


def test_late_answer_counts_until_the_end(names: NameServer) -> None:
    names.answer = lambda query: [make_reply(query, "10.9.9.9")] if len(names.asked) == 4 else []
    assert names.find() == "10.9.9.9 4004"


def test_numbers_and_ports_differ_from_question_to_question(names: NameServer) -> None:
    for n in range(8):
        names.find(f"host{n}.example")
    assert len({data[:2] for _, data, _ in names.asked}) == 8
    assert len({sender[1] for _, _, sender in names.asked}) == 8


def test_nodes_ask_with_numbers_of_their_own(names: NameServer) -> None:
    names.find()
    other = names.bare.world.add_node("other", firmware=False)
    names.bare.world.run_until(lambda: ">>> " in other.console.text(), timeout_s=5)
    names.bare.world.run_on(other, f"{JOIN}network.ipconfig(dns='{names.host.ip}')\nfind('a.example')")
    assert len({data[:2] for _, data, _ in names.asked}) == 2


def test_answer_with_a_wrong_number_is_passed_over(names: NameServer) -> None:
    def answer(query: Any) -> list[bytes]:
        forged = make_reply(query, "10.6.6.6", ttl_s=60)
        return [bytes([forged[0] ^ 1]) + forged[1:], make_reply(query, "10.9.9.9", ttl_s=60)]

    names.answer = answer
    assert names.find() == "10.9.9.9 4"


def test_answer_about_another_name_is_passed_over(names: NameServer) -> None:
    def answer(query: Any) -> list[bytes]:
        forged = make_reply(query, "10.6.6.6", ttl_s=60).replace(b"\x01a\x07example", b"\x01b\x07example")
        return [forged, make_reply(query, "10.9.9.9", ttl_s=60)]

    names.answer = answer
    assert names.find() == "10.9.9.9 4"


def test_answer_from_another_address_is_passed_over(names: NameServer) -> None:
    forger = names.bare.world.lan.client("forger")

    def answer(query: Any) -> list[bytes]:
        forger.send_udp(make_reply(query, "10.6.6.6", ttl_s=60), names.asked[-1][2], port=53)
        return []

    names.answer = answer
    assert names.find() == "-202 7000"


@pytest.mark.parametrize("rubbish", [b"", b"\x00", bytes(12), b"\xff" * 600])
def test_rubbish_is_passed_over(names: NameServer, rubbish: bytes) -> None:
    names.answer = lambda query: [rubbish, make_reply(query, "10.9.9.9", ttl_s=60)]
    assert names.find() == "10.9.9.9 4"


@pytest.mark.parametrize("code", [0, 1, 2, 3, 5])
def test_answer_without_address_ends_the_search_at_once(names: NameServer, code: int) -> None:
    names.answer = lambda query: [make_reply(query, code=code)]
    assert names.find() == "-2 4"


def test_address_is_remembered_for_its_time_to_live(names: NameServer) -> None:
    assert names.find() == "10.9.9.9 4"
    names.bare.world.run_for(50)
    assert names.find("A.Example") == "10.9.9.9 0"
    names.bare.world.run_for(15)
    assert names.find() == "10.9.9.9 4"
    assert len(names.asked) == 2


def test_time_to_live_of_0_is_not_remembered(names: NameServer) -> None:
    names.answer = lambda query: [make_reply(query, "10.9.9.9", ttl_s=0)]
    names.find()
    names.find()
    assert len(names.asked) == 2


def test_fifth_name_drives_out_the_first(names: NameServer) -> None:
    for n in range(5):
        names.find(f"host{n}.example")
    names.find("host1.example")
    assert len(names.asked) == 5
    names.find("host0.example")
    assert len(names.asked) == 6


def test_reset_forgets_addresses(names: NameServer) -> None:
    names.find()
    names.bare.node.power_off()
    names.bare.node.power_on()
    names.bare.world.run_for(3)
    names.bare.run(f"{JOIN}network.ipconfig(dns='{names.host.ip}')")
    assert names.find() == "10.9.9.9 4"
    assert len({data[:2] for _, data, _ in names.asked}) == 2


@pytest.mark.parametrize("name", ["a..b", ".", "x" * 64])
def test_impossible_name_is_not_asked(names: NameServer, name: str) -> None:
    assert names.find(name) == "-202 0"
    assert names.asked == []


def test_dot_at_the_end_changes_nothing(names: NameServer) -> None:
    assert names.find("a.example.") == "10.9.9.9 4"


def test_interface_without_name_server_asks_nobody(names: NameServer) -> None:
    names.bare.run("network.ipconfig(dns='0.0.0.0')")
    assert names.find() == "-202 0"


def test_ports_of_questions_are_given_back(names: NameServer) -> None:
    stack = names.bare.machine.parts["net"].stack
    before = list(stack.udp)
    names.find()
    assert list(stack.udp) == before


def test_question_that_dies_with_its_life_leaves_no_port(names: NameServer) -> None:
    names.answer = lambda query: []
    names.bare.node.start("find('a.example')")
    names.bare.world.run_for(2)
    names.bare.node.power_off()
    names.bare.world.run_for(10)
    assert names.bare.machine.parts["net"].stack.udp == {}


@pytest.mark.parametrize("loss", [0.3, 0.6])
def test_lost_questions_and_answers_are_made_up_for(bare: Any, loss: float) -> None:
    bare.run(JOIN)
    with bare.world.lan.faults.start("loss", ratio=loss):
        printed = bare.run("for _ in range(12): find('mpy-esp32')", timeout_s=300).split()
    took_ms = [int(text) for text in printed[1::2]]
    assert printed[0::2].count("10.0.1.2") >= 7
    assert max(took_ms) >= 1000
    assert all(t % 1000 in (0, 4) for t in took_ms)


def test_same_seed_asks_the_same_questions() -> None:
    def digest() -> str:
        with World(seed=5) as world:
            node = world.add_node("bare", firmware=False)
            world.run_until(lambda: ">>> " in node.console.text(), timeout_s=5)
            world.run_on(node, JOIN + "find('pool.ntp.org'); find('nobody.example'); find('bare')")
            return world.trace.digest()

    assert digest() == digest()
