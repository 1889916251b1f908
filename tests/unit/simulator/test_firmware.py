"""Which host file goes where on a node's flash."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.engine.code import store
from simulator.errors import UsageError
from simulator.firmware import default_source, image


def test_core_goes_to_the_root_and_load_modules_to_modules() -> None:
    files = image()
    assert "/main.py" in files
    assert "/modules/LM_system.py" in files
    assert files["/main.py"] == (default_source() / "main.py").read_bytes()


def test_drivers_go_to_lib(tmp_path: Path) -> None:
    for name in (
        "main.py",
        "drivers/bme280.py",
        "modules/LM_x.py",
        "modules/LM_x.idx",
        "README.md",
        "modules/notes.txt",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    assert sorted(image(tmp_path)) == ["/lib/drivers/bme280.py", "/main.py", "/modules/LM_x.idx", "/modules/LM_x.py"]


def test_folder_without_main_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="main.py is missing"):
        image(tmp_path)


def test_frames_of_the_firmware_have_their_host_file_names() -> None:
    data = image()["/main.py"]
    code = store().code("/main.py", data)
    assert Path(code.co_filename) == default_source() / "main.py"
    assert store().flash_path(code.co_filename) == "/main.py"
