"""What runs after a reset: normal mode, nothing, or a restart after a crash."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    "files",
    [
        {"/Network.py": b"1/0\n"},
        {"/micrOS.py": b"def (\n"},
        {"/Debug.py": b"raise ValueError('x')\n"},
        {"/micrOS.py": b"def main(): pass\n"},
        {"/micrOS.py": b"def main(): raise GeneratorExit\n"},
        {"/micrOS.py": b"class E(Exception):\n    def __str__(self): raise self\ndef main(): raise E\n"},
    ],
)
def test_crash_is_told_and_restarts_after_a_wait(world: Any, files: dict[str, bytes]) -> None:
    node = world.add_node("node01", files=files)
    world.run_for(8)
    assert node.boots == 1
    assert "[loader] restart in 10 s" in node.console.text()
    world.run_for(4)
    assert node.boots == 2


def test_crash_is_in_the_error_log(world: Any) -> None:
    node = world.add_node("node01", files={"/Network.py": b"1/0\n"})
    world.run_for(5)
    assert b"[loader] ZeroDivisionError: " in node.flash.read("/err.log")


def test_task_of_a_load_module_that_raises_restarts_the_node(world: Any) -> None:
    module = b"""import asyncio
async def _boom(): raise KeyboardInterrupt
async def start(): asyncio.create_task(_boom())
"""
    node = world.add_node("node01", files={"/LM_t.py": module})
    world.shell(node)._connection.send(b"t start\n")
    world.run_for(5)
    assert "REPL" in node.console.text() and ">>> " in node.console.text()
    world.run_for(590)
    assert node.boots == 1
    world.run_until(lambda: node.boots == 2, timeout_s=15)
    assert world.shell(node)("version")


def test_system_exit_is_a_soft_reset(world: Any) -> None:
    node = world.add_node("node01", files={"/Network.py": b"raise SystemExit\n"})
    world.run_for(5)
    assert b"[loader] SystemExit" in node.flash.read("/err.log")
    assert ">>> " not in node.console.text()


@pytest.mark.parametrize("word", [b"off", b" OFF\n"])
def test_mode_off_returns_to_the_repl(world: Any, word: bytes) -> None:
    node = world.add_node("node01", files={"/.if_mode": word})
    world.run_for(30)
    assert node.boots == 1
    assert node.console.text().endswith(">>> ")


@pytest.mark.parametrize("word", [b"micros", b"Micros\n"])
def test_mode_micros_is_normal(world: Any, word: bytes) -> None:
    node = world.add_node("node01", files={"/.if_mode": word})
    assert world.shell(node)("version")


def test_update_mode_without_its_module_goes_back_to_normal(world: Any) -> None:
    node = world.add_node("node01", files={"/.if_mode": b"webrepl"})
    assert world.shell(node)("version")
    assert node.flash.read("/.if_mode") == b"micros"
