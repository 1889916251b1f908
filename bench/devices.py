"""Bench ``devices``: parts and their drivers, per second of the host; and a year of a logger.

On a board without firmware, on each engine: readings of a BME280 with all its values worked out (``bme280_per_s``),
frames of 24 WS2812 (``ws2812_per_s``), full frames of an SSD1306 of 128 x 64 (``oled_per_s``); virtual time runs
unpaced. Floor: as many calls of a function that does nothing, in the same program on the same board.

``logger_speed``, in virtual seconds per second, and ``logger_cpu_speed``, per second of processor time: 365 days of a
node that measures temperature, humidity and CO2 each minute (DHT22, MQ135) and writes the lines to its flash each hour.
They have no floor.
"""

from __future__ import annotations

from typing import Any

from bench.figures import Figure, Report, median
from bench.process import run_json

EXTRA = ("--simulate", "--engine", "micropython")
PARTS = ("bme280", "ws2812", "oled")
_ENGINES = {"": "cpython", "vm_": "micropython"}
_LIMIT_S = 7200.0


def measure(quick: bool) -> Report:
    """Run parts by turns, then the logger once; a quick run has few frames and two days.

    Raises:
        BenchError: a part did not see what was sent to it, or the logger missed a measurement.
    """
    rounds, seconds, days = (1, 0.2, 2) if quick else (5, 1.0, 365)
    samples: dict[str, list[Any]] = {}
    for _ in range(rounds):
        for prefix, engine in _ENGINES.items():
            extra = EXTRA if engine == "micropython" else ()
            for part in PARTS:
                found = run_json("bench.devices_run", part, engine, seconds, limit_s=_LIMIT_S, extra=extra)
                samples.setdefault(f"{prefix}{part}_per_s", []).append(found)
    figures = {
        name: Figure(median([one["per_s"] for one in found]), "1/s", median([one["floor"] for one in found]))
        for name, found in samples.items()
    }
    logger = run_json("bench.devices_run", "logger", "cpython", days, limit_s=_LIMIT_S)
    figures |= {f"logger_{name}": Figure(logger[name], "s/s") for name in ("speed", "cpu_speed")}
    return Report(figures, f"{rounds} rounds of {seconds:g} s for each part; the logger once, for {days} virtual days")
