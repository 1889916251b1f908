"""Pytest plugin of mutant runs: a failing example is enough, nobody needs the smallest one."""

from __future__ import annotations

from hypothesis import Phase, settings

settings.register_profile(
    "mutants",
    parent=settings.get_profile("ci"),
    phases=(Phase.explicit, Phase.generate),
    report_multiple_bugs=False,
)
settings.load_profile("mutants")
