"""A boot that fails, whatever the way: the node answers within five minutes, and comes back when it is mended."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator.errors import StateError, WaitTimeout
from simulator.firmware import image
from simulator.shell import Shell
from simulator.world import World

_LIMIT_S = 300
_CONFIG = {"devfid": "lamp", "staessid": "your_wifi_name", "stapwd": "your_wifi_passwd", "utc": 120}
_CORE = sorted(path for path in image() if path.endswith(".py") and path.count("/") == 1)
_GARBAGE = b"\x00\xff\xfedef (\n"
#: Stage -> (file, function, whether the node can do without it).
_STAGES = {
    "configure": ("/micrOS.py", "async def _configure():\n", False),
    "pinmap": ("/micrOS.py", "async def _choose_pins():\n", True),
    "led": ("/micrOS.py", "async def _light_led():\n", True),
    "boothook": ("/Hooks.py", "async def boot_hook():\n", True),
    "clock": ("/micrOS.py", "async def _set_clock_speed():\n", True),
    "inputs": ("/micrOS.py", "async def _start_inputs():\n", True),
    "network": ("/micrOS.py", "async def _start_network():\n", False),
    "server": ("/micrOS.py", "async def _start_server():\n", False),
    "timers": ("/micrOS.py", "async def _start_timers():\n", True),
    "ntp": ("/micrOS.py", "async def _set_clock():\n", True),
}
_ERRORS = ("ImportError('test')", "MemoryError", "OSError(28)", "SystemExit")


def answering(world: Any, node: Any, timeout_s: float = _LIMIT_S) -> Shell:
    """Wait until the node answers ``hello``; returns the session."""
    deadline_s = world.now_s + timeout_s
    while world.now_s < deadline_s:
        world.run_until(lambda: node.listening(9008), timeout_s=deadline_s - world.now_s)
        try:
            shell = Shell(world, node)
            assert shell("hello").startswith("hello:")
            return shell
        except (StateError, WaitTimeout):
            world.run_for(1)
    raise AssertionError(f"no answer:\n{node.console.text()[-2000:]}")


def mended(world: Any, node: Any, files: dict[str, bytes]) -> Shell:
    """Put files back, ask a node in recovery mode to start normally, and wait until it does."""
    for path, data in files.items():
        node.flash.write(path, data)
    shell = answering(world, node)
    if not shell.prompt.startswith("[recovery]"):
        return shell
    boots = node.boots
    shell._connection.send(b"reboot\n")
    world.run_until(lambda: node.boots == boots + 1, timeout_s=5)
    shell = answering(world, node)
    assert not shell.prompt.startswith("[recovery]")
    return shell


def config_of(node: Any) -> dict[str, object]:
    """The user's settings, as they stand on the flash."""
    found = json.loads(node.flash.read("/node_config.json"))
    return {key: found[key] for key in _CONFIG}


def broken(stage: str, statement: str) -> dict[str, bytes]:
    """The file of a stage, with a statement at the stage's beginning."""
    path, head, _ = _STAGES[stage]
    source = image()[path].decode()
    assert source.count(head) == 1
    start, _, rest = source.partition(head)
    docstring, rest = (rest.split('"""\n', 1)) if rest.lstrip().startswith('"""') else ("", rest)
    docstring += '"""\n' if docstring else ""
    return {path: (start + head + docstring + f"    {statement}\n" + rest).encode()}


@pytest.mark.parametrize("path", _CORE)
def test_garbage_in_a_core_file_leaves_a_reachable_node(world: Any, path: str) -> None:
    node = world.add_node("node01", config=_CONFIG, files={path: _GARBAGE})
    shell = answering(world, node)
    if shell.prompt.startswith("[recovery]"):
        assert "Error" in shell("why") and b"Error" in node.flash.read("/err.log")
    assert config_of(node) == _CONFIG
    assert mended(world, node, {path: image()[path]})("system clock")
    assert config_of(node) == _CONFIG


@pytest.mark.parametrize("path", [path for path in _CORE if path != "/recovery.py"])
def test_missing_core_file_leaves_a_reachable_node(world: Any, path: str) -> None:
    node = world.add_node("node01", config=_CONFIG, power=False)
    node.flash.remove(path)
    node.power_on()
    answering(world, node)
    assert mended(world, node, {path: image()[path]})("system clock")


