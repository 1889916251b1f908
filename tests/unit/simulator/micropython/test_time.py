"""``time`` of the ESP32 port. Figures: docs/library/time.rst of MicroPython, and the calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import BareBoard


def value(bare: BareBoard, expression: str) -> object:
    """What an expression gives on the board, or the type and text of what it raises."""
    printed = bare.run(
        f"import time\ntry:\n    print(repr({expression}))\n"
        "except Exception as e:\n    print(repr(type(e).__name__ + ': ' + str(e)))"
    )
    return eval(printed)  # noqa: S307  a literal of our own making


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # docs/library/time.rst: ticks_diff(ticks1, ticks2) is ticks1 - ticks2 as a signed value in the ring.
        ("time.ticks_diff(1500, 1000)", 500),
        ("time.ticks_diff(1000, 1500)", -500),
        ("time.ticks_diff(0, 2**30 - 1)", 1),
        ("time.ticks_diff(2**30 - 1, 0)", -1),
        ("time.ticks_diff(2**29, 0)", -(2**29)),
        ("time.ticks_diff(2**29 - 1, 0)", 2**29 - 1),
        ("time.ticks_diff(time.ticks_add(2**30 - 5, 20), 2**30 - 5)", 20),
        ("time.ticks_add(2**30 - 1, 1)", 0),
        ("time.ticks_add(0, -1)", 2**30 - 1),
        # docs/library/time.rst: "find out TICKS_MAX used by this port".
        ("time.ticks_add(0, -1)", 1073741823),
    ],
)
def test_ticks_arithmetic_wraps_at_2_to_the_30(bare: BareBoard, expression: str, expected: int) -> None:
    assert value(bare, expression) == expected


@pytest.mark.parametrize("delta", ["2**29", "-2**29"])
def test_ticks_add_beyond_half_the_period_raises_overflowerror(bare: BareBoard, delta: str) -> None:
    assert value(bare, f"time.ticks_add(0, {delta})") == "OverflowError: ticks interval overflow"


@pytest.mark.parametrize(("name", "period_s"), [("ticks_ms", 2**30 / 1e3), ("ticks_us", 2**30 / 1e6)])
def test_ticks_begin_at_zero_again_after_the_period(bare: BareBoard, name: str, period_s: float) -> None:
    bare.run(f"import time\nbefore = time.{name}()")
    bare.world.run_for(period_s)
    now, passed = bare.run(f"now = time.{name}()\nprint(now, time.ticks_diff(now, before))").split()
    assert 0 <= int(now) < 2**30
    assert 0 <= int(passed) < 1_000


def test_ticks_wrap_within_a_sleep(bare: BareBoard) -> None:
    start_ms = int(bare.run("import time\nprint(time.ticks_ms())"))
    bare.world.run_for((2**30 - 1_000 - start_ms) / 1e3)
    printed = bare.run("t = time.ticks_ms()\ntime.sleep(2)\nu = time.ticks_ms()\nprint(t > u, time.ticks_diff(u, t))")
    assert printed == "True 2000\n"


@pytest.mark.parametrize(
    ("call", "took_ms"),
    [
        ("sleep(1.5)", 1500),
        ("sleep(2)", 2000),
        ("sleep_ms(20)", 20),
        ("sleep_ms(-5)", 0),
        ("sleep_us(20_000)", 20),
        ("sleep_us(3_000)", 3),
        ("sleep_us(-1)", 0),
        ("sleep(0)", 0),
    ],
)
def test_sleep_takes_its_time(bare: BareBoard, call: str, took_ms: int) -> None:
    source = f"import time\nt = time.ticks_us()\ntime.{call}\nprint(time.ticks_diff(time.ticks_us(), t))"
    assert int(bare.run(source)) == pytest.approx(took_ms * 1000, abs=10)


# Texts as py/obj.c has them; those of MicroPython 1.28 on a PC, but for localtime, which takes a float there.
@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("sleep('5')", "can't convert str to float"),
        ("sleep(None)", "can't convert NoneType to float"),
        ("sleep_ms('5')", "can't convert str to int"),
        ("sleep_ms(1.5)", "can't convert float to int"),
        ("sleep_us('5')", "can't convert str to int"),
        ("localtime('5')", "can't convert str to int"),
        ("localtime(5.5)", "can't convert float to int"),
        ("gmtime('5')", "can't convert str to int"),
        ("mktime((2000, '1', 1, 0, 0, 0, 0, 0))", "can't convert str to int"),
        ("mktime((2000, 1.0, 1, 0, 0, 0, 0, 0))", "can't convert float to int"),
        ("mktime('12345678')", "object 'str' isn't a tuple or list"),
        ("mktime(7)", "object 'int' isn't a tuple or list"),
        ("mktime((2024, 1, 1))", "mktime needs a tuple of length 8 or 9"),
    ],
)
def test_call_with_something_else_raises_typeerror(bare: BareBoard, call: str, text: str) -> None:
    assert value(bare, f"time.{call}") == f"TypeError: {text}"


def test_mktime_takes_a_list_and_looks_at_six_fields_only(bare: BareBoard) -> None:
    assert value(bare, "time.mktime([2000, 1, 1, 0, 0, 7, 'x', None])") == 7


def test_clock_begins_at_the_year_2000_when_power_comes(bare: BareBoard) -> None:
    year, month, day, hour, minute, second, weekday, yearday = value(bare, "time.localtime()")  # type: ignore[misc]
    assert (year, month, day, hour, minute, weekday, yearday) == (2000, 1, 1, 0, 0, 5, 1)
    assert second < 5


def test_clock_follows_virtual_time(bare: BareBoard) -> None:
    before = value(bare, "time.time()")
    bare.world.run_for(3600)
    assert value(bare, "time.time()") == before + 3600  # type: ignore[operator]


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        # seconds since 2000-01-01; the calendar: 2024-02-29 is a Thursday, 2000-03-01 a Wednesday.
        ((2000, 1, 1, 0, 0, 0, 5, 1), 0),
        ((2000, 3, 1, 0, 0, 0, 2, 61), 60 * 86400),
        ((2024, 2, 29, 12, 30, 15, 3, 60), 762525015),
        ((2030, 12, 31, 23, 59, 59, 1, 365), 978307199),
    ],
)
def test_calendar_and_seconds_go_both_ways(bare: BareBoard, moment: tuple[int, ...], seconds: int) -> None:
    assert value(bare, f"time.mktime({moment})") == seconds
    assert value(bare, f"time.localtime({seconds})") == moment
    assert value(bare, f"time.gmtime({seconds})") == moment


def test_mktime_carries_fields_out_of_range(bare: BareBoard) -> None:
    assert value(bare, "time.mktime((2023, 14, 1, 0, 0, 60, 0, 0))") == value(
        bare, "time.mktime((2024, 2, 1, 0, 1, 0, 0, 0))"
    )


def test_time_ns_counts_what_time_counts(bare: BareBoard) -> None:
    assert value(bare, "time.time_ns() // 10**9 - time.time()") == 0


def test_ticks_cpu_runs_with_the_processor_clock(bare: BareBoard) -> None:
    printed = bare.run(
        "import machine, time\nmachine.freq(80_000_000)\na = time.ticks_cpu()\ntime.sleep_us(1000)\n"
        "print(time.ticks_diff(time.ticks_cpu(), a))"
    )
    assert int(printed) == pytest.approx(80_000, rel=0.01)
