"""What an input that follows the mean of a signal (a coil, a bridge, a lamp) feels of a net, and when that changes."""

from __future__ import annotations

from collections.abc import Callable

from simulator.electrical.net import Net
from simulator.errors import UsageError


def share(net: Net) -> float:
    """The share of time that the net is high: the duty of a square wave, else 0.0 or 1.0."""
    wave = net.pwm()
    return float(net.level()) if wave is None else wave.duty


def watch(net: Net, listener: Callable[[], object]) -> None:
    """Have ``listener()`` called at each edge of the net, and when a square wave on it starts, stops or changes."""
    net.on_change(lambda level: listener())
    net.on_pwm(lambda wave: listener())


def check_number(name: str, value: object, low: float, high: float) -> float:
    """Check an option of a model.

    Raises:
        UsageError: it is no number of that range.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise UsageError(f"{name} must be {low:g}..{high:g}, not {str(value)[:40]}")
    return value
