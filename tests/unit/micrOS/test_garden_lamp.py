"""A garden lamp for a year: on at sunset, off at 23:00, right again after each power cut, whatever happens meanwhile.

The lamp is powered every other weekend, and without power between. Its clock knows only what the network
tells it, and the network fails now and then.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from simulator.lan.services.sun import sun_event
from simulator.world import World

_LAMP = b"""
def on():
    print('LAMP on')


def off():
    print('LAMP off')
"""
_CONFIG = {
    "cron": True,
    "cronseq": 60_000,
    "crontasks": "sunset!lamp on; *:23:0:0!lamp off",
    "boothook": "cron replay",
    "dbg": False,
}
_SATURDAY = date(2026, 1, 3)
_LAT_DEG, _LON_DEG = 47.4979, 19.0402
#: Weeks whose weekend the node has power; the weekends at which summer time begins and ends are among them. The virtual
#: machine takes seconds for each.
_WEEKS = {"cpython": range(0, 52, 2), "micropython": (0, 12, 26, 42)}
#: From the moment to the switching: a period of cron, an NTP second, the sun's models.
_LATE = timedelta(seconds=60 + 2 + 15)
_EARLY = timedelta(seconds=2 + 15)
#: From power or network to the clock: the boot, or the next try.
_BOOT = timedelta(minutes=3)
_RETRY = timedelta(minutes=35)

Switching = tuple[datetime, str]


def _local(day: date, clock: time) -> datetime:
    """UTC of a local time in Budapest that is not near a change of the clock."""
    summer = date(2026, 3, 29) <= day < date(2026, 10, 25)
    return datetime.combine(day, clock, UTC) - timedelta(hours=2 if summer else 1)


def _moments(first: date, days: int) -> list[Switching]:
    found = []
    for day in (first + timedelta(days=i) for i in range(days)):
        sunset = sun_event(day, _LAT_DEG, _LON_DEG, rises=False)
        assert sunset is not None
        found += [(sunset, "on"), (_local(day, time(23)), "off")]
    return found


def _weekend(world: World, node: Any, chance: random.Random, saturday: date) -> tuple[datetime, datetime, bool]:
    """Live through a weekend; returns when the power came and went, and whether the network was there at first."""
    begin = _local(saturday, time(chance.randint(12, 20), chance.randint(0, 59), chance.randint(0, 59)))
    world.run_for((begin - world.utc_now()).total_seconds())
    is_cut_off = chance.random() < 0.25
    trouble = world.lan.faults.start(chance.choice(["internet_down", "ap_off", "dns_silent"])) if is_cut_off else None
    node.power_on()
    world.run_for(chance.randint(1200, 7200))
    if trouble is not None:
        trouble.end()
    for kind, params in chance.sample(
        [
            ("ap_off", {}),
            ("ntp_silent", {}),
            ("internet_down", {}),
            ("ntp_wrong", {"offset_s": chance.choice([-1, 1])}),
            ("http_error", {"host": "ip-api.com"}),
        ],
        2,
    ):
        world.run_for(chance.randint(1800, 7200))
        fault = world.lan.faults.start(kind, **params)
        fault.excuse()
        world.run_for(chance.randint(600, 5 * 3600))
        fault.end()
    end = _local(saturday + timedelta(days=2), time(0, 30))
    world.run_for((end - world.utc_now()).total_seconds())
    node.power_off()
    return begin, end, not is_cut_off


@pytest.mark.slow
def test_lamp_switches_once_at_each_moment_of_a_year(engine: str) -> None:
    chance = random.Random(2026)
    seen: list[Switching] = []
    wrong: list[str] = []
    with World(seed=5, utc=_local(_SATURDAY, time(6))) as world:
        node = world.add_node("lamp", config=_CONFIG, files={"/LM_lamp.py": _LAMP}, power=False)
        node.console.listeners.append(
            lambda text: seen.extend((world.utc_now(), line[5:]) for line in text.split("\n") if line[:4] == "LAMP")
        )
        for week in _WEEKS[engine]:
            saturday = _SATURDAY + timedelta(weeks=week)
            seen.clear()
            begin, end, is_online = _weekend(world, node, chance, saturday)
            wrong += [f"{saturday}: {text}" for text in _complaints(seen, saturday, begin, end, is_online)]
    assert wrong == []


def _complaints(seen: list[Switching], saturday: date, begin: datetime, end: datetime, is_online: bool) -> list[str]:
    """What is not as it should be."""
    if len(seen) < 2:
        return [f"no replay: {seen}"]
    known = seen[0][0]  # when the clock was right
    latest = begin + (_BOOT if is_online else timedelta(hours=2) + _RETRY)
    found = [] if begin <= known <= latest else [f"replay at {known}, power came at {begin}"]
    moments = _moments(saturday - timedelta(days=2), 5)
    replayed = [what for _, what in seen[:2]]
    expected = [what for when, what in moments if when <= known][-2:]
    if replayed != expected and all(abs(when - known) > _LATE for when, _ in moments):
        found.append(f"replay {replayed}, not {expected}")
    due = [moment for moment in moments if known < moment[0] < end]
    if [what for _, what in seen[2:]] != [what for _, what in due]:
        return [*found, f"switched {seen[2:]}, not {due}"]
    for (when, what), (moment, _) in zip(seen[2:], due, strict=True):
        if not moment - _EARLY <= when <= moment + _LATE:
            found.append(f"{what} at {when}, not {moment}")
    return found
