"""The measured process of ``devices``: ``python -m bench.devices_run PART|logger ENGINE SECONDS|DAYS`` prints JSON."""

from __future__ import annotations

import json
import math
import os
import sys
import time
from dataclasses import dataclass
from typing import Any

from bench import machines
from simulator.firmware import default_source
from simulator.node import Node
from simulator.world import World

_PORT = 9008
_BOOT_LIMIT_S = 60.0
_HOUR_US = 3_600_000_000
_VIRTUAL_LIMIT_S = 1e6
#: Calls of the first, short run; from its time follows how many fill the time that is wanted.
_FIRST = 20
_MOST_LONGER = 10
#: Lines that may be missing or too many: boot, and what is just about to be measured.
_MISSED = 3


@dataclass(frozen=True)
class Part:
    """A part and a program that uses it.

    Attributes:
        name: of its built-in wiring, and of the part there.
        drivers: files of ``micrOS/source/drivers`` that the program imports.
        counter: the part's quantity that counts its uses.
        source: defines ``step``, one use of it, and ``run(function, count)``.
    """

    name: tuple[str, str]
    drivers: tuple[str, ...]
    counter: str
    source: str


_RUN = """
def nothing():
    pass

def run(function, count):
    while count > 0:
        for _ in range(min(count, 50_000)):
            function()
        count -= 50_000
        time.sleep_ms(1)
"""
PARTS = {
    "bme280": Part(
        ("bme280", "bme280"),
        ("bme280.py",),
        "measured",
        """
import time
from machine import I2C, Pin
from drivers.bme280 import Bme280
sensor = Bme280(I2C(0, scl=Pin(22), sda=Pin(21), freq=400_000))

def step():
    time.sleep_ms(sensor.start())
    return sensor.read()
"""
        + _RUN,
    ),
    "ws2812": Part(
        ("neopixel", "strip"),
        (),
        "frames",
        """
import time
from machine import Pin
from neopixel import NeoPixel
strip = NeoPixel(Pin(15), 24)
number = 0

def step():
    global number
    number += 1
    strip.fill((number & 255, 128, 255 - (number & 255)))
    strip.write()
    time.sleep_us(300)
"""
        + _RUN,
    ),
    "oled": Part(
        ("oled", "oled"),
        ("ssd1306.py",),
        "frames",
        """
import asyncio
from machine import I2C, Pin
from drivers.ssd1306 import Ssd1306
screen = Ssd1306(I2C(0, scl=Pin(22), sda=Pin(21), freq=400_000))
asyncio.run(screen.setup())

async def nothing():
    pass

async def step():
    screen.fill(0)
    screen.text('frame', 0, 0)
    await screen.show()

def run(function, count):
    async def main(count):
        while count > 0:
            for _ in range(min(count, 50_000)):
                await function()
            count -= 50_000
            await asyncio.sleep_ms(1)
    asyncio.run(main(count))
""",
    ),
}

#: The logger's Load Module: a line each minute, written to flash each hour, into the file of the day.
LOGGER = b"""
import LM_dht22
import time
waiting = []
told = {'lines': 0, 'failed': 0, 'last': None, 'day': 0}


def log():
    try:
        told['last'] = LM_dht22.measure_w_co2()
    except OSError:
        told['failed'] += 1
        return
    waiting.append(';'.join([str(value) for value in told['last'].values()]))
    told['lines'] += 1
    if len(waiting) == 60:
        day = time.localtime()[2]
        with open('/air.csv', 'a' if day == told['day'] else 'w') as file:
            for line in waiting:
                file.write(line + '\\n')
        told['day'] = day
        waiting.clear()


def show():
    return told
"""
_LOGGER_CONFIG = {"timirq": True, "timirqseq": 60_000, "timirqcbf": "logger log"}


