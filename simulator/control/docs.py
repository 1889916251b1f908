"""Writes the table of commands into docs/simulator.md: ``python -m simulator.control.docs docs/simulator.md``."""

from __future__ import annotations

import sys
from pathlib import Path

from simulator.control.commands import TABLE
from simulator.control.table import to_markdown

BEGIN = "<!-- commands: made by `python -m simulator.control.docs docs/simulator.md` -->\n"
END = "<!-- end of commands -->\n"


def updated(text: str) -> str:
    """The document with its generated section as it should be.

    Raises:
        ValueError: it has no such section.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("no generated section")
    return f"{before}{BEGIN}{to_markdown(TABLE)}{END}{after}"


if __name__ == "__main__":
    document = Path(sys.argv[1])
    document.write_text(updated(document.read_text(encoding="utf-8")), encoding="utf-8")
