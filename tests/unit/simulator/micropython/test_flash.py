"""The file system of a node, from the host's side; from the node's side see test_files.py and test_os.py."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from simulator.errors import UsageError
from simulator.micropython.flash import Flash

SAVE = """
import os
def save(text):
    with open("/config", "w") as f:
        f.write(text)
def replace(text):
    with open("/config.new", "w") as f:
        f.write(text)
    os.rename("/config.new", "/config")
"""


@pytest.fixture
def flash() -> Flash:
    return Flash(capacity_bytes=0x20000)


def number(error: pytest.ExceptionInfo[OSError]) -> int | None:
    return error.value.errno


def test_content_when_shared_by_nodes_is_one_object(flash: Flash) -> None:
    image = b"x" * 5000
    other = Flash()
    flash.write("/a", image)
    other.write("/a", image)
    assert flash.read("/a") is other.read("/a") is image


def test_host_write_makes_missing_folders(flash: Flash) -> None:
    flash.write("/lib/drivers/x.py", b"")
    assert flash.folders() == ["/lib", "/lib/drivers"]
    assert flash.is_dir("/lib") and not flash.is_dir("/lib/drivers/x.py")


def test_names_that_differ_by_case_are_two_files(flash: Flash) -> None:
    flash.write("/Time.py", b"1")
    assert flash.exists("/Time.py") and not flash.exists("/time.py")


def test_listing_is_in_littlefs_order(flash: Flash) -> None:
    for name in ("b", "a", "aa", "a.b", "B", "é", "_x", "0"):
        flash.write("/" + name, b"")
    assert flash.listdir("/") == ["0", "B", "_x", "a.b", "aa", "a", "b", "é"]


@pytest.mark.parametrize("path", ["/..", "/a/../..", "/../etc/passwd"])
def test_path_above_the_root_is_refused(flash: Flash, path: str) -> None:
    with pytest.raises(OSError) as error:
        flash.read(path)
    assert number(error) == 22


def test_path_with_dots_is_resolved_by_its_text(flash: Flash) -> None:
    flash.write("/a", b"1")
    assert flash.read("/none/../a") == flash.read("//./a") == b"1"


@pytest.mark.parametrize(
    ("size", "blocks"),
    [(0, 0), (128, 0), (129, 1), (4096, 1), (4097, 2), (8180, 2), (8192, 3), (12288, 4), (20000, 5), (40000, 10)],
)
def test_blocks_of_a_file_are_those_of_littlefs(flash: Flash, size: int, blocks: int) -> None:
    before = flash.used_blocks()
    flash.write("/a", bytes(size))
    assert flash.used_blocks() - before == blocks


def test_blocks_are_free_again_when_a_file_goes(flash: Flash) -> None:
    before = flash.free_blocks()
    flash.write("/a", bytes(9000))
    flash.write("/b", bytes(9000))
    flash.rename("/a", "/b")
    flash.remove("/b")
    assert flash.free_blocks() == before


def test_full_flash_keeps_the_old_content(flash: Flash) -> None:
    flash.write("/a", b"old" * 1000)
    flash.fill(free_bytes=8192)
    assert flash.free_blocks() == 2
    with pytest.raises(OSError) as error:
        flash.write("/a", b"new" * 5000)
    assert number(error) == 28
    assert flash.read("/a") == b"old" * 1000


def test_full_flash_takes_tiny_files_beside_their_names(flash: Flash) -> None:
    flash.fill()
    flash.write("/tiny", bytes(128))
    assert flash.free_blocks() == 0


def test_rename_moves_a_folder_with_all_in_it(flash: Flash) -> None:
    flash.write("/a/b/c", b"1")
    flash.rename("/a", "/z")
    assert flash.files() == {"/z/b/c": b"1"}
    assert flash.folders() == ["/z", "/z/b"]


def test_rename_of_a_folder_into_itself_is_not_modelled(flash: Flash) -> None:
    flash.mkdir("/a")
    with pytest.raises(NotImplementedError, match=r"os\.rename"):
        flash.rename("/a", "/a/b")


def test_commits_are_told_in_order(flash: Flash) -> None:
    told: list[tuple[Any, ...]] = []
    flash.on_commit = lambda *change: told.append(change)
    flash.mkdir("/d")
    flash.write("/d/a", b"1")
    flash.rename("/d/a", "/b")
    flash.remove("/b")
    flash.remove("/d")
    assert told == [
        ("mkdir", "/d", None, None),
        ("write", "/d/a", b"1", None),
        ("rename", "/d/a", None, "/b"),
        ("remove", "/b", None, None),
        ("rmdir", "/d", None, None),
    ]


def test_host_changes_are_no_operations_of_the_node(flash: Flash) -> None:
    flash.write("/a", bytes(5000))
    assert (flash.operations, flash.writes, flash.erased_blocks) == (0, {}, 0)


def test_flash_too_small_is_refused() -> None:
    with pytest.raises(UsageError):
        Flash(capacity_bytes=1000)


# -- a node on it ----------------------------------------------------------------------------------------------------


def test_quiet_node_writes_nothing(bare: Any) -> None:
    bare.run("import os\nos.listdir('/')\nos.statvfs('/')")
    bare.world.run_for(3600)
    assert bare.node.flash.operations == 0


def test_save_costs_time_and_wear(bare: Any) -> None:
    flash = bare.node.flash
    flash.write("/config", b"{}")
    before_us = bare.machine.kernel.now
    bare.run(SAVE + "save('x' * 800)")
    assert (flash.operations, flash.writes, flash.erased_blocks) == (1, {"/config": 1}, 1)
    assert 40_000 < bare.machine.kernel.now - before_us < 60_000


@pytest.mark.parametrize("torn", [None, 0.0, 0.5, 0.99])
def test_power_cut_while_saving_leaves_the_old_content(bare: Any, torn: float | None) -> None:
    flash = bare.node.flash
    flash.write("/config", b"old")
    flash.cut_after(1, torn=torn)
    bare.node.start(SAVE + "save('new')\nopen('/after', 'w').close()")
    bare.world.run_for(1)
    assert flash.files() == {"/config": b"old"}
    assert not bare.node.powered


def test_power_cut_after_the_step_leaves_the_new_content(bare: Any) -> None:
    flash = bare.node.flash
    flash.write("/config", b"old")
    flash.cut_after(1, torn=1.0)
    bare.node.start(SAVE + "save('new')\nopen('/after', 'w').close()")
    bare.world.run_for(1)
    assert flash.files() == {"/config": b"new"}


@pytest.mark.parametrize("step", [1, 2, 3])
def test_power_cut_at_each_step_of_a_replacement_leaves_old_or_new(bare: Any, step: int) -> None:
    flash = bare.node.flash
    flash.write("/config", b"old")
    flash.cut_after(step)
    bare.node.start(SAVE + "replace('new')")
    bare.world.run_for(1)
    assert flash.read("/config") == b"old"
    assert not bare.node.powered


def test_power_cut_between_flushed_pieces_leaves_a_part(bare: Any) -> None:
    flash = bare.node.flash
    flash.write("/config", b"old")
    flash.cut_after(2)
    bare.node.start("f = open('/config', 'w')\nfor i in range(3):\n    f.write('piece%d' % i)\n    f.flush()")
    bare.world.run_for(1)
    assert flash.read("/config") == b"piece0"


def test_power_cut_by_the_world_in_the_middle_of_a_write_leaves_the_old_content(bare: Any) -> None:
    flash = bare.node.flash
    flash.write("/config", b"old" * 100)
    bare.node.start(SAVE + "save('new' * 100)")
    bare.world.at(bare.machine.kernel.now + 20_000, bare.node.power_off)
    bare.world.run_for(1)
    assert flash.read("/config") == b"old" * 100


def test_reset_loses_what_was_not_closed(bare: Any) -> None:
    flash = bare.node.flash
    bare.run("f = open('/a', 'w')\nf.write('never closed')")
    bare.node.reset()
    bare.world.run_for(2)
    assert flash.files() == {"/a": b""}


@pytest.mark.parametrize(
    "symbol",
    ["EIO", pytest.param("ENOSPC", marks=pytest.mark.engine("cpython", reason="engine-internals"))],  # no device's
)
def test_injected_fault_fails_one_step_and_changes_nothing(bare: Any, symbol: str) -> None:
    flash = bare.node.flash
    flash.write("/config", b"old")
    flash.fail_next(symbol)
    told = bare.run(SAVE + "import errno\ntry:\n    save('new')\nexcept OSError as e:\n    print(e.errno)")
    assert told == {"EIO": "5\n", "ENOSPC": "28\n"}[symbol]
    assert flash.read("/config") == b"old"
    bare.run("save('new')")
    assert flash.read("/config") == b"new"


def test_read_only_flash_refuses_every_change(bare: Any) -> None:
    bare.node.flash.write("/a", b"1")
    bare.node.flash.read_only = True
    source = """
