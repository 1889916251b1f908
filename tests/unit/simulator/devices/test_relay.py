"""The relay answers to levels; figures of the Songle SRD-05VDC-SL-C data sheet."""

from __future__ import annotations

import pytest

from simulator.devices import Site
from simulator.devices.relay import Relay
from simulator.electrical.boards import BOARDS
from simulator.electrical.net import Pwm
from simulator.electrical.pads import Pads
from simulator.errors import UsageError
from simulator.kernel import Kernel


@pytest.fixture
def kernel():
    return Kernel()


@pytest.fixture
def pads(kernel):
    return Pads(BOARDS["esp32"], kernel)


@pytest.fixture
def hand(pads):
    return pads.net(26).driver("hand")


@pytest.fixture
def relay(pads):
    return Relay(Site("relay", pads, {"in": 26}))


def test_contact_closes_and_opens_after_its_times(kernel, hand, relay):
    hand.drive(1)
    kernel.run(9_999)
    assert relay.get("closed") is False
    kernel.run(10_000)
    assert relay.get("closed") is True
    hand.drive(0)
    kernel.run(14_999)
    assert relay.get("closed") is True
    kernel.run(15_000)
    assert (relay.get("closed"), relay.get("operations")) == (False, 2)


def test_pulse_that_is_shorter_than_the_operate_time_moves_nothing(kernel, hand, relay):
    hand.drive(1)
    kernel.run(5_000)
    hand.drive(0)
    kernel.run(100_000)
    assert (relay.get("closed"), relay.get("operations")) == (False, 0)


def test_input_that_nobody_drives_is_off(kernel, hand, relay):
    hand.drive(1)
    kernel.run(20_000)
    hand.release()
    kernel.run(40_000)
    assert relay.get("closed") is False


def test_active_low_module_is_off_until_it_is_pulled_low(kernel, pads, hand):
    relay = Relay(Site("relay", pads, {"in": 26}), active_low=True)
    kernel.run(20_000)
    assert relay.get("closed") is False
    hand.drive(0)
    kernel.run(40_000)
    assert relay.get("closed") is True


@pytest.mark.parametrize(
    ("duties", "closed"), [((0.74,), False), ((0.76,), True), ((0.76, 0.11), True), ((0.76, 0.1), False)]
)
def test_square_wave_counts_by_its_mean(kernel, hand, relay, duties, closed):
    for duty in duties:
        hand.set_pwm(Pwm(1_000, duty, kernel.now))
        kernel.run(kernel.now + 20_000)
    assert relay.get("closed") is closed


def test_welded_contact_stays_closed(kernel, hand, relay):
    hand.drive(1)
    kernel.run(20_000)
    relay.fail("welded")
    hand.drive(0)
    kernel.run(40_000)
    assert relay.get("closed") is True
    relay.fail("welded", on=False)
    kernel.run(60_000)
    assert relay.get("closed") is False


def test_relay_without_a_coil_never_closes(kernel, hand, relay):
    relay.fail("coil_open")
    hand.drive(1)
    kernel.run(20_000)
    assert relay.get("closed") is False


def test_option_of_another_kind_is_refused(pads):
    with pytest.raises(UsageError, match="active_low must be true or false, not 1"):
        Relay(Site("relay", pads, {"in": 26}), active_low=1)
