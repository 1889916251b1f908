"""Power, resets and lives of a node."""

from __future__ import annotations

import re

import pytest

from simulator.errors import NodeError, StateError
from simulator.node import Node
from simulator.world import World

_REPORT = b"""
import machine, time
rtc = machine.RTC()
year = time.localtime()[0]
print("cause", machine.reset_cause(), "wake", machine.wake_reason(), "memory", rtc.memory(), "year", year)
"""


def reporter(world: World, then: str = "") -> Node:
    """A board that tells at boot why it booted and what it remembers; it has booted once."""
    node = world.add_node("lamp", firmware=False, files={"/main.py": _REPORT + then.encode()})
    world.run_for(1)
    return node


def reports(node: Node) -> list[str]:
    return re.findall("cause .*", node.console.text())


def remember(world: World, node: Node) -> None:
    world.run_on(node, "rtc.memory(b'kept')\nrtc.datetime((2024, 6, 1, 0, 12, 0, 0, 0))")


# --- causes, and what each keeps --------------------------------------------------------------------------------------


def test_power_on_is_the_first_cause(world: World) -> None:
    assert reports(reporter(world)) == ["cause 1 wake 0 memory b'' year 2000"]


def test_reset_button_is_like_a_power_on_to_the_chip(world: World) -> None:
    node = reporter(world)
    remember(world, node)
    node.reset()
    world.run_for(1)
    assert reports(node)[1:] == ["cause 1 wake 0 memory b'' year 2000"]


def test_machine_reset_keeps_clock_and_rtc_memory(world: World) -> None:
    node = reporter(world)
    remember(world, node)
    node.start("machine.reset()")
    world.run_for(1)
    assert reports(node)[1:] == ["cause 2 wake 0 memory b'kept' year 2024"]


def test_reset_by_the_program_keeps_clock_and_rtc_memory(world: World) -> None:
    node = reporter(world)
    remember(world, node)
    node.start("machine.reset()\nprint('after')")
    world.run_for(1)
    assert reports(node)[1:] == ["cause 2 wake 0 memory b'kept' year 2024"]
    assert "after" not in node.console.text()


def test_soft_reset_says_so_and_keeps_clock_and_rtc_memory(world: World) -> None:
    node = reporter(world)
    remember(world, node)
    node.start("machine.soft_reset()")
    world.run_for(1)
    assert reports(node)[1:] == ["cause 5 wake 0 memory b'kept' year 2024"]
    assert "MPY: soft reboot\n" in node.console.text()


def test_power_cut_loses_clock_and_rtc_memory(world: World) -> None:
    node = reporter(world)
    remember(world, node)
    node.power_off()
    node.power_on()
    world.run_for(1)
    assert reports(node)[1:] == ["cause 1 wake 0 memory b'' year 2000"]


def test_deep_sleep_lasts_its_time_and_keeps_clock_and_rtc_memory(world: World) -> None:
    node = reporter(world)
    remember(world, node)
    node.start("machine.deepsleep(60_000)")
    world.run_for(59)
    assert (node.boots, node.powered) == (1, True)
    world.run_for(2)
    assert reports(node)[1:] == ["cause 4 wake 4 memory b'kept' year 2024"]


def test_deep_sleep_without_time_lasts_until_the_reset_button(world: World) -> None:
    node = reporter(world)
    node.start("machine.deepsleep()")
    world.run_for(100_000)
    assert node.boots == 1
    node.reset()
    world.run_for(1)
    assert node.boots == 2


def test_deep_sleep_without_time_after_a_timed_one_does_not_use_the_old_time(world: World) -> None:
    node = reporter(world)
    node.start("machine.deepsleep(10)")
    world.run_for(1)
    node.start("machine.deepsleep()")
    world.run_for(100)
    assert node.boots == 2


def test_watchdog_that_is_not_fed_resets(world: World) -> None:
    node = reporter(world)
    node.start(
        "dog = machine.WDT(timeout=2000)\nfor _ in range(3):\n    time.sleep(1)\n    dog.feed()\nwhile True: pass"
    )
    world.run_for(4.9)
    assert node.boots == 1
    world.run_for(1)
    assert reports(node)[1:] == ["cause 3 wake 0 memory b'' year 2000"]


