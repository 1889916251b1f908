"""The modules that a node can import have MicroPython's names and signatures, as the published stubs give them.

What differs stands with its reason in ``stub_contract.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from simulator.micropython import registry
from simulator.micropython.runtime import Machine
from tests.contracts.stubs import Contract, Difference, read_stub, stub_files

pytestmark = pytest.mark.engine("cpython", reason="engine-internals")

REVIEWED: dict[str, Any] = tomllib.loads(Path(__file__).with_name("stub_contract.toml").read_text(encoding="utf-8"))
STUBS = stub_files()


def importable(name: str, machine: Machine) -> bool:
    return bool(registry.find_builtin(name) or registry.find_frozen(name, machine) or registry.find_extensible(name))


def listed(table: str) -> set[str]:
    """The names of a table whose keys are names separated by blanks."""
    return {name for key in REVIEWED[table] for name in key.split()}


def by_source() -> dict[str, list[str]]:
    return {owner: entry["names"].split() for owner, entry in REVIEWED["by_source"].items()}


def places(entry: dict[str, Any]) -> list[str]:
    """Where an entry expects differences."""
    return [f"{entry['where']}.{name}" for name in entry["names"].split()] if "names" in entry else [entry["where"]]


def texts(entry: dict[str, Any]) -> list[str]:
    """What differences an entry expects there."""
    return [entry["what"]] if isinstance(entry["what"], str) else list(entry["what"])


def matches(entry: dict[str, Any], found: Difference) -> bool:
    return found.where in places(entry) and any(fnmatchcase(found.what, text) for text in texts(entry))


@pytest.fixture
def modules(bare: Any) -> dict[str, ModuleType]:
    """Every module that has a stub, as firmware gets it."""
    names = [name for name in STUBS if importable(name, bare.machine)]
    bare.run("\n".join(f"import {name}" for name in names))
    importer: Any = bare.machine.import_module
    return {name: importer.modules[name] for name in names}


def differences(modules: dict[str, ModuleType]) -> list[Difference]:
    contract = Contract(by_source())
    for name, module in modules.items():
        path, is_merged = STUBS[name]
        contract.compare(module, read_stub(path, marked_only=is_merged))
    return contract.found


def test_modules_differ_from_the_stubs_only_as_reviewed(modules: dict[str, ModuleType]) -> None:
    unreviewed = [
        str(found) for found in differences(modules) if not any(matches(entry, found) for entry in REVIEWED["reviewed"])
    ]
    assert unreviewed == []


def test_reviewed_differences_are_all_still_there(modules: dict[str, ModuleType]) -> None:
    found = differences(modules)
    stale = []
    for entry in REVIEWED["reviewed"]:
        hits = [one for one in found if matches(entry, one)]
        stale += [place for place in places(entry) if not any(one.where == place for one in hits)]
        stale += [text for text in texts(entry) if not any(fnmatchcase(one.what, text) for one in hits)]
    assert stale == []


def test_names_by_source_are_not_in_the_stubs_meanwhile() -> None:
    stubs = {name: read_stub(path, marked_only=is_merged) for name, (path, is_merged) in STUBS.items()}
    for owner, names in by_source().items():
        module, _, kind = owner.partition(".")
        known = stubs[module][kind].members if kind else stubs[module]
        assert known.keys() & set(names) == set(), owner


def test_modules_that_a_node_lacks_are_reviewed(bare: Any) -> None:
    assert {name for name in STUBS if not importable(name, bare.machine)} == listed("missing_modules")


def test_modules_without_stub_are_reviewed(bare: Any) -> None:
    assert {name for name in registry.names(bare.machine) if name not in STUBS} == listed("modules_without_stub")


def test_every_reviewed_difference_has_a_reason() -> None:
    reasons = [entry["because"] for entry in REVIEWED["reviewed"]]
    reasons += [entry["source"] for entry in REVIEWED["by_source"].values()]
    reasons += [*REVIEWED["missing_modules"].values(), *REVIEWED["modules_without_stub"].values()]
    assert all(len(reason) > 5 for reason in reasons)


def test_stub_of_another_library_is_read_for_marked_names_only() -> None:
    path, is_merged = STUBS["struct"]
    assert is_merged
    assert set(read_stub(path, marked_only=True)) == {"calcsize", "pack", "pack_into", "unpack", "unpack_from"}


# -- the checker sees what it is there for --------------------------------------------------------------------------


def without_sleep(module: Any) -> None:
    del module.sleep_ms


def with_extra_name(module: Any) -> None:
    module.perf_counter = module.ticks_us


def with_missing_argument(module: Any) -> None:
    module.ticks_add = lambda ticks, /: 0


def with_any_arguments(module: Any) -> None:
    module.mktime = lambda *args, **kwargs: 0


def with_optional_argument(module: Any) -> None:
    module.ticks_ms = lambda start=0: 0


def with_another_value(module: Any) -> None:
    module.time = 7


@pytest.mark.parametrize(
    ("damage", "where", "what"),
    [
        (without_sleep, "time.sleep_ms", "missing"),
        (with_extra_name, "time.perf_counter", "extra"),
        (with_missing_argument, "time.ticks_add", "takes 1 by position, the stub 2"),
        (with_any_arguments, "time.mktime", "takes any arguments"),
        (with_optional_argument, "time.ticks_ms", "takes 0 to 1 by position, the stub 0"),
        (with_another_value, "time.time", "not callable"),
    ],
)
def test_checker_reports_a_damaged_module(
    modules: dict[str, ModuleType], damage: Callable[[Any], None], where: str, what: str
) -> None:
    damage(modules["time"])
    assert Difference(where, what) in differences({"time": modules["time"]})


class Wrong:
    """A lock with a method too many, one too few and a changed default."""

    def acquire(self, *args: object) -> bool:
        return True

    def locked(self) -> bool:
        return True

    def try_acquire(self) -> bool:
        return True


def test_checker_reports_a_damaged_class(modules: dict[str, ModuleType]) -> None:
    vars(modules["_thread"])["LockType"] = Wrong
    found = differences({"_thread": modules["_thread"]})
    assert Difference("_thread.LockType.release", "missing") in found
    assert Difference("_thread.LockType.try_acquire", "extra") in found
    assert Difference("_thread.LockType.acquire", "takes any arguments") in found


def test_checker_reports_a_changed_constant_default_and_keyword(modules: dict[str, ModuleType]) -> None:
    vars(modules["select"])["POLLIN"] = 2
    vars(modules["neopixel"])["NeoPixel"] = lambda pin, n, bpp=4, timing=1: None
    vars(modules["webrepl"])["start"] = lambda port=8267, passwd=None, accept_handler=None: None
    found = differences({name: modules[name] for name in ("select", "neopixel", "webrepl")})
    assert Difference("select.POLLIN", "is 2, the stub's 1") in found
    assert Difference("neopixel.NeoPixel", "no class") in found
    assert Difference("webrepl.start", "default of port is 8267, the stub's 8266") in found
    assert Difference("webrepl.start", "has passwd where the stub has password") in found
