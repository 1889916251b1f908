"""Value change dump: what pins did, as a file for any waveform viewer (GTKWave, PulseView, Surfer).

Each GPIO is a wire. One that carried PWM has two real variables beside it, ``gpioN_pwm_hz`` and ``gpioN_pwm_duty``,
as a PWM signal makes no edges here.

Source: IEEE 1364-2005, clause 18.

Limits: a net remembers its newest 1024 edges and 1024 changes of PWM; what was before is missing, and a comment says
so. Trains of bits (WS2812) and characters of serial lines are not drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from simulator.electrical.net import Net
from simulator.electrical.pads import Pads

_FIRST_ID = 33
_LAST_ID = 126

#: (microseconds, line of the file)
_Change = tuple[int, str]


def to_vcd(pads: Pads, *, scope: str, gpios: Sequence[int] | None = None) -> str:
    """The remembered past of pins as the text of a VCD file.

    Args:
        pads: of which chip.
        scope: name of the board in the file; what is no letter, digit or _ becomes _.
        gpios: which pins; by default all that have changed.

    Raises:
        UsageError: the board has no such GPIO.
    """
    chosen = pads.used() if gpios is None else list(gpios)
    nets = [(gpio, pads.net(gpio)) for gpio in chosen]
    if gpios is None:
        nets = [(gpio, net) for gpio, net in nets if net.edges or net.waves]
    ids = _identifiers()
    header = ["$timescale 1us $end", f"$scope module {_word(scope)} $end"]
    first: list[str] = []
    changes: list[_Change] = []
    for gpio, net in nets:
        name = f"gpio{gpio}"
        header += [f"$comment {name}: {text} $end" for text in _gaps(net)]
        wire = next(ids)
        header.append(f"$var wire 1 {wire} {name} $end")
        first.append(f"{_before(net)}{wire}")
        changes += [(t_us, f"{level}{wire}") for t_us, level in net.edges]
        if net.waves:
            freq, duty = next(ids), next(ids)
            header += [f"$var real 64 {freq} {name}_pwm_hz $end", f"$var real 64 {duty} {name}_pwm_duty $end"]
            first += [f"r0 {freq}", f"r0 {duty}"]
            for t_us, wave in net.waves:
                changes.append((t_us, f"r{0 if wave is None else wave.freq_hz:g} {freq}"))
                changes.append((t_us, f"r{0 if wave is None else wave.duty:g} {duty}"))
    lines = [*header, "$upscope $end", "$enddefinitions $end", "#0", "$dumpvars", *first, "$end"]
    return "\n".join([*lines, *_timed(changes), f"#{pads.kernel.now}"]) + "\n"


def _timed(changes: Iterable[_Change]) -> list[str]:
    lines: list[str] = []
    last_us = 0
    for t_us, line in sorted(changes, key=lambda change: change[0]):
        if t_us != last_us:
            lines.append(f"#{t_us}")
            last_us = t_us
        lines.append(line)
    return lines


def _before(net: Net) -> int:
    """The level before the oldest edge that is remembered."""
    return 1 - net.edges[0][1] if net.edges else net.level()


def _gaps(net: Net) -> list[str]:
    kept = (("edges", net.edges), ("changes of PWM", net.waves))
    return [f"only the newest {len(past)} {name}" for name, past in kept if len(past) == past.maxlen]


def _identifiers() -> Iterator[str]:
    """Short names of printable characters: ``!``, ``"`` ... ``~``, ``!!`` ..."""
    letters = [chr(code) for code in range(_FIRST_ID, _LAST_ID + 1)]
    yield from letters
    for letter in letters:
        yield from (letter + other for other in letters)


def _word(text: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in text) or "_"
