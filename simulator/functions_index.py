"""The index of Load Module functions that the firmware reads, `functions.idx`, as text.

Its format is described in `micrOS/source/signatures.py`, whose scanner gives the same signatures for a source file on
the node. A build writes the index into each folder with Load Modules, after compiling them: it is what makes `help` and
argument errors of a `.mpy` read like those of its source.

Limits: as on the node, a default that is a lambda of several parameters counts as several parameters.
"""

from __future__ import annotations

import ast
import binascii
import io
import tokenize
from collections.abc import Iterator, Mapping
from itertools import takewhile

INDEX_NAME = "functions.idx"
PREFIX = "LM_"
_HIDDEN = "msgobj"
_OPEN, _CLOSE = ("(", "[", "{"), (")", "]", "}")
_UNSEEN = (tokenize.COMMENT, tokenize.NL)


def build_index(sources: Mapping[str, bytes], compiled: Mapping[str, bytes]) -> str:
    """Describe the public functions of Load Modules.

    Args:
        sources: name with `LM_`, without `.py` -> its source, UTF-8.
        compiled: the same for what was compiled -> `.mpy`; each adds its checksum to the line of its source.

    Returns:
        The text of the index, one line per module, sorted by name.

    Raises:
        SyntaxError: a source is no Python, or no UTF-8; its file name is in the error.
        ValueError: a `.mpy` without its source.
    """
    orphans = sorted(compiled.keys() - sources.keys())
    if orphans:
        raise ValueError("no source for " + ", ".join(f"{name}.mpy" for name in orphans))
    lines = []
    for stem in sorted(sources):
        try:
            text = sources[stem].decode("utf-8")
        except UnicodeDecodeError as error:
            line = sources[stem].count(b"\n", 0, error.start) + 1
            raise SyntaxError("no UTF-8", (f"{stem}.py", line, None, None)) from error
        files = [sources[stem]] + ([compiled[stem]] if stem in compiled else [])
        checksums = ",".join(f"{binascii.crc32(content):08x}" for content in files)
        functions = signatures(text, filename=f"{stem}.py")
        lines.append("\t".join([stem.removeprefix(PREFIX), checksums, *functions]))
    return "".join(line + "\n" for line in lines)


def signatures(source: str, filename: str = "<source>") -> list[str]:
    """Return the signatures of the public top-level functions of a source text.

    Args:
        source: Python text of a Load Module.
        filename: for error messages.

    Returns:
        Texts such as ``rgb(r=None, *rest)``, with ``async`` before it where it applies, in order of
        definition. Annotations, comments and the parameter ``msgobj`` are left out.

    Raises:
        SyntaxError: the source is no Python.
    """
    tree = ast.parse(source, filename)
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    found: dict[str, str] = {}
    for item in tree.body:
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and not item.name.startswith("_"):
            prefix = "async " if isinstance(item, ast.AsyncFunctionDef) else ""
            header = [token for token in tokens if token.start[0] >= item.lineno and token.type not in _UNSEEN]
            texts = [text for text in map(_text, _parameters(header)) if text]
            found[item.name] = f"{prefix}{item.name}({', '.join(texts)})"
    return list(found.values())


def _parameters(header: list[tokenize.TokenInfo]) -> Iterator[list[tokenize.TokenInfo]]:
    """Yield the tokens of each parameter of the function whose ``def`` comes first in ``header``."""
    depth = 0
    parameter: list[tokenize.TokenInfo] = []
    for token in header:
        depth -= token.string in _CLOSE
        if depth == 0 and token.string == ")":
            break
        if depth == 1 and token.string == ",":
            yield parameter
            parameter = []
        elif depth > 0:
            parameter.append(token)
        depth += token.string in _OPEN
    yield parameter


def _text(parameter: list[tokenize.TokenInfo]) -> str:
    """One parameter in its canonical form, ``name``, ``name=default``, ``*name``; empty if it is not listed."""
    name = "".join(token.string for token in takewhile(lambda token: token.string not in (":", "="), parameter))
    if name in ("/", _HIDDEN):
        return ""
    depth = 0
    for place, token in enumerate(parameter):
        depth += (token.string in _OPEN) - (token.string in _CLOSE)
        if depth == 0 and token.string == "=":
            return f"{name}={_one_line(parameter[place + 1 :])}"
    return name


def _one_line(tokens: list[tokenize.TokenInfo]) -> str:
    """The tokens as they are written, with one space where the source has more or a new line."""
    text, end = "", tokens[0].start
    for token in tokens:
        text += " " * (token.start[1] - end[1] if token.start[0] == end[0] else 1) + token.string
        end = token.end
    return " ".join(text.split())
