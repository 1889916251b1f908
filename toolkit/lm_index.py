"""Writes the index of Load Module functions that the firmware reads, `functions.idx`.

The format is described in `micrOS/source/signatures.py`, whose scanner gives the same signatures for a
source file on the node. Without arguments it writes the index of the firmware's sources; a build runs it
where it has put the modules, after compiling them:

    python -m toolkit.lm_index build/modules
"""

from __future__ import annotations

import argparse
import ast
import binascii
from collections.abc import Iterable, Sequence
from pathlib import Path

INDEX_NAME = "functions.idx"
_SOURCES = Path(__file__).resolve().parent.parent / "micrOS" / "source" / "modules"
_PREFIX = "LM_"
_HIDDEN = "msgobj"


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
    sources: dict[str, Path] = {}
    compiled: dict[str, Path] = {}
    for path in paths:
        (compiled if path.suffix == ".mpy" else sources)[path.stem] = path
    orphans = sorted(compiled.keys() - sources.keys())
    if orphans:
        raise ValueError("no source for " + ", ".join(f"{name}.mpy" for name in orphans))
    lines = []
    for stem in sorted(sources):
        files = [sources[stem]] + ([compiled[stem]] if stem in compiled else [])
        checksums = ",".join(f"{binascii.crc32(file.read_bytes()):08x}" for file in files)
        functions = signatures(sources[stem].read_text(encoding="utf-8"), filename=str(sources[stem]))
        lines.append("\t".join([stem.removeprefix(_PREFIX), checksums, *functions]))
    return "".join(line + "\n" for line in lines)


def signatures(source: str, filename: str = "<source>") -> list[str]:
    """Return the signatures of the public top-level functions of a source text.

    Args:
        source: Python text of a Load Module.
        filename: for error messages.

    Returns:
        Texts such as ``rgb(r=None, *rest)``, with ``async`` before it where it applies, in order of
        definition. Annotations and the parameter ``msgobj`` are left out.
    """
    found: dict[str, str] = {}
    for item in ast.parse(source, filename).body:
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and not item.name.startswith("_"):
            prefix = "async " if isinstance(item, ast.AsyncFunctionDef) else ""
            found[item.name] = f"{prefix}{item.name}({', '.join(_parameters(item.args, source))})"
    return list(found.values())


def _parameters(arguments: ast.arguments, source: str) -> list[str]:
    """Return the parameters, each as ``name`` or ``name=default``."""
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    texts = _named(positional, [*defaults, *arguments.defaults], source)
    if arguments.vararg:
        texts.append(f"*{arguments.vararg.arg}")
    elif arguments.kwonlyargs:
        texts.append("*")
    texts += _named(arguments.kwonlyargs, arguments.kw_defaults, source)
    if arguments.kwarg:
        texts.append(f"**{arguments.kwarg.arg}")
    return texts


def _named(names: Sequence[ast.arg], defaults: Sequence[ast.expr | None], source: str) -> list[str]:
    texts = []
    for name, default in zip(names, defaults, strict=True):
        if name.arg == _HIDDEN:
            continue
        segment = "" if default is None else ast.get_source_segment(source, default) or ast.unparse(default)
        texts.append(f"{name.arg}={' '.join(segment.split())}" if segment else name.arg)
    return texts


def main(argv: Sequence[str] | None = None) -> int:
    """Write the index of a folder, or with ``--check`` tell by the exit code whether it is current."""
    parser = argparse.ArgumentParser(description="Write the index of Load Module functions.")
    parser.add_argument("folder", type=Path, nargs="?", default=_SOURCES, help="folder with LM_*.py and LM_*.mpy")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 if the index is stale")
    options = parser.parse_args(argv)
    target: Path = options.folder / INDEX_NAME
    paths = [path for path in sorted(options.folder.glob(_PREFIX + "*")) if path.suffix in (".py", ".mpy")]
    text = build_index(paths)
    if options.check:
        is_current = target.exists() and target.read_text(encoding="utf-8") == text
        print(f"{target}: {'current' if is_current else 'stale'}")
        return 0 if is_current else 1
    target.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
