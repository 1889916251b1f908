"""``oled_ui`` shows pages that can be read."""

from __future__ import annotations

import re

import pytest

from tests.unit.micrOS.lm import stillness
from tests.unit.screen import read_text


@pytest.fixture
def node(world):
    return world.add_node("node01", wiring="oled_ui")


@pytest.fixture
def panel(node):
    return node.part("oled")


def turn_to(shell, page):
    """Turn the page until it is shown; the UI is at its first one."""
    assert page in (1, 2, 3)
    for expected in range(1, page + 1):
        assert shell("oled_ui control") == str(expected)


def lit_in(panel, x, y, width, height):
    return sum(panel.pixel(x + dx, y + dy) for dx in range(width) for dy in range(height))


def test_first_page_tells_the_node(world, shell, node, panel):
    assert shell("oled_ui pageui") == "None"
    assert re.fullmatch(r"S   \d\d:\d\d:\d\d", read_text(panel, 0, 0, 13))
    assert read_text(panel, 0, 15) == "node01"
    assert read_text(panel, 0, 25) == "  " + world.lan.address(node.machine)
    assert re.fullmatch(r"  \d+kb \d{1,3}b", read_text(panel, 0, 35))
    assert read_text(panel, 0, 45) == "  V: " + shell("version")


def test_clock_is_the_nodes(shell, panel):
    shell("system setclock 2024 5 3 7 8 9")
    shell("oled_ui pageui")
    assert read_text(panel, 0, 0, 13) == "S   07:08:09"


def test_longest_address_is_shown_whole(world, shell, panel, node):
    shell("conf")
    shell("devip 192.168.100.200")
    shell("noconf")
    shell("oled_ui pageui")
    assert read_text(panel, 0, 25) == " 192.168.100.200"


def test_page_bar_marks_the_page(shell, panel):
    shell("oled_ui pageui")
    assert [lit_in(panel, x + 1, 61, 29, 2) for x in (0, 32, 64, 96)] == [58, 0, 0, 0]
    turn_to(shell, 2)
    assert [lit_in(panel, x + 1, 61, 29, 2) for x in (0, 32, 64, 96)] == [0, 0, 58, 0]


@pytest.mark.parametrize(("rssi_dbm", "rows"), [(-50, 8), (-76, 4), (-90, 0)])
def test_signal_is_a_triangle(world, shell, panel, rssi_dbm, rows):
    """Spec 5.3: rows from (118, 8) up, each wider than the one below; its frame is there without a signal."""
    world.lan.access_points[0].rssi_dbm = rssi_dbm
    shell("oled_ui pageui")
    assert panel.pixel(110, 1)
    filled = [panel.pixel(119, y) for y in range(8, 0, -1)]
    assert filled == [True] * max(rows, 1) + [False] * (7 - max(rows, 1)) + [True] * (rows < 8)


def test_pages_turn_round_in_both_directions(shell, panel):
    """D-34: before the first pageui."""
    assert shell("oled_ui control 'prev'") == "3"
    assert shell("oled_ui control 'next'") == "0"
    assert read_text(panel, 0, 15) == "node01"
    assert [shell("oled_ui control cmd='next'") for _ in range(4)] == ["1", "2", "3", "0"]


def test_welcome_page(shell, panel):
    turn_to(shell, 2)
    assert read_text(panel, 20, 30) == "micrOS GUI"


def test_page_of_nodes_is_empty_first(shell, panel):
    turn_to(shell, 1)
    assert read_text(panel, 0, 15) == "InterCon cache"
    assert read_text(panel, 40, 35) == "Empty"


def test_page_of_nodes_names_those_that_were_commanded(world, shell, node, panel):
    """D-35: also one that has no address."""
    other = world.add_node("lamp")
    world.run_until(lambda: other.listening(9008), timeout_s=60)
    shell('intercon sendcmd "lamp.local" "hello"')
    shell('intercon sendcmd "nobody.local" "hello"')
    turn_to(shell, 1)
    end = ".".join(world.lan.address(other.machine).split(".")[2:])
    assert [read_text(panel, 0, y) for y in (24, 33, 42)] == [f" {end} lamp", " ? nobody", ""]


def test_more_nodes_than_rows_take_turns(world, shell, panel):
    for number in range(6):
        shell(f'intercon sendcmd "n{number}.local" "hello"')
    turn_to(shell, 1)
    seen = set()
    for _ in range(2):
        seen |= {read_text(panel, 0, 24 + 9 * row) for row in range(4)}
        shell("oled_ui pageui")
    assert seen - {""} == {f" ? n{number}" for number in range(6)}


def test_adc_page_without_its_pin_says_so(shell, panel):
    """D-36: and the next redraw works."""
    turn_to(shell, 3)
    assert read_text(panel, 0, 30) == "genadc: no pin"
    assert shell("oled_ui pageui") == "None"
    assert shell("oled_ui control") == "0"
    assert read_text(panel, 0, 15) == "node01"


