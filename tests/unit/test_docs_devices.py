"""The examples of docs/devices.md and docs/load-modules.md work as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simulator.errors import UsageError

_DOCS = Path(__file__).resolve().parents[2] / "docs"


def examples(page: str) -> dict[str, str]:
    """File name -> text of the examples of a page that have one."""
    text = (_DOCS / page).read_text(encoding="utf-8")
    return dict(re.findall(r"<!-- example: (\S+) -->\n```\w+\n(.*?)```\n", text, re.DOTALL))


@pytest.fixture
def garden(world, tmp_path):
    files = examples("devices.md")
    assert sorted(files) == ["garden.py", "garden.toml"]
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return world.add_node("node01", wiring=tmp_path / "garden.toml")


def test_worked_model_is_short():
    assert len(examples("devices.md")["garden.py"].splitlines()) < 60


def test_worked_model_dries_and_is_read_by_a_load_module(world, garden):
    world.run_until(lambda: garden.listening(9008))
    assert garden.part("soil").get("moisture_pct") == pytest.approx(80, abs=0.1)
    world.run_for(3600)
    assert garden.part("soil").get("moisture_pct") == pytest.approx(78, abs=0.1)
    garden.part("soil").set("moisture_pct", 0)
    shell = world.shell(garden)
    assert "volt: 2.5" in shell("genIO get_adc 'ph'")
    garden.part("soil").fail("unplugged")
    assert "volt: 0.0" in shell("genIO get_adc 'ph'")
    with pytest.raises(UsageError, match=r"soil\.moisture_pct must be 0\.\.100 %, not 101"):
        garden.part("soil").set("moisture_pct", 101)
