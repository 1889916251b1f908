"""DHT11 and DHT22 on their line: edges, intervals, failures; read by the port's own functions."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.devices import Site
from simulator.devices.dht import Dht11, Dht22
from simulator.electrical.boards import BOARDS
from simulator.electrical.pads import Pads
from simulator.errors import NodeError, UsageError
from simulator.kernel import Kernel

_GPIO = 32
#: The port's frozen driver on the sensor, as everybody uses it.
_ASK = (
    "import dht\nfrom machine import Pin, dht_readinto\nd = dht.{}(Pin(32))\ndef ask():\n    d.measure()\n"
    "    return '%.1f %.1f' % (d.temperature(), d.humidity())\nprint(ask())"
)
_BYTES = (
    "from machine import Pin, dht_readinto\nb = bytearray(5)\ndht_readinto(Pin(32), b)\n"
    "print(''.join(['%02x' % byte for byte in b]))"
)


def _put(bare: Any, model: type, **options: Any) -> Any:
    return model(Site("dht", bare.machine.parts["pads"], {"data": _GPIO}), **options)


def _set(device: Any, **values: float) -> None:
    for name, value in values.items():
        device.set(name, value)


@pytest.mark.parametrize(
    ("temp_c", "hum_pct", "data"),
    [(26.9, 65.8, "0292010da2"), (-10.1, 65.8, "0292806579"), (-40, 0, "0000819011"), (80, 100, "03e803200e")],
)
def test_dht22_sends_the_bytes_of_the_data_sheet(bare: Any, temp_c: float, hum_pct: float, data: str) -> None:
    _set(_put(bare, Dht22), temp_c=temp_c, hum_pct=hum_pct)
    assert bare.run(_BYTES).strip() == data


def test_dht22_is_read_by_the_frozen_driver(bare: Any) -> None:
    _set(_put(bare, Dht22), temp_c=-3.4, hum_pct=99.9)
    assert bare.run(_ASK.format("DHT22")) == "-3.4 99.9\n"


def test_dht11_gives_whole_numbers_within_its_range(bare: Any) -> None:
    sensor = _put(bare, Dht11)
    _set(sensor, temp_c=23.6, hum_pct=45.4)
    assert bare.run(_ASK.format("DHT11")) == "24.0 45.0\n"
    _set(sensor, temp_c=-12, hum_pct=99)
    bare.world.run_for(1)
    assert bare.run("print(ask())") == "0.0 90.0\n"


@pytest.mark.parametrize(("temp_c", "hum_pct", "data"), [(23.6, 45.4, "2d0417064e"), (-5.2, 50, "32000582b9")])
def test_newer_dht11_sends_tenths_and_sign(bare: Any, temp_c: float, hum_pct: float, data: str) -> None:
    _set(_put(bare, Dht11, tenths=True), temp_c=temp_c, hum_pct=hum_pct)
    assert bare.run(_BYTES).strip() == data


@pytest.mark.parametrize(("model", "name", "interval_s"), [(Dht11, "DHT11", 1.0), (Dht22, "DHT22", 2.0)])
def test_too_early_it_sends_the_last_values_again(bare: Any, model: type, name: str, interval_s: float) -> None:
    sensor = _put(bare, model)
    assert bare.run(_ASK.format(name)) == "21.0 45.0\n"
    _set(sensor, temp_c=30, hum_pct=60)
    bare.world.run_for(interval_s - 0.4)
    assert bare.run("print(ask())") == "21.0 45.0\n"
    bare.world.run_for(interval_s)
    assert bare.run("print(ask())") == "30.0 60.0\n"


def test_it_is_silent_in_its_first_second(bare: Any) -> None:
    sensor = _put(bare, Dht22)
    sensor.power(on=True)
    with pytest.raises(NodeError, match="OSError: .*116"):
        bare.run(_ASK.format("DHT22"))
    bare.world.run_for(1)
    assert bare.run("print(ask())") == "21.0 45.0\n"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("silent", "OSError: .*116"),
        ("broken_off", "OSError: .*116"),
        ("stuck_low", "OSError: .*116"),
        ("checksum", "checksum error"),
    ],
)
def test_failure_is_seen_by_the_driver_and_ends(bare: Any, fault: str, error: str) -> None:
    sensor = _put(bare, Dht22)
    sensor.fail(fault)
    with pytest.raises(NodeError, match=error):
        bare.run(_ASK.format("DHT22"))
    sensor.fail(fault, on=False)
    bare.world.run_for(2)
    assert bare.run("print(ask())") == "21.0 45.0\n"


def test_element_follows_with_its_time_constant(bare: Any) -> None:
    sensor = _put(bare, Dht22, response_s=10.0)
    sensor.set("temp_c", 31)
    bare.world.run_for(9.732)
    assert bare.run(_ASK.format("DHT22")) == "27.3 45.0\n"


class _Line:
    """The line alone, with a host's hand on it, in virtual time."""

    def __init__(self, model: type) -> None:
        self.kernel = Kernel()
        pads = Pads(BOARDS["esp32"], self.kernel)
        self.net = pads.net(_GPIO)
        self.sensor = model(Site("dht", pads, {"data": _GPIO}))
        self.hand = self.net.driver("host")

    def start(self, low_us: int) -> list[tuple[int, int]]:
        """A start signal; returns the edges after it, from the moment that the line was let go."""
        self.hand.drive(0)
        self.kernel.run(self.kernel.now + low_us)
        self.hand.release()
        began = self.kernel.now
        self.kernel.run(began + 10_000)
        return [(t_us - began, level) for t_us, level in self.net.edges if t_us > began]


def test_answer_has_the_timing_of_the_data_sheet() -> None:
    edges = _Line(Dht22).start(1_000)
    assert edges[:5] == [(30, 0), (110, 1), (190, 0), (240, 1), (266, 0)]
    assert len(edges) == 2 + 80 + 2
    assert edges[-1][1] == 1
    highs = {after[0] - before[0] for before, after in zip(edges[3:-1:2], edges[4::2], strict=False)}
    assert highs == {26, 70}


@pytest.mark.parametrize(("model", "short_us", "long_us"), [(Dht11, 17_900, 18_000), (Dht22, 700, 800)])
def test_start_signal_must_be_long_enough(model: type, short_us: int, long_us: int) -> None:
    line = _Line(model)
    assert line.start(short_us) == []
    assert line.start(long_us)


@pytest.mark.parametrize("options", [{"response_s": -1}, {"pull_up": 1}, {"response_s": "x"}, {"tenths": 2}])
def test_wrong_option_is_refused(options: dict[str, Any]) -> None:
    pads = Pads(BOARDS["esp32"], Kernel())
    with pytest.raises(UsageError, match=next(iter(options))):
        Dht11(Site("dht", pads, {"data": _GPIO}), **options)
