"""What a node changed on its flash is there at the next start; what was given to it is not kept."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.world import World
from toolkit.errors import ToolkitError
from toolkit.simulate_state import StateDir, shell_port

FIRMWARE = {"/main.py": b"A = 1\n", "/modules/LM_a.py": b"a", "/modules/LM_b.py": b"b"}
CONFIG = b'{"devfid": "node01"}'


class Start:
    """One start on a state directory: a node that is filled and stays off."""

    def __init__(self, path, own=None, *, firmware=FIRMWARE, is_fresh=False):
        self.said = []
        self.state = StateDir(path, is_fresh=is_fresh, say=self.said.append)
        for name, data in (own or {}).items():
            self.state.give(name, data)
        self.node = World().make_node("node01")
        self.notice = self.state.fill(self.node, firmware)
        self.flash = self.node.flash

    def end(self):
        self.state.__exit__(None, None, None)


@pytest.fixture
def start(tmp_path):
    """``start(own=..., firmware=...)`` ends the last start and makes the next."""
    starts = []

    def make(own=None, *, firmware=FIRMWARE):
        if starts:
            starts[-1].end()
        starts.append(Start(tmp_path / "state", own, firmware=firmware))
        return starts[-1]

    yield make
    starts[-1].end()


def test_first_start_gives_firmware_and_name(start):
    assert start().flash.files() == {**FIRMWARE, "/node_config.json": CONFIG}


def test_second_start_keeps_the_nodes_configuration(start):
    start().flash.write("/node_config.json", b'{"devfid": "lamp"}')
    assert start().flash.read("/node_config.json") == b'{"devfid": "lamp"}'


def test_configuration_set_aside_is_not_replaced_by_a_new_one(start):
    start().flash.rename("/node_config.json", "/node_config.json.bak")
    assert start().flash.files() == {**FIRMWARE, "/node_config.json.bak": CONFIG}


def test_firmware_is_not_written_to_the_state(start, tmp_path):
    start().flash.write("/main.py", FIRMWARE["/main.py"])
    assert sorted(path.name for path in (tmp_path / "state" / "node01").iterdir()) == ["%lock", "node_config.json"]


def test_new_firmware_reaches_a_node_with_old_state(start):
    start()
    assert start(firmware={"/main.py": b"A = 2\n"}).flash.read("/main.py") == b"A = 2\n"


def test_file_that_the_node_replaced_wins_and_is_named(start):
    start().flash.write("/main.py", b"mine")
    second = start()
    assert second.flash.read("/main.py") == b"mine"
    assert second.notice == ["node01: runs its own /main.py instead of the firmware's"]


def test_file_set_back_to_the_firmwares_is_kept_no_longer(start):
    first = start()
    first.flash.write("/main.py", b"mine")
    first.flash.write("/main.py", FIRMWARE["/main.py"])
    assert start().notice == []


def test_firmware_file_renamed_over_a_kept_one_replaces_it(start):
    first = start()
    first.flash.write("/old.py", b"old")
    first.flash.rename("/modules/LM_a.py", "/old.py")
    assert start().flash.read("/old.py") == b"a"


def test_own_module_wins_is_not_kept_and_goes_with_its_option(start):
    start({"/LM_x.py": b"x"})
    assert not start().flash.exists("/LM_x.py")
    start().flash.write("/LM_x.py", b"of the node")
    third = start({"/LM_x.py": b"x"})
    assert third.flash.read("/LM_x.py") == b"x" and third.notice == []
    third.state.give("/LM_x.py", b"saved")
    third.flash.write("/LM_x.py", b"saved")
    assert start().flash.read("/LM_x.py") == b"of the node"


def test_second_user_of_a_directory_is_refused(start, tmp_path):
    start()
    with pytest.raises(ToolkitError, match=r"another simulator runs on .*state: give .*--state DIR .*--fresh.* --port"):
        StateDir(tmp_path / "state", is_fresh=False, say=print)


def test_directory_that_cannot_be_made_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ToolkitError, match="cannot use .*file.state: .*--state names another place"):
        StateDir(tmp_path / "file" / "state", is_fresh=False, say=print)


def test_fresh_state_is_gone_at_the_end(tmp_path):
    fresh = Start(tmp_path / "unused", is_fresh=True)
    fresh.flash.write("/a", b"a")
    assert fresh.state.path.is_dir() and not (tmp_path / "unused").exists()
    fresh.end()
    assert not fresh.state.path.exists()


@pytest.fixture
def temp(tmp_path, monkeypatch):
    """Where throw-away state is made."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def left(folder, mark="%fresh"):
    """What a killed simulator leaves: a marked folder whose lock is free."""
    folder.mkdir()
    (folder / "%lock").touch()
    (folder / mark).write_text("4711\n")
    (folder / "control.json").write_text("{}")
    return folder


