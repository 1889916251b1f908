"""Unloading a Load Module frees what it holds, so that its next version can start afresh."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.node import Node
    from simulator.shell import Shell
    from simulator.world import World

_MODULE = b"""
from machine import Pin, PWM, Timer
from LogicalPins import bind
count = [0]
def _tick(source):
    count[0] += 1
timer = Timer(3)
pin = Pin(4, Pin.IN)
light = PWM(Pin(14), freq=1000, duty=512)
def load():
    timer.init(period=100, callback=_tick)
    pin.irq(_tick)
    return bind('redgb', 'lamp')
def ticks():
    return count[0]
"""


def test_unloaded_module_ticks_no_more(world: World, node: Node, shell: Shell) -> None:
    node.install({"/LM_lamp.py": _MODULE})
    assert shell("lamp load") == "14"
    world.run_for(1)
    assert int(shell("lamp ticks")) >= 9
    shell("system module unload='LM_lamp'")
    node.machine.parts["pads"].net(4).drive(1)
    world.run_for(1)
    assert node.machine.parts["pads"].net(14).pwm() is None
    assert shell("lamp ticks") == "0"


def test_unloaded_modules_pin_can_be_booked_by_another(node: Node, shell: Shell) -> None:
    node.install({
        "/LM_lamp.py": _MODULE,
        "/LM_other.py": b"from LogicalPins import bind\ndef take():\n    return bind('redgb', 'other')\n",
    })
    shell("lamp load")
    assert "in use by lamp" in shell("other take")
    shell("system module unload='LM_lamp'")
    assert shell("other take") == "14"
