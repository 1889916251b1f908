"""What all device models share, on a part of our own."""

from __future__ import annotations

import pytest

from simulator.devices import Device, Quantity, Site, find_part, part
from simulator.errors import UsageError


@part("test_tank")
class Tank(Device):
    """A tank with a float switch to ground."""

    roles = ("out",)
    quantities = {
        "level_mm": Quantity("water in it", kind=int, unit="mm", low=0, high=500),
        "wet": Quantity("the switch is closed", kind=bool, is_reading=True),
        "liquid": Quantity("what is in it", kind=str, choices=("water", "oil")),
        "flow": Quantity("litres per second", low=-1.5, high=1.5),
        "lid": Quantity("open", kind=bool),
    }
    faults = {"broken": "the switch never closes"}

    def __init__(self, site, *, closes_mm=100):
        super().__init__(site)
        self._contact = site.net("out").driver(site.name)
        self._closes_mm = closes_mm
        self.level_mm, self.liquid, self.flow, self.lid = 0, "water", 0.0, False

    @property
    def wet(self):
        return self.level_mm >= self._closes_mm and "broken" not in self.failed

    def update(self):
        if self.wet:
            self._contact.drive(0)
        else:
            self._contact.release()


@pytest.fixture
def tank(bare):
    bare.machine.parts["pads"].net(18).drive(1)
    bare.machine.parts["pads"].net(18).release()
    return Tank(Site("tank", bare.machine.parts["pads"], {"out": 18}))


@pytest.mark.parametrize(
    ("name", "given", "got"),
    [
        ("level_mm", "250", 250),
        ("level_mm", 3.0, 3),
        ("flow", "-1.5", -1.5),
        ("flow", 1, 1.0),
        ("liquid", "oil", "oil"),
        ("lid", "true", True),
        ("lid", "0", False),
        ("lid", True, True),
    ],
)
def test_set_takes_values_and_texts(tank, name, given, got):
    tank.set(name, given)
    assert tank.get(name) == got
    assert type(tank.get(name)) is type(got)


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("level_mm", 501, "tank.level_mm must be 0..500 mm, not 501"),
        ("level_mm", "1.5", "tank.level_mm must be a whole number, not '1.5'"),
        ("level_mm", True, "must be a whole number, not 'True'"),
        ("flow", "nan", "tank.flow must be a number, not 'nan'"),
        ("flow", "much", "tank.flow must be a number, not 'much'"),
        ("liquid", "milk", "tank.liquid must be one of water, oil, not 'milk'"),
        ("lid", "maybe", "tank.lid must be 0 or 1, not 'maybe'"),
        ("wet", 1, "tank.wet can be read only"),
        ("colour", 1, "tank has no 'colour'; there are: level_mm, wet, liquid, flow, lid"),
    ],
)
def test_set_refuses_what_is_wrong_and_changes_nothing(tank, name, given, text):
    with pytest.raises(UsageError) as caught:
        tank.set(name, given)
    assert text in str(caught.value)
    assert [tank.get(key) for key in ("level_mm", "flow", "liquid", "lid")] == [0, 0.0, "water", False]


def test_what_is_set_shows_on_the_net(tank):
    tank.set("level_mm", 100)
    assert tank.get("wet") is True
    assert tank.site.net("out").is_driven()
    tank.set("level_mm", 99)
    assert not tank.site.net("out").is_driven()


def test_fault_shows_until_it_is_mended(tank):
    tank.set("level_mm", 100)
    tank.fail("broken")
    assert not tank.site.net("out").is_driven()
    tank.fail("broken", on=False)
    assert tank.site.net("out").is_driven()
    with pytest.raises(UsageError, match="tank has no fault 'wet'; there are: broken"):
        tank.fail("wet")


def test_what_it_cannot_do_is_said(tank):
    with pytest.raises(UsageError, match=r"tank \(test_tank\) cannot be pressed"):
        tank.press(0.1)
    with pytest.raises(UsageError, match=r"tank \(test_tank\) shows no picture"):
        tank.shot()
    with pytest.raises(UsageError, match="tank: pin 'scl' is not wired"):
        tank.site.gpio("scl")


def test_kinds_are_found_by_name_and_taken_once():
    assert find_part("test_tank") is Tank
    with pytest.raises(UsageError, match="no part of kind 'fish'; there are: .*test_tank"):
        find_part("fish")
    with pytest.raises(UsageError, match="part 'test_tank' is there twice"):
        part("test_tank")(Tank)


def test_random_numbers_are_a_parts_own(bare):
    pads = bare.machine.parts["pads"]
    first, same, other = (Site(name, pads, {}, owner="n1").random.random() for name in ("a", "a", "b"))
    assert first == same
    assert first != other
