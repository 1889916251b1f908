"""The host directory that a flash is kept in."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import StateError
from simulator.flash_dir import FlashDir
from simulator.micropython.flash import Flash


@pytest.fixture
def flash() -> Flash:
    return Flash(capacity_bytes=0x40000)


def reload(path: Path) -> dict[str, bytes]:
    """What a fresh process finds."""
    new = Flash(capacity_bytes=0x40000)
    with FlashDir(path) as mirror:
        mirror.load(new)
    return new.files()


def test_changes_when_attached_survive_the_process(tmp_path: Path, flash: Flash) -> None:
    flash.write("/before", b"1")
    with FlashDir(tmp_path / "flash") as mirror:
        mirror.load(flash)
        mirror.attach(flash)
        flash.write("/lib/a.py", b"x")
        flash.write("/gone", b"x")
        flash.remove("/gone")
        flash.rename("/lib/a.py", "/lib/b.py")
    flash.write("/late", b"not kept")
    assert reload(tmp_path / "flash") == {"/before": b"1", "/lib/b.py": b"x"}


def test_attach_removes_what_the_flash_does_not_hold(tmp_path: Path, flash: Flash) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "file").write_bytes(b"")
    (tmp_path / "same").write_bytes(b"before")
    flash.write("/same", b"after")
    with FlashDir(tmp_path) as mirror:
        mirror.attach(flash)
    assert reload(tmp_path) == {"/same": b"after"}
    assert not (tmp_path / "old").exists()


def test_names_that_differ_by_case_live_side_by_side(tmp_path: Path, flash: Flash) -> None:
    with FlashDir(tmp_path) as mirror:
        mirror.attach(flash)
        for name in ("/Time.py", "/time.py", "/TIME.py"):
            flash.write(name, name.encode())
    found = sorted(entry.name.lower() for entry in tmp_path.iterdir() if entry.name != "%lock")
    assert len(found) == len(set(found)) == 3
    assert reload(tmp_path) == flash.files()


@pytest.mark.parametrize(
    "name", ["a:b", "CON", "nul.txt", "50%", "%41", "%lock", "%new", "%+x", "é", "dot.", "end ", "\n", "Ä"]
)
def test_name_that_a_host_may_not_hold_is_encoded(tmp_path: Path, flash: Flash, name: str) -> None:
    with FlashDir(tmp_path) as mirror:
        mirror.attach(flash)
        flash.write("/" + name, b"x")
    assert name not in {entry.name for entry in tmp_path.iterdir() if entry.name != "%lock"}
    assert reload(tmp_path) == {"/" + name: b"x"}


def test_longest_names_survive(tmp_path: Path, flash: Flash) -> None:
    names = ["/" + "é" * 127, "/" + "n" * 255, "/" + "n" * 254]
    with FlashDir(tmp_path) as mirror:
        mirror.attach(flash)
        for name in names:
            flash.write(name, b"x")
        flash.remove(names[2])
    assert set(reload(tmp_path)) == set(names[:2])


def test_folder_renamed_over_an_empty_one_moves_all_in_it(tmp_path: Path, flash: Flash) -> None:
    with FlashDir(tmp_path) as mirror:
        mirror.attach(flash)
        flash.write("/a/deep/file", b"x")
        flash.mkdir("/b")
        flash.rename("/a", "/b")
        flash.write("/b/deep/file", b"y")
    assert reload(tmp_path) == {"/b/deep/file": b"y"}


def test_second_user_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    first = FlashDir(tmp_path)
    with pytest.raises(StateError, match=f"{tmp_path} is in use"):
        FlashDir(tmp_path)
    first.close()
    FlashDir(tmp_path).close()


def test_lock_without_the_hosts_locking_calls_is_a_pid_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", None)
    first = FlashDir(tmp_path)
    with pytest.raises(StateError, match="is in use"):
        FlashDir(tmp_path)
    first.close()
    assert not (tmp_path / "%lock").exists()


@pytest.mark.skipif(os.name == "nt", reason="a process cannot be asked there whether it lives")
def test_pid_file_of_a_process_that_has_gone_is_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", None)
    (tmp_path / "%lock").write_text(str(2**22 + 1))  # beyond pid_max of Linux
    FlashDir(tmp_path).close()


def test_leftover_of_a_killed_process_is_cleared_away(tmp_path: Path, flash: Flash) -> None:
    (tmp_path / "%new").write_bytes(b"half")
    with FlashDir(tmp_path) as mirror:
        mirror.load(flash)
    assert flash.files() == {}
    assert not (tmp_path / "%new").exists()


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="links need rights there")
def test_link_out_of_the_directory_is_refused(tmp_path: Path, flash: Flash) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "flash").mkdir()
    (tmp_path / "flash" / "link").symlink_to(tmp_path / "outside")
    with FlashDir(tmp_path / "flash") as mirror, pytest.raises(StateError, match="links are not followed"):
        mirror.load(flash)


def test_host_that_takes_no_more_stops_the_mirror_and_not_the_node(tmp_path: Path, flash: Flash) -> None:
    seen: list[StateError] = []
    with FlashDir(tmp_path) as mirror:
        mirror.on_failure = seen.append
        mirror.attach(flash)
        flash.write("/a", b"kept")
        (tmp_path / "%new").mkdir()
        flash.write("/b", b"lost")
        (tmp_path / "%new").rmdir()
        flash.write("/c", b"not written either, so that what is kept was once true")
    assert len(seen) == 1
    assert str(tmp_path) in str(seen[0])
    assert reload(tmp_path) == {"/a": b"kept"}
    assert flash.read("/b") == b"lost"


NAMES = st.sampled_from(["a", "A", "b", "con", "é"])


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(st.tuples(st.sampled_from(["write", "remove", "mkdir", "rename"]), NAMES, NAMES, NAMES), max_size=25)
)
def test_any_sequence_of_changes_is_mirrored(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, str, str]]
) -> None:
    path = tmp_path_factory.mktemp("mirror")
    flash = Flash(capacity_bytes=0x40000)
    with FlashDir(path) as mirror:
        mirror.attach(flash)
        for step in steps:
            _do(flash, *step)
    new = Flash(capacity_bytes=0x40000)
    with FlashDir(path) as mirror:
        mirror.load(new)
    assert (new.files(), new.folders()) == (flash.files(), flash.folders())


def _do(flash: Flash, operation: str, folder: str, name: str, other: str) -> None:
    path = f"/{folder}/{name}"
    try:
        if operation == "write":
            flash.write(path, other.encode())
        elif operation == "rename":
            flash.rename(f"/{folder}" if other == "b" else path, f"/{other}")
        else:
            getattr(flash, operation)(path)
    except (OSError, NotImplementedError):
        pass
