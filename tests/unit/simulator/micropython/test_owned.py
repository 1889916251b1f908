"""What a reloaded module left running is stopped, and nothing else."""

from __future__ import annotations

from ast import literal_eval
from typing import TYPE_CHECKING

from simulator.electrical.uart import UartPort
from simulator.micropython._owned import stop_interrupts

if TYPE_CHECKING:
    from conftest import BareBoard

_MODULE = b"""
from machine import Pin, Timer
count = {'hard': 0, 'soft': 0, 'edge': 0}
class Ticker:
    def tick(self, timer):
        count['soft'] += 1
def start():
    Timer(2).init(period=100, callback=lambda timer: count.update(hard=count['hard'] + 1))
    Timer(-1).init(period=100, callback=Ticker().tick)
    Pin(4, Pin.IN).irq(lambda pin: count.update(edge=count['edge'] + 1))
"""


def test_timers_and_interrupts_of_the_module_stop(bare: BareBoard) -> None:
    bare.node.install({"/LM_x.py": _MODULE})
    bare.run("import LM_x, time\nLM_x.start()\ntime.sleep_ms(350)")
    bare.machine.parts["pads"].net(4).drive(1)
    bare.world.run_for(0.01)
    assert literal_eval(bare.run("print(LM_x.count)")) == {"hard": 3, "soft": 3, "edge": 1}
    assert stop_interrupts(bare.machine, "LM_x") == 3
    bare.machine.parts["pads"].net(4).drive(0)
    bare.machine.parts["pads"].net(4).drive(1)
    bare.world.run_for(1)
    assert literal_eval(bare.run("print(LM_x.count)")) == {"hard": 3, "soft": 3, "edge": 1}


def test_interrupt_of_a_uart_stops(bare: BareBoard) -> None:
    source = b"from machine import UART\ncame = []\ndef start():\n    u = UART(1, 9600, tx=12, rx=13)\n"
    bare.node.install({"/LM_x.py": source + b"    u.irq(lambda u: came.append(u.read()), UART.IRQ_RX)\n"})
    bare.run("import LM_x\nLM_x.start()")
    port = UartPort("far end", tx=bare.machine.parts["pads"].net(13))
    for text in (b"a", b"b"):
        port.send(text)
        bare.world.run_for(0.01)
        stop_interrupts(bare.machine, "LM_x")
    assert bare.run("print(LM_x.came)") == "[b'a']\n"


def test_those_of_another_module_run_on(bare: BareBoard) -> None:
    bare.node.install({"/LM_x.py": _MODULE})
    bare.run("import LM_x\nLM_x.start()")
    assert stop_interrupts(bare.machine, "LM_y") == 0
    bare.world.run_for(0.25)
    assert bare.run("print(LM_x.count['hard'])") == "2\n"


def test_ended_one_shot_is_not_counted(bare: BareBoard) -> None:
    bare.node.install(
        {
            "/LM_x.py": b"from machine import Timer\ndef start():\n    t = Timer(1)\n"
            b"    t.init(mode=Timer.ONE_SHOT, period=10, callback=lambda timer: None)\n"
        }
    )
    bare.run("import LM_x\nLM_x.start()")
    bare.world.run_for(0.1)
    assert stop_interrupts(bare.machine, "LM_x") == 0
