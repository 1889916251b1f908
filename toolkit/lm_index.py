"""Writes the index of Load Module functions that the firmware reads, `functions.idx`.

Its text comes from `simulator.functions_index`. Without arguments it writes the index of the firmware's sources; a
build with `--cross_compile_micros` brings its own.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

from simulator.functions_index import INDEX_NAME, PREFIX
from simulator.functions_index import build_index as index_of
from toolkit.places import FIRMWARE


def build_index(paths: Iterable[Path]) -> str:
    """Describe the public functions of Load Modules.

    Args:
        paths: sources `LM_<name>.py`, and the `.mpy` made from them, in any order. A `.mpy` adds
            its checksum to the line of its source.

    Returns:
        The text of the index, one line per module, sorted by name.

    Raises:
        SyntaxError: a source is no Python; its file name is in the error.
        ValueError: a `.mpy` without its source.
    """
    sources: dict[str, bytes] = {}
    compiled: dict[str, bytes] = {}
    for path in paths:
        (compiled if path.suffix == ".mpy" else sources)[path.stem] = path.read_bytes()
    return index_of(sources, compiled)


def main(argv: Sequence[str] | None = None) -> int:
    """Write the index of a folder, or with ``--check`` tell by the exit code whether it is current."""
    parser = argparse.ArgumentParser(description="Write the index of Load Module functions.")
    modules = FIRMWARE / "modules"
    parser.add_argument("folder", type=Path, nargs="?", default=modules, help="folder with LM_*.py and LM_*.mpy")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 if the index is stale")
    options = parser.parse_args(argv)
    target: Path = options.folder / INDEX_NAME
    paths = [path for path in sorted(options.folder.glob(PREFIX + "*")) if path.suffix in (".py", ".mpy")]
    text = build_index(paths)
    if options.check:
        is_current = target.exists() and target.read_text(encoding="utf-8") == text
        print(f"{target}: {'current' if is_current else 'stale'}")
        return 0 if is_current else 1
    target.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