def test_watchdog_survives_a_soft_reset_and_no_other(world: World) -> None:
    node = reporter(world)
    node.start("machine.WDT(timeout=2000)\nmachine.soft_reset()")
    world.run_for(3)
    assert reports(node)[-1].startswith("cause 3 ")
    boots = node.boots
    node.start("machine.WDT(timeout=2000)\nmachine.reset()")
    world.run_for(10)
    assert node.boots == boots + 1


def test_clock_goes_on_through_a_deep_sleep(world: World) -> None:
    node = reporter(world)
    remember(world, node)
    node.start("machine.deepsleep(3_600_000)")
    world.run_for(3605)
    assert world.run_on(node, "print(time.localtime()[3])") == "13\n"


@pytest.mark.parametrize(
    ("source", "begin_anew"),
    [("machine.soft_reset()", False), ("machine.reset()", True), ("machine.deepsleep(1)", True)],
)
def test_ticks_begin_anew_with_the_chip(world: World, source: str, begin_anew: bool) -> None:
    node = reporter(world)
    world.run_for(100)
    node.start(source)
    world.run_for(1)
    assert (int(world.run_on(node, "print(time.ticks_ms())")) < 2_000) is begin_anew


# --- the flash --------------------------------------------------------------------------------------------------------


def test_file_that_was_closed_survives_a_power_cut(world: World) -> None:
    node = reporter(world)
    world.run_on(node, "with open('a', 'w') as f:\n    f.write('x')")
    node.power_off()
    assert node.flash.read("/a") == b"x"


def test_file_that_was_not_closed_is_empty_after_a_reset(world: World) -> None:
    node = reporter(world)
    world.run_on(node, "f = open('a', 'w')\nf.write('x')")
    node.reset()
    world.run_for(1)
    assert node.flash.read("/a") == b""


def test_file_that_is_written_anew_and_not_closed_keeps_its_content(world: World) -> None:
    node = reporter(world)
    world.run_on(node, "with open('a', 'w') as f:\n    f.write('old')")
    world.run_on(node, "f = open('a', 'w')\nf.write('new')")
    node.power_off()
    assert node.flash.read("/a") == b"old"


def test_power_cut_in_a_write_leaves_the_old_content(world: World) -> None:
    node = reporter(world)
    world.run_on(node, "with open('a', 'w') as f:\n    f.write('old')")
    node.flash.cut_after(1)
    node.start("with open('a', 'w') as f:\n    f.write('new')\nprint('written')")
    world.run_for(1)
    assert not node.powered
    assert node.flash.read("/a") == b"old"
    assert "written" not in node.console.text()


def test_node_boots_again_after_a_power_cut_from_within(world: World) -> None:
    node = reporter(world)
    node.flash.cut_after(1)
    node.start("open('a', 'w').close()")
    world.run_for(1)
    node.power_on()
    world.run_for(1)
    assert reports(node)[1:] == ["cause 1 wake 0 memory b'' year 2000"]


# --- life and death ---------------------------------------------------------------------------------------------------


def test_boot_takes_its_time(world: World) -> None:
    node = world.add_node(firmware=False)
    world.run_for(0.29)
    assert node.boots == 0
    world.run_for(0.02)
    assert node.boots == 1


def test_power_off_during_boot_leaves_it_off(world: World) -> None:
    node = world.add_node(firmware=False)
    world.run_for(0.1)
    node.power_off()
    world.run_for(5)
    assert (node.boots, node.console.text()) == (0, "")


def test_reset_during_boot_boots_once(world: World) -> None:
    node = world.add_node(firmware=False)
    world.run_for(0.2)
    node.reset()
    world.run_for(0.2)
    assert node.boots == 0
    world.run_for(1)
    assert node.boots == 1


