"""Wiring files: what stands in one, and reading it.

A file is TOML::

    about = "A thermometer and a lamp"      # one line, needed
    board = "esp32"                         # optional: the only board that it fits
    models = ["my_parts.py"]                # optional: Python files with models of your own, beside this file

    [config]                                # optional: configuration of a node that has none yet
    boothook = "rgb load_n_init"

    [[part]]
    name = "bme280"                         # letters, digits, _; unique in the file
    kind = "bme280"                         # the model
    pins = { scl = "i2c_scl", sda = 21 }    # role -> GPIO, or name in the firmware's pin map
    options = { address = 0x77 }            # optional: of the model
    set = { temp_c = 21.5 }                 # optional: quantities at the beginning

Errors name the file and the part.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulator.errors import UsageError

_FOLDER = Path(__file__).resolve().parent
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")
_FILE_KEYS = frozenset({"about", "board", "config", "models", "part"})
_PART_KEYS = frozenset({"name", "kind", "pins", "options", "set"})


@dataclass(frozen=True)
class PartLine:
    """One part of a wiring.

    Attributes:
        name: unique on the board.
        kind: name of the model.
        pins: role -> GPIO, or name in the firmware's pin map.
        options: of the model.
        values: quantities at the beginning.
    """

    name: str
    kind: str
    pins: Mapping[str, int | str]
    options: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Wiring:
    """A wiring file.

    Attributes:
        source: the file, for errors.
        about: what it is, one line.
        board: the only board that it fits; empty if it fits any that has the pins.
        config: configuration for a node that has none yet.
        parts: what hangs on the board.
        models: Python files that hold further models; they are executed.
    """

    source: str
    about: str
    board: str
    config: Mapping[str, object]
    parts: tuple[PartLine, ...]
    models: tuple[Path, ...] = ()


def built_in() -> dict[str, Path]:
    """The wirings that come with the simulator: name -> file."""
    return {path.stem: path for path in sorted(_FOLDER.glob("*.toml"))}


def load(wanted: str | Path, *, board: str = "") -> Wiring:
    """Read a wiring.

    Args:
        wanted: a built-in one's name, or a file (by its suffix ``.toml`` or a path).
        board: of a built-in one, take the edition for this board (``demo`` -> ``demo_tinypico``) if there is one.

    Raises:
        UsageError: there is none, it cannot be read, or what stands in it is wrong; one line says what and where.
    """
    path = _find(wanted, board)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"wiring {path}: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"wiring {path}: {error or 'nested too deep'}") from None
    wiring = _read(str(path), content)
    if board and wiring.board and wiring.board != board:
        raise UsageError(f"wiring {path}: is for board {wiring.board}, not {board}")
    return wiring


def _find(wanted: str | Path, board: str) -> Path:
    text = str(wanted)
    known = built_in()
    if isinstance(wanted, str) and not text.endswith(".toml") and "/" not in text and "\\" not in text:
        found = known.get(f"{text}_{board}") or known.get(text)
        if found is None:
            raise UsageError(f"no wiring {text[:40]!r}; there are: {', '.join(known)}; or give a .toml file")
        return found
    return Path(text).expanduser()


def _read(source: str, content: Mapping[str, Any]) -> Wiring:
    where = f"wiring {source}"
    _only(where, content, _FILE_KEYS)
    about = _text(where, content, "about")
    board = _text(where, content, "board") if "board" in content else ""
    lines = content.get("part", [])
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        raise UsageError(f"{where}: parts are written as [[part]]")
    parts = tuple(_part(f"{where}: part {number}", line) for number, line in enumerate(lines, 1))
    names = [part.name for part in parts]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"{where}: two parts are named {name!r}")
    return Wiring(source, about, board, _table(where, content, "config"), parts, _models(where, source, content))


def _models(where: str, source: str, content: Mapping[str, Any]) -> tuple[Path, ...]:
    names = content.get("models", [])
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise UsageError(f"{where}: models must be a list of file names")
    return tuple((Path(source).parent / name).resolve() for name in names)


def _part(where: str, line: Mapping[str, Any]) -> PartLine:
    name = _text(where, line, "name")
    if not _NAME.fullmatch(name):
        raise UsageError(f"{where}: name {name[:40]!r} must be letters, digits and _, up to 32")
    where = f"{where} ({name})"
    _only(where, line, _PART_KEYS)
    pins = _table(where, line, "pins")
    for role, pin in pins.items():
        if isinstance(pin, bool) or not isinstance(pin, (int, str)):
            raise UsageError(f"{where}: pin {role} must be a GPIO or a name of the pin map, not {pin!r}")
    return PartLine(name, _text(where, line, "kind"), pins, _table(where, line, "options"), _table(where, line, "set"))


def _only(where: str, content: Mapping[str, Any], keys: frozenset[str]) -> None:
    unknown = sorted(set(content) - keys)
    if unknown:
        raise UsageError(f"{where}: no key {unknown[0][:40]!r}; there are: {', '.join(sorted(keys))}")


def _text(where: str, content: Mapping[str, Any], key: str) -> str:
    value = content.get(key)
    if not isinstance(value, str) or not value:
        raise UsageError(f"{where}: {key} must be a text{'' if key in content else ', and is missing'}")
    return value


def _table(where: str, content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = content.get(key, {})
    if not isinstance(value, dict):
        raise UsageError(f"{where}: {key} must be a table, {{ name = value }}")
    return value
