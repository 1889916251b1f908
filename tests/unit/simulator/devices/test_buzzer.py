"""The buzzer hears waves and edges."""

from __future__ import annotations

import pytest

from simulator.devices import Site
from simulator.devices.buzzer import Buzzer
from simulator.electrical.boards import BOARDS
from simulator.electrical.net import Pwm
from simulator.electrical.pads import Pads
from simulator.kernel import Kernel


@pytest.fixture
def kernel():
    return Kernel()


@pytest.fixture
def pads(kernel):
    return Pads(BOARDS["esp32"], kernel)


@pytest.fixture
def hand(pads):
    return pads.net(33).driver("hand")


@pytest.fixture
def buzzer(pads):
    return Buzzer(Site("buzzer", pads, {"signal": 33}))


def test_wave_is_a_note_while_it_lasts(kernel, hand, buzzer):
    kernel.run(1_000)
    hand.set_pwm(Pwm(440, 0.5, 1_000))
    kernel.run(151_000)
    assert buzzer.get("freq_hz") == 440.0
    hand.set_pwm(Pwm(523, 0.5, 151_000))
    kernel.run(200_000)
    hand.drive(0)
    assert buzzer.get("notes") == ((1_000, 440.0, 150_000), (151_000, 523.0, 49_000))
    assert buzzer.get("freq_hz") == 0.0


@pytest.mark.parametrize(("freq_hz", "duty"), [(440, 0.0), (440, 1.0), (19, 0.5), (20_480, 0.5)])
def test_what_nobody_hears_is_no_note(kernel, hand, buzzer, freq_hz, duty):
    hand.set_pwm(Pwm(freq_hz, duty))
    kernel.run(100_000)
    hand.drive(0)
    assert (buzzer.get("freq_hz"), buzzer.get("notes")) == (0.0, ())


def test_louder_and_quieter_is_the_same_note(kernel, hand, buzzer):
    for duty in (0.5, 0.1):
        hand.set_pwm(Pwm(440, duty, kernel.now))
        kernel.run(kernel.now + 50_000)
    hand.drive(0)
    assert buzzer.get("notes") == ((0, 440.0, 100_000),)


def _toggle(kernel, hand, half_us, count):
    for _ in range(count):
        for level in (1, 0):
            hand.drive(level)
            kernel.run(kernel.now + half_us)


def test_edges_made_by_hand_are_a_note(kernel, hand, buzzer):
    _toggle(kernel, hand, 500, 100)
    assert buzzer.get("freq_hz") == 1_000.0
    _toggle(kernel, hand, 250, 100)
    kernel.run(kernel.now + 100_000)
    assert [freq_hz for _, freq_hz, _ in buzzer.get("notes")] == [1_000.0, 2_000.0]
    assert buzzer.get("notes")[0] == (0, 1_000.0, 100_000)
    assert buzzer.get("freq_hz") == 0.0


def test_single_edge_is_no_note(kernel, hand, buzzer):
    hand.drive(1)
    kernel.run(1_000_000)
    hand.drive(0)
    assert buzzer.get("notes") == ()


def test_cut_wire_is_silent(kernel, hand, buzzer):
    buzzer.fail("disconnected")
    hand.set_pwm(Pwm(440, 0.5))
    kernel.run(100_000)
    assert buzzer.get("freq_hz") == 0.0
    buzzer.fail("disconnected", on=False)
    assert buzzer.get("freq_hz") == 440.0
