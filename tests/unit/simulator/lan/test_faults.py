"""What all faults have in common: the table, parameters, counting, ending, being checked."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.errors import FaultNeverFired, UsageError
from simulator.kernel import Kernel
from simulator.lan import Lan
from simulator.lan.fault_kinds import KINDS
from simulator.world import World


def ask(desk: Any, ms: float = 100) -> int:
    """Send ten datagrams to the server; how many have arrived."""
    port = desk.server.stack.udp.get(7) or desk.server.bind_udp(7)
    before = len(port.received) + port.lost
    for number in range(10):
        desk.client.send_udp(b"%d" % number, (desk.server.ip, 7), port=9)
    desk.run(ms)
    return len(port.received) + port.lost - before


def test_fault_counts_what_it_did_and_ends(desk: Any) -> None:
    fault = desk.lan.faults.start("vanish", host="server")
    assert ask(desk) == 0
    assert (fault.count, fault.running, desk.lan.faults.active) == (10, True, [fault])
    fault.end()
    fault.end()
    assert ask(desk) == 10
    assert (fault.count, fault.running, desk.lan.faults.active) == (10, False, [])


def test_with_block_ends_the_fault(desk: Any) -> None:
    with desk.lan.faults.start("vanish", host="server"):
        assert ask(desk) == 0
    assert ask(desk) == 10


def test_with_block_whose_fault_never_fired_raises(desk: Any) -> None:
    with (
        pytest.raises(FaultNeverFired, match=r"fault 1: vanish\(host='server'\), struck 0 times: never fired"),
        desk.lan.faults.start("vanish", host="server"),
    ):
        desk.run(100)
    desk.lan.faults.check()


def test_with_block_that_raises_keeps_its_own_error(desk: Any) -> None:
    with pytest.raises(KeyError), desk.lan.faults.start("vanish", host="server"):
        raise KeyError


def test_check_names_each_fault_that_never_fired_once(desk: Any) -> None:
    desk.lan.faults.start("vanish", host="server")
    desk.lan.faults.start("loss", ratio=0.5).end()
    with pytest.raises(FaultNeverFired, match=r"vanish.*loss"):
        desk.lan.faults.check()
    desk.lan.faults.check()


def test_check_is_content_with_faults_that_fired_or_are_excused(desk: Any) -> None:
    desk.lan.faults.start("latency", ms=5)
    desk.lan.faults.start("loss", ratio=0).excuse()
    ask(desk)
    desk.lan.faults.check()


@pytest.mark.parametrize(
    ("kind", "params", "text"),
    [
        ("noise", {}, "no fault 'noise'"),
        ("loss", {}, "'ratio' is missing"),
        ("loss", {"ratio": 0.1, "rate": 1}, "no parameter 'rate'"),
        ("loss", {"ratio": 1.1}, "ratio must be 0..1"),
        ("loss", {"ratio": float("nan")}, "ratio must be 0..1"),
        ("loss", {"ratio": "0.1"}, "ratio must be a number"),
        ("loss", {"ratio": True}, "ratio must be a number"),
        ("loss", {"ratio": 0.1, "host": "nobody"}, "no 'nobody'; there are: .*server, client"),
        ("loss", {"ratio": 0.1, "host": "outside"}, "loss: clients from outside"),
        ("latency", {"ms": 1, "peer": "outside"}, "latency: clients from outside"),
        ("latency", {"ms": 1, "reorder": 1}, "reorder must be True or False"),
        ("partition", {"a": "server, nobody"}, "no 'nobody'"),
        ("partition", {"a": "server", "b": "client,server"}, "'server' is in both groups"),
        ("partition", {"a": ","}, "a group without hosts"),
        ("half_open", {"host": "server", "peer": "outside"}, "peer must be a host on the LAN"),
        ("ap_off", {"ssid": "nowhere"}, "no access point 'nowhere'"),
        ("weak_signal", {"dbm": -90}, "give a host, an ssid, or both"),
        ("weak_signal", {"dbm": -90.5, "host": "server"}, "dbm must be a whole number"),
        ("weak_signal", {"dbm": -300, "host": "server"}, "dbm must be -120..0"),
        ("weak_signal", {"dbm": -90, "host": "outside"}, "'outside' has none"),
    ],
)
def test_start_with_wrong_arguments_says_which(desk: Any, kind: str, params: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        desk.lan.faults.start(kind, **params)
    assert desk.lan.faults.active == []
    desk.lan.faults.check()


def test_find_knows_active_faults_only(desk: Any) -> None:
    fault = desk.lan.faults.start("loss", ratio=0)
    fault.excuse()
    assert desk.lan.faults.find(fault.ident) is fault
    fault.end()
    with pytest.raises(UsageError, match="no fault 1 is active; there are: none"):
        desk.lan.faults.find(fault.ident)


def test_every_kind_is_documented() -> None:
    for name, kind in KINDS.items():
        assert (kind.KIND, bool(kind.DOC)) == (name, True)
        assert all(param.doc for param in kind.PARAMS)


def talk(seed: int) -> str:
    """The trace of a talk on a bad network."""
    kernel = Kernel(seed)
    lan = Lan(kernel)
    server, client = lan.client("server"), lan.client("client")
    lan.faults.start("loss", ratio=0.3)
    lan.faults.start("latency", ms=1, jitter_ms=30)
    lan.faults.start("duplicate", ratio=0.2)
    port = server.bind_udp(7)
    for number in range(60):
        kernel.at(number * 10_000, lambda: client.send_udp(b"tick", (server.ip, 7), port=9))
    kernel.run(2_000_000)
    assert port.received
    lan.faults.check()
    return kernel.trace.digest()


def test_same_seed_and_faults_give_the_same_run() -> None:
    assert talk(1) == talk(1)
    assert talk(1) != talk(2)


def test_latest_of_two_weak_signals_counts(world: World) -> None:
    node = world.add_node("node01")
    world.run_until(lambda: node.listening(9008), timeout_s=60)
    weak = world.lan.faults.start("weak_signal", dbm=-120, host="node01")
    weak.excuse()
    world.lan.faults.start("weak_signal", dbm=-40, host="node01").excuse()
    world.run_for(30)
    assert world.shell(node)("system rssi") == " Amazing: -40"
    assert weak.count == 0


@pytest.mark.parametrize("host", ["pool.ntp.org", "cable"])
def test_weak_signal_of_a_host_without_radio_is_refused(world: World, host: str) -> None:
    world.lan.client("cable")
    with pytest.raises(UsageError, match="must have a radio"):
        world.lan.faults.start("weak_signal", dbm=-90, host=host)


@pytest.mark.parametrize("name", ["router", "outside", "pool.ntp.org", "node01", "a,b"])
def test_name_that_faults_could_not_tell_apart_is_refused(world: World, name: str) -> None:
    world.add_node("node01", firmware=False)
    with pytest.raises(UsageError, match="cannot be called"):
        world.lan.client(name)


def test_world_that_is_left_checks_its_faults() -> None:
    with pytest.raises(FaultNeverFired), World() as world:
        world.lan.faults.start("loss", ratio=0.5)


def test_faults_that_have_struck_and_ended_are_forgotten(world: World) -> None:
    world.add_node("node01")
    for _ in range(5):
        with world.lan.faults.start("ap_off"):
            world.run_for(30)
        world.run_for(30)
    assert len(world.lan.faults._all) <= 1


def test_latency_of_nothing_does_not_count(world: World) -> None:
    fault = world.lan.faults.start("latency", ms=0)
    fault.excuse()
    world.add_node("node01")
    world.run_for(10)
    assert fault.count == 0