def test_fresh_start_removes_what_killed_ones_have_left(temp):
    living = Start(None, is_fresh=True)
    left(temp / "micros-killed")
    second = Start(None, is_fresh=True)
    assert {path for path in temp.iterdir() if path.is_dir()} == {living.state.path, second.state.path}
    living.end()
    second.end()
    assert list(temp.iterdir()) == []


def test_fresh_start_leaves_alone_what_is_not_known_to_be_left(temp):
    unmarked = left(temp / "micros-unmarked", mark="other")
    other_name = left(temp / "macros-killed")
    (temp / "micros-file").touch()
    (temp / "micros-link").symlink_to(other_name, target_is_directory=True)
    (temp / "micros-foreign").mkdir()
    (temp / "micros-foreign" / "%fresh").symlink_to(other_name / "%fresh")
    before = sorted(temp.rglob("*"))
    Start(None, is_fresh=True).end()
    assert sorted(temp.rglob("*")) == before
    assert unmarked.is_dir()


def test_fresh_start_leaves_alone_what_another_user_has_left(temp, monkeypatch):
    folder = left(temp / "micros-killed")
    monkeypatch.setattr("os.getuid", lambda: 4711)
    Start(None, is_fresh=True).end()
    assert folder.is_dir()


def test_left_state_that_is_named_by_state_is_kept_from_then_on(temp):
    folder = left(temp / "micros-killed")
    Start(folder).end()
    Start(None, is_fresh=True).end()
    assert (folder / "node01" / "node_config.json").exists()


def test_fresh_start_without_room_for_it_is_a_clear_error(temp, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(temp / "absent"))
    with pytest.raises(ToolkitError, match="cannot make a temporary directory: No such file"):
        StateDir(None, is_fresh=True, say=print)


def test_disk_that_fails_is_told_once(start, monkeypatch):
    first = start()
    monkeypatch.setattr("os.replace", lambda source, target: (_ for _ in ()).throw(OSError(28, "disk full")))
    first.flash.write("/a", b"a")
    first.flash.write("/b", b"b")
    assert len(first.said) == 1 and first.said[0].startswith("node01: cannot write to ")


@pytest.mark.parametrize(
    ("config", "port"),
    [(b'{"socport": 9010}', 9010), (b"{}", 9008), (b"broken", 9008), (b"[]", 9008), (b'{"socport": "x"}', 9008)],
)
def test_shell_port_is_the_configured_one(start, config, port):
    first = start()
    first.flash.write("/node_config.json", config)
    assert shell_port(first.node) == port


NAMES = st.sampled_from(["/main.py", "/a", "/b", "/modules/LM_a.py", "/modules/c", "/d/e", "/d/f"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), NAMES, st.binary(max_size=3)),
        st.tuples(st.just("write"), st.just("/main.py"), st.just(FIRMWARE["/main.py"])),
        st.tuples(st.just("remove"), NAMES),
        st.tuples(st.just("rename"), st.sampled_from(["/modules", "/d", "/main.py", "/a"]), NAMES),
        st.tuples(st.just("rename"), st.just("/modules"), st.just("/d")),
        st.tuples(st.just("mkdir"), st.sampled_from(["/d", "/x", "/d/y"])),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_any_sequence_of_changes_is_there_at_the_next_start(steps):
    folder = Path(tempfile.mkdtemp())
    try:
        first = Start(folder)
        for operation, *args in steps:
            try:
                getattr(first.flash, operation)(*args)
            except (OSError, NotImplementedError):
                continue
        first.end()
        second = Start(folder)
        found = {path: data for path, data in second.flash.files().items() if first.flash.exists(path)}
        assert found == first.flash.files()
        assert set(second.flash.files()) - set(found) <= set(FIRMWARE)
        second.end()
    finally:
        shutil.rmtree(folder)
