"""The bench ``devices``: what it makes of its samples; its programs use the parts, and a part that is idle fails it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from bench import devices, devices_run
from bench.figures import TARGETS


def test_figures_of_parts_stand_beside_their_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def answer(program: str, what: str, engine: str, amount: float, **rest: Any) -> dict[str, float]:
        asked.append((what, engine, amount, rest.get("extra", ())))
        if what == "logger":
            return {"speed": 12_000.0, "cpu_speed": 15_000.0}
        return {"per_s": 500.0 if engine == "cpython" else 100.0, "floor": 50_000.0}

    monkeypatch.setattr(devices, "run_json", answer)
    figures = devices.measure(True).figures
    assert (figures["oled_per_s"].value, figures["oled_per_s"].ratio) == (500.0, pytest.approx(0.01))
    assert figures["vm_ws2812_per_s"].value == 100.0
    assert (figures["logger_speed"].value, figures["logger_cpu_speed"].value) == (12_000.0, 15_000.0)
    assert TARGETS["devices", "logger_speed"].is_met(figures["logger_speed"])
    assert asked[-1] == ("logger", "cpython", 2, ())
    assert [what for what, engine, _, extra in asked if engine == "micropython" and extra] == list(devices.PARTS)


@pytest.mark.parametrize("name", devices.PARTS)
def test_program_uses_its_part(name: str) -> None:
    found = devices_run.use_part(devices_run.PARTS[name], "cpython", 0.0)
    assert 0 < found["per_s"] < found["floor"]


def test_part_that_is_not_used_fails() -> None:
    part = devices_run.PARTS["ws2812"]
    idle = dataclasses.replace(part, source=part.source.replace("    strip.write()\n", ""))
    with pytest.raises(RuntimeError, match="strip was used 0 times, not 20"):
        devices_run.use_part(idle, "cpython", 0.0)


def test_logger_measures_each_minute() -> None:
    found = devices_run.log_air("cpython", 0.1)
    told = found["told"]
    assert abs(told["lines"] - 144) <= 1 and told["failed"] == 0
    # After two hours: 20 + 8 sin(30 deg), 50 - 20 sin(30 deg).
    assert (told["last"]["temp [ºC]"], told["last"]["hum [%]"]) == (24.0, 40.0)


def test_logger_that_misses_is_refused() -> None:
    class Restarted:
        name, boots = "node01", 2

        class console:
            @staticmethod
            def text() -> str:
                return "MPY: soft reboot"

    fresh: Any = Restarted()
    with pytest.raises(RuntimeError, match="has restarted: MPY: soft reboot"):
        devices_run.check(fresh, {"lines": 1440, "failed": 0}, 1)
    fresh.boots = 1
    for told in ({"lines": 1430, "failed": 0}, {"lines": 1440, "failed": 1}):
        with pytest.raises(RuntimeError, match="failed"):
            devices_run.check(fresh, told, 1)
