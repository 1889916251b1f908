"""A sensor on a serial line: its lines, queries, faults; read by firmware and by a driver made for a GPS receiver."""

from __future__ import annotations

import pytest

from simulator.devices import Site
from simulator.devices.serial_sensor import SerialSensor
from simulator.electrical.boards import BOARDS
from simulator.electrical.frame import Format
from simulator.electrical.pads import Pads
from simulator.electrical.uart import UartPort
from simulator.errors import UsageError
from simulator.kernel import Kernel
from tests.unit.simulator.devices.i2c_bench import install

#: The example sentences of NMEA 0183, with their checksums; of the date's year a GPS receiver tells two digits.
RMC = "$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W,A*07"
GGA = "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47"
#: What a driver for CircuitPython finds on a board.
CIRCUITPYTHON = {
    "/lib/typing.py": """
class _Anything:
    def __getitem__(self, key):
        return self


List = Literal = Optional = Tuple = _Anything()
""",
    "/lib/busio.py": """
import machine


class UART:
    def __init__(self, uart):
        self._uart = uart
        self.read = uart.read
        self.readline = uart.readline
        self.write = uart.write

    @property
    def in_waiting(self):
        return self._uart.any()


class I2C:
    pass
""",
    "/lib/circuitpython_typing.py": "ReadableBuffer = None\n",
    "/lib/typing_extensions.py": "from typing import Literal\n",
    "/lib/circuitpython.py": """
import sys
import time
from collections import namedtuple

names = "tm_year tm_mon tm_mday tm_hour tm_min tm_sec tm_wday tm_yday tm_isdst"
struct_time = namedtuple("struct_time", names.split())


class Time:
    struct_time = staticmethod(lambda parts: struct_time(*parts))


for name in ("sleep", "sleep_ms"):
    setattr(Time, name, staticmethod(getattr(time, name)))
Time.monotonic = staticmethod(lambda: time.ticks_ms() / 1000)
sys.modules["time"] = Time
""",
}


class Bench:
    """A sensor on pins 13 and 12 of a board without a program, and the other end of its line."""

    def __init__(self, *, pins=None, form=None, **options):
        self.kernel = Kernel()
        self.pads = Pads(BOARDS["esp32"], self.kernel)
        self.heard, self.at = bytearray(), []
        self.part = SerialSensor(Site("level", self.pads, pins or {"tx": 13, "rx": 12}), **options)
        self.port = UartPort(
            "chip", rx=self.pads.net(13), tx=self.pads.net(12), format=form or Format(), on_bytes=self.take
        )

    def take(self, byte):
        self.heard += byte
        self.at.append(self.kernel.now)

    def wait(self, seconds):
        """Let time pass; returns what came."""
        self.kernel.run(self.kernel.now + round(seconds * 1e6))
        heard, self.heard = bytes(self.heard), bytearray()
        return heard


def test_line_comes_each_period():
    bench = Bench(text="level {value} mm", period_s=0.5)
    bench.part.set("value", 250.5)
    assert bench.wait(1.2) == b"level 250.5 mm\r\nlevel 250.5 mm\r\n"
    assert (bench.part.get("lines"), bench.at[0], bench.at[16] - bench.at[0]) == (2, 501_042, 500_000)


def test_query_is_answered_and_other_characters_are_not():
    bench = Bench(query="?", period_s=0, end="\n")
    bench.port.send(b"x?")
    assert bench.wait(0.1) == b"0\n"
    assert (bench.part.get("queries"), bench.part.get("lines")) == (1, 1)


def test_wrong_format_is_counted_and_not_understood():
    bench = Bench(query="?", period_s=0, parity="odd", form=Format(parity=0))
    bench.port.send(b"?")
    assert bench.wait(0.1) == b""
    assert (bench.part.get("errors"), bench.part.get("queries")) == (1, 0)


