"""All scenarios."""

from __future__ import annotations

from simulator.parity.scenario import Scenario
from tests.parity import corpus_board, corpus_life, corpus_modules, corpus_network, corpus_shell

SCENARIOS: tuple[Scenario, ...] = (
    *corpus_shell.SCENARIOS,
    *corpus_board.SCENARIOS,
    *corpus_network.SCENARIOS,
    *corpus_life.SCENARIOS,
    *corpus_modules.SCENARIOS,
)
