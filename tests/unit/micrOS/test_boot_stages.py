"""A boot that fails, whatever the way: the node answers within five minutes, and comes back when it is mended."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

import pytest

from simulator.errors import StateError, WaitTimeout
from simulator.firmware import image
from simulator.shell import Shell
from simulator.world import World
from tests.unit.micrOS.shipped import on_flash

_LIMIT_S = 300
_CONFIG = {"devfid": "lamp", "staessid": "your_wifi_name", "stapwd": "your_wifi_passwd", "utc": 120, "utcauto": False}
_CORE = sorted(path for path in image() if path.endswith(".py") and path.count("/") == 1)
_GARBAGE = b"\x00\xff\xfedef (\n"
#: Stage -> (file, function, whether the node can do without it).
_STAGES = {
    "configure": ("/stages.py", "async def _configure():\n", False),
    "pinmap": ("/stages.py", "async def _choose_pins():\n", True),
    "led": ("/stages.py", "async def _light_led():\n", True),
    "boothook": ("/Hooks.py", "async def boot_hook():\n", True),
    "clock": ("/stages.py", "async def _set_clock_speed():\n", True),
    "inputs": ("/stages.py", "async def _start_inputs():\n", True),
    "network": ("/stages.py", "async def _start_network():\n", False),
    "server": ("/stages.py", "async def _start_server():\n", False),
    "selfcheck": ("/stages.py", "async def _check_server():\n", False),
    "timers": ("/stages.py", "async def _start_timers():\n", True),
    "ntp": ("/stages.py", "async def _set_clock():\n", True),
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
    """Put files back, have the node start again, and wait until it runs normally."""
    for path, data in files.items():
        node.flash.write(path, data)
    shell = answering(world, node)
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
    node.flash.remove(on_flash(node, path))
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
    if stage in ("timers", "ntp"):  # they come after the server, which answers first
        world.run_for(0 if goes_on else 45)
        shell = answering(world, node)
    assert shell.prompt == ("lamp $  " if goes_on else "[recovery] lamp $  ")
    if not goes_on:
        assert name in shell("why")
    world.run_for(1)
    assert {"OSError": "28", "ImportError": "test"}.get(name, name).encode() in node.flash.read("/err.log")
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


@pytest.mark.parametrize(("stage", "limit_s"), [("network", 600), ("inputs", 300), ("server", 300)])
def test_stage_that_waits_for_ever_ends_in_recovery(world: Any, stage: str, limit_s: int) -> None:
    node = world.add_node("node01", config=_CONFIG, files=broken(stage, "await asyncio.Event().wait()"))
    shell = answering(world, node, timeout_s=limit_s)
    assert shell.prompt == "[recovery] lamp $  "


_ENDLESS = b"import asyncio\nasync def _run():\n    while True:\n        await asyncio.sleep(1)\n"


@pytest.mark.parametrize("dbg", [False, True])
def test_boot_hook_that_runs_a_loop_of_its_own_in_a_worker_leaves_a_reachable_node(world: Any, dbg: bool) -> None:
    module = _ENDLESS + b"def go():\n    asyncio.run(_run())\n"
    node = world.add_node("node01", config={**_CONFIG, "boothook": "t go", "dbg": dbg}, files={"/LM_t.py": module})
    answering(world, node)
    world.run_for(600)
    answering(world, node)


def test_boot_hook_that_runs_a_loop_in_the_loop_delays_the_boot_for_a_minute_at_most(world: Any) -> None:
    module = _ENDLESS + b"async def go():\n    asyncio.run(_run())\n"
    node = world.add_node("node01", config={**_CONFIG, "boothook": "t go"}, files={"/LM_t.py": module})
    assert answering(world, node, timeout_s=70).prompt == "lamp $  "
    world.run_for(300)
    assert node.boots == 1


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
    failure = "exec_lm_core LM_robustness->raise_error: Test exception"
    assert f"error: robustness raise_error: {failure}" in shell("system alarms")


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


_MAIN = image()["/main.py"]


def test_boot_py_holds_main_py_to_the_letter() -> None:
    texts = [node.value for node in ast.walk(ast.parse(image()["/boot.py"])) if isinstance(node, ast.Constant)]
    assert _MAIN.decode() in texts


@pytest.mark.parametrize(
    "content",
    [
        b"",
        _MAIN[: len(_MAIN) // 2],
        _MAIN + b")",
        _MAIN.replace(b"    micrOSloader.main()", b"    pass  # micrOSloader.main()"),
        b"import nothing_there\nimport micrOSloader\nmicrOSloader.main()\n",
        b"print('mine')\nimport micrOSloader\nmicrOSloader.main()\n",
    ],
)
def test_whatever_else_stands_in_main_py_is_kept_and_replaced(world: Any, content: bytes) -> None:
    node = world.add_node("node01", config=_CONFIG, files={"/main.py": content})
    assert answering(world, node).prompt == "lamp $  "
    assert node.flash.read("/main.py") == _MAIN and node.flash.read("/main.py.bad") == content


@pytest.mark.parametrize("loader", [_GARBAGE, b"", b"def main(): 1/0\n"])
@pytest.mark.parametrize("recovery", [_GARBAGE, b"", b"def main(role, crash): raise SystemExit\n"])
def test_node_without_loader_and_recovery_restarts_every_minute(world: Any, loader: bytes, recovery: bytes) -> None:
    node = world.add_node("node01", config=_CONFIG, files={"/micrOSloader.py": loader, "/recovery.py": recovery})
    world.run_for(55)
    assert node.boots == 1 and "[main] neither loader nor recovery mode: restart in 60 s" in node.console.text()
    world.run_for(120)
    assert node.boots == 3
    node.install({path: image()[path] for path in ("/micrOSloader.py", "/recovery.py")})
    assert answering(world, node, timeout_s=70).prompt == "lamp $  "


# --- files that are cut short, and can be imported all the same ---


def cuts(path: str) -> list[bytes]:
    """Beginnings of a core file, each up to a function or class at its outermost level."""
    source = image()[path]
    lines = source.splitlines(keepends=True)
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    starts = {node.lineno - 1 for node in ast.parse(source).body if isinstance(node, kinds)}
    return [b"".join(lines[:start]) for start in sorted(starts | {0})]


_SERVING = ["SocketServer", "framing", "session_commands", "results", "InterpreterShell", "InterpreterCore", "outbox"]


_COLD = ["to_recovery", "stages", "lifecycle", "net_setup", "net_keeper", "session_end", "selfcheck"]


#: So many cuts of a file are tried in one test.
_AT_ONCE = 8


@pytest.mark.parametrize(
    ("name", "first"),
    [
        (name, first)
        for name in (*_SERVING, "micrOS", "hal", *_COLD)
        for first in range(0, len(cuts(f"/{name}.py")), _AT_ONCE)
    ],
)
def test_node_with_a_core_file_that_is_cut_short_can_be_mended(name: str, first: int) -> None:
    for content in cuts(f"/{name}.py")[first : first + _AT_ONCE]:
        with World(seed=0) as world:
            node = world.add_node("node01", config=_CONFIG, files={f"/{name}.py": content})
            answering(world, node)
            world.run_for(45)
            shell = answering(world, node)
            if shell.prompt.startswith("[recovery]"):
                continue
            assert shell("system heartbeat") == "<3 heartbeat <3"
            shell._connection.send(b"webrepl --update\n")
            world.run_until(lambda node=node: node.listening(8266), timeout_s=20)  # type: ignore[misc]


@pytest.mark.parametrize("name", ["session_commands", "auth"])
def test_owner_can_log_in_whichever_file_is_cut_short(name: str) -> None:
    config = {**_CONFIG, "auth": True, "appwd": "Secret12"}
    for content in cuts(f"/{name}.py"):
        with World(seed=0) as world:
            node = world.add_node("node01", config=config, files={f"/{name}.py": content})
            answering(world, node)
            world.run_for(45)
            assert answering(world, node)("Secret12") == "AuthOk"


@pytest.mark.parametrize("name", ["framing", "session_commands", "auth"])
def test_reason_names_what_the_server_lacks(world: Any, name: str) -> None:
    node = world.add_node("node01", config={**_CONFIG, "auth": name == "auth"}, files={f"/{name}.py": b""})
    world.run_until(lambda: "[recovery]" in node.console.text(), timeout_s=60)
    missing = {"framing": "Framer", "session_commands": "execute", "auth": "log_in"}[name]
    log = node.flash.read("/err.log").decode()
    assert "[loader] AttributeError: " in log and f"has no attribute '{missing}'" in log


@pytest.mark.parametrize(
    "appwd", ["Secret12", " a b c d ", "hello", "", "pass\nword1", "\0ecret123", "long password", "ő"]
)
def test_no_password_is_a_crash(world: Any, appwd: str) -> None:
    node = world.add_node("node01", config={**_CONFIG, "auth": True, "appwd": appwd})
    answering(world, node)
    world.run_for(60)
    assert node.boots == 1


def test_self_check_leaves_nothing_behind(world: Any) -> None:
    node = world.add_node("node01", config={**_CONFIG, "auth": True, "appwd": "Secret12"})
    answering(world, node)
    assert world.run_on(node, "import sys\nprint([n for n in sys.modules if n in ('selfcheck', 'auth')])") == "[]\n"


@pytest.mark.parametrize("content", [_GARBAGE, b"", b"import nothing_there\n"])
def test_damaged_check_costs_the_check_alone(world: Any, content: bytes) -> None:
    node = world.add_node("node01", config=_CONFIG, files={"/selfcheck.py": content})
    answering(world, node)
    world.run_for(70)
    assert node.boots == 1 and b"self-check" in node.flash.read("/err.log")


def test_self_check_takes_no_clients_place(world: Any) -> None:
    node = world.add_node("node01", config=_CONFIG)
    answering(world, node)
    assert all(Shell(world, node).prompt for _ in range(11))


def test_server_that_never_replies_is_found_within_its_limit(world: Any) -> None:
    source = image()["/session_commands.py"].replace(
        b"    if not line:\n        return True\n", b"    import asyncio\n    await asyncio.Event().wait()\n"
    )
    node = world.add_node("node01", config=_CONFIG, files={"/session_commands.py": source})
    world.run_until(lambda: "[recovery]" in node.console.text(), timeout_s=150)
    assert b"[loader] RuntimeError: self-check: no end" in node.flash.read("/err.log")


def test_reply_that_does_not_come_is_named(world: Any) -> None:
    version = b"        session.send(session.server.version)\n"
    source = image()["/session_commands.py"].replace(version, b"        pass\n")
    node = world.add_node("node01", config=_CONFIG, files={"/session_commands.py": source})
    world.run_until(lambda: "[recovery]" in node.console.text(), timeout_s=60)
    assert b"[loader] RuntimeError: self-check: no reply to version" in node.flash.read("/err.log")


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
    world.run_for(60)  # until it knows its place
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
        assert re.search(rf"\[PROFILING INFO\] - {label}\n(mem: .*\n)?stack: ", text)


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


def test_garbage_is_collected_seldom_once_the_node_is_up(world: Any) -> None:
    """At boot each 8 kB, so that what lives long stays together; a collection takes milliseconds."""
    node = world.add_node("node01", config=_CONFIG)
    answering(world, node)
    world.run_for(1)
    assert int(world.run_on(node, "import gc\nprint(gc.threshold())")) > 16_384
