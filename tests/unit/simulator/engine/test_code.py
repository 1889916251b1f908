"""Source to instrumented code: ticks, file names, the cache."""

from __future__ import annotations

import linecache
import os
import sys
from pathlib import Path

import pytest

from simulator.engine.code import CodeStore, compile_node, default_cache_dir, instrument
from simulator.engine.texts import FUNCTIONS


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
        ("[n for n in range(5)]", 5),
        ("{n for n in range(5)}", 5),
        ("{n: n for n in range(5)}", 5),
        ("sum(n for n in range(5))", 5),
        ("[n for n in range(5) if n % 2]", 5),
        ("[n for n in () if 1 / 0]", 0),
        ("[b for a in range(2) for b in range(3)]", 8),
        ("[b for a in range(4) if a % 2 for b in range(3) if b]", 10),
        ("[[b for b in range(3)] for a in range(2)]", 8),
        ("any(True for n in range(5))", 1),
        ("class A:\n    x = [n for n in range(5)]", 5),
        ("for n in [n for n in range(2)]: pass", 4),
    ],
)
def test_each_loop_turn_ticks_once(source: str, expected: int) -> None:
    assert ticks(source) == expected


def test_turns_of_an_async_comprehension_tick() -> None:
    source = """
async def numbers():
    for n in (1, 2, 3):
        yield n
async def main():
    return [n async for n in numbers() if n > 1], {n: [m async for m in numbers()] for n in "a"}
try:
    main().send(None)
except StopIteration as e:
    result = e.value
assert result == ([2, 3], {"a": [1, 2, 3]})
"""
    assert ticks(source) == 3 + 3 + 3 + 3 + 1


def test_comprehension_gives_what_it_gave() -> None:
    source = "rows = [[1, 2], [3]]\nx = [[str(n) for n in row if n > 1] for row in rows if row]"
    names: dict[str, object] = {"__tick__": lambda: None, **FUNCTIONS}
    exec(instrument(source, "test"), names)  # noqa: S102
    assert names["x"] == [["2"], ["3"]]


def test_line_of_a_comprehension_stays_where_it_is() -> None:
    lines = []
    code = instrument("\nx = [\n    n\n    for n\n    in (1,)\n    if n\n]\n", "test")
    exec(code, {"__tick__": lambda: lines.append(sys._getframe(1).f_lineno)})  # noqa: S102
    assert lines == [4]


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


# --- what is forgotten ------------------------------------------------------------------------------------------------


def version(number: int) -> bytes:
    return b"x = %d\n" % number


def test_latest_contents_of_a_path_are_kept_and_older_ones_forgotten() -> None:
    codes = CodeStore(None)
    made = [codes.code("/many.py", version(n)) for n in range(6)]
    assert [codes.code("/many.py", version(n)) is made[n] for n in (5, 4, 3, 2)] == [True] * 4
    assert codes.code("/many.py", version(0)) is not made[0]


def test_content_that_is_used_again_stays() -> None:
    codes = CodeStore(None)
    first = codes.code("/again.py", version(0))
    for n in range(1, 20):
        codes.code("/again.py", version(n))
        assert codes.code("/again.py", version(0)) is first


def test_paths_do_not_push_each_other_out() -> None:
    codes = CodeStore(None)
    made = [codes.code(f"/m{n}.py", b"x = 1") for n in range(20)]
    assert [codes.code(f"/m{n}.py", b"x = 1") for n in range(20)] == made


def test_lines_of_forgotten_contents_are_forgotten() -> None:
    codes = CodeStore(None)
    names = [codes.code("/lines.py", version(n)).co_filename for n in range(20)]
    assert len(set(names)) == 20
    assert [name in linecache.cache for name in names] == [False] * 16 + [True] * 4
    assert codes.flash_path(names[0]) == "/lines.py"


def test_reloaded_host_file_shows_its_latest_lines() -> None:
    codes = CodeStore(None)
    for n in range(6):
        codes.register_origin("/LM_x.py", version(n), "/home/me/LM_x.py")
        codes.code("/LM_x.py", version(n))
    assert linecache.getline("/home/me/LM_x.py", 1) == "x = 5\n"


def test_origins_of_older_contents_are_forgotten() -> None:
    codes = CodeStore(None)
    for n in range(6):
        codes.register_origin("/LM_y.py", version(n), f"/home/me/{n}.py")
    names = [codes.code("/LM_y.py", version(n)).co_filename for n in range(6)]
    assert [name.startswith("/home/me/") for name in names] == [False] * 2 + [True] * 4


# --- code that firmware compiles --------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["1 + 1", b"1 + 1", bytearray(b"1 + 1"), memoryview(b"1 + 1"), " 1 + 1"])
def test_source_of_each_kind_is_compiled(source: object) -> None:
    assert eval(compile_node(source, "<string>", "eval")) == 2  # noqa: S307


def test_compiled_code_is_given_back() -> None:
    code = compile_node("1", "<string>", "eval")
    assert compile_node(code, "<string>", "exec") is code


@pytest.mark.parametrize(("source", "mode", "error"), [("1", "run", ValueError), (1, "eval", TypeError)])
def test_wrong_source_or_mode_is_refused(source: object, mode: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        compile_node(source, "<string>", mode)


def test_compiled_code_is_known_as_node_code_by_the_name_it_was_given() -> None:
    code = compile_node("1", "/usr/lib/python3/os.py", "exec")
    assert CodeStore(None).flash_path(code.co_filename) == "/usr/lib/python3/os.py"


def test_syntax_error_names_the_file_it_was_given() -> None:
    with pytest.raises(SyntaxError) as raised:
        compile_node("return", "mine", "exec")
    assert raised.value.filename == "mine"


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


def test_cache_folder_is_not_searched_when_all_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cached(tmp_path, b"x = 1")
    monkeypatch.setattr("os.scandir", None)  # would fail
    CodeStore(tmp_path).code("/a.py", b"x = 1")


def test_cache_folder_is_searched_once_per_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scandir, calls = os.scandir, []
    monkeypatch.setattr("os.scandir", lambda path: calls.append(path) or scandir(path))
    codes = CodeStore(tmp_path)
    for n in range(3):
        codes.code("/a.py", version(n))
    assert len(calls) == 1


def test_code_has_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MICROS_CACHE_DIR", str(tmp_path))
    assert default_cache_dir() == tmp_path / "code"


def test_annotations_are_not_evaluated() -> None:
    function = "def f(a: No, *b: No, c: No = 1) -> No:\n    d: No = a\n    return d + c\n"
    source = function + "x: No[where] = f(2)\n"
    space = {"__tick__": None}
    exec(instrument(source, "/a.py"), space)  # noqa: S102 - node code
    assert space["x"] == 3
