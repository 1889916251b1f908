"""Button, motion sensor and touch pad."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.devices import Site
from simulator.devices.inputs import Button, Pir, TouchPad
from simulator.electrical.boards import BOARDS
from simulator.electrical.pads import PULL_DOWN, PULL_UP, Pads
from simulator.errors import UsageError
from simulator.kernel import Kernel

_GPIO = 4


@pytest.fixture
def kernel() -> Kernel:
    return Kernel()


@pytest.fixture
def pads(kernel: Kernel) -> Pads:
    return Pads(BOARDS["esp32"], kernel)


def _site(pads: Pads, role: str = "out", gpio: int = _GPIO) -> Site:
    return Site("part", pads, {role: gpio})


@pytest.mark.parametrize(("to", "pull", "rest"), [("supply", PULL_DOWN, 0), ("ground", PULL_UP, 1)])
def test_press_bounces_rests_and_bounces_again(kernel: Kernel, pads: Pads, to: str, pull: int, rest: int) -> None:
    button = Button(_site(pads), to=to, bounces=20, bounce_ms=5)
    pads.pad(_GPIO).set_pull(pull)
    net = pads.net(_GPIO)
    kernel.run(1_000_000)
    net.edges.clear()
    button.press(0.5)
    kernel.run(1_400_000)
    assert net.level() == 1 - rest
    assert len(net.edges) == 21
    assert [level for _, level in net.edges] == [1 - rest, rest] * 10 + [1 - rest]
    assert net.edges[-1][0] <= 1_005_000
    net.edges.clear()
    kernel.run(2_000_000)
    assert (net.level(), len(net.edges)) == (rest, 21)
    assert 1_500_000 <= net.edges[0][0] <= net.edges[-1][0] <= 1_505_000
    assert button.get("pressed") is False


def test_bouncing_is_drawn_by_chance_and_the_same_for_the_same_seed() -> None:
    def edges(seed: int) -> list[int]:
        kernel = Kernel(seed)
        pads = Pads(BOARDS["esp32"], kernel)
        pads.pad(_GPIO).set_pull(PULL_DOWN)
        Button(_site(pads), bounces=20, bounce_ms=5).press(0.1)
        kernel.run(1_000_000)
        return [t_us for t_us, _ in pads.net(_GPIO).edges]

    assert edges(1) == edges(1)
    assert edges(1) != edges(2)


@pytest.mark.parametrize("seed", range(12))
def test_released_while_it_bounces_it_rests_open(seed: int) -> None:
    kernel = Kernel(seed)
    pads = Pads(BOARDS["esp32"], kernel)
    pads.pad(_GPIO).set_pull(PULL_DOWN)
    Button(_site(pads), bounces=2, bounce_ms=50).press(0.001)
    kernel.run(200_000)
    assert pads.net(_GPIO).level() == 0
    assert pads.net(_GPIO).is_driven() is False


def test_pressed_again_it_stays_down_for_the_later_time(kernel: Kernel, pads: Pads) -> None:
    button = Button(_site(pads), bounces=0)
    button.press(1)
    kernel.run(900_000)
    button.press(1)
    kernel.run(1_800_000)
    assert button.get("pressed") is True
    kernel.run(1_900_000)
    assert button.get("pressed") is False


@pytest.mark.parametrize(("fault", "level"), [("stuck_closed", 1), ("broken", 0)])
def test_faulty_contact_does_not_move(kernel: Kernel, pads: Pads, fault: str, level: int) -> None:
    pads.pad(_GPIO).set_pull(PULL_DOWN)
    button = Button(_site(pads))
    button.fail(fault)
    kernel.run(100_000)
    before = len(pads.net(_GPIO).edges)
    button.press(0.1)
    kernel.run(1_000_000)
    assert pads.net(_GPIO).level() == level
    assert len(pads.net(_GPIO).edges) == before


@pytest.mark.parametrize("options", [{"to": "left"}, {"bounces": 3}, {"bounces": -2}, {"bounce_ms": -1}])
def test_wrong_button_is_refused(pads: Pads, options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(options))):
        Button(_site(pads), **options)


@pytest.mark.parametrize("hold_s", [-1, 1e9, "long"])
def test_wrong_hold_is_refused(pads: Pads, hold_s: Any) -> None:
    with pytest.raises(UsageError, match="hold_s"):
        Button(_site(pads)).press(hold_s)


def test_pir_holds_its_output_and_retriggers(kernel: Kernel, pads: Pads) -> None:
    pir = Pir(_site(pads), hold_s=5)
    pir.press(1)
    kernel.run(4_000_000)
    pir.press(1)
    kernel.run(9_999_999)
    assert pir.get("active") is True
    kernel.run(10_000_000)
    assert (pir.get("active"), list(pads.net(_GPIO).edges)) == (False, [(0, 1), (10_000_000, 0)])


def test_pir_is_blind_for_a_while_after_it_fell(kernel: Kernel, pads: Pads) -> None:
    pir = Pir(_site(pads), hold_s=5, block_s=2.5)
    pir.press(0)
    kernel.run(5_500_000)
    pir.press(0.5)
    kernel.run(7_400_000)
    assert pir.get("active") is False
    pir.set("motion", True)
    assert pir.get("active") is False
    kernel.run(7_500_000)
    assert pir.get("active") is True


def test_pir_warms_up_after_power_on(kernel: Kernel, pads: Pads) -> None:
    pir = Pir(_site(pads))
    pir.power(on=True)
    pir.set("motion", True)
    kernel.run(59_999_999)
    assert pads.net(_GPIO).level() == 0
    kernel.run(60_000_000)
    assert pads.net(_GPIO).level() == 1


def test_faulty_pir(pads: Pads) -> None:
    pir = Pir(_site(pads))
    pir.fail("blind")
    pir.set("motion", True)
    assert pads.net(_GPIO).level() == 0
    pir.fail("stuck_high")
    assert pads.net(_GPIO).level() == 1


def test_finger_lowers_the_count_of_a_touch_input(kernel: Kernel, pads: Pads) -> None:
    pad = TouchPad(_site(pads, "pad", 13), free=700, touched_value=150)
    assert pads.pad(13).touch_value == 700
    pad.press(0.5)
    assert pads.pad(13).touch_value == 150
    kernel.run(500_000)
    assert pads.pad(13).touch_value == 700
    pad.fail("disconnected")
    pad.set("touched", True)
    assert pads.pad(13).touch_value == 700


def test_pin_that_feels_no_touch_is_refused(pads: Pads) -> None:
    with pytest.raises(UsageError, match="GPIO 18 feels no touch"):
        TouchPad(_site(pads, "pad", 18))
