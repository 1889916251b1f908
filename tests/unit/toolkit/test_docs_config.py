"""The page about configuration keys."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from simulator.shell import Shell
from toolkit.docs_config import build_page, main

SCHEMA = """
OFFLOADED = '...'
NOT_SET = 'n/a'
SECRETS = ('pwd',)
KEYS = (('pwd', 'x', None), ('port', 9008, (1, 9999)), ('meta', OFFLOADED, None))
def expected(key):
    return {'pwd': 'no \\\\ or |', 'port': '%d..%d' % KEYS[1][2], 'meta': 'a text'}[key]
"""
DOCS = "MEANINGS = {'pwd': (True, 'Password.'), 'port': (False, 'TCP port.'), 'meta': (False, 'Layout.')}\n"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    (tmp_path / "config_schema.py").write_text(SCHEMA)
    (tmp_path / "config_docs.py").write_text(DOCS)
    return tmp_path


def row(page: str, key: str) -> str:
    (line,) = (line for line in page.splitlines() if line.startswith(f"| `{key}` |"))
    return line


def test_row_has_type_default_range_reboot_and_meaning(sources: Path) -> None:
    assert row(build_page(sources), "port") == "| `port` | int | `9008` | 1..9999 | at once | TCP port. |"


def test_characters_that_would_break_the_table_are_escaped(sources: Path) -> None:
    assert row(build_page(sources), "pwd") == r"| `pwd` | str | `x` | no \\ or \| | after a reboot | Password. |"


def test_default_of_offloaded_key_is_not_the_placeholder(sources: Path) -> None:
    assert row(build_page(sources), "meta") == "| `meta` | str | `n/a` | a text | at once | Layout. |"


def test_key_without_meaning_is_refused_by_name(sources: Path) -> None:
    (sources / "config_docs.py").write_text(DOCS.replace("'meta'", "'mata'"))
    with pytest.raises(ValueError, match=r"^not in both config_schema and config_docs: mata, meta$"):
        build_page(sources)


def test_sources_leave_no_module_and_no_bytecode(sources: Path) -> None:
    before = dict(sys.modules)
    build_page(sources)
    assert sys.modules == before
    assert sorted(path.name for path in sources.iterdir()) == ["config_docs.py", "config_schema.py"]


def test_page_has_a_row_for_every_key_of_the_firmware() -> None:
    page = build_page()
    assert row(page, "utc").startswith("| `utc` | int | `60` | -720..840 | at once |")
    assert row(page, "guimeta").startswith("| `guimeta` | str | `n/a` | a text | at once |")
    assert sum(line.startswith("| `") and line.count(" | ") == 5 for line in page.splitlines()) == 48


def test_check_notices_a_stale_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "config.md"
    assert main([str(page), "--check"]) == 1
    assert main([str(page)]) == 0
    assert main([str(page), "--check"]) == 0
    page.write_text(page.read_text(encoding="utf-8").replace("9008", "9009"), encoding="utf-8")
    assert main([str(page), "--check"]) == 1
    assert capsys.readouterr().out.splitlines()[-1].endswith("config.md: stale")


def test_what_the_page_says_about_setting_holds_on_a_node(shell: Shell) -> None:
    shell("conf")
    assert shell("utc 120") == "Saved"
    assert shell("utc 99999").splitlines()[-1] == "Failed to save"
    assert shell("nosuch 1").splitlines()[-1] == "Invalid key"
    assert shell("nosuch") == "None"
    assert shell("stapwd") == "********"
    assert shell("stapwd ********").splitlines()[-1] == "Failed to save"
    assert shell("guimeta a   b") == "Saved"
    assert shell("guimeta") == "a b"
