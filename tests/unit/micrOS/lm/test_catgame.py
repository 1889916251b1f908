"""``catgame`` moves a laser pointer."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def node(world):
    return world.add_node("node01", wiring="catgame")


@pytest.fixture
def moves(world, node):
    """(microseconds, duty) of each position."""
    seen = []

    def note(wave):
        if wave is not None and wave.duty > 0:
            seen.append((world.kernel.now, round(wave.duty * 1_024)))

    node.machine.parts["pads"].net(27).on_pwm(note)
    return seen


def test_game_plays_around_the_centre_and_ends_there(shell, moves):
    assert shell("catgame game") == "Game action"
    duties = [duty for _, duty in moves]
    assert len(duties) == 12
    assert (duties[0], duties[-1]) == (75, 75)
    assert all(55 <= duty <= 95 for duty in duties)
    assert len(set(duties)) > 3


def test_pauses_are_between_20_ms_and_1500_ms(shell, moves):
    shell("catgame game 20 delta=5")
    pauses_us = [b - a for (a, _), (b, _) in zip(moves[1:], moves[2:], strict=False)]
    assert len(pauses_us) == 20
    assert min(pauses_us) >= 20_000
    assert max(pauses_us) < 1_510_000
    assert all(70 <= duty <= 80 for _, duty in moves)


def test_pointer_goes_where_it_is_told(world, node, shell):
    shell("catgame stop")
    world.run_for(1)
    assert node.part("pointer").get("angle_deg") == pytest.approx((75 / 1024 * 20_000 - 500) / 1_900 * 180, abs=0.1)


def test_stop_ends_a_running_game_at_once(world, node, shell, moves):
    """D-49: stop reaches a game that another session plays."""
    other = world.shell(node)
    shell._connection.send(b"catgame game 100\n")
    world.run_for(2)
    assert other("catgame stop") == "SET SERVO1: duty: 75"
    world.run_for(0.1)
    assert bytes(shell._connection.received).startswith(b"Stopped\n")
    count = len(moves)
    world.run_for(3)
    assert (len(moves), moves[-1][1]) == (count, 75)


def test_loop_goes_on_during_a_game(world, node, shell):
    """D-49."""
    other = world.shell(node)
    shell._connection.send(b"catgame game 100\n")
    world.run_for(2)
    start_s = world.now_s
    assert other("system heartbeat") == "<3 heartbeat <3"
    assert world.now_s - start_s < 0.05
    assert "busy: catgame.game is running" in other("servo sduty 40")


@pytest.mark.parametrize(("chance", "most", "least"), [(0, 0, 0), (9, 0, 0), (100, 30, 30), (50, 25, 5)])
def test_live_game_plays_by_chance(shell, chance, most, least):
    replies = [shell(f"catgame live_game {chance}") for _ in range(30)]
    assert set(replies) <= {"Game action", "No action"}
    assert least <= replies.count("Game action") <= most


def test_live_game_has_five_moves(shell, moves):
    shell("catgame live_game chance=100")
    assert len(moves) == 7


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("game 0", "repeat: 0 is not in 1..1000"),
        ("game 5 delta=36", "delta: 36 is not in 0..35"),
        ("live_game 101", "chance: 101 is not in 0..100"),
    ],
)
def test_wrong_argument_moves_nothing(shell, moves, command, text):
    assert text in shell(f"catgame {command}")
    assert moves == []


@pytest.mark.parametrize("command", ["sduty 50", "s2duty 50"])
def test_functions_of_servo_are_none_of_its_own(shell, command):
    """D-50."""
    assert "has no attribute" in shell(f"catgame {command}")


def test_lmdep_and_help(shell):
    assert shell("catgame lmdep") == "servo"
    assert json.loads(shell("catgame help >json")) == [
        "game repeat=10",
        "live_game chance=<10-90>",
        "stop",
        "lmdep",
    ]
