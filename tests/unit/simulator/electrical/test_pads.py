"""Pads of a chip: direction, pulls, hold, reset, buses."""

import pytest

from simulator.electrical.boards import BOARDS
from simulator.electrical.pads import INPUT, OPEN_DRAIN, OUTPUT, PULL_DOWN, PULL_UP, Pads
from simulator.errors import UsageError
from simulator.kernel import Kernel


@pytest.fixture
def pads():
    return Pads(BOARDS["esp32"], Kernel(seed=1))


def test_pad_that_the_board_lacks_is_refused(pads):
    for gpio in (20, 24, 28, 31, 40, -1):
        with pytest.raises(UsageError):
            pads.pad(gpio)


def test_output_drives_its_net(pads):
    pad = pads.pad(4)
    pad.set_level(1)
    assert pads.net(4).level() == 0
    pad.set_mode(INPUT | OUTPUT)
    assert (pads.net(4).level(), pad.read()) == (1, 1)


def test_output_without_input_reads_zero(pads):
    pad = pads.pad(4)
    pad.set_level(1)
    pad.set_mode(OUTPUT)
    assert (pads.net(4).level(), pad.read()) == (1, 0)


def test_open_drain_releases_a_high(pads):
    pad = pads.pad(4)
    pad.set_mode(INPUT | OUTPUT | OPEN_DRAIN)
    pad.set_level(1)
    assert not pads.net(4).is_driven()
    pad.set_level(0)
    assert pads.net(4).is_driven()


def test_pulls_set_the_idle_level(pads):
    pad = pads.pad(4)
    pad.set_pull(PULL_UP)
    assert pad.read() == 1
    pad.set_pull(PULL_DOWN)
    assert pad.read() == 0


def test_input_only_pad_has_no_pull(pads):
    pads.pad(34).set_pull(PULL_UP)
    assert pads.net(34).volts() == 0.0


def test_strapping_pads_have_their_pull_after_reset(pads):
    assert [pads.net(gpio).level() for gpio in (0, 2, 5, 12, 15)] == [1, 0, 1, 0, 1]


def test_hold_freezes_output_until_let_go(pads):
    pad = pads.pad(4)
    pad.set_mode(INPUT | OUTPUT)
    pad.set_hold(True)
    pad.set_level(1)
    assert pads.net(4).level() == 0
    pad.set_hold(False)
    assert pads.net(4).level() == 1


def test_reset_lets_go_but_outside_stays(pads):
    pads.pad(4).set_level(1)
    pads.pad(4).set_mode(INPUT | OUTPUT)
    pads.net(5).drive(1)
    pads.reset()
    assert (pads.net(4).level(), pads.net(5).level()) == (0, 1)


def test_contention_with_outside_is_listed_as_fault(pads):
    pads.pad(4).set_mode(INPUT | OUTPUT)
    pads.net(4).drive(1)
    assert [fault.net for fault in pads.faults()] == ["gpio4"]


def test_bus_of_same_pins_is_the_same(pads):
    assert pads.i2c_bus(22, 21) is pads.i2c_bus(22, 21)
    assert pads.i2c_bus(22, 21) is not pads.i2c_bus(21, 22)
    assert pads.spi_bus(12, 2, 19) is pads.spi_bus(12, 2, 19)
    with pytest.raises(UsageError):
        pads.i2c_bus(22, 20)