@pytest.mark.parametrize("error", _ERRORS)
@pytest.mark.parametrize("stage", _STAGES)
def test_stage_that_raises_leaves_a_reachable_node(world: Any, stage: str, error: str) -> None:
    node = world.add_node("node01", config=_CONFIG, files=broken(stage, f"raise {error}"))
    shell = answering(world, node)
    name = error.partition("(")[0]
    goes_on = _STAGES[stage][2] and error != "SystemExit"
    assert shell.prompt == ("lamp $  " if goes_on else "[recovery] lamp $  ") or stage in ("timers", "ntp")
    if not goes_on and stage not in ("timers", "ntp"):
        assert name in shell("why")
    world.run_for(1)
    assert {"OSError": "ENOSPC", "ImportError": "test"}.get(name, name).encode() in node.flash.read("/err.log")
    assert config_of(node) == _CONFIG
    mended(world, node, image())


@pytest.mark.parametrize("stage", ["configure", "boothook", "network", "server"])
def test_stage_that_blocks_the_loop_ends_in_recovery(stage: str) -> None:
    with World(seed=0) as world:
        files = broken(stage, "import time; time.sleep(1000000)")
        node = world.add_node("node01", config=_CONFIG, files=files)
        shell = answering(world, node)
        assert shell.prompt == "[recovery] lamp $  "
        assert "reset without a word, cause 3" in shell("why")
        mended(world, node, image())


def test_stage_that_waits_for_ever_ends_in_recovery(world: Any) -> None:
    node = world.add_node("node01", config=_CONFIG, files=broken("network", "await asyncio.Event().wait()"))
    shell = answering(world, node, timeout_s=1300)
    assert shell.prompt == "[recovery] lamp $  "


def test_hang_at_import_of_the_core_ends_in_recovery() -> None:
    with World(seed=0, hang_s=1000) as world:
        node = world.add_node("node01", config=_CONFIG, files={"/Network.py": b"import time\ntime.sleep(100000)\n"})
        assert answering(world, node).prompt == "[recovery] lamp $  "


def test_boot_hook_that_resets_the_board_ends_in_recovery(world: Any) -> None:
    module = b"import machine\ndef go():\n    machine.reset()\n"
    node = world.add_node("node01", config={**_CONFIG, "boothook": "t go"}, files={"/LM_t.py": module})
    shell = answering(world, node)
    assert shell.prompt == "[recovery] lamp $  "
    assert "reset without a word, cause 2" in shell("why")
    shell("conf")
    assert shell("boothook n/a") == "Saved"
    mended(world, node, {})


def test_boot_hook_that_fails_is_named_and_the_boot_goes_on(world: Any) -> None:
    node = world.add_node("node01", config={**_CONFIG, "boothook": "robustness raise_error; system clock"})
    shell = answering(world, node)
    assert shell.prompt == "lamp $  "
    assert "safe_boot_hook error: exec_lm_core LM_robustness->raise_error: Test exception" in shell("system alarms")


def test_boot_hook_that_exhausts_memory_or_exits_does_not_end_the_node(world: Any) -> None:
    files = {
        "/LM_m.py": b"raise MemoryError('memory allocation failed')\ndef go(): pass\n",
        "/LM_x.py": b"def go():\n    raise SystemExit\n",
    }
    node = world.add_node("node01", config={**_CONFIG, "boothook": "m go; x go"}, files=files)
    shell = answering(world, node)
    assert shell.prompt == "lamp $  " and node.boots == 1
    alarms = shell("system alarms")
    assert "LM_m->go: memory allocation failed" in alarms and "LM_x->go: SystemExit" in alarms


def test_boot_hook_without_end_delays_the_boot_for_a_minute_at_most(world: Any) -> None:
    module = b"import asyncio\nasync def go():\n    while True:\n        await asyncio.sleep(1)\n"
    config = {**_CONFIG, "boothook": "t go", "lm_max_s": 3600}
    node = world.add_node("node01", config=config, files={"/LM_t.py": module})
    assert answering(world, node, timeout_s=70).prompt == "lamp $  "
    world.run_for(200)
    assert node.boots == 1
    assert b"safe_boot_hook error: boot goes on, 60 s were not enough for: t go" in node.flash.read("/err.log")


@pytest.mark.parametrize("path", ["/node_config.json", "/.if_mode", "/.crash", "/err.log", "/.guimeta.key"])
def test_garbage_in_a_data_file_leaves_a_reachable_node(world: Any, path: str) -> None:
    node = world.add_node("lamp", files={path: _GARBAGE})
    shell = answering(world, node)
    if path == "/.if_mode":
        assert shell("why").startswith("role: update")
    mended(world, node, {})


def test_full_flash_boots(world: Any) -> None:
    node = world.add_node("node01", config=_CONFIG, power=False)
    node.flash.fill()
    node.power_on()
    assert answering(world, node).prompt == "lamp $  "