def use_part(part: Part, engine: str, seconds: float) -> dict[str, float]:
    """Use a part as often as fits into a time, and call a function that does nothing.

    Returns:
        ``per_s``, uses per second of the host, and ``floor``, calls of the function.

    Raises:
        RuntimeError: the part was not used as often as the program says.
    """
    wiring, name = part.name
    files = {f"/lib/drivers/{file}": (default_source() / "drivers" / file).read_bytes() for file in part.drivers}
    with World(seed=1, engine=engine) as world:
        node = world.add_node("bare", firmware=False, wiring=wiring, files=files)
        world.run_until(lambda: ">>> " in node.console.text(), timeout_s=_BOOT_LIMIT_S)
        world.run_on(node, part.source)
        floor, _ = _rate(world, node, "nothing", seconds)
        before = int(node.part(name).get(part.counter))  # type: ignore[arg-type]  # counts are int
        per_s, count = _rate(world, node, "step", seconds)
        used = int(node.part(name).get(part.counter)) - before  # type: ignore[arg-type]
    if used != count:
        raise RuntimeError(f"{name} was used {used} times, not {count}")
    return {"per_s": per_s, "floor": floor}


def _rate(world: World, node: Node, function: str, seconds: float) -> tuple[float, int]:
    """Calls per second, of a run that took at least so long; and how many calls there were in all."""
    count, made = _FIRST, 0
    while True:
        started = time.perf_counter()
        world.run_on(node, f"run({function}, {count})", timeout_s=_VIRTUAL_LIMIT_S)
        took_s = time.perf_counter() - started
        made += count
        if took_s >= seconds:
            return count / took_s, made
        count = min(math.ceil(count * 1.2 * seconds / took_s), count * _MOST_LONGER)


def log_air(engine: str, days: float) -> dict[str, Any]:
    """Let a node log temperature, humidity and CO2 for some days.

    Returns:
        ``speed`` and ``cpu_speed``: virtual seconds per second, and per second of processor time; ``told``: what the
        logger says at the end.

    Raises:
        RuntimeError: it restarted, or missed a measurement.
    """
    with World(seed=1, engine=engine) as world:
        node = world.add_node("node01", config=_LOGGER_CONFIG, files={"/LM_logger.py": LOGGER}, wiring="dht22")
        world.run_until(lambda: node.listening(_PORT), timeout_s=_BOOT_LIMIT_S)
        _weather(world, node)
        processes = machines.family(os.getpid())
        began_s, began_cpu_s, started = world.now_s, machines.cpu_s(processes), time.perf_counter()
        world.run_for(days * 86_400)
        wall_s, cpu_s = time.perf_counter() - started, machines.cpu_s(processes) - began_cpu_s
        passed_s = world.now_s - began_s
        shell = world.shell(node)
        told: dict[str, Any] = json.loads(shell("logger show >json"))
        shell.close()
        check(node, told, days)
    return {"speed": passed_s / wall_s, "cpu_speed": passed_s / max(cpu_s, 0.01), "told": told}


def _weather(world: World, node: Node) -> None:
    """Temperature, humidity and CO2 follow the hour, from now on."""

    def change() -> None:
        turn = world.now_s / 86_400 * 2 * math.pi
        node.part("dht22").set("temp_c", round(20 + 8 * math.sin(turn), 1))
        node.part("dht22").set("hum_pct", round(50 - 20 * math.sin(turn), 1))
        node.part("mq135").set("ppm", round(600 + 200 * math.cos(turn)))
        world.at(world.kernel.now + _HOUR_US, change)

    change()


def check(node: Node, told: dict[str, Any], days: float) -> None:
    """See that the node is in its first life and that it has measured each minute.

    Raises:
        RuntimeError: it has not.
    """
    if node.boots != 1:
        raise RuntimeError(f"{node.name} has restarted: {node.console.text()[-300:]}")
    if abs(told["lines"] - days * 1440) > _MISSED or told["failed"]:
        raise RuntimeError(f"{told['lines']} lines in {days:g} days, {told['failed']} failed")


def main() -> None:
    """Measure and print."""
    what, engine, amount = sys.argv[1:]
    if what == "logger":
        print(json.dumps(log_air(engine, float(amount))))
    else:
        print(json.dumps(use_part(PARTS[what], engine, float(amount))))


if __name__ == "__main__":
    main()