def test_adc_page_says_that_another_module_has_its_pin(world):
    node = world.add_node("tiny", board="tinypico", wiring="oled_ui")
    shell = world.shell(node)
    shell("co2 raw_measure_mq135")
    turn_to(shell, 3)
    assert read_text(node.part("oled"), 0, 30) == "genadc: in use"


def test_adc_page_shows_what_the_pin_measures(world):
    node = world.add_node("tiny", board="tinypico", wiring="oled_ui")
    shell, panel = world.shell(node), node.part("oled")
    node.part("knob").set("position_pct", 0)
    turn_to(shell, 3)
    assert (read_text(panel, 65, 20), read_text(panel, 65, 40)) == ("0.0 %", "0.0 V")
    dark = lit_in(panel, 0, 9, 50, 50)
    node.part("knob").set("position_pct", 60)
    shell("oled_ui pageui")
    percent, volts = (float(read_text(panel, 65, y).split()[0]) for y in (20, 40))
    assert (percent, volts) == (pytest.approx(55, abs=3), pytest.approx(2.0, abs=0.11))
    assert lit_in(panel, 0, 9, 50, 50) > dark + 300


@pytest.mark.parametrize(
    ("message", "rows"),
    [
        ("hello", ((40, "hello"),)),
        ("0123456789", ((40, "0123456789"),)),
        ("0123456789abcdef", ((25, "0123456789"), (40, "abcdef"))),
        ("0123456789abcdefghijklmno", ((25, "0123456789"), (40, "abcdefghijk"))),
    ],
)
def test_message_is_shown_before_any_page(shell, panel, message, rows):
    """D-34."""
    assert shell(f"oled_ui msgbox '{message}'") == "Show msg"
    assert panel.pixel(10, 15)
    assert panel.pixel(117, 54)
    assert [(y, read_text(panel, 15, y, len(row))) for y, row in rows] == list(rows)
    assert read_text(panel, 15 + 8 * len(rows[-1][1]), 40, 1) == ""


def test_message_blinks_and_stays_until_the_page_turns(shell, panel):
    shell("oled_ui msgbox 'stay'")
    icons = []
    for _ in range(4):
        icons.append(lit_in(panel, 107, 18, 7, 3))
        shell("oled_ui pageui")
    assert icons in ([0, 21, 0, 21], [21, 0, 21, 0])
    assert read_text(panel, 15, 40, 5) == "stay"
    shell("oled_ui control 'next'")
    assert read_text(panel, 15, 40, 5) != "stay"


def test_display_is_switched_off_and_on(shell, panel):
    shell("oled_ui pageui")
    assert shell("oled_ui control 'off'") == "None"
    assert (panel.get("on"), panel.get("lit")) == (False, 0)
    shell("oled_ui pageui")
    assert panel.get("on") is False
    assert shell("oled_ui control 'on'") == "None"
    assert read_text(panel, 0, 15) == "node01"
    shell("oled poweroff")
    shell("oled_ui msgbox 'wake'")
    assert read_text(panel, 15, 40, 5) == "wake"


def test_unknown_command_is_answered(shell):
    assert shell("oled_ui control 'up'") == "Invalid command up! Hint: ('next', 'prev', 'on', 'off')"


@pytest.mark.parametrize("page", ["sys_page", "intercon_cache", "micros_welcome", "adc_page"])
def test_page_by_itself_draws_and_shows_nothing(shell, panel, page):
    assert shell(f"oled_ui {page}") == "True"
    assert panel.get("lit") == 0
    shell("oled show")
    assert panel.get("lit") > 100


def test_absent_display_is_an_error_and_the_page_is_there_when_it_is_back(shell, panel):
    panel.fail("absent")
    assert "[Errno 19] ENODEV" in shell("oled_ui pageui")
    panel.fail("absent", on=False)
    shell("oled_ui pageui")
    panel.fail("absent")
    assert "[Errno 19] ENODEV" in shell("oled_ui pageui")
    panel.fail("absent", on=False)
    shell("oled_ui pageui")
    assert read_text(panel, 0, 15) == "node01"


def test_timer_redraws_the_page(world):
    config = {"timirq": True, "timirqcbf": "oled_ui pageui", "timirqseq": 1000}
    node = world.add_node("node02", wiring="oled_ui", config=config)
    panel = node.part("oled")
    world.run_until(lambda: panel.get("lit") > 0, timeout_s=30)
    first = panel.get("frames")
    world.run_for(5)
    assert 4 <= panel.get("frames") - first <= 6


def test_loop_goes_on_while_a_page_is_drawn(node, shell):
    stillness.watch(node, shell)
    for _ in range(5):
        shell("oled_ui control")
    assert stillness.longest_ms(shell) < 50


def test_what_it_needs_is_told(shell):
    assert shell("oled_ui lmdep") == "oled"
    assert shell("oled_ui help").split("\n") == [
        " pageui,",
        " control next/prev/on/off,",
        ' msgbox "msg",',
        " INFO: OLED Module for SSD1306,",
    ]
