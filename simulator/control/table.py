"""What a command of the control channel is made of: name, arguments with types, what it answers, its handler."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.control.protocol import BAD_ARGS, FAILED, ControlError

if TYPE_CHECKING:
    from simulator.control.simulation import Simulation


@dataclass(frozen=True)
class Arg:
    """One argument.

    Attributes:
        name: as in the request.
        kind: ``text``, ``int``, ``number`` or ``bool``.
        doc: what it means, with its unit.
        required: must be given; an argument that is not required is absent from what the handler gets.
        choices: the only texts allowed; empty for any.
        low: smallest number, or fewest characters of a text.
        high: largest number, or most characters of a text.
    """

    name: str
    kind: str
    doc: str
    required: bool = False
    choices: tuple[str, ...] = ()
    low: float = -math.inf
    high: float = math.inf

    def problem(self, value: object) -> str | None:
        """What is wrong with a value, None if nothing is."""
        if self.choices:
            return None if value in self.choices else f"one of {', '.join(self.choices)}"
        if not _is_kind(value, self.kind):
            return {"text": "a text", "int": "a whole number", "number": "a number", "bool": "true or false"}[self.kind]
        size = len(value) if isinstance(value, str) else value
        if isinstance(size, bool) or self.low <= size <= self.high:  # type: ignore[operator]
            return None
        unit = " characters" if self.kind == "text" else ""
        return f"{_limit(self.low, '-')}..{_limit(self.high, '')}{unit}"


def _is_kind(value: object, kind: str) -> bool:
    if kind == "bool":
        return isinstance(value, bool)
    if kind == "text":
        return isinstance(value, str)
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (kind == "number" and isinstance(value, float) and math.isfinite(value))


def _limit(value: float, infinite: str) -> str:
    return infinite if math.isinf(value) else f"{value:g}"


class Later:
    """An answer that needs virtual time: the handler returns it now and ends it when it knows."""

    def __init__(self) -> None:
        self._end: Callable[[Mapping[str, Any] | ControlError], object] | None = None
        self._outcome: Mapping[str, Any] | ControlError | None = None

    def finish(self, result: Mapping[str, Any]) -> None:
        """Answer."""
        self._settle(result)

    def fail(self, text: str) -> None:
        """Say why it cannot be done."""
        self._settle(ControlError(FAILED, text))

    def then(self, end: Callable[[Mapping[str, Any] | ControlError], object]) -> None:
        """Have ``end`` called once with the outcome; at once if it is there."""
        self._end = end
        if self._outcome is not None:
            end(self._outcome)

    def _settle(self, outcome: Mapping[str, Any] | ControlError) -> None:
        if self._outcome is None:
            self._outcome = outcome
            if self._end is not None:
                self._end(outcome)


#: Gets the simulation and the checked arguments; runs between two stretches of virtual time and must not wait.
Handler = Callable[["Simulation", Mapping[str, Any]], "Mapping[str, Any] | Later"]


@dataclass(frozen=True)
class Command:
    """One command: its name, what it does, what it answers, its arguments and its handler."""

    name: str
    doc: str
    answer: str
    handler: Handler
    args: tuple[Arg, ...] = ()

    def check(self, given: Mapping[str, Any]) -> None:
        """Check arguments against the declaration.

        Raises:
            ControlError: one is missing, unknown or of the wrong type or size.
        """
        known = {arg.name for arg in self.args}
        unknown = sorted(set(given) - known)
        if unknown:
            there_are = ", ".join(arg.name for arg in self.args) or "none"
            raise ControlError(BAD_ARGS, f"{self.name}: no argument {unknown[0][:40]!r}; there are: {there_are}")
        for arg in self.args:
            if arg.name not in given:
                if arg.required:
                    raise ControlError(BAD_ARGS, f"{self.name}: argument {arg.name!r} is missing")
                continue
            problem = arg.problem(given[arg.name])
            if problem is not None:
                raise ControlError(BAD_ARGS, f"{self.name}: {arg.name} must be {problem}")


def to_markdown(commands: Mapping[str, Command]) -> str:
    """The table as docs/simulator.md shows it."""
    lines = ["| command | arguments | does | answers |", "| --- | --- | --- | --- |"]
    for command in commands.values():
        args = "<br>".join(_describe(arg) for arg in command.args) or "none"
        lines.append(f"| `{command.name}` | {args} | {command.doc} | {command.answer} |")
    return "\n".join(lines) + "\n"


def _describe(arg: Arg) -> str:
    kind = " or ".join(f"`{choice}`" for choice in arg.choices) or arg.kind
    need = "" if arg.required else ", optional"
    return f"`{arg.name}` ({kind}{need}): {arg.doc}"
