"""The API contract on the virtual machine: the shadow modules have what the stubs demand of the other engine's.

What differs stands with its reason in ``tests/contracts/vm_surface.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from simulator.micropython import registry
from simulator.world import World
from tests.contracts import surface
from tests.contracts.stubs import shape_of

_FILE = Path(surface.__file__).with_name("vm_surface.toml")
REVIEWED: dict[str, Any] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
#: Alias of another module: its names are compared there.
_ALIASES = {"uasyncio"}


class Both:
    """A bare board on each engine.

    Attributes:
        names: modules that a node can import.
        old: what the engine cpython has: name -> value.
        new: what the virtual machine has.
    """

    def __init__(self) -> None:
        self._worlds = [World(engine=engine) for engine in ("cpython", "micropython")]
        self.nodes = [world.add_node("bare", firmware=False) for world in self._worlds]
        for world, node in zip(self._worlds, self.nodes, strict=True):
            world.run_until(lambda node=node: node.console.text().endswith(">>> "), timeout_s=5)
        self.names = [name for name in registry.names(self.nodes[0].machine) if name not in _ALIASES]
        self.old = surface.look(self.runner(0), dict.fromkeys(self.names, ()))
        parts: dict[str, set[str]] = {name: set() for name in self.names}
        for key in self.old:
            module, *names = key.split(".")
            parts[module].update(names)
        self.new = surface.look(self.runner(1), parts)

    def runner(self, number: int) -> Callable[[str], str]:
        """Runs source on the first or second node."""
        return lambda source: self._worlds[number].run_on(self.nodes[number], source)

    def calls(self) -> list[tuple[str, str, int]]:
        """Every function of which is told what it takes: (module, name, how many arguments it must have)."""
        found = []
        modules: Any = self.nodes[0].machine.import_module
        for key, value in self.old.items():
            module, _, name = key.partition(".")
            if value != "callable" or "." in name:
                continue
            shape = shape_of(getattr(modules.modules[module], name))
            if shape is not None and not shape.rest and not shape.vague:
                found.append((module, name, shape.required))
        return found

    def close(self) -> None:
        """Switch both off."""
        for world in self._worlds:
            world.close()


@pytest.fixture(scope="module")
def both() -> Any:
    """The two boards, for all tests of this file."""
    boards = Both()
    yield boards
    boards.close()


def is_reviewed(entry: dict[str, Any], key: str, what: str) -> bool:
    return what == entry["what"] and any(fnmatchcase(key, name) for name in entry["names"].split())


def unreviewed(found: dict[str, str]) -> dict[str, str]:
    entries = REVIEWED["reviewed"]
    return {key: what for key, what in found.items() if not any(is_reviewed(entry, key, what) for entry in entries)}


def test_names_constants_and_methods_differ_only_as_reviewed(both: Both) -> None:
    assert len(both.old) > 600
    assert unreviewed(surface.differences(both.old, both.new)) == {}


def wrong_calls(both: Both) -> dict[str, str]:
    calls = both.calls()
    assert len(calls) > 150
    old, new = (surface.call_wrongly(both.runner(number), calls) for number in (0, 1))
    return surface.differences(old, new)


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
def test_wrong_calls_raise_alike_and_every_review_is_needed(both: Both) -> None:
    """Too many arguments, too few, one by a wrong name, an object of no use."""
    calls = wrong_calls(both)
    assert unreviewed(calls) == {}
    found = {**surface.differences(both.old, both.new), **calls}
    stale = [
        name
        for entry in REVIEWED["reviewed"]
        for name in entry["names"].split()
        if not any(fnmatchcase(key, name) and what == entry["what"] for key, what in found.items())
    ]
    assert stale == []


def test_modules_that_only_the_machine_has_are_reviewed(both: Both) -> None:
    """``help`` lists what is built in and frozen."""
    text = both.runner(1)("help('modules')")
    listed = {name.partition("/")[0] for name in re.findall(r"\S+", text.partition("Plus")[0])}
    only_here = {name for name in listed if name[0] != "_" and name not in both.names}
    known = {name for key in REVIEWED["only_here"] for name in key.split()} | {"builtins", "uasyncio"}
    assert only_here <= known
    for name in sorted(known):
        both.runner(1)(f"try:\n    import {name}\nexcept ImportError:\n    assert '{name}' == 'builtins'")


@pytest.mark.parametrize("name", ["_boot", "_link", "gcshadow", "taskshadow", "threadshadow"])
def test_the_engines_own_modules_cannot_be_imported(both: Both, name: str) -> None:
    assert both.runner(1)(f"try:\n    import {name}\nexcept ImportError:\n    print('no')") == "no\n"


def test_names_with_u_are_the_same_modules(both: Both) -> None:
    """``import utime`` must not be the host's clock."""
    for name in ("time", "os", "select", "random", "socket", "machine", "errno", "websocket"):
        both.runner(1)(f"import {name}, u{name}\nassert {name} is u{name}")


def test_every_review_has_a_reason() -> None:
    reasons = [entry["because"] for entry in REVIEWED["reviewed"]] + list(REVIEWED["only_here"].values())
    assert all(len(reason) > 10 for reason in reasons)


def test_comparison_sees_missing_extra_and_changed_names() -> None:
    found = surface.differences({"m.a": "1", "m.b": "callable"}, {"m.b": "object", "m.c": "2"})
    assert found == {"m.a": "missing", "m.b": "is object, not callable", "m.c": "extra"}
