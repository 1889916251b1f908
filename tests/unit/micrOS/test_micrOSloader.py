"""What runs after a reset: normal mode, recovery mode or nothing; which ends of a life count as a crash."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.micrOS.shipped import on_flash

_RESETS_AT = b"import time, machine\ndef main():\n    time.sleep(%d)\n    %s\n"
_CRASHES = {"/micrOS.py": b"def main(): 1/0\n"}


def record(node: Any) -> Any:
    """The loader's record of crashes, None if there is none."""
    return json.loads(node.flash.read("/.crash")) if node.flash.exists("/.crash") else None


def count(node: Any) -> int:
    """Crashes that the loader has counted."""
    return record(node)["count"] if record(node) else 0


@pytest.mark.parametrize(
    "files",
    [
        {"/Network.py": b"1/0\n"},
        {"/Network.py": b"raise MemoryError\n"},
        {"/Debug.py": b"raise ValueError('x')\n"},
        {"/micrOS.py": b"def main(): pass\n"},
        {"/micrOS.py": b"def main(): raise GeneratorExit\n"},
        {"/micrOS.py": b"def main(): raise SystemExit\n"},
        {"/micrOS.py": b"class E(Exception):\n    def __str__(self): raise self\ndef main(): raise E\n"},
    ],
)
def test_crash_is_told_and_restarts_after_a_wait(world: Any, files: dict[str, bytes]) -> None:
    node = world.add_node("node01", files=files)
    world.run_for(8)
    assert node.boots == 1 and count(node) == 1
    assert "[loader] restart in 10 s" in node.console.text()
    world.run_for(4)
    assert node.boots == 2


@pytest.mark.parametrize(
    "files",
    [
        {"/micrOS.py": b"def (\n"},
        {"/micrOS.py": b"import nothing_there\n"},
        {"/Network.py": b"no_such_name\n"},
        {"/Network.py": b"import hal\nhal.nothing\n"},
        {"/micrOS.py": b"x = 1\n"},
    ],
)
def test_core_that_cannot_be_imported_goes_to_recovery_at_once(world: Any, files: dict[str, bytes]) -> None:
    node = world.add_node("node01", files=files)
    world.run_for(3)
    assert node.boots == 2 and count(node) == 3
    assert "[recovery] crash: [loader] " in node.console.text()


def test_third_crash_leads_to_recovery(world: Any) -> None:
    node = world.add_node("node01", files=_CRASHES)
    world.run_for(13)
    assert node.boots == 2 and "[recovery]" not in node.console.text()
    world.run_until(lambda: node.boots == 4 and node.listening(9008), timeout_s=30)
    text = "divide by zero" if node.ships_bytecode else "division by zero"
    assert record(node) == {"count": 3, "cycles": 0, "reason": f"[loader] ZeroDivisionError: {text} (micrOS.py:1)"}


def test_crashes_far_apart_do_not_add_up(world: Any, node: Any) -> None:
    module = b"import asyncio\nasync def _end(): raise SystemExit\nasync def end(): asyncio.create_task(_end())\n"
    node.flash.write("/LM_t.py", module)
    for boots in range(2, 6):
        world.run_for(70)
        world.shell(node)._connection.send(b"t end\n")
        world.run_until(lambda boots=boots: node.boots == boots, timeout_s=15)
        assert world.shell(node).prompt == "node01 $  " and count(node) == 1


def test_counter_is_removed_when_the_node_has_been_up_for_a_minute(world: Any) -> None:
    node = world.add_node("node01", files={"/.crash": b'{"count": 2, "cycles": 3, "reason": "x"}'})
    world.shell(node)
    world.run_for(55)
    assert count(node) == 2
    world.run_for(10)
    assert record(node) is None


def test_crash_is_in_the_error_log_once(world: Any) -> None:
    node = world.add_node("node01", files=_CRASHES)
    world.run_until(lambda: node.boots == 4, timeout_s=60)
    assert node.flash.read("/err.log").count(b"[loader] ZeroDivisionError: ") == 1


