"""pytest option ``--firmware-coverage FILE``: record which lines of the firmware the tests run, on either engine.

Each process of the run writes its own data file beside FILE, for ``coverage combine``::

    python -m pytest -p simulator.coverage_plugin --firmware-coverage .coverage tests/unit/micrOS
    python -m coverage combine
    python -m coverage report

See :mod:`simulator.engine.line_recorder`, and ``tox -e coverage`` for the whole.
"""

from __future__ import annotations

import builtins
import importlib.util
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    group = parser.getgroup("simulator")
    group.addoption(
        "--firmware-coverage", metavar="FILE", help="record which lines of the firmware run, for coverage.py"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin to record, if that is asked for.

    Raises:
        pytest.UsageError: coverage.py is not installed.
    """
    file = config.getoption("--firmware-coverage")
    if file is None:
        return
    if importlib.util.find_spec("coverage") is None:
        raise pytest.UsageError("--firmware-coverage needs coverage.py: pip install 'micrOSDevToolKit[coverage]'")
    from simulator.engine import line_recorder
    from simulator.firmware import default_source

    recorder = line_recorder.activate(default_source())
    setattr(builtins, line_recorder.MARK, recorder.mark)  # for modules that a test loads into its own process
    path = Path(config.rootpath, file)

    def end() -> None:
        delattr(builtins, line_recorder.MARK)
        line_recorder.deactivate()
        if not hasattr(config, "workerinput") and config.getoption("numprocesses", None):
            return  # its workers have run the tests
        path.parent.mkdir(parents=True, exist_ok=True)
        recorder.save(path)

    config.add_cleanup(end)