def test_format_is_an_option():
    form = Format(1200, bits=7, parity=0, stop=2)
    bench = Bench(text="seven bits", baud=1200, bits=7, parity="even", stop=2, form=form)
    assert bench.wait(1.5) == b"seven bits\r\n"


@pytest.mark.parametrize("fault", ["silent", "disconnected"])
def test_faults_that_send_nothing(fault):
    bench = Bench(query="?")
    bench.part.fail(fault)
    bench.port.send(b"?")
    assert bench.wait(3) == b""
    assert bench.pads.net(13).is_driven() == (fault == "silent")
    bench.part.fail(fault, on=False)
    assert bench.wait(1.1) == b"0\r\n"


def test_noise_spoils_characters():
    bench = Bench(text="a long line of text")
    bench.part.fail("noisy")
    heard, line = bench.wait(1.5), b"a long line of text\r\n"
    assert heard[0::2] == line[0::2] and all(a != b for a, b in zip(heard[1::2], line[1::2], strict=True))


def test_power():
    bench = Bench()
    bench.wait(2.5)
    bench.part.power(on=False)
    assert (bench.wait(5), bench.pads.net(13).is_driven(), bench.part.lines) == (b"", False, 2)
    bench.part.power(on=True)
    assert (bench.wait(1.1), bench.part.lines) == (b"0\r\n", 1)


def test_text_can_be_set():
    bench = Bench()
    bench.part.set("text", "now {value}")
    assert bench.wait(1.1) == b"now 0\r\n"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"text": "\u00b0C"}, "text must be ASCII"),
        ({"text": "x" * 256}, "at most 255 characters"),
        ({"query": "??"}, "query must be one character"),
        ({"query": "?", "pins": {"tx": 13}}, "needs rx to be wired"),
        ({"period_s": -1}, "period_s must be 0..86400 s"),
        ({"period_s": "often"}, "period_s must be 0..86400 s"),
        ({"parity": "mark"}, "parity must be one of none, even, odd"),
        ({"bits": 9}, "no such format"),
        ({"baud": "fast"}, "must be whole numbers"),
    ],
)
def test_wrong_options_are_refused(options, text):
    with pytest.raises(UsageError, match=text):
        Bench(**options)


def sensor(bare, **options):
    """A sensor on a running board."""
    return SerialSensor(Site("level", bare.machine.parts["pads"], {"tx": 13, "rx": 12}), **options)


def test_firmware_asks_and_gets_an_answer(bare):
    part = sensor(bare, query="?", period_s=0, text="{value} mm")
    part.set("value", 77)
    source = (
        "from machine import UART\nu = UART(1, 9600, tx=12, rx=13, timeout=100)\n"
        "u.write('?')\nprint(u.readline())\nu.init(2400, timeout=50)\nu.write('?')\nprint(u.readline())"
    )
    # At the wrong rate the query is eight zeros and garbage to the sensor.
    assert bare.run(source) == "b'77 mm\\r\\n'\nNone\n"


def test_driver_for_gps_receivers_understands_sentences(bare):
    sensor(bare, text=f"{GGA}\r\n{RMC}")
    install(bare.node, "adafruit-circuitpython-gps")
    bare.node.install({path: text.encode() for path, text in CIRCUITPYTHON.items()})
    source = (
        "import circuitpython\nimport adafruit_gps, busio, machine, time\n"
        "gps = adafruit_gps.GPS(busio.UART(machine.UART(2, 9600, tx=12, rx=13, timeout=100)))\n"
        "print(gps.has_fix)\n"
        "for _ in range(20):\n    gps.update()\n    time.sleep(0.1)\n"
        "print(gps.has_fix, round(gps.latitude, 4), round(gps.longitude, 4), gps.altitude_m, gps.satellites)\n"
        "print(gps.timestamp_utc[:6])"
    )
    assert bare.run(source) == "False\nTrue 48.1173 11.5167 545.4 8\n(2094, 3, 23, 12, 35, 19)\n"
