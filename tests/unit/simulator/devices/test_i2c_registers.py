"""Plain registers on I2C, and the faults that all parts on I2C have."""

from __future__ import annotations

import pytest

from simulator.devices.i2c_registers import I2cRegisters
from simulator.errors import UsageError
from tests.unit.simulator.devices.i2c_bench import Bench


@pytest.fixture
def bench():
    return Bench(I2cRegisters, content="60 00 ff", size=16)


def test_reads_go_on_from_the_number_written_and_wrap(bench):
    assert bench.get(0, 3) == b"\x60\x00\xff"
    assert bench.put(14, 1, 2, 3) == 4
    assert bench.get(14, 3) == b"\x01\x02\x03"
    assert bench.bus.transfer(0x50, [1]) == (0, [b"\x00"])


def test_numbers_of_16_bits_are_big_endian():
    bench = Bench(I2cRegisters, size=1024, number_bits=16)
    bench.put(0x01, 0x02, 7)
    assert bench.part.peek(0x102) == 7
    assert bench.part.get("content") == bytes(0x102).hex() + "07" + bytes(1024 - 0x103).hex()


def test_read_only_registers_acknowledge_and_stay(bench):
    bench = Bench(I2cRegisters, content="11", is_read_only=True)
    assert bench.put(0, 5) == 2
    assert bench.get(0) == b"\x11"


def test_content_is_set_from_outside(bench):
    bench.part.set("content", "0102")
    assert bench.get(0, 3) == b"\x01\x02\x00"
    with pytest.raises(UsageError, match="content is not hexadecimal"):
        bench.part.set("content", "xy")
    with pytest.raises(UsageError, match="no register 16"):
        bench.part.peek(16)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"address": 0x78}, "address 0x78 is not one of"),
        ({"address": True}, "address 0x01 is not one of"),
        ({"address": "0x50"}, "address '0x50' is not one of"),
        ({"size": 257}, "size must be 1..256"),
        ({"number_bits": 12}, "number_bits must be 8 or 16"),
        ({"content": "0102", "size": 1}, "content has 2 bytes for 1 registers"),
        ({"is_read_only": 1}, "is_read_only must be true or false"),
    ],
)
def test_wrong_option_is_refused(options, text):
    with pytest.raises(UsageError, match=text):
        Bench(I2cRegisters, **options)


def test_unplugged_part_is_silent_and_begins_anew_when_it_is_back(bench):
    bench.put(1, 9)
    bench.part.fail("absent")
    assert bench.put(1, 5) is None
    bench.part.fail("absent", on=False)
    assert bench.get(0, 3) == b"\x60\x00\xff"


def test_deaf_part_acknowledges_its_address_only(bench):
    bench.part.fail("deaf")
    assert bench.bus.transfer(0x50, [b"\x01\x02", 2]) == (0, [b""])
    bench.part.fail("deaf", on=False)
    assert bench.part.peek(1) == 0


def test_part_holds_the_clock_as_long_as_it_is_told_to(bench):
    bench.part.set("stretch_us", 300)
    bench.get(0)
    assert bench.bus.held_us == bench.bus.longest_hold_us == 300


@pytest.mark.parametrize(("fault", "gpio"), [("scl_stuck", 22), ("sda_stuck", 21)])
def test_stuck_line_is_low_until_the_fault_ends(bench, fault, gpio):
    net = bench.pads.net(gpio)
    bench.part.fail(fault)
    assert net.is_driven()
    assert net.level() == 0
    bench.part.fail(fault, on=False)
    assert not net.is_driven()


def test_firmware_meets_the_faults_as_errors_of_the_port(bare):
    from simulator.devices import Site

    part = I2cRegisters(Site("part", bare.machine.parts["pads"], {"scl": 22, "sda": 21}), content="2a")
    bare.run(
        "from machine import SoftI2C\ni = SoftI2C(22, 21, timeout=500)\ndef read():\n    try:\n"
        "        print(i.readfrom_mem(80, 0, 1)[0])\n    except OSError as e:\n        print('E', e.args[0])"
    )
    assert bare.run("read()") == "42\n"
    for fault, printed in (("absent", "E 19\n"), ("scl_stuck", "E 116\n"), ("sda_stuck", "0\n"), ("deaf", "0\n")):
        part.fail(fault)
        assert (fault, bare.run("read()")) == (fault, printed)
        part.fail(fault, on=False)
    part.set("stretch_us", 600)
    assert bare.run("read()") == "E 116\n"
