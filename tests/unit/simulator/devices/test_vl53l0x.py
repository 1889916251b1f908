"""The VL53L0X answers as ST's API expects; a third-party driver reads what was set."""

from __future__ import annotations

import pytest

from simulator.devices import Site
from simulator.devices.vl53l0x import Vl53l0x, choose_spads
from simulator.errors import UsageError
from tests.unit.simulator.devices.i2c_bench import Bench, install_circuitpython

OPEN = ((0x80, 1), (0xFF, 1), (0x00, 0))
CLOSE = ((0x00, 1), (0xFF, 0), (0x80, 0))


@pytest.fixture
def bench():
    return Bench(Vl53l0x)


def put_all(bench, pairs):
    for pair in pairs:
        bench.put(*pair)


def open_stop(bench):
    """Write the stop variable back, as the API does before each start."""
    put_all(bench, (*OPEN, (0x91, 0x3C), *CLOSE, (0x0A, 4), (0x01, 0xE8)))


def result(bench):
    """(range status, distance in mm)."""
    block = bench.get(0x14, 12)
    return block[0] >> 3 & 15, block[10] << 8 | block[11]


def test_identity_and_stop_variable(bench):
    assert bench.get(0xC0, 3) == b"\xee\xaa\x10"
    put_all(bench, OPEN)
    assert bench.get(0x91) == b"\x3c"


def test_pages_do_not_disturb_each_other(bench):
    put_all(bench, ((0x44, 0x12), (0xFF, 1), (0x44, 0x34)))
    assert bench.get(0x44) == b"\x34"
    bench.put(0xFF, 0)
    assert bench.get(0x44, 2) == b"\x12\x00"


def test_spad_info_is_told_after_it_was_asked_for(bench):
    put_all(bench, (*OPEN, (0xFF, 6), (0x83, 4), (0xFF, 7), (0x81, 1), (0x80, 1), (0x94, 0x6B), (0x83, 0)))
    assert bench.get(0x83) == b"\x00"
    bench.wait(1_000)
    assert bench.get(0x83) == b"\x10"
    bench.put(0x83, 1)
    assert bench.get(0x92) == b"\x85"


def test_spad_info_is_not_told_without_the_strobe_of_page_6(bench):
    """D-46: the reference sets another bit."""
    put_all(bench, (*OPEN, (0xFF, 6), (0x83, 8), (0xFF, 7), (0x94, 0x6B), (0x83, 0)))
    bench.wait(100_000)
    assert bench.get(0x83) == b"\x00"


@pytest.mark.parametrize(
    ("good", "count", "is_aperture", "chosen"),
    [
        ("ff0f00ff0f00", 5, True, "0000001f0000"),
        ("ff0f00ff0f00", 5, False, "1f0000000000"),
        ("ff0f00ff0f00", 13, True, None),
        ("ffffffffffff", 2, True, "003000000000"),
    ],
)
def test_spads_of_a_kind_are_chosen(good, count, is_aperture, chosen):
    found = choose_spads(bytes.fromhex(good), count, is_aperture=is_aperture)
    assert (found and found.hex()) == chosen


def test_enabled_spads_are_judged(bench):
    assert bench.get(0xB0, 6).hex() == "ff0f00ff0f00"
    assert not bench.part.get("spads_ok")
    bench.put(0xB0, *bytes.fromhex("0000001f0000"))
    assert bench.part.get("spads_ok")


def test_single_measurement_takes_its_time(bench):
    bench.part.set("distance_mm", 123)
    open_stop(bench)
    bench.put(0x00, 0x01)
    assert bench.get(0x00) == b"\x01"
    bench.wait(500)
    assert bench.get(0x00) == b"\x00"
    bench.wait(bench.part.measurement_us() - 501)
    assert bench.get(0x13) == b"\x00"
    bench.wait(1)
    assert bench.get(0x13) == b"\x04"
    assert result(bench) == (11, 123)
    bench.put(0x0B, 1)
    assert bench.get(0x13) == b"\x00"


def test_default_measurement_takes_about_31_ms(bench):
    bench.put(0x01, 0xE8)
    assert bench.part.measurement_us() == pytest.approx(31_300, abs=200)