def test_long_reason_is_in_the_error_log_once(world: Any) -> None:
    files = {"/micrOS.py": b"def main(): raise ValueError('long ' * 30)\n"}
    node = world.add_node("node01", files=files)
    world.run_until(lambda: node.boots == 4, timeout_s=60)
    assert node.flash.read("/err.log").count(b"[loader] ValueError: ") == 1


def test_crash_is_logged_without_the_module_that_logs(world: Any) -> None:
    node = world.add_node("node01", files={"/Debug.py": b"def (\n"})
    world.run_for(3)
    assert b" [loader] SyntaxError: " in node.flash.read("/err.log")


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b"{}",
        b"5",
        b"\xff\xfe",
        b'{"count": "3"}',
        b'{"count": null}',
        b'{"count": 1, "cycles": -9, "reason": ""}',
    ],
)
def test_damaged_record_counts_as_none_and_is_reported(world: Any, content: bytes) -> None:
    node = world.add_node("node01", files={"/.crash": content})
    assert world.shell(node).prompt == "node01 $  "
    assert b"[loader] .crash is damaged" in node.flash.read("/err.log")
    world.run_for(70)
    assert record(node) is None


# --- ends without a word ---


@pytest.mark.parametrize(
    ("statement", "counts"),
    [
        ("machine.reset()", 1),
        ("machine.deepsleep(1000)", 0),
        ("import hal; hal.reset()", 0),
        ("import reset", 0),
        ("machine.RTC().memory(b'mine'); machine.reset()", 0),
        ("machine.RTC().memory(b'mine'); time.sleep(100)", 1),
        ("time.sleep(100)", 1),
    ],
)
def test_early_end_of_a_life_counts_unless_it_was_asked_for(world: Any, statement: str, counts: int) -> None:
    node = world.add_node("node01", files={"/micrOS.py": _RESETS_AT % (2, statement.encode())})
    world.run_until(lambda: node.boots == 2, timeout_s=120)
    world.run_for(1.5)
    assert count(node) == counts


def test_power_cuts_do_not_count(world: Any) -> None:
    node = world.add_node("node01")
    for _ in range(5):
        world.run_for(3)
        node.power_off()
        node.power_on()
    assert world.shell(node).prompt == "node01 $  " and count(node) == 0


def test_reset_after_the_first_minute_does_not_count(world: Any) -> None:
    node = world.add_node("node01")
    world.shell(node)
    world.run_for(70)
    node.start("import machine\nmachine.reset()")
    world.run_until(lambda: node.boots == 2, timeout_s=2)
    assert world.shell(node).prompt == "node01 $  " and count(node) == 0


def test_reboot_command_does_not_count(world: Any, node: Any) -> None:
    for boots in range(2, 6):
        world.shell(node)._connection.send(b"reboot\n")
        world.run_until(lambda boots=boots: node.boots == boots, timeout_s=5)
        world.run_for(0.5)
    assert world.shell(node).prompt == "node01 $  " and count(node) == 0


def test_blocked_loop_is_ended_by_the_watchdog_and_logged(world: Any, node: Any) -> None:
    node.flash.write("/LM_t.py", b"import time\nasync def block():\n    time.sleep(100000)\n")
    world.run_for(100)
    world.shell(node)._connection.send(b"t block\n")
    world.run_until(lambda: node.boots == 2, timeout_s=130)
    assert world.shell(node).prompt == "node01 $  "
    assert count(node) == 1 and b"[loader] reset without a word, cause 3" in node.flash.read("/err.log")


def test_watchdog_leaves_a_sound_node_alone(world: Any, node: Any) -> None:
    world.run_for(2000)
    assert node.boots == 1


