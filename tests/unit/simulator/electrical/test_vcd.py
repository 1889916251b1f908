"""The past of pins as a value change dump, read back by a small parser and checked by the rules of the standard."""

from __future__ import annotations

import re

import pytest

from simulator.electrical.boards import BOARDS
from simulator.electrical.net import Pwm
from simulator.electrical.pads import Pads
from simulator.electrical.vcd import to_vcd
from simulator.errors import UsageError
from simulator.kernel import Kernel


@pytest.fixture
def pads():
    return Pads(BOARDS["esp32"], Kernel())


def changes(text):
    """{name: [(t_us, value), ...]} of a VCD file."""
    head, _, body = text.partition("$enddefinitions $end\n")
    names = dict(re.findall(r"\$var (?:wire 1|real 64) (\S+) (\S+) \$end", head))
    found = {name: [] for name in names.values()}
    t_us = None
    for line in body.splitlines():
        if line.startswith("#"):
            assert t_us is None or int(line[1:]) >= t_us
            t_us = int(line[1:])
        elif line[0] in "01":
            found[names[line[1:]]].append((t_us, int(line[0])))
        elif line[0] == "r":
            value, ident = line[1:].split()
            found[names[ident]].append((t_us, float(value)))
        else:
            assert line in ("$dumpvars", "$end")
    return found


def test_edges_come_at_their_microseconds(pads):
    kernel = pads.kernel
    kernel.at(5, lambda: pads.net(4).drive(1))
    kernel.at(7, lambda: pads.net(18).drive(1))
    kernel.at(9, lambda: pads.net(4).drive(0))
    kernel.run(20)
    text = to_vcd(pads, scope="node-01")
    assert changes(text) == {"gpio4": [(0, 0), (5, 1), (9, 0)], "gpio18": [(0, 0), (7, 1)]}
    assert text.startswith("$timescale 1us $end\n$scope module node_01 $end\n")
    assert text.endswith("#20\n")


def test_pwm_is_two_numbers(pads):
    driver = pads.net(14).driver("led")
    pads.kernel.at(10, lambda: driver.set_pwm(Pwm(20_480, 0.25)))
    pads.kernel.at(30, driver.release)
    pads.kernel.run(40)
    found = changes(to_vcd(pads, scope="n"))
    assert found["gpio14_pwm_hz"] == [(0, 0.0), (10, 20480.0), (30, 0.0)]
    assert found["gpio14_pwm_duty"] == [(0, 0.0), (10, 0.25), (30, 0.0)]


def test_only_the_chosen_pin_even_if_it_is_still(pads):
    pads.net(4).drive(1)
    assert changes(to_vcd(pads, scope="n", gpios=[19])) == {"gpio19": [(0, 0)]}
    with pytest.raises(UsageError, match="has no GPIO 24"):
        to_vcd(pads, scope="n", gpios=[24])


def test_lost_past_is_said(pads):
    for number in range(1_100):
        pads.kernel.at(number, lambda level=number % 2: pads.net(4).drive(level))
    pads.kernel.run(2_000)
    text = to_vcd(pads, scope="n")
    assert "$comment gpio4: only the newest 1024 edges $end" in text
    assert len(changes(text)["gpio4"]) == 1_025
    assert changes(text)["gpio4"][0] == (0, 1 - changes(text)["gpio4"][1][1])


def test_forty_pins_get_names_of_their_own(pads):
    for gpio in sorted(BOARDS["esp32"].gpios):
        pads.net(gpio).driver("x").set_pwm(Pwm(1000, 0.5))
    pads.kernel.run(1)
    assert len(changes(to_vcd(pads, scope="n"))) == 3 * len(BOARDS["esp32"].gpios)
