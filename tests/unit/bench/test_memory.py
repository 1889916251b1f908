"""Figures of the bench `memory` from what a run saw, and the document that tells them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.errors import BenchError
from bench.figures import Figure
from bench.memory import heap_figures, size_figures
from bench.memory_document import BEGIN, END, Document, parse, render

SEEN = {
    "stages": {"MAIN LOAD": 30_000, "SYSTEM IS UP": 40_000},
    "smallest": 62_976,
    "board": 100_000,
    "up": {"used": 39_000, "free": 61_000, "largest": 50_000},
    "sessions": {"used": 45_000, "free": 55_000, "largest": 20_000},
    "days": [{"used": 41_000, "free": 59_000, "largest": 9_000}, {"used": 41_160, "free": 58_840, "largest": 8_000}],
}
FIGURES = {
    "core_up_32": Figure(61_000, "B"),
    "core_up_vm": Figure(39_000, "B"),
    "core_4_sessions_free_32": Figure(45.26, "%"),
    "heap_LM_system": Figure(7_000, "B"),
    "mpy_core_resident": Figure(30_000, "B"),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "memory.md"
    file.write_text(f"# Memory\n\n{BEGIN}\n{END}\n\nThe end.\n", encoding="utf-8")
    return file


def test_heap_figures_bear_profile_and_machine() -> None:
    figures = heap_figures("core", "_32", SEEN)
    assert {name: figure.value for name, figure in figures.items()} == {
        "core_stage_main_load_32": 30_000,
        "core_stage_system_is_up_32": 40_000,
        "core_up_32": 39_000,
        "core_up_largest_free_32": 50_000,
        "core_4_sessions_32": 45_000,
        "core_4_sessions_largest_free_32": 20_000,
        "core_smallest_heap_32": 62_976,
        "core_4_sessions_free_32": 55.0,
        "core_day_1_32": 41_000,
        "core_growth_2_days_32": 160,
        "core_day_2_largest_free_32": 8_000,
    }


def test_free_share_is_that_of_the_boards_heap() -> None:
    roomy = {**SEEN, "board": 60_000}
    assert heap_figures("core", "_32", roomy)["core_4_sessions_free_32"] == Figure(25.0, "%")


def test_size_figures_tell_resident_cold_and_load_modules() -> None:
    sizes = {"/hal.mpy": 3_000, "/cron.mpy": 2_000, "/modules/LM_system.mpy": 1_500}
    figures = size_figures(sizes, {"hal", "LM_system", "asyncio"})
    assert {name: figure.value for name, figure in figures.items()} == {
        "mpy_core_resident": 3_000,
        "mpy_core_cold": 2_000,
        "mpy_all": 6_500,
        "mpy_cold_cron": 2_000,
        "mpy_resident_hal": 3_000,
        "mpy_module_LM_system": 1_500,
    }


def test_tables_can_be_read_again() -> None:
    assert parse(render("memory", FIGURES)) == {
        "core_up_32": 61_000,
        "core_up_vm": 39_000,
        "core_4_sessions_free_32": 45.3,
        "heap_LM_system": 7_000,
        "mpy_core_resident": 30_000,
    }


def test_heap_of_load_modules_has_a_table_of_its_own() -> None:
    heading = "| Load Module, heap on 32 bit | bytes |\n| --- | ---: |\n"
    table = render("memory", FIGURES).partition(heading)[2]
    assert table.partition("\n\n")[0] == "| `heap_LM_system` | 7000 |"


def test_missed_gate_is_shown_with_its_figure() -> None:
    assert "| core_up_32 | <= 60000 B | 61000 B | **no** |" in render("memory", FIGURES)


def test_written_document_has_no_problems_and_keeps_its_text(path: Path) -> None:
    document = Document(path)
    document.write("memory", FIGURES)
    assert document.problems(FIGURES) == []
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# Memory\n") and text.endswith("The end.\n")
    document.write("memory", FIGURES)
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("value", "problems"),
    [
        (61_000 * 1.019, []),
        (61_000 * 1.03, ["core_up_32 is 61000, measured 62830 B"]),
        (61_000 * 0.97, ["core_up_32 is 61000, measured 59170 B"]),
    ],
)
def test_difference_of_more_than_two_percent_is_a_problem(path: Path, value: float, problems: list[str]) -> None:
    document = Document(path)
    document.write("memory", FIGURES)
    assert document.problems({**FIGURES, "core_up_32": Figure(value, "B")}) == problems


def test_figure_that_came_or_went_is_a_problem(path: Path) -> None:
    Document(path).write("memory", FIGURES)
    now = {name: figure for name, figure in FIGURES.items() if name != "core_up_vm"} | {"mpy_all": Figure(5, "B")}
    assert sorted(Document(path).problems(now)) == ["core_up_vm is no figure any more", "mpy_all is missing"]


def test_quick_run_compares_what_it_has_and_writes_nothing(path: Path) -> None:
    Document(path).write("memory", FIGURES)
    quick = Document(path, is_complete=False)
    assert quick.problems({"core_up_32": Figure(61_000, "B"), "core_growth_1_days_32": Figure(0, "B")}) == []
    with pytest.raises(BenchError, match="a quick run does not renew memory.md"):
        quick.write("memory", FIGURES)


def test_document_without_a_place_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# Other\n", encoding="utf-8")
    with pytest.raises(BenchError, match=r"other\.md has no place for figures"):
        Document(tmp_path / "other.md").write("memory", FIGURES)
