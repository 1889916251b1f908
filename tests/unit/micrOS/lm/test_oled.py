"""``oled`` draws on a display."""

from __future__ import annotations

import pytest

from tests.unit.micrOS.lm import stillness
from tests.unit.screen import read_text


@pytest.fixture
def node(world):
    return world.add_node("node01", wiring="oled")


@pytest.fixture
def panel(node):
    return node.part("oled")


def lit(panel):
    return {(x, y) for y in range(64) for x in range(128) if panel.pixel(x, y)}


def test_text_with_blanks_is_shown(shell, panel):
    assert shell('oled text "Hello, world" 5 20') == "True"
    assert panel.get("lit") == 0
    assert shell("oled show") == "None"
    assert read_text(panel, 5, 20) == "Hello, world"


def test_text_has_its_defaults_and_takes_numbers(shell, panel):
    shell("oled text")
    shell("oled text 42 y=8")
    shell("oled show")
    assert (read_text(panel, 0, 0), read_text(panel, 0, 8)) == ("text", "42")


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("line 1 2 4 2", {(1, 2), (2, 2), (3, 2), (4, 2)}),
        ("line 127 63 130 70", {(127, 63)}),
        ("rect 1 2 3 3", {(1, 2), (2, 2), (3, 2), (1, 3), (3, 3), (1, 4), (2, 4), (3, 4)}),
        ("rect 1 2 2 2 fill=True", {(1, 2), (2, 2), (1, 3), (2, 3)}),
    ],
)
def test_drawing_is_shown(shell, panel, command, expected):
    assert shell(f"oled {command}") == "True"
    shell("oled show")
    assert lit(panel) == expected


def test_drawing_in_the_dark_colour_clears(shell, panel):
    assert shell("oled clean 1") == "True"
    shell("oled rect 1 0 127 64 state=0 fill=True")
    shell("oled line 0 0 0 62 0")
    shell("oled show")
    assert lit(panel) == {(0, 63)}
    shell("oled clean")
    shell("oled show")
    assert lit(panel) == set()


def test_show_may_come_first(shell, panel):
    """D-33."""
    assert shell("oled show") == "None"
    assert (panel.get("on"), panel.get("lit")) == (True, 0)


def test_display_is_inverted_and_back(shell, panel):
    assert shell("oled invert") == "True"
    assert panel.get("lit") == 128 * 64
    assert shell("oled invert") == "True"
    assert panel.get("lit") == 0


def test_display_is_switched_off_and_keeps_its_picture(shell, panel):
    shell("oled clean 1")
    shell("oled show")
    assert shell("oled poweroff") == "True"
    assert panel.get("lit") == 0
    assert shell("oled poweron") == "True"
    assert panel.get("lit") == 128 * 64


def test_noise_of_a_fresh_display_is_never_seen(world, shell, panel):
    seen = []
    start_us = world.kernel.now
    for t_us in range(0, 60_000, 500):
        world.at(start_us + t_us, lambda: seen.append(panel.get("lit")))
    shell("oled clean")
    world.run_for(0.1)
    assert panel.get("on")
    assert set(seen) == {0}


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("clean 2", "state must be 0 or 1, not 2"),
        ("line 0 0 5 5 state=-1", "state must be 0 or 1, not -1"),
        ("rect 0 0 5 5 'x'", "state must be 0 or 1, not x"),
        ("text 'a' 2000", "x must be -1024..1024, not 2000"),
        ("line 0 0 1.5 5", "ex must be -1024..1024, not 1.5"),
        ("rect 0 0 5 -2000", "h must be -1024..1024, not -2000"),
    ],
)
def test_what_cannot_be_drawn_is_refused(shell, command, text):
    assert text in shell(f"oled {command}")


def test_absent_display_is_an_error_and_gets_its_picture_when_it_is_back(shell, panel):
    shell("oled text 'abc'")
    shell("oled show")
    panel.fail("absent")
    for command in ("show", "invert", "poweroff", "text 'x'"):
        assert f"LM_oled->{command.split()[0]}: [Errno 19] ENODEV" in shell(f"oled {command}")
    panel.fail("absent", on=False)
    assert shell("oled show") == "None"
    assert read_text(panel, 0, 0) == "abc"


@pytest.mark.parametrize(("fault", "text"), [("absent", "ENODEV"), ("scl_stuck", "116"), ("deaf", "Errno 5")])
def test_failure_at_the_first_call_is_an_error(shell, panel, fault, text):
    panel.fail(fault)
    assert text in shell("oled text 'abc'").split("\n")[0]
    panel.fail(fault, on=False)
    shell("oled text 'abc'")
    shell("oled show")
    assert read_text(panel, 0, 0) == "abc"


def test_power_cut_of_the_board_darkens_the_display_until_it_is_set_up(world, node, shell, panel):
    shell("oled clean 1")
    shell("oled show")
    node.power_off()
    assert panel.get("lit") == 0
    node.power_on()
    assert (panel.get("on"), panel.get("lit")) == (False, 0)
    shell = world.shell(node)
    shell("oled text 'again'")
    shell("oled show")
    assert read_text(panel, 0, 0) == "again"


def test_reset_of_the_board_leaves_the_picture(world, node, shell, panel):
    shell("oled text 'stays'")
    shell("oled show")
    node.reset()
    world.run_for(0.1)
    assert read_text(panel, 0, 0) == "stays"


def test_loop_goes_on_while_a_picture_is_sent(node, shell):
    """23 ms of bits at 400 kHz, in eight pieces."""
    stillness.watch(node, shell)
    shell("oled clean 1")
    first_ms = stillness.longest_ms(shell)
    shell("oled show")
    assert stillness.longest_ms(shell) < 50
    assert first_ms < 50


def test_others_run_between_the_pages(world, node, shell):
    shell("oled clean 1")
    world.run_on(
        node,
        "import asyncio, LM_oled\nturns = []\nasync def other():\n    while True:\n        turns.append(0)\n"
        "        await asyncio.sleep_ms(1)\nasync def both():\n    task = asyncio.create_task(other())\n"
        "    await LM_oled.show()\n    task.cancel()\n    turns.append('end')\n",
    )
    shell("oled show")
    world.run_on(node, "asyncio.create_task(both())")
    world.run_for(0.5)
    assert int(world.run_on(node, "print(turns.index('end'))")) >= 7


def test_what_it_needs_is_told(shell):
    assert shell("oled pinmap") == " i2c_scl: 22\n i2c_sda: 21"
    assert shell("oled help").split("\n") == [
        ' text "text" x y,',
        " invert,",
        " clean state=<0/1>,",
        " line sx sy ex ey state=1,",
        " rect x y w h state=1 fill=False,",
        " show,",
        " poweron,",
        " poweroff,",
        " pinmap,",
        " INFO: OLED Module for SSD1306,",
    ]
