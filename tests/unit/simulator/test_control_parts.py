"""The control channel's commands for parts on a board, on a part of our own, without a socket."""

from __future__ import annotations

import base64

import pytest

from simulator.control.commands import TABLE
from simulator.control.protocol import ControlError
from simulator.control.runner import Runner
from simulator.control.simulation import Simulation
from simulator.devices import Device, Quantity, Site
from simulator.errors import UsageError


class Bell(Device):
    """Rings while its button is held."""

    kind = "test_bell"
    roles = ("button",)
    quantities = {
        "volume": Quantity("how loud", unit="dB", low=0, high=90),
        "rings": Quantity("how often so far", kind=int, is_reading=True),
    }
    faults = {"mute": "nothing is heard"}

    def __init__(self, site):
        super().__init__(site)
        self.volume = 60.0
        self.rings = 0
        self.site.net("button").on_change(self._heard)

    def _heard(self, level):
        self.rings += level

    def press(self, hold_s):
        net = self.site.net("button")
        net.drive(1)
        self.site.kernel.after(round(hold_s * 1e6), net.release)

    def shot(self):
        return b"\x89PNG"


@pytest.fixture
def call(bare):
    pads = bare.machine.parts["pads"]
    bare.node.add_part(Bell(Site("bell", pads, {"button": 18})))
    sim = Simulation(bare.world, Runner(bare.world.kernel, lambda seconds: None, clock=lambda: 0.0))

    def call(cmd, **args):
        TABLE[cmd].check(args)
        return TABLE[cmd].handler(sim, args)

    return call


def test_parts_tells_what_can_be_set_and_read(call):
    assert call("parts") == {
        "parts": [
            {
                "node": "bare",
                "name": "bell",
                "kind": "test_bell",
                "pins": {"button": 18},
                "quantities": {
                    "volume": {"doc": "how loud", "unit": "dB", "set": True},
                    "rings": {"doc": "how often so far", "unit": "", "set": False},
                },
                "faults": {"mute": {"doc": "nothing is heard", "on": False}},
            }
        ]
    }


def test_set_then_get(call):
    assert call("set", part="bell", name="volume", value="30") == {"values": {"volume": 30.0}}
    assert call("get", node="bare", part="bell") == {"values": {"volume": 30.0, "rings": 0}}
    with pytest.raises(UsageError, match=r"bell\.volume must be 0\.\.90 dB, not 91"):
        call("set", part="bell", name="volume", value="91")


def test_press_holds_for_the_given_time(call, bare):
    call("press", part="bell", hold_s=0.5)
    bare.world.run_for(0.4)
    assert bare.machine.parts["pads"].net(18).level() == 1
    bare.world.run_for(0.2)
    assert bare.machine.parts["pads"].net(18).level() == 0
    assert call("get", part="bell", name="rings") == {"values": {"rings": 1}}


def test_fail_and_mend(call):
    assert call("fail", part="bell", fault="mute") == {"failed": ["mute"]}
    assert call("parts")["parts"][0]["faults"]["mute"]["on"] is True
    assert call("fail", part="bell", fault="mute", on=False) == {"failed": []}


def test_shot_is_the_parts_picture(call):
    assert base64.b64decode(call("shot", part="bell")["png"]) == b"\x89PNG"


def test_vcd_shows_the_pins_past(call, bare):
    bare.machine.parts["pads"].net(18).drive(1)
    text = call("vcd", node="bare", gpio=18)["vcd"]
    assert "gpio18" in text and "$scope module bare $end" in text


def test_several_nodes_must_be_told_apart(call, bare):
    bare.world.add_node("other", firmware=False)
    with pytest.raises(ControlError, match="there are 2 nodes: say which"):
        call("get", part="bell")
    assert call("get", node="bare", part="bell", name="volume") == {"values": {"volume": 60.0}}
    with pytest.raises(UsageError, match="other has no part 'bell'; there are: none"):
        call("get", node="other", part="bell")
