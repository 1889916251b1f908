"""Files of ``--lm``, and when ``--watch`` takes them; the wall clock here is a number."""

from __future__ import annotations

import os

import pytest

from simulator.control.modules import Modules
from toolkit.errors import ToolkitError
from toolkit.simulate_modules import OwnModule, Watcher, load


class Watched:
    """A watched file on a node that is off, so that a reload is done at once."""

    def __init__(self, path, node):
        self.path, self.node, self.said, self.now_s, self.given = path, node, [], 0.0, {}
        node.power_off()
        self.watcher = Watcher(
            [OwnModule(path)],
            [node],
            self.given.__setitem__,
            Modules().reload,
            self.said.append,
            clock=lambda: self.now_s,
        )

    def save(self, text):
        self.path.write_text(text)
        stat = self.path.stat()
        os.utime(self.path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000))

    def turn(self, seconds=0.5):
        self.now_s += seconds
        self.watcher.turn()
        return self.said


@pytest.fixture
def watched(tmp_path, bare):
    path = tmp_path / "LM_x.py"
    path.write_text("A = 1\n")
    return Watched(path, bare.node)


def test_unchanged_file_is_left_alone(watched):
    assert watched.turn() == []


def test_saved_file_is_put_on_the_node(watched):
    watched.save("A = 2\n")
    assert watched.turn() == ["reloaded LM_x.py (bare)"]
    assert watched.node.flash.read("/LM_x.py") == b"A = 2\n"
    assert watched.given == {"/LM_x.py": b"A = 2\n"}


def test_files_are_looked_at_a_few_times_a_second_only(watched):
    watched.turn()
    watched.save("A = 2\n")
    assert watched.turn(0.1) == []
    assert watched.turn(0.3) == ["reloaded LM_x.py (bare)"]


def test_touched_file_with_the_same_content_is_left_alone(watched):
    watched.save("A = 1\n")
    assert watched.turn() == []


def test_file_that_is_being_written_is_waited_for(watched):
    watched.save("")
    assert watched.turn() == []
    watched.path.unlink()
    assert watched.turn() == []
    watched.save("A = 3\n")
    assert watched.turn() == ["reloaded LM_x.py (bare)"]


def test_file_that_is_gone_is_told_once_and_taken_when_it_is_back(watched):
    gone = f"LM_x.py is gone: the nodes keep what they have until it is back ({watched.path})"
    watched.path.unlink()
    assert watched.turn() == []
    watched.turn()
    assert watched.turn() == [gone]
    assert watched.turn(60) == [gone]
    watched.save("A = 4\n")
    assert watched.turn() == [gone, "LM_x.py is back", "reloaded LM_x.py (bare)"]
    watched.path.unlink()
    watched.turn()
    assert watched.turn(1)[3:] == [gone]


def test_file_that_comes_back_as_it_was_is_told_and_not_loaded(watched):
    watched.path.unlink()
    watched.turn()
    watched.turn(1)
    watched.save("A = 1\n")
    assert watched.turn()[1:] == ["LM_x.py is back"]


def test_file_that_is_replaced_in_two_steps_is_not_gone(watched):
    for number in range(3):
        watched.path.unlink()
        watched.turn(0.9)
        watched.save(f"A = {number}\n")
        watched.turn(0.9)
    assert set(watched.said) == {"reloaded LM_x.py (bare)"}


def test_mistake_is_told_once_and_the_old_file_stays(watched):
    watched.save("def f(:\n")
    assert watched.turn() == ["LM_x.py:1: invalid syntax (the nodes keep the old one)"]
    assert watched.turn() == watched.said[:1]
    assert not watched.node.flash.exists("/LM_x.py")


def test_file_that_cannot_be_read_is_a_clear_error(tmp_path):
    with pytest.raises(ToolkitError, match=r"cannot read .*LM_gone\.py"):
        OwnModule(tmp_path / "LM_gone.py")


def test_mistake_at_the_start_is_told_and_the_file_taken(tmp_path):
    path, said = tmp_path / "LM_x.py", []
    path.write_text("def f(:\n")
    (module,) = load([path], said.append)
    assert said == ["LM_x.py:1: invalid syntax"] and module.source == b"def f(:\n"
    assert module.flash_path == "/LM_x.py"