import os
for change in (lambda: os.remove('/a'), lambda: os.mkdir('/d'), lambda: os.rename('/a', '/b'), lambda: open('/n', 'w')):
    try:
        change()
    except OSError as e:
        print(e.errno, end=' ')
"""
    assert bare.run(source) == "30 30 30 30 "
    assert bare.node.flash.files() == {"/a": b"1"}


class FlashAgainstDict(RuleBasedStateMachine):
    """Any sequence of host changes leaves the files that a dictionary has, and blocks add up."""

    names = st.sampled_from(["/a", "/b", "/d/a", "/d/e/f"])

    def __init__(self) -> None:
        super().__init__()
        self.flash = Flash(capacity_bytes=0x40000)
        self.empty_blocks = self.flash.free_blocks()
        self.model: dict[str, bytes] = {}

    @rule(name=names, size=st.integers(0, 9000))
    def write(self, name: str, size: int) -> None:
        self.flash.write(name, bytes(size))
        self.model[name] = bytes(size)

    @rule(name=names)
    def remove(self, name: str) -> None:
        if name in self.model:
            self.flash.remove(name)
            del self.model[name]
        else:
            with pytest.raises(OSError):
                self.flash.remove(name)

    @rule(old=names, new=names)
    def rename(self, old: str, new: str) -> None:
        if old in self.model:
            self.flash.rename(old, new)
            self.model[new] = self.model.pop(old)

    @invariant()
    def same_files(self) -> None:
        assert self.flash.files() == dict(sorted(self.model.items()))

    @invariant()
    def blocks_add_up(self) -> None:
        fresh = Flash(capacity_bytes=0x40000)
        for folder in self.flash.folders():
            fresh.mkdir(folder)
        for path, data in self.flash.files().items():
            fresh.write(path, data)
        assert fresh.free_blocks() == self.flash.free_blocks()


TestFlashAgainstDict = pytest.mark.slow(FlashAgainstDict.TestCase)