def test_power_off_and_on_within_an_instant_boots_once(world: World) -> None:
    node = reporter(world)
    for _ in range(3):
        node.power_off()
        node.power_on()
    world.run_for(1)
    assert node.boots == 2


def test_power_on_of_a_running_node_changes_nothing(world: World) -> None:
    node = reporter(world)
    node.power_on()
    world.run_for(1)
    assert node.boots == 1


def test_reset_of_a_node_without_power_is_refused(world: World) -> None:
    node = world.add_node("lamp", power=False)
    with pytest.raises(StateError, match="lamp has no power"):
        node.reset()


def test_reset_in_a_thread_ends_the_other_threads(world: World) -> None:
    node = reporter(world)
    node.start(
        "import _thread\ndef reset_later():\n    time.sleep(1)\n    machine.reset()\n"
        "_thread.start_new_thread(reset_later, ())\nwhile True:\n    print('tick')\n    time.sleep_ms(300)"
    )
    world.run_for(3)
    assert node.boots == 2
    assert node.console.text().count("tick") == 4


def test_reset_in_an_interrupt_ends_the_program(world: World) -> None:
    node = reporter(world)
    node.start(
        "machine.Timer(0, mode=machine.Timer.ONE_SHOT, period=100, callback=lambda t: machine.reset())\n"
        "while True:\n    try:\n        time.sleep(1)\n    except:\n        print('lives on')"
    )
    world.run_for(2)
    assert node.boots == 2
    assert "lives on" not in node.console.text()


def test_bare_except_around_a_reset_does_not_go_on(world: World) -> None:
    node = reporter(world)
    node.start("while True:\n    try:\n        machine.reset()\n    except:\n        print('lives on')")
    world.run_for(2)
    assert node.boots == 2
    assert "lives on" not in node.console.text()


def test_pins_go_back_to_inputs_at_a_reset(world: World) -> None:
    node = reporter(world)
    world.run_on(node, "machine.Pin(4, machine.Pin.OUT).on()")
    net = node.machine.parts["pads"].pad(4).net
    assert net.level() == 1
    node.reset()
    assert net.level() == 0


def test_on_boot_is_called_at_the_beginning_of_each_life(world: World) -> None:
    node = world.add_node(firmware=False)
    seen: list[int] = []
    node.on_boot.append(lambda: seen.append(node.boots))
    world.run_for(1)
    node.reset()
    world.run_for(1)
    assert seen == [1, 2]


def test_processor_clock_is_fresh_after_a_reset(world: World) -> None:
    node = reporter(world)
    assert world.run_on(node, "machine.freq(80_000_000)\nprint(machine.freq())") == "80000000\n"
    node.reset()
    world.run_for(1)
    assert world.run_on(node, "print(machine.freq())") == "160000000\n"


@pytest.mark.engine("cpython", reason="computing")
def test_slower_processor_takes_longer(world: World) -> None:
    node = reporter(world)
    source = "t = time.ticks_us()\nfor _ in range(1000):\n    pass\nprint(time.ticks_diff(time.ticks_us(), t) // 1000)"
    assert world.run_on(node, "machine.freq(240_000_000)\n" + source) == "2\n"
    assert world.run_on(node, "machine.freq(80_000_000)\n" + source) == "6\n"


def test_install_makes_folders(world: World) -> None:
    node = world.make_node("lamp")
    node.install({"/a/b/c.txt": b"x", "/top.txt": b"y"})
    assert node.flash.files() == {"/a/b/c.txt": b"x", "/top.txt": b"y"}


def test_finished_run_hears_the_console_no_longer(world: World) -> None:
    node = reporter(world)
    run = node.start("print('mine')")
    world.run_for(1)
    node.start("print('other')")
    world.run_for(1)
    assert run.printed == "mine\n"


def test_check_raises_with_the_nodes_traceback(world: World) -> None:
    run = reporter(world).start("\nraise ValueError('no')")
    world.run_for(1)
    with pytest.raises(NodeError, match='(?s)^lamp: Traceback.*"<stdin>", line 2.*ValueError: no'):
        run.check()
