"""``machine.UART`` on the virtual machine: its own poller and asyncio wait for bytes that come in virtual time."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.electrical.uart import UartPort

_UART = "from machine import Pin, UART\nimport time\nu = UART(1, 9600, tx=12, rx=13)\n"


@pytest.fixture
def line(vm: Any) -> tuple[UartPort, bytearray]:
    """The other end of the line, and what it hears."""
    pads, heard = vm.node.machine.parts["pads"], bytearray()
    return UartPort("far end", rx=pads.net(12), tx=pads.net(13), on_bytes=heard.extend), heard


def test_there_is_one_object_each(vm: Any) -> None:
    assert vm.lines(_UART + "print(UART(1) is u, u.any(), u.read())") == ["True 0 None"]


def test_poll_waits_for_bytes(vm: Any, line: tuple[UartPort, bytearray]) -> None:
    port, heard = line
    vm.run(_UART + "import select\np = select.poll()\np.register(u, select.POLLIN)\nprint(p.poll(30))")
    vm.world.kernel.after(50_000, lambda: port.send(b"q\n"))
    source = (
        "a = time.ticks_ms()\nfor stream, events in p.ipoll(1000):\n"
        "    print(stream is u, events, 50 <= time.ticks_diff(time.ticks_ms(), a) <= 53)\n"
        "time.sleep_ms(5)\nprint(u.readline())\nu.write(b'answer')\nu.flush()"
    )
    assert vm.lines(source) == ["True 1 True", "b'q\\n'"]
    assert heard == b"answer"


def test_asyncio_reads_lines_beside_other_tasks(vm: Any, line: tuple[UartPort, bytearray]) -> None:
    port, heard = line
    vm.world.kernel.after(60_000, lambda: port.send(b"one\ntwo\n"))
    source = (
        "import asyncio\nbeats = []\n"
        "async def beat():\n    while True:\n        beats.append(1)\n        await asyncio.sleep_ms(10)\n"
        "async def main():\n    task = asyncio.create_task(beat())\n    s = asyncio.StreamReader(u)\n"
        "    print(await s.readline(), await s.readline(), len(beats) >= 6)\n"
        "    s.write(b'both')\n    await s.drain()\n    task.cancel()\n"
        "asyncio.run(main())\nu.flush()"
    )
    assert vm.lines(_UART + source) == ["b'one\\n' b'two\\n' True"]
    assert heard == b"both"


def test_interrupt_objects_have_their_methods(vm: Any, line: tuple[UartPort, bytearray]) -> None:
    port, _ = line
    source = (
        "irq = u.irq(lambda u: print(u.read(), irq.flags()), UART.IRQ_RX)\nprint(irq, irq.trigger())\n"
        "pin = Pin(4, Pin.IN).irq(lambda p: print(p), Pin.IRQ_RISING)\nprint(pin.trigger())\n"
        "irq()\npin()\ntime.sleep_ms(1)"
    )
    assert vm.lines(_UART + source) == ["<irq> 1", "1", "None 0", "Pin(4)"]
    port.send(b"x")
    assert vm.lines("time.sleep_ms(10)") == ["b'x' 1"]


def test_converters_and_touch_pads_are_one_object_each_too(vm: Any) -> None:
    source = (
        "from machine import ADC, ADCBlock, TouchPad\n"
        "print(ADC(36) is ADC(36), ADC(36).block() is ADC(39).block(), ADCBlock(1) is ADCBlock(1), "
        "TouchPad(13) is TouchPad(13))"
    )
    assert vm.lines(source) == ["True True True True"]
