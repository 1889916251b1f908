"""Flash images of VM nodes: what was given is brought up to date, what the node wrote stays."""

from __future__ import annotations

import json

import pytest

from simulator.engine.vm.process import why_not
from simulator.errors import StateError
from simulator.world import World
from toolkit.simulate_state import StateDir

FIRMWARE = {"/main.py": b"A = 1\n", "/Time.mpy": b"time", "/modules/LM_a.mpy": b"a", "/modules/LM_b.mpy": b"b"}
CONFIG = b'{"devfid": "node01"}'
BYTES = 0x200000

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "the engine is there")


class Start:
    """One start on a state directory: a node that is filled and stays off."""

    def __init__(self, path, own, firmware, is_fresh):
        self.state = StateDir(path, is_fresh=is_fresh, say=print)
        try:
            for name, data in own.items():
                self.state.give(name, data)
            image = self.state.image("node01", BYTES)
            self.node = World(engine="micropython").make_node("node01", image=image)
            self.flash = self.node.flash
            self.notice = self.state.fill(self.node, firmware)
        except BaseException:
            self.end()
            raise

    def end(self):
        self.state.__exit__(None, None, None)


@pytest.fixture
def start(tmp_path):
    """``start(own=..., firmware=...)`` ends the last start and makes the next."""
    starts = []

    def make(own=None, *, firmware=FIRMWARE, is_fresh=False):
        if starts:
            starts.pop().end()
        starts.append(Start(tmp_path / "state", own or {}, firmware, is_fresh))
        return starts[-1]

    yield make
    for one in starts:
        one.end()


@pytest.fixture
def folder(tmp_path):
    """Where the node's image is."""
    return tmp_path / "state" / "node01.micropython"


def test_first_start_gives_firmware_and_name(start, folder):
    assert start().flash.files() == {**FIRMWARE, "/node_config.json": CONFIG}
    assert sorted(path.name for path in folder.iterdir()) == ["flash.img", "given.json"]


def test_second_start_keeps_what_the_node_wrote(start):
    first = start()
    first.flash.write("/node_config.json", b'{"devfid": "lamp"}')
    first.flash.write("/cache.pds", b"kept")
    second = start()
    assert second.flash.files() == {**FIRMWARE, "/node_config.json": b'{"devfid": "lamp"}', "/cache.pds": b"kept"}
    assert second.notice == []


def test_new_firmware_reaches_a_node_and_old_files_go(start):
    start()
    second = start(firmware={"/main.py": b"A = 2\n", "/Clock.mpy": b"clock"})
    assert second.flash.files() == {"/main.py": b"A = 2\n", "/Clock.mpy": b"clock", "/node_config.json": CONFIG}


def test_file_that_the_node_replaced_wins_and_is_named(start):
    start().flash.write("/main.py", b"mine")
    for _ in range(2):
        again = start()
        assert again.flash.read("/main.py") == b"mine"
        assert again.notice == ["node01: runs its own /main.py instead of the firmware's"]


def test_source_beside_bytecode_is_named_as_it_wins(start):
    start().flash.write("/Time.py", b"mine")
    assert start().notice == ["node01: runs its own /Time.py instead of the firmware's"]


def test_firmware_file_that_the_node_removed_is_back(start):
    start().flash.remove("/modules/LM_a.mpy")
    assert start().flash.read("/modules/LM_a.mpy") == b"a"


def test_node_without_configuration_gets_none_at_a_later_start(start):
    start().flash.remove("/node_config.json")
    assert not start().flash.exists("/node_config.json")


def test_own_module_wins_and_goes_with_its_option(start):
    start().flash.write("/LM_x.py", b"of the node")
    second = start({"/LM_x.py": b"x"})
    assert second.flash.read("/LM_x.py") == b"x" and second.notice == []
    second.state.give("/LM_x.py", b"saved")
    second.flash.write("/LM_x.py", b"saved")
    assert not start().flash.exists("/LM_x.py")


def test_folder_of_the_node_in_the_place_of_a_file_stays(start):
    first = start()
    first.flash.remove("/main.py")
    first.flash.mkdir("/main.py")
    assert start().flash.is_dir("/main.py")


def test_start_killed_before_it_was_complete_is_done_again(start, folder):
    start()
    (folder / "flash.img").unlink()
    (folder / "flash.new").write_bytes(b"\x5a" * BYTES)
    assert start().flash.files() == {**FIRMWARE, "/node_config.json": CONFIG}
    assert sorted(path.name for path in folder.iterdir()) == ["flash.img", "given.json"]


def test_killed_between_the_note_and_the_files_leaves_none_that_looks_like_the_nodes(start, folder):
    start()
    given = json.loads((folder / "given.json").read_text())
    newer = {path: [*digests, "of a newer one"] for path, digests in given.items()}
    (folder / "given.json").write_text(json.dumps(newer))
    assert start(firmware={"/main.py": b"A = 3\n"}).flash.files() == {
        "/main.py": b"A = 3\n",
        "/node_config.json": CONFIG,
    }


def test_fresh_state_keeps_no_image(start, tmp_path):
    fresh = start(is_fresh=True)
    assert fresh.flash.files() == {**FIRMWARE, "/node_config.json": CONFIG}
    assert not (tmp_path / "state").exists()


def test_image_of_another_size_is_refused_and_left_as_it_is(start, folder):
    start()
    with (folder / "flash.img").open("ab") as image:
        image.write(b"more")
    with pytest.raises(StateError, match=r"flash\.img is of a flash of 2097156 bytes, this board's has 2097152"):
        start()
    assert (folder / "flash.img").stat().st_size == BYTES + 4


def test_damaged_image_is_refused_and_not_formatted(start, folder):
    start()
    (folder / "flash.img").write_bytes(b"\x5a" * BYTES)
    with pytest.raises(StateError, match=r"flash\.img holds no file system"):
        start()
    assert (folder / "flash.img").read_bytes() == b"\x5a" * BYTES


@pytest.mark.parametrize("text", ["{", "[]", '{"/a": 1}'])
def test_note_of_what_was_given_that_is_damaged_is_a_clear_error(start, folder, text):
    start()
    (folder / "given.json").write_text(text)
    with pytest.raises(StateError, match=r"cannot use .*given\.json: .*; without it, delete .*node01\.micropython"):
        start()


def test_flash_that_is_too_small_for_the_firmware_is_a_clear_error(start):
    start()
    with pytest.raises(StateError, match="takes no firmware"):
        start(firmware={"/main.py": b"x" * (BYTES + 1)})
