"""Nets: levels, volts, edges, contention, joining."""

import pytest

from simulator.electrical.net import STRONG, VDD, WEAK, BitStream, Net, Pwm
from simulator.errors import StateError, UsageError
from simulator.kernel import Kernel


@pytest.fixture
def kernel():
    return Kernel(seed=1)


@pytest.fixture
def net(kernel):
    return Net("n", kernel)


def test_level_of_floating_net_is_low(net):
    assert (net.level(), net.volts(), net.is_driven()) == (0, 0.0, False)


def test_drive_then_release_makes_stamped_edges(kernel, net):
    kernel.at(5, lambda: net.drive(1))
    kernel.at(9, net.release)
    kernel.run(20)
    assert list(net.edges) == [(5, 1), (9, 0)]


def test_drive_same_level_again_makes_no_edge(net):
    net.drive(1)
    net.drive(1)
    assert len(net.edges) == 1


def test_strong_driver_wins_over_pull(net):
    net.driver("pull").drive(1, strength=WEAK)
    assert net.level() == 1
    net.drive(0)
    assert net.level() == 0


def test_two_opposite_pulls_divide_the_supply(net):
    net.driver("up").drive(1, strength=WEAK)
    net.driver("down").drive(0, strength=WEAK)
    assert net.volts() == pytest.approx(VDD / 2)


def test_level_between_thresholds_stays_what_it_was(net):
    net.set_volts(3.0)
    net.set_volts(1.6)
    assert net.level() == 1
    net.set_volts(0.5)
    net.set_volts(1.6)
    assert net.level() == 0


def test_contention_is_recorded_once_per_onset_and_low_wins(kernel):
    traced = []
    net = Net("n", kernel, traced.append)
    one, two = net.driver("one"), net.driver("two")
    one.drive(1)
    two.drive(0)
    net.update()
    assert net.level() == 0
    assert [(fault.net, fault.text) for fault in net.faults] == [("n", "contention: one 3.3 V, two 0 V")]
    two.release()
    two.drive(0)
    assert len(net.faults) == 2
    assert traced.count("contention: one 3.3 V, two 0 V") == 2


def test_equal_strong_drivers_are_no_contention(net):
    net.driver("one").drive(1)
    net.driver("two").drive(1)
    assert not net.faults


def test_listener_gets_levels_until_ended(net):
    seen = []
    end = net.on_change(seen.append)
    net.drive(1)
    net.drive(0)
    end()
    net.drive(1)
    assert seen == [1, 0]


def test_edge_made_by_a_listener_is_told_to_all_in_order(net):
    seen = []
    net.on_change(lambda level: net.drive(0))
    net.on_change(seen.append)
    net.drive(1)
    assert seen == [1, 0]


def test_edges_keep_only_the_newest(net):
    for number in range(3000):
        net.drive(number % 2)
    assert len(net.edges) == 1024


def test_pwm_level_follows_the_phase(kernel, net):
    net.driver("led").set_pwm(Pwm(freq_hz=1000, duty=0.25))
    levels = []
    for t_us in (0, 200, 300, 999, 1000):
        kernel.at(t_us, lambda: levels.append(net.level()))
    kernel.run(2000)
    assert levels == [1, 1, 0, 0, 1]


def test_pwm_change_and_stop_reach_listeners(net):
    seen = []
    net.on_pwm(seen.append)
    led = net.driver("led")
    led.set_pwm(Pwm(50, 0.5))
    led.release()
    assert seen == [Pwm(50, 0.5), None]
    assert net.pwm() is None


@pytest.mark.parametrize(
    ("wave", "after", "falls", "rises"),
    [
        (Pwm(1000, 0.25), 0, 250, 1000),
        (Pwm(1000, 0.25), 250, 1250, 1000),
        (Pwm(1000, 0.25, start_us=300), 0, 550, 300),
        (Pwm(3000, 0.5), 0, 167, 334),
        (Pwm(50, 0.05), 86_400_000_000, 86_400_001_000, 86_400_020_000),
        (Pwm(1000, 0.0), 0, None, None),
        (Pwm(1000, 1.0), 0, None, None),
    ],
)
def test_edges_of_a_wave_follow_from_its_phase(wave, after, falls, rises):
    if wave.start_us > after:
        after = wave.start_us - 1
    assert (wave.edge_us(0, after), wave.edge_us(1, after)) == (falls, rises)
    for t_us, level in ((falls, 0), (rises, 1)):
        assert t_us is None or wave.level_at(t_us) == level


def test_history_has_the_edges_of_waves_between_the_others(kernel, net):
    pwm = net.driver("pwm")
    kernel.at(10, lambda: pwm.drive(1))
    kernel.at(100, lambda: pwm.set_pwm(Pwm(10_000, 0.5, 100)))
    kernel.at(330, lambda: pwm.drive(0))
    kernel.at(400, lambda: pwm.drive(1))
    kernel.run(1_000)
    assert net.history() == [(10, 1), (150, 0), (200, 1), (250, 0), (300, 1), (330, 0), (400, 1)]
    kernel.at(2_000, lambda: pwm.set_pwm(Pwm(10_000, 0.5, 2_000)))
    kernel.run(1_002_000)
    assert (len(net.history()), net.history()[-1]) == (1024, (1_002_000, 1))


def test_end_of_a_wave_is_a_change_for_listeners_only_if_the_level_changes(kernel, net):
    heard = []
    net.on_change(lambda level: heard.append((kernel.now, level)))
    pwm = net.driver("pwm")
    for at in (0, 1_000):
        kernel.at(at, lambda at=at: pwm.set_pwm(Pwm(1_000, 0.25, at)))
    kernel.at(500, lambda: pwm.drive(0))
    kernel.at(1_500, lambda: pwm.drive(1))
    kernel.run(2_000)
    assert heard == [(0, 1), (1_000, 1), (1_500, 1)]
    assert net.history() == [(0, 1), (250, 0), (1_000, 1), (1_250, 0), (1_500, 1)]


def test_wave_against_a_steady_level_is_a_contention_and_against_itself_not(kernel, net):
    one, other = net.driver("one"), net.driver("other")
    one.set_pwm(Pwm(1000, 0.5))
    other.set_pwm(Pwm(1000, 0.5))
    assert not net.faults
    other.drive(1)
    assert [fault.text for fault in net.faults] == ["contention: one 1000 Hz 0.5000 from 0 us, other 3.3 V"]
    one.set_pwm(Pwm(1000, 1.0))
    other.drive(0)
    assert len(net.faults) == 2


def test_stream_is_kept_and_told(kernel, net):
    seen = []
    net.on_stream(seen.append)
    net.send_stream(b"\x01\x02", (400, 850, 800, 450))
    assert list(net.streams) == seen == [BitStream(0, b"\x01\x02", (400, 850, 800, 450))]


def test_joined_nets_are_one(kernel, net):
    other = Net("m", kernel)
    seen = []
    other.on_change(seen.append)
    net.join(other)
    net.drive(1)
    assert (other.level(), seen) == (1, [1])
    other.release()
    assert other.is_driven() and other.real() is net


def test_join_across_worlds_is_refused(net):
    with pytest.raises(StateError):
        net.join(Net("m", Kernel(seed=2)))


def test_set_volts_of_nonsense_is_refused(net):
    with pytest.raises(UsageError):
        net.set_volts("3")
    with pytest.raises(UsageError):
        net.set_volts(float("nan"))


def test_driver_strengths_order():
    assert STRONG > WEAK > 0
