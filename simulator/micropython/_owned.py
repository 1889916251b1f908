"""Stopping what a module of a node left running: timers and interrupts whose callback it defines.

A board cannot do this, since it does not know who made a timer; a simulator can, so that saving a Load Module under
``--watch`` does not leave the old code's interrupts behind.

Limits: a callback that is no Python function or method of the module (a bound method of another module's class) is not
recognised.
"""

from __future__ import annotations

from simulator.micropython._pin import _gpio
from simulator.micropython._timer import armed_timers
from simulator.micropython._uart import uarts
from simulator.micropython.runtime import Machine


def defined_in(callback: object, module: str) -> bool:
    """True if a callback is a function or method that a module defines."""
    function = getattr(callback, "__func__", callback)
    names = getattr(function, "__globals__", None)
    return isinstance(names, dict) and names.get("__name__") == module


def stop_interrupts(machine: Machine, module: str) -> int:
    """Stop the timers and interrupts of a module; called between two stretches of the node's time.

    Args:
        machine: the node.
        module: as imported, e.g. ``LM_greet``.

    Returns:
        How many were stopped.
    """
    stopped = 0
    for timer in armed_timers(machine):
        if defined_in(timer._callback, module):
            timer._stop()
            stopped += 1
    for pin in list(_gpio(machine).pins.values()):
        if defined_in(pin._interrupt._handler, module):
            pin._interrupt.stop()
            stopped += 1
    for uart in uarts(machine):
        if uart._irq is not None and defined_in(uart._irq.handler, module):
            uart._irq.stop()
            stopped += 1
    return stopped
