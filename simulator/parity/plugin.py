"""pytest options that choose the engine: ``--engine cpython|micropython|both`` and ``--vm-heap FACTOR``.

Every world that names no engine gets the chosen one. With ``both`` each test that makes worlds runs twice. A test that
makes sense on one engine only says so, with the ledger's reason (:mod:`simulator.parity.ledger`)::

    @pytest.mark.engine("cpython", reason="memory-estimate")
    def test_mem_free_counts_an_object(bare): ...

It is deselected on the other, and the summary counts such tests by reason. A reason that the ledger does not know stops
the run.
"""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

import pytest

_CPYTHON, _MICROPYTHON = _ENGINES = ("cpython", "micropython")
_BOTH = "both"
_MARK = "engine(name, *, reason): runs on this engine only; the reason is an entry of simulator/parity/ledger.py"
_LEFT_OUT = pytest.StashKey["Counter[str]"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("simulator")
    group.addoption(
        "--engine", choices=(*_ENGINES, _BOTH), default=_CPYTHON, help="what runs the nodes (default: cpython)"
    )
    group.addoption(
        "--vm-heap",
        type=float,
        default=1.0,
        metavar="FACTOR",
        help="heap of nodes on micropython, times what their board has (default: 1.0)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Choose the engine for the whole run, as far as there is one.

    Raises:
        pytest.UsageError: it is not available here.
    """
    config.addinivalue_line("markers", _MARK)
    config.stash[_LEFT_OUT] = Counter()
    name = config.getoption("--engine")
    if name == _CPYTHON:
        return
    from simulator.engine.engines import find_engine
    from simulator.errors import StateError

    try:
        find_engine(_MICROPYTHON)
    except StateError as error:
        raise pytest.UsageError(f"--engine {name}: {error}") from None
    if name == _MICROPYTHON:
        from simulator.parity.choice import running_on

        stack = contextlib.ExitStack()
        stack.enter_context(running_on(_MICROPYTHON, heap_factor=config.getoption("--vm-heap")))
        config.add_cleanup(stack.close)


@pytest.fixture(autouse=True)
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """Name of the engine that worlds of this test use."""
    name = getattr(request, "param", None)
    if name is None:
        chosen = request.config.getoption("--engine")
        yield _CPYTHON if chosen == _BOTH else chosen
        return
    from simulator.parity.choice import running_on

    with running_on(name, heap_factor=request.config.getoption("--vm-heap")):
        yield name


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """With ``both``, run what makes worlds once on each engine."""
    if metafunc.config.getoption("--engine") != _BOTH or not _makes_worlds(metafunc):
        return
    only = _only(metafunc.definition)
    metafunc.parametrize("engine", _ENGINES if only is None else (only[0],), indirect=True)
    if only is not None:
        metafunc.config.stash[_LEFT_OUT][f"{_other(only[0])}: {only[1]}"] += 1


def _makes_worlds(metafunc: pytest.Metafunc) -> bool:
    return "world" in metafunc.fixturenames or _knows_worlds(metafunc.module, set())


def _knows_worlds(module: ModuleType, seen: set[str]) -> bool:
    """True if a module of tests, or one of the tests' own that it takes something from, has the class World."""
    from simulator.world import World

    seen.add(module.__name__)
    for value in list(vars(module).values()):
        if value is World:
            return True
        name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
        is_ours = isinstance(name, str) and name.startswith("tests.") and name in sys.modules and name not in seen
        if is_ours and _knows_worlds(sys.modules[str(name)], seen):
            return True
    return False


def _other(name: str) -> str:
    return _ENGINES[1 - _ENGINES.index(name)]


def _only(item: Any) -> tuple[str, str] | None:
    """The one engine that an item is for, and why; None if it is for any.

    Raises:
        pytest.UsageError: its mark is wrong, or its reason is not the ledger's.
    """
    mark = item.get_closest_marker("engine")
    if mark is None:
        return None
    from simulator.parity.ledger import REASONS

    reason = mark.kwargs.get("reason")
    if len(mark.args) != 1 or mark.args[0] not in _ENGINES or set(mark.kwargs) != {"reason"}:
        raise pytest.UsageError(f'{item.nodeid}: write engine("cpython" or "micropython", reason="...")')
    if reason not in REASONS:
        raise pytest.UsageError(f"{item.nodeid}: no reason {reason!r} in the ledger; there are: {', '.join(REASONS)}")
    return mark.args[0], reason


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is for the other engine, and count it."""
    chosen = config.getoption("--engine")
    kept, left_out = [], []
    for item in items:
        only = _only(item)
        if only is None or chosen in (only[0], _BOTH):
            kept.append(item)
        else:
            left_out.append(item)
            config.stash[_LEFT_OUT][f"{chosen}: {only[1]}"] += 1
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take over what a worker of pytest-xdist has left out; they all leave out the same."""
    counts = getattr(node, "workeroutput", {}).get("engine_left_out")
    if counts:
        left_out: Counter[str] = Counter(counts)
        node.config.stash[_LEFT_OUT] = left_out


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands its counts on."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        left_out: Counter[str] = session.config.stash[_LEFT_OUT]
        output["engine_left_out"] = {**left_out}


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say which tests did not run on an engine, and why."""
    lines = list(summary(config.stash[_LEFT_OUT]))
    if lines:
        terminalreporter.section("tests for one engine only")
        for line in lines:
            terminalreporter.line(line)


def summary(left_out: Counter[str]) -> Iterable[str]:
    """One line per engine and reason."""
    from simulator.parity.ledger import REASONS

    for key, count in sorted(left_out.items()):
        engine, _, reason = key.partition(": ")
        yield f"{count:4} not on {engine}: {reason}: {REASONS[reason]}"
