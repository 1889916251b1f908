"""The manual of Load Modules: from sources to JSON and Markdown."""

from __future__ import annotations

import json

import pytest

from toolkit.lm_manual import main, read_module, to_json, to_markdown

_SOURCE = '''
"""A buzzer.

More on it.
"""
from Common import socket_stream

def play(tune='a, b:c', *notes, tempo=(1, 2), **rest):
    """Play a tune.

    Args:
        tune: what.
            Indented.
    """

@socket_stream
async def hum(force=True, msgobj=None):
    """Hum,
    and hum."""

def _private():
    pass

def stop():
    pass
'''


@pytest.fixture
def module(tmp_path):
    path = tmp_path / "LM_horn.py"
    path.write_text(_SOURCE)
    return read_module(path)


def test_json_lists_functions_as_client_apps_read_them(module):
    assert json.loads(to_json([module])) == {
        "horn": ["play tune='a, b:c' *notes tempo=(1, 2) **rest", "hum", "stop"]
    }


def test_manual_has_docstrings_and_marks_tasks(module):
    text = to_markdown([module])
    assert "[horn](#horn)" in text and "## horn\n\nA buzzer.\n\nMore on it.\n" in text
    assert "- **`play tune='a, b:c' *notes tempo=(1, 2) **rest`** — Play a tune.\n" in text
    assert "\n      Args:\n          tune: what.\n              Indented.\n" in text
    assert "- **`hum force=True`** *task* — Hum, and hum.\n- **`stop`**\n" in text
    assert "_private" not in text


def test_check_tells_stale_files(monkeypatch, tmp_path, capsys):
    for name in ("_MANUAL", "_JSON"):
        monkeypatch.setattr(f"toolkit.lm_manual.{name}", tmp_path / name)
    assert main(["--check"]) == 1
    assert main([]) == 0
    assert main(["--check"]) == 0
    (tmp_path / "_JSON").write_text("{}")
    assert main(["--check"]) == 1
    assert "_JSON: stale" in capsys.readouterr().out
