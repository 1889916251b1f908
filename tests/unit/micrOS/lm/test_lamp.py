"""What rgb, cct and neopixel have in common: colour, fade, toggle, brightness, timed transition, remembered state."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.micrOS.lm.lamps import KINDS, Kind, Lamp, state

_EACH = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
_PLANNED = "Settings was applied... wait for: run_transition"


@pytest.fixture
def lamp(world: Any, kind: Kind) -> Lamp:
    return Lamp(world, kind)


@_EACH
def test_lamp_starts_dark_and_tells_its_default(lamp: Lamp, kind: Kind) -> None:
    assert lamp("load_n_init").startswith("CACHE: True")
    assert lamp.light == lamp.dark
    assert lamp.status == lamp.expected(kind.default, False)


@_EACH
def test_full_scale_is_fully_on(lamp: Lamp, kind: Kind) -> None:
    full = (kind.top,) * len(kind.keys)
    assert lamp.set(full) == lamp.expected(full, True)
    assert lamp.kind.light(lamp.node) == full


@_EACH
def test_channels_are_taken_in_their_order_and_none_leaves_one(lamp: Lamp, kind: Kind) -> None:
    first = lamp.colour(0.1, 0.5, 0.9)
    assert lamp.set(first) == lamp.expected(first, True)
    assert lamp.light == pytest.approx(first, abs=1)
    changed = (first[0], kind.top, *first[2:])
    reply = lamp(f"{kind.setter} {kind.names[1]}={kind.top} smooth=False")
    assert state(reply) == lamp.expected(changed, True)
    assert lamp.light == pytest.approx(changed, abs=1)


@_EACH
@pytest.mark.parametrize("wrong", ["-1", "{over}", "'a'", "[1]", "1e9"])
def test_value_out_of_range_is_refused(lamp: Lamp, kind: Kind, wrong: str) -> None:
    """D-11."""
    before = lamp.set(lamp.colour(0.2, 0.4, 0.6))
    light = lamp.light
    value = wrong.format(over=kind.top + 1)
    for place, name in enumerate(kind.names):
        values = ["1"] * len(kind.names)
        values[place] = value
        reply = lamp(f"{kind.setter} {' '.join(values)}")
        assert f"{name}: " in reply.split("\n")[0]
        assert reply.split("\n")[0].endswith(f"is not in 0-{kind.top}")
    assert (lamp.status, lamp.light) == (before, light)


@_EACH
def test_part_of_a_number_is_rounded(lamp: Lamp) -> None:
    """D-17: floats reached the output."""
    assert lamp.set((10.6,) * len(lamp.dark)) == lamp.expected((11,) * len(lamp.dark), True)  # type: ignore[arg-type]


@_EACH
def test_dark_colour_switches_off_and_keeps_the_colour(lamp: Lamp) -> None:
    colour = lamp.colour(0.3, 0.2, 0.1)
    lamp.set(colour)
    assert lamp.set(lamp.dark) == lamp.expected(colour, False)
    assert lamp.light == lamp.dark
    assert state(lamp("toggle")) == lamp.expected(colour, True)
    assert lamp.light == pytest.approx(colour, abs=1)


@_EACH
def test_fade_goes_straight_from_colour_to_colour(lamp: Lamp) -> None:
    lamp.set(lamp.colour(1, 0, 0.5))
    seen = [lamp.kind.light(lamp.node)]
    goal = lamp.colour(0, 1, 0.5)
    probe = _watched(lamp, seen)
    reply = lamp(f"{lamp.kind.setter} {' '.join(map(str, goal))}")
    probe.clear()
    assert state(reply) == lamp.expected(goal, True)
    assert lamp.light == goal
    falling, rising = [light[0] for light in seen], [light[1] for light in seen]
    assert falling == sorted(falling, reverse=True)
    assert rising == sorted(rising)
    assert len(set(seen)) > 100


def _watched(lamp: Lamp, seen: list[Any]) -> list[bool]:
    """Look at the light each millisecond until the list that is returned is cleared."""
    is_on = [True]

    def look() -> None:
        if is_on:
            seen.append(lamp.kind.light(lamp.node))
            lamp.world.kernel.after(1000, look)

    look()
    return is_on


@_EACH
def test_fade_stops_nobody(lamp: Lamp, world: Any) -> None:
    """D-49, D-52: the loop goes on, and a second command waits for the end of the fade."""
    lamp.set(lamp.colour(1, 1, 1))
    other = world.shell(lamp.node)
    lamp.shell._connection.send(f"{lamp.kind.name} toggle\n".encode())
    world.run_for(0.1)
    start = world.now_s
    assert other("system heartbeat") == "<3 heartbeat <3"
    assert world.now_s - start < 0.05
    assert max(lamp.light) > 0
    assert state(other(f"{lamp.kind.name} toggle")) == lamp.expected(lamp.colour(1, 1, 1), True)
    world.run_for(0.001)
    assert lamp.light == lamp.colour(1, 1, 1)


@_EACH
@pytest.mark.parametrize("smooth", [True, False])
def test_toggle_goes_over_or_where_it_is_told(lamp: Lamp, smooth: bool) -> None:
    colour = lamp.colour(0.5, 1, 0.25)
    lamp.set(colour)
    for command, is_on in (("", False), ("", True), ("True", True), ("False", False), ("0", False), ("1", True)):
        assert state(lamp(f"toggle {command} smooth={smooth}")) == lamp.expected(colour, is_on), command
        assert lamp.light == pytest.approx(colour if is_on else lamp.dark, abs=1)


@_EACH
def test_brightness_tells_what_was_set(lamp: Lamp, kind: Kind) -> None:
    """D-12: the scales differed, and the text had a tail of decimals."""
    lamp.set(lamp.colour(0.5, 0.5, 0.5))
    assert lamp("brightness") == "50 %"
    for percent in (1, 7, 30, 33, 99, 100):
        told = state(lamp(f"brightness {percent} smooth=False"))
        assert max(told[key] for key in kind.keys) == round(kind.top * percent / 100)
        assert lamp("brightness") == f"{percent} %"
    assert state(lamp("brightness 0"))["S"] == 0
    assert lamp("brightness") == "0 %"
    assert lamp.light == lamp.dark


@_EACH
@pytest.mark.parametrize("percent", ["101", "-1", "'a'", "1e9"])
def test_brightness_out_of_range_has_its_reply(lamp: Lamp, percent: str) -> None:
    before = lamp.set(lamp.colour(0.2, 0.4, 0.6))
    assert lamp(f"brightness {percent}") == "Percent is out of range: 0-100"
    assert lamp.status == before


@_EACH
def test_dim_lamp_keeps_its_hue(lamp: Lamp) -> None:
    colour = lamp.colour(1, 0.39, 0.12)
    lamp.set(colour)
    lamp("brightness 1 smooth=False")
    assert state(lamp("brightness 100 smooth=False")) == lamp.expected(colour, True)


@_EACH
def test_brightness_switches_on(lamp: Lamp, kind: Kind) -> None:
    lamp.set((kind.top,) * len(kind.keys))
    lamp("toggle smooth=False")
    assert state(lamp("brightness 20 smooth=False")) == lamp.expected((kind.top // 5,) * len(kind.keys), True)


@_EACH
def test_brightness_of_a_faint_light_is_not_zero(lamp: Lamp) -> None:
    lamp.set((1,) * len(lamp.dark))
    assert lamp("brightness") == "1 %"


def _run(lamp: Lamp) -> list[str]:
    """Replies of run_transition until there is nothing to run."""
    replies = []
    while not replies or replies[-1] != "Nothing to run.":
        replies.append(lamp("run_transition"))
        assert len(replies) < 50
    return replies


@_EACH
def test_transition_has_a_step_per_period(world: Any, kind: Kind) -> None:
    lamp = Lamp(world, kind, timirqseq=500)
    lamp.set(lamp.colour(1, 0, 0))
    goal = lamp.colour(0, 1, 1)
    assert lamp(f"set_transition {' '.join(map(str, goal))} 2") == _PLANNED
    assert lamp.light == lamp.colour(1, 0, 0)
    for k in range(5):
        lamp("run_transition")
        wanted = (kind.top * (4 - k) / 4, kind.top * k / 4, kind.top * k / 4)
        assert lamp.light == pytest.approx(wanted[: len(kind.keys)], abs=1)
        assert list(lamp.expected(lamp.light, True).values()) == pytest.approx(
            [lamp.status[key] for key in (*kind.keys, "S")], abs=1
        )
    assert lamp.status == lamp.expected(goal, True)
    assert _run(lamp)[1:] == ["Nothing to run."]


@_EACH
def test_transition_from_off_begins_dark(lamp: Lamp, kind: Kind) -> None:
    goal = lamp.colour(1, 0.5, 0.25)
    lamp.set(lamp.colour(0.9, 0.9, 0.9))
    lamp("toggle smooth=False")
    lamp(f"set_transition {' '.join(map(str, goal))} 4")
    lights = []
    for _ in range(5):
        lamp("run_transition")
        lights.append(lamp.light)
    assert lights[0] == lamp.dark
    assert lights == sorted(lights)
    assert lights[-1] == pytest.approx(goal, abs=1)


@_EACH
def test_transition_to_dark_switches_off_and_keeps_the_colour(lamp: Lamp) -> None:
    """D-14: the last dim step was remembered."""
    colour = lamp.colour(0.5, 0.4, 0.3)
    lamp.set(colour)
    lamp(f"set_transition {' '.join(map(str, lamp.dark))} 3")
    assert len(_run(lamp)) == 6
    assert lamp.light == lamp.dark
    assert lamp.status == lamp.expected(colour, False)
    assert state(lamp("toggle")) == lamp.expected(colour, True)
    assert lamp.light == pytest.approx(colour, abs=1)


@_EACH
@pytest.mark.parametrize("sec", ["0", "0.2", "0.5"])
def test_transition_shorter_than_a_step_is_applied(lamp: Lamp, sec: str) -> None:
    """D-10: it was reported as done, and nothing happened."""
    goal = lamp.colour(0.5, 0.4, 0.3)
    lamp(f"set_transition {' '.join(map(str, goal))} {sec}")
    replies = _run(lamp)
    assert len(replies) == 3
    assert lamp.light == pytest.approx(goal, abs=1)
    assert lamp.status == lamp.expected(goal, True)


@_EACH
@pytest.mark.parametrize("sec", ["-1", "'a'"])
def test_time_of_a_transition_is_checked(lamp: Lamp, sec: str) -> None:
    reply = lamp(f"set_transition {' '.join(map(str, lamp.dark))} {sec}")
    assert reply.split("\n")[0].endswith(f"sec: {sec.strip(chr(39))} is not 0 or more")
    assert lamp("run_transition") == "Nothing to run."


@_EACH
def test_goal_of_a_transition_is_checked(lamp: Lamp, kind: Kind) -> None:
    reply = lamp(f"set_transition {' '.join(['1'] * (len(kind.keys) - 1))} {kind.top + 1} 10")
    assert f"{kind.top + 1} is not in 0-{kind.top}" in reply
    assert lamp("run_transition") == "Nothing to run."


@_EACH
@pytest.mark.parametrize(("command", "goes_on"), [
    ("{set} 1 1 smooth=False", False),
    ("{set} 1 1 smooth=False force=False", True),
    ("brightness 10 smooth=False", False),
    ("toggle", True),
    ("status", True),
])
def test_direct_colour_ends_a_transition_unless_told_otherwise(
    lamp: Lamp, kind: Kind, command: str, goes_on: bool
) -> None:
    lamp.set(lamp.colour(1, 1, 1))
    lamp(f"set_transition {' '.join(map(str, lamp.dark))} 3")
    lamp("run_transition")
    lamp(command.format(set=kind.setter))
    assert (lamp("run_transition") != "Nothing to run.") is goes_on


@_EACH
def test_lamp_that_is_switched_off_comes_back_where_the_transition_is(lamp: Lamp, kind: Kind) -> None:
    """`toggle` leaves the transition its course; what it shows is what the steps have come to."""
    lamp.set(lamp.colour(1, 1, 1))
    goal = lamp.colour(0.2, 0.2, 0.2)
    lamp(f"set_transition {' '.join(map(str, goal))} 4")
    lamp("run_transition")
    lamp("toggle")
    for _ in range(2):
        assert "eactivated" in lamp("run_transition")
        assert lamp.light == lamp.dark
    assert state(lamp("toggle"))["S"] == 1
    assert lamp.light == pytest.approx(lamp.colour(0.6, 0.6, 0.6), abs=1)
    _run(lamp)
    assert lamp.status == lamp.expected(goal, True)
    assert lamp.light == pytest.approx(goal, abs=1)


@_EACH
def test_transition_that_ends_while_the_lamp_is_off_is_remembered(lamp: Lamp) -> None:
    lamp.set(lamp.colour(1, 1, 1))
    goal = lamp.colour(0.2, 0.4, 0.6)
    lamp(f"set_transition {' '.join(map(str, goal))} 2")
    lamp("toggle")
    _run(lamp)
    assert lamp.light == lamp.dark
    assert state(lamp("toggle")) == lamp.expected(goal, True)
    assert lamp.light == pytest.approx(goal, abs=1)


@_EACH
def test_night_that_ends_while_the_lamp_is_off_leaves_it_its_colour(lamp: Lamp) -> None:
    lamp.set(lamp.colour(1, 1, 1))
    lamp(f"set_transition {' '.join(map(str, lamp.dark))} 2")
    lamp("toggle")
    _run(lamp)
    assert state(lamp("toggle")) == lamp.expected(lamp.colour(1, 1, 1), True)


@_EACH
def test_state_survives_a_power_cut(lamp: Lamp, world: Any) -> None:
    colour = lamp.colour(0.8, 0.4, 0.2)
    lamp("load_n_init")
    lamp.set(colour)
    world.run_for(3)
    assert lamp.file() == ",".join(map(str, (*colour, 1)))
    _cut_power(lamp)
    if lamp.kind.name != "neopixel":  # the pixels have a supply of their own
        assert lamp.light == lamp.dark
    lamp("load_n_init")
    assert lamp.status == lamp.expected(colour, True)
    assert lamp.light == pytest.approx(colour, abs=1)
    lamp("toggle smooth=False")
    world.run_for(3)
    _cut_power(lamp)
    lamp("load_n_init")
    assert lamp.status == lamp.expected(colour, False)
    assert lamp.light == lamp.dark


def _cut_power(lamp: Lamp) -> None:
    lamp.node.power_off()
    lamp.world.run_for(0.1)
    lamp.node.power_on()
    lamp.shell = lamp.world.shell(lamp.node)


@_EACH
@pytest.mark.parametrize("cache", ["True", "None", "False"])
def test_cache_says_whether_the_state_is_kept(lamp: Lamp, world: Any, cache: str) -> None:
    is_kept = cache != "False"
    assert lamp(f"load_n_init cache={cache}").startswith(f"CACHE: {is_kept}")
    lamp.set(lamp.colour(1, 1, 1))
    world.run_for(3)
    assert lamp.node.flash.exists(f"/{lamp.kind.pds}.pds") is is_kept


@_EACH
def test_flash_is_written_once_however_long_the_fades(lamp: Lamp, world: Any) -> None:
    """D-05, D-15: it was written at every step."""
    lamp("load_n_init")
    assert lamp.writes() == 0
    lamp.set(lamp.colour(1, 1, 1))
    world.run_for(3)
    per_change = lamp.writes()
    lamp.set(lamp.colour(0.5, 1, 0.5), "")
    lamp("toggle")
    lamp("toggle")
    world.run_for(3)
    assert lamp.writes() == 2 * per_change
    lamp(f"set_transition {' '.join(map(str, lamp.dark))} 20")
    for _ in range(10):
        lamp("run_transition")
        world.run_for(3)
    assert lamp.writes() == 2 * per_change


@_EACH
@pytest.mark.parametrize("text", ["", "1", "1,2", "1,2,3,4,5", "a,b,c,d", "9999,1,1,1", "-1,1,1,0", "nan,1,1,1"])
def test_damaged_state_file_is_no_obstacle(lamp: Lamp, kind: Kind, text: str) -> None:
    """D-04: a short file made every boot fail."""
    lamp.node.flash.write(f"/{kind.pds}.pds", text.encode())
    assert lamp("load_n_init").startswith("CACHE: True")
    assert lamp.status == lamp.expected(kind.default, False)
    assert f"{kind.pds}.pds is damaged" in lamp.shell("system alarms")


@_EACH
def test_state_file_of_the_former_release_is_read(lamp: Lamp, kind: Kind) -> None:
    """D-17: its numbers are floats, which the output refused."""
    colour = lamp.colour(0.1, 0.2, 0.3)
    text = ",".join(f"{value}.0" for value in (*colour, 1))
    lamp.node.flash.write(f"/{kind.pds}.pds", text.encode())
    lamp("load_n_init")
    assert lamp.status == lamp.expected(colour, True)
    assert state(lamp("toggle smooth=False")) == lamp.expected(colour, False)
    assert state(lamp("toggle smooth=False")) == lamp.expected(colour, True)


@_EACH
def test_dark_colour_in_the_state_file_does_not_stay(lamp: Lamp, kind: Kind) -> None:
    lamp.node.flash.write(f"/{kind.pds}.pds", ",".join(["0"] * (len(kind.keys) + 1)).encode())
    lamp("load_n_init")
    assert state(lamp("toggle")) == lamp.expected(kind.default, True)


@_EACH
def test_power_cut_while_the_state_is_saved_leaves_old_or_new(lamp: Lamp, world: Any) -> None:
    lamp("load_n_init")
    old, new = lamp.colour(0.1, 0.1, 0.1), lamp.colour(0.7, 0.7, 0.7)
    found = []
    for step in (1, 2, 3):
        lamp.set(old)
        world.run_for(3)
        lamp.node.flash.cut_after(step)
        lamp.set(new)
        world.run_for(5)
        if not lamp.node.powered:
            lamp.node.power_on()
        lamp.shell = world.shell(lamp.node)
        lamp("load_n_init")
        assert lamp.status in (lamp.expected(old, True), lamp.expected(new, True))
        found.append(lamp.status == lamp.expected(new, True))
    assert found[0] is False


@_EACH
def test_pin_of_another_is_refused(lamp: Lamp, kind: Kind) -> None:
    """D-07: two modules could drive one pin."""
    lamp.node.install({"/LM_mine.py": f"import LogicalPins\ndef take():\n"
                       f"    return LogicalPins.bind('{kind.pin}', 'mine')\n".encode()})
    gpio = int(lamp.shell("mine take"))
    for command in ("load_n_init", f"{kind.setter} 1 1", "toggle"):
        assert f"pin {gpio} ({kind.pin}) is in use by mine" in lamp(command)
        assert lamp.status == lamp.expected(kind.default, is_on=False)
    assert "mine" in lamp("toggle")
    lamp.shell("system module unload='LM_mine'")
    assert lamp.set(lamp.colour(1, 1, 1))["S"] == 1
    assert lamp.light == lamp.colour(1, 1, 1)


@_EACH
def test_unloaded_lamp_frees_its_pins_and_keeps_its_state(lamp: Lamp, kind: Kind) -> None:
    colour = lamp.colour(0.9, 0.5, 0.1)
    lamp("load_n_init")
    lamp.set(colour)
    lamp.node.install({"/LM_mine.py": f"import LogicalPins\ndef take():\n"
                       f"    return LogicalPins.bind('{kind.pin}', 'mine')\n".encode()})
    lamp.shell(f"system module unload='LM_{kind.name}'")
    assert lamp.file() == ",".join(map(str, (*colour, 1)))
    assert lamp.shell("mine take").isdigit()
    lamp.shell("system module unload='LM_mine'")
    lamp("load_n_init")
    assert lamp.status == lamp.expected(colour, True)
