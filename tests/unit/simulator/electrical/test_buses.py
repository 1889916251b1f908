"""Buses of bytes: who answers, what nobody answers."""

import pytest

from simulator.electrical.buses import I2cBus, SpiBus
from simulator.errors import UsageError


class Echo:
    """Acknowledges everything; reads give the address."""

    def transfer(self, address, segments):
        written = sum(len(part) for part in segments if isinstance(part, bytes))
        return written, [bytes([address]) * part for part in segments if isinstance(part, int)]


def test_i2c_address_without_device_gives_none():
    assert I2cBus().transfer(0x76, [b""]) is None


def test_i2c_device_answers_at_its_address_only():
    bus = I2cBus()
    bus.attach(0x76, Echo())
    assert bus.transfer(0x76, [b"\x01", 2]) == (1, [b"\x76\x76"])
    assert bus.transfer(0x77, [2]) is None
    bus.detach(0x76)
    assert bus.transfer(0x76, [2]) is None


def test_i2c_taken_or_wrong_address_is_refused():
    bus = I2cBus()
    bus.attach(0x76, Echo())
    for address in (0x76, -1, 0x80):
        with pytest.raises(UsageError):
            bus.attach(address, Echo())


class Slow(Echo):
    """Holds the clock twice in each transaction."""

    def __init__(self, bus):
        self.bus = bus

    def transfer(self, address, segments):
        self.bus.hold_clock(30)
        self.bus.hold_clock(50)
        return super().transfer(address, segments)


def test_i2c_hold_of_the_clock_is_told_per_transaction():
    bus = I2cBus()
    bus.attach(0x29, Slow(bus))
    bus.transfer(0x29, [1])
    assert (bus.held_us, bus.longest_hold_us) == (80, 50)
    bus.transfer(0x30, [1])
    assert (bus.held_us, bus.longest_hold_us) == (0, 0)
    with pytest.raises(UsageError, match="cannot be held for -1 us"):
        bus.hold_clock(-1)


class Shifter:
    """Answers with a fixed text, or not at all while not selected."""

    def __init__(self, answer):
        self.answer = answer

    def exchange(self, data):
        return self.answer


def test_spi_without_device_reads_the_idle_level():
    assert SpiBus().transfer(b"abc", 0) == b"\0\0\0"
    assert SpiBus().transfer(b"abc", 1) == b"\xff\xff\xff"


def test_spi_listener_and_first_answering_device():
    bus, seen = SpiBus(), []
    bus.sent.append(seen.append)
    bus.attach(Shifter(None))
    bus.attach(Shifter(b"xy"))
    assert bus.transfer(b"abc", 1) == b"xy\xff"
    assert seen == [b"abc"]
