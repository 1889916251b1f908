"""The pytest plugin: ``board`` gives a test a running board of the rig.

Activate it with ``-p hil.fixtures``; ``--rig FILE`` names the inventory (default: ``rig.toml`` beside the tests).

Markers:
    needs(*capabilities): skip, naming what is missing, on boards that lack one. A run in which every test that asked
        for a board was skipped fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hil.errors import BoardError, RigFileError
from hil.resources import BoardResource, load_rig
from hil.strategies.board import BoardDriver, BoardStrategy


def _simulated(resource: BoardResource) -> BoardDriver:
    from hil.drivers.simulated import SimulatedBoardDriver

    return SimulatedBoardDriver(resource)


#: Rung -> driver.
DRIVERS: dict[str, Callable[[BoardResource], BoardDriver]] = {"simulated": _simulated}

_ran = pytest.StashKey[list[str]]()
_broken = pytest.StashKey[dict[str, BoardError]]()
_rig = pytest.StashKey[list[BoardResource]]()


class Board:
    """What a test sees of a board.

    Attributes:
        resource: the facts of the rig file.
    """

    def __init__(self, strategy: BoardStrategy) -> None:
        self._strategy = strategy
        self.resource = strategy.driver.resource

    def shell(self, command: str, *, timeout_s: float = 30.0) -> str:
        """Send a shell command; returns the reply without the prompt."""
        return self._strategy.driver.shell(command, timeout_s=timeout_s)

    def reconnect(self) -> None:
        """End the shell session; the next command opens a new one."""
        self._strategy.driver.close_session()

    def console_text(self) -> str:
        """What the board printed, the newest 64 kB at most."""
        return self._strategy.driver.console_text()

    def power_cycle(self, off_s: float = 1.0) -> None:
        """Cut the power for ``off_s`` seconds and wait until the shell answers again."""
        self._strategy.power_cycle(off_s)

    def settle(self, seconds: float) -> None:
        """Let the board's time pass."""
        self._strategy.driver.settle(seconds)

    def wait_ready(self, timeout_s: float = 60.0) -> None:
        """Wait until the shell listens, e.g. after a reboot command."""
        self._strategy.driver.wait_ready(timeout_s)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--rig``."""
    parser.getgroup("hil").addoption("--rig", type=Path, default=None, help="inventory of boards (TOML)")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and read the rig file."""
    config.addinivalue_line("markers", "needs(*capabilities): what the board must have for this test")
    config.stash[_ran] = []
    config.stash[_broken] = {}
    path = config.getoption("--rig") or config.rootpath / "tests" / "hil" / "rig.toml"
    try:
        config.stash[_rig] = load_rig(path)
    except RigFileError as error:
        raise pytest.UsageError(str(error)) from error


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that asks for a board on every board of the rig."""
    if "board" in metafunc.fixturenames:
        boards = metafunc.config.stash[_rig]
        metafunc.parametrize("board", boards, ids=[item.name for item in boards], indirect=True)


@pytest.fixture
def board(request: pytest.FixtureRequest) -> Iterator[Board]:
    """A running board; power and session are given back after the test."""
    resource: BoardResource = request.param
    marker = request.node.get_closest_marker("needs")
    missing = sorted(set(marker.args) - resource.capabilities) if marker else []
    if missing:
        pytest.skip(f"{resource.name} lacks {', '.join(missing)}")
    make = DRIVERS.get(resource.rung)
    if make is None:
        known = ", ".join(sorted(DRIVERS))
        raise BoardError(resource.name, f"no driver for rung {resource.rung!r}; there are: {known}")
    broken = request.config.stash[_broken]
    if resource.name in broken:
        raise BoardError(resource.name, f"is out of use since: {broken[resource.name]}")
    driver = make(resource)
    try:
        strategy = BoardStrategy(driver)
        try:
            strategy.to_running()
        except BoardError as error:
            broken[resource.name] = error
            raise
        request.config.stash[_ran].append(request.node.nodeid)
        yield Board(strategy)
    finally:
        driver.release()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a run that had tests for boards and ran none of them."""
    wanted = [item for item in session.items if "board" in getattr(item, "fixturenames", ())]
    if wanted and not session.config.stash[_ran] and exitstatus == 0 and not session.config.option.collectonly:
        session.exitstatus = 1
