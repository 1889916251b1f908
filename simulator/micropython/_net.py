"""What ``network``, ``socket`` and ``select`` share: the node's part of the LAN, errors, waiting.

Source: newlib sys/errno.h for the numbers that lwIP raises through the ESP32 port.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from greenlet import getcurrent

from simulator.kernel import Wait
from simulator.lan import NodeNet
from simulator.micropython.errors import ERRNO, MicroOSError

if TYPE_CHECKING:
    from simulator.lan.endpoint import Waitable
    from simulator.micropython.runtime import Machine, Thread

_MORE_ERRNO = {"ENFILE": 23, "ECONNREFUSED": 111, "EMSGSIZE": 122, "EISCONN": 127}


def node_net(machine: Machine) -> NodeNet:
    """The node's radio and IP stack."""
    net: NodeNet = machine.parts["net"]
    return net


def net_error(symbol: str) -> MicroOSError:
    """The ``OSError`` for an errno symbol of the IP stack."""
    number = ERRNO.get(symbol)
    return MicroOSError(_MORE_ERRNO[symbol] if number is None else number)


def current_thread() -> Thread:
    """The thread of the node that is running."""
    return cast("Thread", getcurrent())


def wait_for(sources: Iterable[Waitable], until_us: int | None) -> bool:
    """Park the running thread until one of ``sources`` changes or ``until_us`` has come.

    Returns:
        True if something changed.
    """
    thread = current_thread()
    wait = Wait(thread)
    wake = wait.wake
    watched = list(sources)
    for source in watched:
        source.on_change(wake)
    try:
        return thread.wait(wait, until_us)
    finally:
        for source in watched:
            source.off_change(wake)
