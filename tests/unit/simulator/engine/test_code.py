"""Source to instrumented code: ticks, file names, the cache."""

from __future__ import annotations

import linecache
from pathlib import Path

import pytest

from simulator.engine.code import CodeStore, default_cache_dir, instrument


def ticks(source: str) -> int:
    """How often ``__tick__`` is called when ``source`` runs."""
    count = []
    exec(instrument(source, "test"), {"__tick__": lambda: count.append(1)})  # noqa: S102  code of our own making
    return len(count)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1", 0),
        ("n = 3\nwhile n:\n    n -= 1", 3),
        ("for _ in range(4): pass", 4),
        ("for _ in range(2):\n    for _ in range(3):\n        pass", 8),
        ("for n in range(5):\n    if n % 2:\n        continue", 5),
        ("for _ in range(5):\n    break\nelse:\n    pass", 1),
        ("def f():\n    while True:\n        return\nf()\nf()", 2),
    ],
)
def test_each_loop_turn_ticks_once(source: str, expected: int) -> None:
    assert ticks(source) == expected


def test_lines_stay_where_they_are() -> None:
    code = instrument("\n\nfor _ in range(1):\n    x = 1 / 0\n", "test")
    with pytest.raises(ZeroDivisionError) as raised:
        exec(code, {"__tick__": lambda: None})  # noqa: S102
    assert raised.traceback[-1].lineno + 1 == 4


def test_docstring_stays_the_docstring() -> None:
    names: dict[str, object] = {}
    exec(instrument('"""Doc."""\nfor _ in (): pass\n', "test"), names)  # noqa: S102
    assert names["__doc__"] == "Doc."


def test_code_of_the_same_content_is_shared() -> None:
    codes = CodeStore(None)
    assert codes.code("/a.py", b"x = 1") is codes.code("/a.py", b"x = 1")


def test_two_contents_at_one_path_have_their_own_names_and_lines() -> None:
    codes = CodeStore(None)
    old, new = codes.code("/two.py", b"x = 'old'\n"), codes.code("/two.py", b"x = 'new'\n")
    assert old.co_filename != new.co_filename
    assert linecache.getline(old.co_filename, 1) == "x = 'old'\n"
    assert linecache.getline(new.co_filename, 1) == "x = 'new'\n"
    assert codes.flash_path(old.co_filename) == codes.flash_path(new.co_filename) == "/two.py"


def test_file_from_the_host_keeps_its_host_name() -> None:
    codes = CodeStore(None)
    codes.register_origin("/main.py", b"x = 1", "/home/me/main.py")
    assert codes.code("/main.py", b"x = 1").co_filename == "/home/me/main.py"
    assert codes.flash_path("/home/me/main.py") == "/main.py"
    assert codes.code("/main.py", b"x = 2").co_filename == "flash:/main.py"


@pytest.mark.parametrize(
    ("filename", "path"), [("<stdin>", "<stdin>"), ("<string>", "<string>"), ("/usr/lib/python3/os.py", None)]
)
def test_flash_path_knows_node_code_from_host_code(filename: str, path: str | None) -> None:
    assert CodeStore(None).flash_path(filename) == path


def test_source_that_is_no_python_raises_syntaxerror() -> None:
    with pytest.raises(SyntaxError):
        CodeStore(None).code("/a.py", b"def\n")


# --- the cache on disk ------------------------------------------------------------------------------------------------


def cached(cache_dir: Path, data: bytes) -> tuple[object, list[Path]]:
    """What a fresh store's code for ``data`` leaves in ``x``, and the cache files."""
    names: dict[str, object] = {}
    exec(CodeStore(cache_dir).code("/a.py", data), names)  # noqa: S102
    return names["x"], sorted(cache_dir.iterdir())


def test_cached_code_is_used_by_the_next_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, files = cached(tmp_path, b"x = 1")
    assert len(files) == 1
    monkeypatch.setattr("simulator.engine.code.instrument", None)  # would fail if it were compiled anew
    assert cached(tmp_path, b"x = 1") == (1, files)


def test_changed_source_is_compiled_anew(tmp_path: Path) -> None:
    cached(tmp_path, b"x = 1")
    value, files = cached(tmp_path, b"x = 2")
    assert (value, len(files)) == (2, 2)


@pytest.mark.parametrize("damage", [b"", b"garbage", b"\xe3\x00\x00\x00", b"i\x01\x00\x00\x00"])
def test_damaged_cache_file_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    _, files = cached(tmp_path, b"x = 1")
    good = files[0].read_bytes()
    files[0].write_bytes(damage)
    assert cached(tmp_path, b"x = 1") == (1, files)
    assert files[0].read_bytes() == good


def test_truncated_cache_file_is_made_anew(tmp_path: Path) -> None:
    _, files = cached(tmp_path, b"x = 1")
    files[0].write_bytes(files[0].read_bytes()[:-5])
    assert cached(tmp_path, b"x = 1")[0] == 1


def test_cache_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    names: dict[str, object] = {}
    exec(CodeStore(tmp_path / "file" / "sub").code("/a.py", b"x = 1"), names)  # noqa: S102
    assert names["x"] == 1


def test_cache_folder_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MICROS_CACHE_DIR", str(tmp_path))
    assert default_cache_dir() == tmp_path / "code"
    monkeypatch.setenv("MICROS_CACHE_DIR", "")
    assert default_cache_dir() is None
    monkeypatch.delenv("MICROS_CACHE_DIR")
    assert default_cache_dir() is not None
