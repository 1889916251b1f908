"""What is kept on disk between processes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from simulator.disk_cache import DiskCache, cache_dir

DAY_S = 86_400


def fill(folder: Path, ages_s: dict[str, float]) -> None:
    """Put files into the folder that are so much older than now."""
    folder.mkdir(exist_ok=True)
    now_s = folder.stat().st_mtime
    for name, age_s in ages_s.items():
        (folder / name).write_bytes(b"")
        os.utime(folder / name, (now_s - age_s, now_s - age_s))


def left(folder: Path, names: dict[str, float]) -> list[str]:
    """Those of the files that are there after an entry was added."""
    DiskCache(folder, ".mpy").save("abc", b"x")
    return [name for name in names if (folder / name).exists()]


def test_entry_is_found_by_the_next_process(tmp_path: Path) -> None:
    DiskCache(tmp_path / "new", ".mpy").save("abc", b"what was made")
    assert DiskCache(tmp_path / "new", ".mpy").load("abc") == b"what was made"
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["abc.mpy"]


def test_absent_entry_is_none(tmp_path: Path) -> None:
    assert DiskCache(tmp_path / "none", ".mpy").load("abc") is None


@pytest.mark.parametrize("damage", [b"", b"x", b"12345678what"])
def test_damaged_entry_is_none(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "abc.mpy").write_bytes(damage)
    assert DiskCache(tmp_path, ".mpy").load("abc") is None


def test_truncated_entry_is_none(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, ".mpy")
    cache.save("abc", b"what was made")
    file = tmp_path / "abc.mpy"
    file.write_bytes(file.read_bytes()[:-1])
    assert cache.load("abc") is None


def test_cache_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = DiskCache(tmp_path / "file", ".mpy")
    cache.save("abc", b"x")
    assert cache.load("abc") is None


def test_cache_without_a_folder_keeps_nothing() -> None:
    cache = DiskCache(None, ".mpy")
    cache.save("abc", b"x")
    assert cache.load("abc") is None


def test_old_files_go_when_an_entry_is_added(tmp_path: Path) -> None:
    names = {"1.mpy": 29 * DAY_S, "2.mpy": 31 * DAY_S, "3.77": 60, "4.77": 2 * 3600, "README": 99 * DAY_S}
    fill(tmp_path, names)
    assert left(tmp_path, names) == ["1.mpy", "3.77", "README"]


def test_oldest_of_too_many_files_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.disk_cache._FILES", 3)
    names = {"1.mpy": 40, "2.mpy": 30, "3.mpy": 20}
    fill(tmp_path, names)
    assert left(tmp_path, names) == ["2.mpy", "3.mpy"]


def test_folder_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MICROS_CACHE_DIR", str(tmp_path))
    assert cache_dir("mpy") == tmp_path / "mpy"
    monkeypatch.setenv("MICROS_CACHE_DIR", "")
    assert cache_dir("mpy") is None
    monkeypatch.delenv("MICROS_CACHE_DIR")
    place = cache_dir("mpy")
    assert place is not None and place.name == "mpy"