def test_full_flash_and_a_crash_end_in_recovery(world: Any) -> None:
    node = world.add_node("node01", config=_CONFIG, files={"/Network.py": b"1/0\n"}, power=False)
    node.flash.fill()
    node.power_on()
    shell = answering(world, node)
    assert "ZeroDivisionError" in shell("why")
    assert shell("rm fill.bin") == "Deleted: fill.bin"
    mended(world, node, {"/Network.py": image()["/Network.py"]})


def test_flash_that_refuses_everything_and_a_crash_end_in_recovery(world: Any) -> None:
    node = world.add_node("node01", config=_CONFIG, files={"/Network.py": b"1/0\n"}, power=False)
    node.flash.read_only = True
    node.power_on()
    assert answering(world, node).prompt == "[recovery] lamp $  "
    assert node.boots == 2
    shell = mended(world, node, {"/Network.py": image()["/Network.py"]})
    assert shell("system clock")


def test_standard_main_is_restored_and_the_old_one_kept(world: Any) -> None:
    node = world.add_node("node01", config=_CONFIG, files={"/main.py": _GARBAGE})
    assert answering(world, node).prompt == "lamp $  "
    assert node.flash.read("/main.py.bad") == _GARBAGE
    node.reset()
    world.run_for(5)
    assert "written anew" not in node.console.text().partition("is up")[2]


def test_own_main_that_calls_the_loader_is_left_alone(world: Any) -> None:
    own = b"print('mine')\nimport micrOSloader\nmicrOSloader.main()\n"
    node = world.add_node("node01", config=_CONFIG, files={"/main.py": own})
    answering(world, node)
    assert node.flash.read("/main.py") == own and "mine" in node.console.text()


def test_modules_are_found_without_boot_py(world: Any) -> None:
    node = world.add_node("node01", config=_CONFIG, files={"/boot.py": b"\xff\n"})
    assert answering(world, node)("system heartbeat") == "<3 heartbeat <3"


@pytest.mark.parametrize("torn", [None, 1.0])
def test_power_cut_at_any_file_operation_of_a_crash_and_recovery(torn: float | None) -> None:
    for step in range(1, 40):
        with World(seed=0) as world:
            node = world.add_node("node01", config=_CONFIG, files={"/Network.py": b"import nothing_there\n"})
            node.flash.cut_after(step, torn=torn)
            world.run_for(8)
            if node.powered:
                break
            node.power_on()
            assert answering(world, node).prompt == "[recovery] lamp $  "
            assert config_of(node) == _CONFIG
            mended(world, node, {"/Network.py": image()["/Network.py"]})
    assert 3 < step < 39


def test_power_cut_at_any_file_operation_while_main_is_mended(world: Any) -> None:
    node = world.add_node("node01", config=_CONFIG, files={"/main.py": _GARBAGE}, power=False)
    for step in range(1, 6):
        node.flash.write("/main.py", _GARBAGE)
        node.flash.cut_after(step)
        node.power_on()
        world.run_for(2)
        node.power_off()
        node.power_on()
        assert answering(world, node).prompt == "lamp $  "
        node.power_off()


def test_quiet_node_writes_nothing_after_its_first_boot(world: Any) -> None:
    node = world.add_node("node01", config=_CONFIG)
    answering(world, node)
    before = node.flash.operations
    for _ in range(4):
        world.run_for(3600)
        node.reset()
        answering(world, node)
    assert node.flash.operations == before


def test_memory_profile_is_printed_for_each_stage_with_dbg(world: Any) -> None:
    node = world.add_node("node01", config={**_CONFIG, "dbg": True})
    answering(world, node)
    world.run_for(1)
    text = node.console.text()
    for label in ("MAIN LOAD", *_STAGES, "SYSTEM IS UP"):
        assert f"[PROFILING INFO] - {label}\nstack: " in text


def test_no_memory_profile_without_dbg(world: Any) -> None:
    node = world.add_node("node01", config={**_CONFIG, "dbg": False})
    answering(world, node)
    assert "PROFILING" not in node.console.text()


@pytest.mark.parametrize("path", ["/node_config.json", "/.if_mode", "/.crash"])
@pytest.mark.parametrize("content", [b"[" * 30_000, b"x" * 100_000, b"{" * 600, b"null", b"[]", b'{"auth": 3}'])
def test_odd_content_of_a_data_file_leaves_a_reachable_node(world: Any, path: str, content: bytes) -> None:
    node = world.add_node("node01", power=False)
    node.flash.write(path, content)
    node.power_on()
    assert answering(world, node)("hello").startswith("hello:")
