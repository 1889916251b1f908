"""DS18B20 and its relatives on a 1-Wire bus: slots, search, conversion, failures; read by the frozen drivers."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.devices import Site
from simulator.devices.ds18x20 import Ds18x20
from simulator.devices.onewire_slave import crc8
from simulator.electrical.boards import BOARDS
from simulator.electrical.pads import Pads
from simulator.errors import NodeError, UsageError
from simulator.kernel import Kernel

_GPIO = 19
_BUS = (
    "import onewire, ds18x20, time\nfrom machine import Pin\no = onewire.OneWire(Pin(19))\nd = ds18x20.DS18X20(o)\n"
    "def hex(b):\n    return ''.join(['%02x' % x for x in b])\n"
)
_SCAN = _BUS + "print(' '.join(sorted(hex(r) for r in d.scan())))"
_MEASURE = _BUS + "d.convert_temp()\ntime.sleep_ms(750)\nprint(*[d.read_temp(r) for r in d.scan()])"
_RAW = _BUS + "d.convert_temp()\ntime.sleep_ms(750)\nprint(hex(d.read_scratch(d.scan()[0])))"


def _put(bare: Any, name: str = "ds18b20", **options: Any) -> Ds18x20:
    return Ds18x20(Site(name, bare.machine.parts["pads"], {"data": _GPIO}), **options)


def test_checksum_of_the_application_notes_example() -> None:
    assert crc8(bytes.fromhex("021cb801000000")) == 0xA2


def test_address_has_family_number_and_checksum(bare: Any) -> None:
    sensor = _put(bare, serial="112233445566")
    assert sensor.get("rom")[:14] == "28112233445566"
    assert bare.run(_SCAN).strip() == sensor.get("rom")


@pytest.mark.parametrize("count", [2, 5, 9])
def test_search_finds_every_device_of_a_bus(bare: Any, count: int) -> None:
    sensors = [_put(bare, f"t{number}") for number in range(count)]
    assert bare.run(_SCAN).split() == sorted(sensor.get("rom") for sensor in sensors)


def test_addresses_that_differ_in_one_bit_are_told_apart(bare: Any) -> None:
    sensors = [_put(bare, f"t{number}", serial=f"{number:02x}0000000000") for number in (0, 1, 2, 128)]
    assert bare.run(_SCAN).split() == sorted(sensor.get("rom") for sensor in sensors)


@pytest.mark.parametrize(
    ("temp_c", "text", "raw"),
    [
        (125.0, "125.0", "d007"),
        (85.0, "85.0", "5005"),
        (25.0625, "25.0625", "9101"),
        (10.125, "10.125", "a200"),
        (0.0, "0.0", "0000"),
        (-0.5, "-0.5", "f8ff"),
        (-10.125, "-10.125", "5eff"),
        (-25.0625, "-25.0625", "6ffe"),
        (-55.0, "-55.0", "90fc"),
    ],
)
def test_temperature_register_is_that_of_the_data_sheet(bare: Any, temp_c: float, text: str, raw: str) -> None:
    _put(bare).set("temp_c", temp_c)
    assert bare.run(_MEASURE).strip() == text
    assert bare.run("print(hex(d.read_scratch(d.scan()[0])))")[:16] == raw + "4b467fff0c10"


@pytest.mark.parametrize(
    ("temp_c", "text", "raw"),
    [(25.0, "25.0", "3200"), (-0.5, "-0.5", "ffff"), (-25.25, "-25.25", "ceff"), (21.4375, "21.4375", "2b00")],
)
def test_ds18s20_counts_half_degrees_and_a_remainder(bare: Any, temp_c: float, text: str, raw: str) -> None:
    _put(bare, family="ds18s20").set("temp_c", temp_c)
    assert bare.run(_MEASURE).strip() == text
    scratchpad = bare.run("print(hex(d.read_scratch(d.scan()[0])))")
    assert (scratchpad[:12], scratchpad[14:16]) == (raw + "4b46ffff", "10")


def test_families_have_their_codes(bare: Any) -> None:
    for family in ("ds18b20", "ds1822", "ds18s20"):
        _put(bare, family, family=family)
    assert [rom[:2] for rom in bare.run(_SCAN).split()] == ["10", "22", "28"]


def test_power_on_value_is_85_degrees_until_it_has_measured(bare: Any) -> None:
    sensor = _put(bare)
    assert bare.run(_BUS + "r = d.scan()[0]\nprint(d.read_temp(r))") == "85.0\n"
    assert bare.run("d.convert_temp()\ntime.sleep_ms(740)\nprint(d.read_temp(r))") == "85.0\n"
    assert bare.run("time.sleep_ms(10)\nprint(d.read_temp(r))") == "21.0\n"
    sensor.power(on=True)
    assert bare.run("print(d.read_temp(r))") == "85.0\n"


def test_read_slots_tell_when_the_conversion_is_done(bare: Any) -> None:
    _put(bare)
    source = "a = time.ticks_ms()\nd.convert_temp()\nwhile not o.readbit():\n    time.sleep_ms(1)\n"
    assert 748 <= int(bare.run(_BUS + source + "print(time.ticks_diff(time.ticks_ms(), a))")) <= 770


@pytest.mark.parametrize(
    ("config", "bits", "wait_ms", "text"), [(0x1F, 9, 94, "21.5"), (0x3F, 10, 188, "21.75"), (0x5F, 11, 376, "21.875")]
)
def test_coarser_results_come_sooner(bare: Any, config: int, bits: int, wait_ms: int, text: str) -> None:
    sensor = _put(bare)
    sensor.set("temp_c", 21.9375)
    setup = f"r = d.scan()[0]\nd.write_scratch(r, bytes([0x4b, 0x46, {config}]))\n"
    bare.run(_BUS + setup + f"d.convert_temp()\ntime.sleep_ms({wait_ms - 20})")
    assert sensor.get("resolution_bits") == bits
    assert bare.run("print(d.read_temp(r))") == "85.0\n"
    assert bare.run("time.sleep_ms(20)\nprint(d.read_temp(r))") == text + "\n"


def test_settings_survive_a_power_cut_only_if_copied(bare: Any) -> None:
    sensor = _put(bare)
    bare.run(_BUS + "r = d.scan()[0]\nd.write_scratch(r, bytes([0x10, 0x05, 0x1f]))")
    sensor.power(on=True)
    assert bare.run("print(hex(d.read_scratch(r)))")[4:10] == "4b467f"
    bare.run("d.write_scratch(r, bytes([0x10, 0x05, 0x1f]))\no.reset()\no.select_rom(r)\no.writebyte(0x48)")
    sensor.power(on=True)
    assert bare.run("print(hex(d.read_scratch(r)))")[4:10] == "10051f"
    bare.run("d.write_scratch(r, bytes([1, 2, 0x7f]))\no.reset()\no.select_rom(r)\no.writebyte(0xb8)")
    assert bare.run("print(hex(d.read_scratch(r)))")[4:10] == "10051f"


def test_only_alarmed_devices_answer_an_alarm_search(bare: Any) -> None:
    cold, hot = _put(bare, "cold"), _put(bare, "hot")
    hot.set("temp_c", 80)
    cold.set("temp_c", 72)
    bare.run(_BUS + "d.convert_temp()\ntime.sleep_ms(750)")
    source = (
        "o.reset()\no.writebyte(0xec)\nrom = bytearray(8)\nfor i in range(64):\n    b = o.readbit()\n    o.readbit()\n"
        "    o.writebit(b)\n    rom[i // 8] |= b << i % 8\nprint(hex(rom))"
    )
    bare.run("for r in d.scan():\n    d.write_scratch(r, bytes([75, 0, 0x7f]))")
    assert bare.run(source).strip() == hot.get("rom")


def test_read_rom_and_supply(bare: Any) -> None:
    sensor = _put(bare)
    assert bare.run(
        _BUS + "o.reset()\no.writebyte(0x33)\nb = bytearray(8)\no.readinto(b)\nprint(hex(b))"
    ).strip() == sensor.get("rom")
    assert bare.run("o.reset()\no.writebyte(0xcc)\no.writebyte(0xb4)\nprint(o.readbit())") == "1\n"


def test_another_address_is_not_answered(bare: Any) -> None:
    _put(bare)
    assert bare.run(_BUS + "o.reset()\no.select_rom(bytes(8))\no.writebyte(0xbe)\nprint(o.readbyte())") == "255\n"


def test_host_that_bangs_bits_itself_is_understood(bare: Any) -> None:
    """No function of ``_onewire``: levels and waiting, by the figures of the data sheet."""
    sensor = _put(bare)
    source = (
        "from machine import Pin\nfrom time import sleep_us\np = Pin(19, Pin.OPEN_DRAIN, value=1)\n"
        "def slot(low, rest):\n    p(0)\n    sleep_us(low)\n    p(1)\n    sleep_us(rest)\n"
        "def byte(v):\n    for i in range(8):\n        slot(*((6, 64) if v >> i & 1 else (65, 10)))\n"
        "def bit():\n    slot(3, 6)\n    v = p()\n    sleep_us(60)\n    return v\n"
        "p(0)\nsleep_us(500)\np(1)\nsleep_us(70)\nprint(p())\nsleep_us(430)\nbyte(0x33)\n"
        "print(''.join(['%02x' % sum([bit() << i for i in range(8)]) for _ in range(8)]))"
    )
    assert bare.run(source).split() == ["0", sensor.get("rom")]


def test_presence_pulse_has_the_timing_of_the_data_sheet() -> None:
    kernel = Kernel()
    pads = Pads(BOARDS["esp32"], kernel)
    Ds18x20(Site("t", pads, {"data": _GPIO}))
    net = pads.net(_GPIO)
    hand = net.driver("host")
    for low_us, answers in ((470, False), (480, True)):
        hand.drive(0)
        kernel.run(kernel.now + low_us)
        hand.release()
        began = kernel.now
        kernel.run(began + 1_000)
        edges = [(t_us - began, level) for t_us, level in net.edges if t_us > began]
        assert edges == ([(30, 0), (150, 1)] if answers else [])


def test_wrong_checksum_is_refused_by_the_driver(bare: Any) -> None:
    _put(bare).fail("wrong_crc")
    with pytest.raises(NodeError, match="CRC error"):
        bare.run(_MEASURE)


def test_absent_device_is_not_found_and_may_come_back(bare: Any) -> None:
    sensor = _put(bare)
    sensor.fail("absent")
    assert bare.run(_SCAN) == "\n"
    sensor.fail("absent", on=False)
    assert bare.run(_SCAN).strip() == sensor.get("rom")


def test_bus_that_is_stuck_low_stays_low_and_heals(bare: Any) -> None:
    sensor = _put(bare)
    sensor.fail("stuck_low")
    assert bare.run(_BUS + "p = Pin(19)\np(1)\nprint(p())") == "0\n"
    sensor.fail("stuck_low", on=False)
    assert bare.run("print(p())\nprint(hex(d.scan()[0]))").split() == ["1", sensor.get("rom")]


def test_brown_out_gives_85_degrees_again(bare: Any) -> None:
    sensor = _put(bare)
    assert bare.run(_MEASURE) == "21.0\n"
    sensor.fail("brown_out")
    assert bare.run(_MEASURE) == "85.0\n"


def test_it_follows_the_temperature_with_its_time_constant(bare: Any) -> None:
    sensor = _put(bare, response_s=10.0)
    sensor.set("temp_c", 31)
    bare.world.run_for(9.99)
    assert float(bare.run(_MEASURE)) == pytest.approx(27.32, abs=0.07)


@pytest.mark.parametrize(
    "options", [{"family": "ds2438"}, {"serial": "12"}, {"serial": "zz0000000000"}, {"response_s": -1}, {"pull_up": 0}]
)
def test_wrong_option_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(options))):
        Ds18x20(Site("t", Pads(BOARDS["esp32"], Kernel()), {"data": _GPIO}), **options)
