"""The list of Load Modules to compile, and the folder that is swapped; compiling itself is in tests/system."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.cross_compile import LIST_FILE, build, host_path, read_list, restore, write_folder
from toolkit.errors import ToolkitError
from toolkit.places import FIRMWARE

FILES = {"/main.py": b"1", "/modules/LM_x.mpy": b"2", "/lib/drivers/d.mpy": b"3"}


def tree(folder: Path) -> dict[str, bytes]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {f"/{file.relative_to(folder).as_posix()}": file.read_bytes() for file in files}


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A folder with an older build."""
    folder = tmp_path / "precompiled"
    (folder / "modules").mkdir(parents=True)
    (folder / "modules" / "LM_gone.mpy").write_bytes(b"old")
    return folder


def test_list_is_words_with_comments(tmp_path: Path) -> None:
    file = tmp_path / "list"
    file.write_text("# those\nLM_a.py LM_b2.py\n\n\tLM_c.py  # LM_d.py\n")
    assert read_list(file) == ["LM_a.py", "LM_b2.py", "LM_c.py"]


@pytest.mark.parametrize("word", ["LM_a", "LM_a.mpy", "LM_.py", "a.py", "modules/LM_a.py"])
def test_list_takes_names_of_load_modules_only(tmp_path: Path, word: str) -> None:
    file = tmp_path / "list"
    file.write_text(f"LM_a.py {word}\n")
    with pytest.raises(ToolkitError, match=f"{word!r} is no name of a Load Module"):
        read_list(file)


def test_list_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ToolkitError, match="absent cannot be read"):
        read_list(tmp_path / "absent")


def test_list_of_the_project_names_modules_that_are_there() -> None:
    names = read_list()
    assert names and all((FIRMWARE / "modules" / name).is_file() for name in names), LIST_FILE


def test_module_that_is_not_there_is_named() -> None:
    with pytest.raises(ToolkitError, match=r"LM_to_compile\.dat names LM_nope\.py: not in .*modules$"):
        build(FIRMWARE, ["LM_nope.py", "LM_system.py"])


def test_folder_without_firmware_is_named(tmp_path: Path) -> None:
    with pytest.raises(ToolkitError, match=r"^no firmware in "):
        build(tmp_path, None)


@pytest.mark.parametrize(
    ("path", "file"),
    [("/Time.py", "Time.py"), ("/library.py", "library.py"), ("/modules/LM_x.py", "modules/LM_x.py")],
)
def test_host_path_is_where_the_source_lies(path: str, file: str) -> None:
    assert host_path(Path("s"), path) == Path("s", file)


def test_host_path_of_a_driver() -> None:
    assert host_path(Path("s"), "/lib/drivers/d.py") == Path("s", "drivers", "d.py")


def test_folder_is_replaced_as_a_whole(target: Path) -> None:
    write_folder(FILES, target)
    assert tree(target) == FILES
    assert [path.name for path in target.parent.iterdir()] == ["precompiled"]


def test_folder_is_made_with_those_above_it(tmp_path: Path) -> None:
    write_folder(FILES, tmp_path / "a" / "precompiled")
    assert tree(tmp_path / "a" / "precompiled") == FILES


def test_folder_stays_when_a_file_cannot_be_written(target: Path) -> None:
    with pytest.raises(ToolkitError, match="cannot write"):
        write_folder({**FILES, "/main.py/below": b"4"}, target)
    assert tree(target) == {"/modules/LM_gone.mpy": b"old"}


def test_folder_comes_back_when_the_last_step_fails(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename = Path.rename

    def refuse(self: Path, to: Path) -> Path:
        if self.name.endswith(".new"):
            raise PermissionError(13, "Permission denied")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(ToolkitError, match="precompiled: Permission denied"):
        write_folder(FILES, target)
    assert tree(target) == {"/modules/LM_gone.mpy": b"old"}


def test_swap_that_was_cut_off_is_undone(target: Path) -> None:
    target.rename(target.with_name("precompiled.old"))
    restore(target)
    assert tree(target) == {"/modules/LM_gone.mpy": b"old"}


def test_left_over_of_a_done_swap_goes(target: Path) -> None:
    (target.parent / "precompiled.old").mkdir()
    (target.parent / "precompiled.new").mkdir()
    (target.parent / "precompiled.new" / "stale.mpy").write_bytes(b"stale")
    write_folder(FILES, target)
    assert tree(target) == FILES
