"""Where things are."""

from __future__ import annotations

import re

import pytest

from toolkit import places
from toolkit.errors import ToolkitError


def test_firmware_version_has_four_numbers():
    assert re.fullmatch(r"\d+\.\d+\.\d+-\d+", places.firmware_version())


@pytest.mark.parametrize("text", ["", 'VERSION = "1.5.0"', '# VERSION = "1.5.0-0"', 'VERSION = "1x5.0-0"'])
def test_firmware_without_version_line_is_an_error(monkeypatch, tmp_path, text):
    (tmp_path / "micrOS.py").write_text(text)
    monkeypatch.setattr(places, "VERSION_FILE", tmp_path / "micrOS.py")
    with pytest.raises(ToolkitError, match="no line VERSION"):
        places.firmware_version()


def test_missing_firmware_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setattr(places, "VERSION_FILE", tmp_path / "micrOS.py")
    with pytest.raises(ToolkitError, match="no firmware at"):
        places.firmware_version()


def test_user_dir_is_the_named_one_and_made(monkeypatch, tmp_path):
    monkeypatch.setenv("MICROS_USER_DIR", str(tmp_path / "a" / "b"))
    assert places.user_dir() == tmp_path / "a" / "b"
    assert (tmp_path / "a" / "b").is_dir()


def test_user_dir_that_cannot_be_made_is_an_error(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MICROS_USER_DIR", str(tmp_path / "file" / "dir"))
    with pytest.raises(ToolkitError, match="MICROS_USER_DIR"):
        places.user_dir()
