"""Figures, what they are held against, and the arithmetic between samples and figures."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Figure:
    """One measured number.

    Attributes:
        value: what was measured, in ``unit``.
        unit: of value and floor.
        floor: the same of the barest program that does the job, from the same run; None where none applies.
    """

    value: float
    unit: str
    floor: float | None = None

    @property
    def ratio(self) -> float | None:
        """Value over floor; None without a floor."""
        return None if self.floor is None else self.value / self.floor

    def as_json(self) -> dict[str, float | str | None]:
        """The figure as it stands in the output of ``--json``."""
        return {"value": self.value, "unit": self.unit, "floor": self.floor, "ratio": self.ratio}


class Document(Protocol):
    """A file of the project that tells figures of a bench."""

    def write(self, bench: str, figures: Mapping[str, Figure]) -> None:
        """Renew it."""

    def problems(self, figures: Mapping[str, Figure]) -> list[str]:
        """Tell where it differs."""


@dataclass(frozen=True)
class Report:
    """Outcome of one bench.

    Attributes:
        figures: by name.
        runs: how often what was done, one line.
        document: where the figures are told too; None if nowhere.
    """

    figures: Mapping[str, Figure]
    runs: str
    document: Document | None = None


@dataclass(frozen=True)
class Target:
    """What a figure should reach: an upper or a lower limit of its ratio or of its value.

    Attributes:
        of_ratio: the limit is one of the ratio to the floor, not of the value.
        at_least: the limit is a lower one.
        limit: the limit; reaching it is enough.
    """

    limit: float
    of_ratio: bool = True
    at_least: bool = False

    def is_met(self, figure: Figure) -> bool:
        """True if the figure is on the right side of the limit.

        Raises:
            ValueError: the limit is one of the ratio, and the figure has no floor.
        """
        number = figure.ratio if self.of_ratio else figure.value
        if number is None:
            raise ValueError("a target of a ratio needs a figure with a floor")
        return number >= self.limit if self.at_least else number <= self.limit

    def text(self, unit: str) -> str:
        """The target as the table shows it, e.g. ``<= 5 x floor``."""
        return f"{'>=' if self.at_least else '<='} {self.limit:g} {'x floor' if self.of_ratio else unit}"


#: (bench, figure) -> target. A figure that is not here is reported only.
TARGETS: Mapping[tuple[str, str], Target] = {
    ("boot", "launch_to_hello"): Target(5.0),
    ("shell", "rtt_p50"): Target(1.5),
    ("kernel", "events_per_s"): Target(0.5, at_least=True),
    ("fleet", "boot_1000"): Target(15.0, of_ratio=False),
    ("fleet", "rss_per_node_1000"): Target(1.5, of_ratio=False),
    ("fleet", "active_speed_1000"): Target(10.0, of_ratio=False, at_least=True),
    ("day", "speed"): Target(20_000.0, of_ratio=False, at_least=True),
    ("day", "vm_speed"): Target(2_000.0, of_ratio=False, at_least=True),
    ("devices", "logger_speed"): Target(10_000.0, of_ratio=False, at_least=True),
    ("soak", "growth_mb"): Target(4.0, of_ratio=False),
    ("vm", "speed"): Target(2000.0, of_ratio=False, at_least=True),
    ("vm", "equal_digests"): Target(1.0, at_least=True),
    ("memory", "mpy_core_resident"): Target(36_000, of_ratio=False),
    ("memory", "core_up_32"): Target(60_000, of_ratio=False),
    ("memory", "core_4_sessions_free_32"): Target(40.0, of_ratio=False, at_least=True),
    ("memory", "core+timers_4_sessions_free_32"): Target(25.0, of_ratio=False, at_least=True),
    ("memory", "core+timers+neopixel_4_sessions_free_32"): Target(25.0, of_ratio=False, at_least=True),
    ("memory", "core_growth_30_days_32"): Target(256, of_ratio=False),
}


def median(samples: Sequence[float]) -> float:
    """The median of at least one sample."""
    return statistics.median(samples)


def percentile(samples: Sequence[float], percent: float) -> float:
    """The smallest sample that ``percent`` % of all samples do not exceed (nearest rank).

    Args:
        samples: at least one.
        percent: above 0, up to 100.
    """
    return sorted(samples)[math.ceil(len(samples) * percent / 100) - 1]
