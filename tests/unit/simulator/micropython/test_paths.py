"""Paths as LittleFS resolves them. Cases were tried on MicroPython's VfsLfs2."""

from __future__ import annotations

import pytest

from simulator.micropython._paths import clean, split
from simulator.micropython.errors import MicroOSError


@pytest.mark.parametrize(
    ("path", "cleaned"),
    [
        ("/", "/"),
        ("/a", "/a"),
        ("/a/", "/a"),
        ("//a///b", "/a/b"),
        ("/./a/.", "/a"),
        ("/none/../a", "/a"),
        ("/a/..", "/"),
        ("/.hidden/..x", "/.hidden/..x"),
        ("", "/"),
    ],
)
def test_path_has_one_spelling(path: str, cleaned: str) -> None:
    assert clean(path) == clean(cleaned) == cleaned


@pytest.mark.parametrize("path", ["/..", "/a/../..", "/../a"])
def test_path_above_the_root_is_refused(path: str) -> None:
    with pytest.raises(MicroOSError) as error:
        clean(path)
    assert error.value.errno == 22


def test_split_gives_folder_and_name() -> None:
    assert [split(path) for path in ("/a", "/a/b/c", "/")] == [("/", "a"), ("/a/b", "c"), ("/", "")]
