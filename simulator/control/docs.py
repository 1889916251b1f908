"""Writes the tables of commands and of faults: ``python -m simulator.control.docs docs/simulator.md``."""

from __future__ import annotations

import sys
from pathlib import Path

from simulator.control.commands import TABLE
from simulator.control.table import to_markdown
from simulator.lan import fault_kinds

_BEGIN = "<!-- {name}: made by `python -m simulator.control.docs docs/simulator.md` -->\n"
_END = "<!-- end of {name} -->\n"


def updated(text: str) -> str:
    """The document with its generated sections as they should be.

    Raises:
        ValueError: one is missing.
    """
    text = _replace(text, "commands", to_markdown(TABLE))
    return _replace(text, "faults", fault_kinds.to_markdown())


def _replace(text: str, name: str, section: str) -> str:
    begin, end = _BEGIN.format(name=name), _END.format(name=name)
    before, found, rest = text.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found or not found_end:
        raise ValueError(f"no generated section {name!r}")
    return f"{before}{begin}{section}{end}{after}"


if __name__ == "__main__":
    document = Path(sys.argv[1])
    document.write_text(updated(document.read_text(encoding="utf-8")), encoding="utf-8")
