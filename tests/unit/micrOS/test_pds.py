"""State files: what is kept survives a power cut at any moment, and the flash is written once per settled change."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from simulator.node import Node
    from simulator.shell import Shell
    from simulator.world import World

_LIMITS = ((0, 1000), (0, 1000), (0, 1))
_DEFAULTS = (5, 6, 0)

#: A Load Module whose functions come from a worker thread and from the loop.
_LM = b"""
from pds import Store
store = Store('lamp', (5, 6, 0), ((0, 1000), (0, 1000), (0, 1)))
def load(cache=None):
    return store.load(cache)
def keep(a, b, s):
    store.keep((a, b, s))
    return store.values
async def keep_in_loop(a, b, s):
    store.keep((a, b, s))
    return store.values
async def fade(count):
    import asyncio
    for i in range(count):
        store.keep((i, 0, 1))
        await asyncio.sleep_ms(100)
def values():
    return store.values
def deinit():
    store.flush()
"""
_FILE = "/lamp.pds"


@pytest.fixture
def lamp(node: Node, shell: Shell) -> Shell:
    node.install({"/LM_lamp.py": _LM})
    return shell


def _writes(node: Node) -> int:
    return sum(count for path, count in node.flash.writes.items() if path.startswith(_FILE))


def _store(flash: Any, limits: Any = _LIMITS, defaults: Any = _DEFAULTS) -> Any:
    """A store as after a boot from this flash, and its lines in the error log."""
    modules = flash.boot()
    return modules.load("pds").Store("lamp", defaults, limits)


def _kept(flash: Any, values: Any) -> None:
    """Keep values on the flash, at once: no loop runs here."""
    store = _store(flash)
    store.load(True)
    store.values = list(values)
    store.flush()


def test_file_is_a_line_of_numbers_without_an_end(memory_flash: Any) -> None:
    flash = memory_flash()
    _kept(flash, (1, 20, 1))
    assert flash.files == {"lamp.pds": "1,20,1"}


@pytest.mark.parametrize("text", ["1,2,1", "1.0,2.0,1.0", "1, 2.4 ,1", "0.9999,2,1"])
def test_files_of_other_versions_are_read(memory_flash: Any, text: str) -> None:
    flash = memory_flash()
    flash.files["lamp.pds"] = text
    store = _store(flash)
    assert store.load() is True
    assert store.values == [1, 2, 1]


def test_load_writes_no_flash(memory_flash: Any) -> None:
    flash = memory_flash()
    for text in (None, "1,2,1", "1.0,2.0,1.0"):
        if text is not None:
            flash.files["lamp.pds"] = text
        _store(flash).load(True)
    assert flash.steps == 0


@pytest.mark.parametrize(
    "text",
    [
        *("", "1,2", "1,2,1,1", "1,2,x", "1;2;1", "-1,2,1", "1001,2,1", "1,2,2", "nan,2,1", "inf,2,1"),
        *("1,2,1" + " " * 9000, "," * 600),
    ],
)
def test_damaged_file_is_set_aside_and_logged_once(memory_flash: Any, text: str) -> None:
    flash = memory_flash()
    flash.files["lamp.pds"] = text
    store = _store(flash)
    assert store.load(True) is True
    assert store.values == list(_DEFAULTS)
    assert flash.files["lamp.pds.bad"] == text
    assert "lamp.pds" not in flash.files
    assert flash.files["err.log"].count("lamp.pds is damaged, kept as lamp.pds.bad") == 1
    again = _store(flash)
    assert again.load(True) is True
    assert flash.files["err.log"].count("\n") == 1


def test_file_that_is_no_text_is_set_aside(node: Node, lamp: Shell) -> None:
    node.flash.write(_FILE, b"\xff\xfe1,2,1")
    assert lamp("lamp load True") == "True"
    assert lamp("lamp values") == "[5, 6, 0]"
    assert node.flash.read(_FILE + ".bad") == b"\xff\xfe1,2,1"


def test_any_number_of_numbers_without_limits(memory_flash: Any) -> None:
    flash = memory_flash()
    for text, values in (("", []), ("40,115,75,-3", [40, 115, 75, -3])):
        flash.files["lamp.pds"] = text
        store = _store(flash, None, ())
        store.load(True)
        assert store.values == values
        store.flush()
        assert flash.files == {"lamp.pds": text}


@pytest.mark.parametrize("values", [(1, 2), (1, 2, 2), (1001, 0, 0), (0, -1, 0)])
def test_state_beyond_its_limits_is_refused(memory_flash: Any, values: Any) -> None:
    store = _store(memory_flash())
    with pytest.raises(ValueError, match=r"lamp\.pds: .* does not fit"):
        store.keep(values)
    assert store.values == list(_DEFAULTS)


def test_more_numbers_than_are_read_back_are_not_kept(memory_flash: Any) -> None:
    store = _store(memory_flash(), None, ())
    store.keep([0] * 500)
    with pytest.raises(ValueError, match="does not fit"):
        store.keep([0] * 501)


def test_power_cut_at_any_step_leaves_old_or_new(memory_flash: Any, power_cut: Any) -> None:
    seen = set()
    for steps in range(20):
        flash = memory_flash()
        _kept(flash, (1, 2, 1))
        store = _store(flash)
        store.load(True)
        store.values = [3, 4, 0]
        flash.cut_after = steps
        try:
            store.flush()
        except power_cut:
            pass
        else:
            break
        flash.cut_after = None
        after = _store(flash)
        assert after.load(True) is True
        assert after.values in ([1, 2, 1], [3, 4, 0])
        assert set(flash.files) == {"lamp.pds"}  # no leftover, no damage
        seen.add(tuple(after.values))
    assert steps >= 3
    assert after.values == [1, 2, 1] or (3, 4, 0) in seen
    assert flash.files["lamp.pds"] == "3,4,0"


def test_power_cut_while_setting_aside_loses_no_start(memory_flash: Any, power_cut: Any) -> None:
    for steps in range(3):
        flash = memory_flash()
        flash.files["lamp.pds"] = "1,2"
        flash.cut_after = steps
        store = _store(flash)
        with contextlib.suppress(power_cut):
            store.load(True)
        flash.cut_after = None
        after = _store(flash)
        assert after.load(True) is True
        assert after.values == list(_DEFAULTS)


def test_full_flash_is_logged_and_the_old_file_stays(memory_flash: Any) -> None:
    flash = memory_flash()
    _kept(flash, (1, 2, 1))
    store = _store(flash)
    store.load(True)
    flash.is_full = True
    store.values = [3, 4, 0]
    assert store.flush() is False
    assert flash.files["lamp.pds"] == "1,2,1"
    flash.is_full = False
    assert store.flush() is True
    assert flash.files["lamp.pds"] == "3,4,0"


@pytest.mark.parametrize(("cache", "platform", "expected"), [
    (None, "esp32", True),
    (None, "rp2", True),
    (None, "esp8266", False),
    (True, "esp8266", True),
    (False, "esp32", False),
])
def test_cache_decides_whether_the_file_is_used(
    memory_flash: Any, monkeypatch: pytest.MonkeyPatch, cache: Any, platform: str, expected: bool
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    flash = memory_flash()
    flash.files["lamp.pds"] = "1,2,1"
    store = _store(flash)
    assert store.load(cache) is expected
    assert store.values == ([1, 2, 1] if expected else list(_DEFAULTS))
    store.values = [3, 4, 0]
    store.flush()
    assert flash.files["lamp.pds"] == ("3,4,0" if expected else "1,2,1")


@pytest.mark.parametrize("function", ["keep", "keep_in_loop"])
def test_nothing_is_written_before_load(world: World, node: Node, lamp: Shell, function: str) -> None:
    assert lamp(f"lamp {function} 1 2 1") == "[1, 2, 1]"
    world.run_for(10)
    assert not node.flash.exists(_FILE)
    assert lamp("lamp load False") == "False"
    lamp(f"lamp {function} 3 4 1")
    world.run_for(10)
    assert _writes(node) == 0


@pytest.mark.parametrize("function", ["keep", "keep_in_loop"])
def test_change_is_written_once_after_two_seconds(world: World, node: Node, lamp: Shell, function: str) -> None:
    lamp("lamp load True")
    lamp(f"lamp {function} 1 2 1")
    world.run_for(1.8)
    assert not node.flash.exists(_FILE)
    lamp(f"lamp {function} 3 4 1")
    world.run_for(1.8)
    assert not node.flash.exists(_FILE)
    world.run_for(0.4)
    assert node.flash.read(_FILE) == b"3,4,1"
    written = _writes(node)
    world.run_for(60)
    assert _writes(node) == written


def test_fade_is_written_once(world: World, node: Node, lamp: Shell) -> None:
    lamp("lamp load True")
    lamp("lamp keep 9 9 1")
    world.run_for(3)
    per_change = _writes(node)
    lamp("lamp fade 100")
    world.run_for(3)
    assert node.flash.read(_FILE) == b"99,0,1"
    assert _writes(node) == 2 * per_change


def test_same_state_again_writes_nothing(world: World, node: Node, lamp: Shell) -> None:
    node.flash.write(_FILE, b"1,2,1")
    lamp("lamp load True")
    lamp("lamp keep 3 4 1")
    lamp("lamp keep 1 2 1")
    world.run_for(5)
    assert _writes(node) == 0


def test_deleted_file_is_written_again(world: World, node: Node, lamp: Shell) -> None:
    lamp("lamp load True")
    lamp("lamp keep 1 2 1")
    world.run_for(3)
    lamp("system cachedump 'lamp'")
    lamp("lamp load True")
    lamp("lamp keep 1 2 1")
    world.run_for(3)
    assert node.flash.read(_FILE) == b"1,2,1"


def test_second_load_keeps_what_was_not_written_yet(node: Node, lamp: Shell) -> None:
    node.flash.write(_FILE, b"9,9,1")
    lamp("lamp load True")
    lamp("lamp keep 1 2 1")
    lamp("lamp load True")
    assert lamp("lamp values") == "[1, 2, 1]"


def test_reboot_saves_what_is_not_saved_yet(world: World, node: Node, lamp: Shell) -> None:
    lamp("lamp load True")
    lamp("lamp keep 1 2 1")
    lamp("reboot")
    world.run_for(20)
    assert node.flash.read(_FILE) == b"1,2,1"


def test_unloaded_module_leaves_its_state(node: Node, lamp: Shell) -> None:
    lamp("lamp load True")
    lamp("lamp keep 1 2 1")
    lamp("system module unload='LM_lamp'")
    assert node.flash.read(_FILE) == b"1,2,1"