def test_memory_of_a_load_module_is_left_alone(world: Any) -> None:
    node = world.add_node("node01", power=False)
    node.power_on()
    world.run_for(0.1)
    node.machine.retained["rtc_memory"] = b"precious"
    assert world.shell(node).prompt == "node01 $  "
    world.run_for(100)
    world.shell(node)._connection.send(b"reboot\n")
    world.run_until(lambda: node.boots == 2, timeout_s=5)
    world.run_for(100)
    assert node.machine.retained["rtc_memory"] == b"precious"


def test_memory_is_empty_again_after_a_minute(world: Any, node: Any) -> None:
    assert node.machine.retained["rtc_memory"] == b"micrOS:boot"
    world.run_for(70)
    assert node.machine.retained["rtc_memory"] == b""


def test_port_without_memory_that_survives_a_reset_runs(firmware: Any, memory_flash: Any) -> None:
    class Reset(Exception):
        """The chip restarts."""

    def reset() -> None:
        raise Reset

    machine = SimpleNamespace(RTC=lambda: object(), reset=reset)
    flash = memory_flash()
    flash.files[".crash"] = "{}"
    hal = firmware(open=flash.open, os=flash.os, machine=machine, network=None).load("hal")
    hal.note_good_boot()
    assert not flash.files
    with pytest.raises(Reset):
        hal.reset()


# --- the REPL ---


def test_task_of_a_load_module_that_interrupts_gives_the_repl_for_ten_minutes(world: Any) -> None:
    module = b"""import asyncio
async def _boom(): raise KeyboardInterrupt
async def start(): asyncio.create_task(_boom())
"""
    node = world.add_node("node01", files={"/LM_t.py": module})
    world.shell(node)._connection.send(b"t start\n")
    world.run_for(5)
    assert "REPL" in node.console.text() and node.console.text().endswith(">>> ")
    world.run_for(585)
    assert node.boots == 1
    world.run_until(lambda: node.boots == 2, timeout_s=15)
    assert world.shell(node)("version") and count(node) == 0


def test_repl_is_kept_by_a_longer_watchdog(world: Any) -> None:
    node = world.add_node("node01", files={"/micrOS.py": b"def main(): raise KeyboardInterrupt\n"})
    world.run_for(5)
    world.run_on(node, "import machine\nmachine.WDT(timeout=3600000)")
    world.run_for(3500)
    assert node.boots == 1
    world.run_for(200)
    assert node.boots == 2


@pytest.mark.parametrize("word", [b"off", b" OFF\n"])
def test_mode_off_returns_to_the_repl_for_good(world: Any, word: bytes) -> None:
    node = world.add_node("node01", files={"/.if_mode": word})
    world.run_for(10000)
    assert node.boots == 1
    assert node.console.text().endswith(">>> ")


@pytest.mark.parametrize("word", [b"micros", b"Micros\n"])
def test_mode_micros_is_normal(world: Any, word: bytes) -> None:
    node = world.add_node("node01", files={"/.if_mode": word})
    assert world.shell(node)("version")


# --- recovery mode that is not there ---


@pytest.mark.parametrize("word", [b"webrepl", b"recovery"])
@pytest.mark.parametrize("damage", [None, b"def (\n", b"def main(role, crash): 1/0\n"])
def test_update_without_recovery_goes_back_to_normal(world: Any, word: bytes, damage: bytes | None) -> None:
    node = world.add_node("node01", files={"/.if_mode": word}, power=False)
    if damage is None:
        node.flash.remove(on_flash(node, "/recovery.py"))
    else:
        node.flash.write("/recovery.py", damage)
    node.power_on()
    assert world.shell(node)("version")
    assert node.flash.read("/.if_mode") == b"micros"
    assert b"[loader] no recovery mode: " in node.flash.read("/err.log")


def test_crash_without_recovery_is_tried_for_ever_without_wearing_the_flash(world: Any) -> None:
    node = world.add_node("node01", files={"/recovery.py": b"def (\n", "/Network.py": b"def (\n"})
    world.run_for(30)
    boots, operations = node.boots, node.flash.operations
    world.run_for(600)
    assert 40 < node.boots - boots < 70
    assert node.flash.operations - operations <= 2
