"""Each scenario does the same on both engines, but for what the ledger knows; and what it does not know is found."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from simulator.parity.compare import Comparison
from simulator.parity.scenario import Scenario
from tests.parity.corpus import SCENARIOS
from tests.parity.corpus_shell import asks

Compared = Callable[[Scenario], Comparison]


@pytest.mark.parametrize(
    "scenario",
    [
        pytest.param(scenario, id=scenario.name, marks=[] if scenario.is_quick else [pytest.mark.corpus])
        for scenario in SCENARIOS
    ],
)
def test_engines_do_the_same(compared: Compared, scenario: Scenario) -> None:
    differences = compared(scenario).differences
    assert not differences, "\n" + "\n".join(str(difference) for difference in differences)


def test_names_are_unique() -> None:
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)


_MODULE = {
    "/modules/LM_odd.py": """
def good(): return 'same'
def order(): return {'zebra': 1, 'apple': 2, 'mango': 3, 'kiwi': 4}
def method(): return 'prefix_rest'.removeprefix('prefix_')
def slow():
    import time
    time.sleep_ms(2 if 'removeprefix' in dir(str) else 20)
def pin():
    import machine
    return machine.Pin(4, machine.Pin.OUT)('removeprefix' in dir(str))
"""
}


@pytest.mark.parametrize(
    ("command", "channel", "texts"),
    [
        ("odd order", "reply", ("zebra: 1", "apple: 2")),
        ("odd method", "reply", ("'rest", "object has no attribute 'removeprefix'")),
        ("odd slow", "reply", ("ms apart",)),
        ("odd pin", "gpio4", ("'1'", "(nothing)")),
    ],
)
def test_injected_difference_is_pointed_at(
    compared: Compared, command: str, channel: str, texts: tuple[str, ...]
) -> None:
    def play(world, node, recorder) -> None:
        recorder.watch_pins(4)
        asks("odd good", command, "odd good")(world, node, recorder)

    found = compared(Scenario("injected", play, files=_MODULE)).differences
    assert [(item.name, item.channel) for item in found] == [(command, channel)]
    told = str(found[0])
    assert all(text in told for text in (*texts, "scenario 'injected', step 3", "cpython ", "micropython ", "ledger"))