def test_nothing_comes_without_the_stop_variable(bench):
    put_all(bench, ((0x0A, 4), (0x01, 0xE8), (0x00, 0x01)))
    bench.wait(200_000)
    assert bench.get(0x13) == b"\x00"


@pytest.mark.parametrize(("mode", "count"), [(2, 9), (4, 3)])
def test_continuous_ranging_goes_on_until_it_is_stopped(bench, mode, count):
    open_stop(bench)
    bench.put(0x04, 0, *(100 * 0x0BB8).to_bytes(3, "big"))  # every 100 ms, timed
    bench.put(0x00, mode)
    bench.wait(300_000)
    assert bench.part.get("measured") == count
    put_all(bench, ((0x00, 1), (0xFF, 1), (0x00, 0), (0x91, 0), (0x00, 1), (0xFF, 0)))
    bench.wait(300_000)
    assert (bench.part.get("measured"), bench.part.get("is_ranging")) == (count, False)


@pytest.mark.parametrize("far", [True, False])
def test_no_target_is_a_status_and_no_distance(bench, far):
    if far:
        bench.part.set("distance_mm", 1201)
    else:
        bench.part.fail("no_target")
    open_stop(bench)
    bench.put(0x00, 0x01)
    bench.wait(40_000)
    assert result(bench) == (4, 8190)


def test_failed_measurement_never_ends(bench):
    bench.part.fail("never_ready")
    open_stop(bench)
    bench.put(0x00, 0x01)
    bench.wait(1_000_000)
    assert bench.get(0x13) == b"\x00"


def test_address_changes_until_it_is_unplugged(bench):
    bench.put(0x8A, 0x30)
    assert bench.put(0xC0, address=0x29) is None
    assert bench.get(0xC0) == b"\xee"
    bench.part.fail("absent")
    bench.part.fail("absent", on=False)
    assert bench.part.address == 0x29
    assert bench.get(0xC0) == b"\xee"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"address": 0x39}, "address 0x39 is not one of 0x29"),
        ({"reach_mm": 10}, "reach_mm must be 30..8000"),
        ({"spad_map": "ff"}, "spad_map must be 6 bytes"),
        ({"spad_count": 40}, "spad_map has no 40 good SPADs"),
    ],
)
def test_wrong_option_is_refused(options, text):
    with pytest.raises(UsageError, match=text):
        Bench(Vl53l0x, **options)


@pytest.fixture
def ranger(bare):
    install_circuitpython(bare.node, "adafruit-circuitpython-vl53l0x")
    return Vl53l0x(Site("ranger", bare.machine.parts["pads"], {"scl": 22, "sda": 21}))


START = "import circuitpython, busio, adafruit_vl53l0x\nv = adafruit_vl53l0x.VL53L0X(busio.I2C(), io_timeout_s=0.2)\n"


def test_adafruit_driver_sets_it_up_and_reads_distances(bare, ranger):
    """PyPI adafruit-circuitpython-vl53l0x: an independent port of ST's API."""
    ranger.set("distance_mm", 345)
    assert bare.run(START + "print(v.range)") == "345\n"
    assert ranger.get("spads_ok")
    ranger.set("distance_mm", 67)
    assert bare.run("print(v.range)\nwith v.continuous_mode():\n    print(v.range, v.range)") == "67\n67 67\n"
    bare.world.run_for(0.1)  # the driver ends with a single measurement, which it reads at the next call
    assert not ranger.get("is_ranging")
    ranger.fail("no_target")
    assert bare.run("print(v.range, v.range)") == "67 8190\n"


def test_adafruit_drivers_timing_budget_is_obeyed(bare, ranger):
    bare.run(START)
    for budget_us in (33_000, 100_000, 20_000):
        bare.run(
            f"v.measurement_timing_budget = {budget_us}\nassert abs(v.measurement_timing_budget - {budget_us}) < 1000"
        )
        assert ranger.measurement_us() == pytest.approx(budget_us, rel=0.06)


def test_adafruit_driver_gives_up_when_no_data_come(bare, ranger):
    bare.run(START)
    ranger.fail("never_ready")
    assert bare.run("try:\n    v.range\nexcept RuntimeError as e:\n    print(e)") == "Timeout waiting for VL53L0X!\n"
