"""Plays scenarios on both engines; a full run also finds rules of the ledger that explain nothing any more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from simulator.engine.engines import CPYTHON, MICROPYTHON
from simulator.parity.choice import running_on
from simulator.parity.compare import Comparison, Rule
from simulator.parity.ledger import RULES
from simulator.parity.record import Record
from simulator.parity.scenario import Scenario, run
from tests.parity.corpus import SCENARIOS

_USED = pytest.StashKey[set[str]]()
_PLAYED = pytest.StashKey[set[str]]()
_OUTPUT = "parity"


def pytest_configure(config: pytest.Config) -> None:
    """Add the marker."""
    config.addinivalue_line("markers", "corpus: a scenario that only a full run plays; -m 'not corpus' is the slice")
    config.stash[_USED] = set()
    config.stash[_PLAYED] = set()


@pytest.fixture(scope="session")
def play(request: pytest.FixtureRequest) -> Callable[[Scenario, str], Record]:
    """Plays a scenario on an engine: ``play(scenario, "micropython")``."""
    factor = request.config.getoption("--vm-heap")

    def play(scenario: Scenario, engine: str) -> Record:
        with running_on(engine, heap_factor=factor):
            return run(scenario, engine)

    return play


@pytest.fixture(scope="session")
def compared(
    request: pytest.FixtureRequest, play: Callable[[Scenario, str], Record]
) -> Callable[[Scenario], Comparison]:
    """Plays a scenario on both engines and compares, with the ledger's rules."""
    stash = request.config.stash

    def compared(scenario: Scenario) -> Comparison:
        comparison = Comparison(play(scenario, CPYTHON), play(scenario, MICROPYTHON), RULES)
        stash[_USED] |= {_name(name, rule) for name, rule in comparison.used}
        stash[_PLAYED].add(scenario.name)
        return comparison

    return compared


def _name(entry: str, rule: Rule) -> str:
    return f"{entry}: {rule}"


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take over what a worker of pytest-xdist has played."""
    played, used = getattr(node, "workeroutput", {}).get(_OUTPUT, ((), ()))
    node.config.stash[_PLAYED] |= set(played)
    node.config.stash[_USED] |= set(used)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands on what it has played; after a full run a rule that explained nothing fails it."""
    config = session.config
    output = getattr(config, "workeroutput", None)
    if output is not None:
        output[_OUTPUT] = sorted(config.stash[_PLAYED]), sorted(config.stash[_USED])
    elif session.exitstatus == pytest.ExitCode.OK and _idle(config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Name the rules that explained nothing."""
    for rule in _idle(config):
        terminalreporter.line(f"the ledger's rule explains nothing any more: {rule}", red=True)


def _idle(config: pytest.Config) -> list[str]:
    if not {scenario.name for scenario in SCENARIOS} <= config.stash[_PLAYED]:
        return []
    known = {_name(entry, rule) for entry, rules in RULES.items() for rule in rules}
    return sorted(known - config.stash[_USED])
