"""Boards: which chip, which pins, how much flash. Data, no behaviour.

Example::

    from simulator.electrical.boards import BOARDS

    BOARDS["tinypico"].machine_text
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Board:
    """What a board is made of.

    Attributes:
        name: key in :data:`BOARDS`.
        platform: MicroPython's ``sys.platform``.
        machine_text: ``os.uname().machine``.
        gpios: pins that ``machine.Pin`` accepts.
        input_only: pins without output driver and without pulls.
        adc_pins: pin -> (unit, channel).
        dac_pins: pins with a DAC.
        touch_pins: pin -> touch channel.
        reset_pulls: pin -> 1 pull-down or 2 pull-up that is on after reset, for boot strapping.
        freq_hz: processor clock after reset.
        flash_bytes: size of the file system.
        heap_bytes: memory for MicroPython's objects after boot.
        modules: names of board modules that firmware may import beside the port's.
    """

    name: str
    platform: str
    machine_text: str
    gpios: frozenset[int]
    input_only: frozenset[int]
    adc_pins: dict[int, tuple[int, int]]
    dac_pins: frozenset[int]
    touch_pins: dict[int, int]
    reset_pulls: dict[int, int]
    freq_hz: int = 160_000_000
    flash_bytes: int = 0x200000
    heap_bytes: int = 111_168
    modules: tuple[str, ...] = field(default=())


#: Source: Espressif ESP32 data sheet v4.x, table 2-1 and section 2.2; ports/esp32/machine_pin.c.
_GPIOS = frozenset(range(40)) - {20, 24, 28, 29, 30, 31}
_INPUT_ONLY = frozenset({34, 35, 36, 37, 38, 39})
#: Source: ESP32 technical reference manual, table 29-2; ports/esp32/machine_adc.c.
_ADC = {
    36: (1, 0),
    37: (1, 1),
    38: (1, 2),
    39: (1, 3),
    32: (1, 4),
    33: (1, 5),
    34: (1, 6),
    35: (1, 7),
    4: (2, 0),
    0: (2, 1),
    2: (2, 2),
    15: (2, 3),
    13: (2, 4),
    12: (2, 5),
    14: (2, 6),
    27: (2, 7),
    25: (2, 8),
    26: (2, 9),
}
#: Source: ports/esp32/machine_touchpad.c.
_TOUCH = {4: 0, 0: 1, 2: 2, 15: 3, 13: 4, 12: 5, 14: 6, 27: 7, 33: 8, 32: 9}

#: Source: Espressif ESP32 data sheet, section 2.4 (strapping pins) and appendix A (IO_MUX); 1 pull-down, 2 pull-up.
_RESET_PULLS = {0: 2, 2: 1, 5: 2, 12: 1, 15: 2}

#: TinyPICO has 4 MB of PSRAM, which the port makes its heap; what it keeps for itself is an estimate.
_PSRAM_HEAP = 4_096_000

BOARDS: dict[str, Board] = {
    "esp32": Board(
        name="esp32",
        platform="esp32",
        machine_text="Generic ESP32 module with ESP32",
        gpios=_GPIOS,
        input_only=_INPUT_ONLY,
        adc_pins=_ADC,
        dac_pins=frozenset({25, 26}),
        touch_pins=_TOUCH,
        reset_pulls=_RESET_PULLS,
    ),
    "tinypico": Board(
        name="tinypico",
        platform="esp32",
        machine_text="TinyPICO with ESP32-PICO-D4",
        gpios=_GPIOS,
        input_only=_INPUT_ONLY,
        adc_pins=_ADC,
        dac_pins=frozenset({25, 26}),
        touch_pins=_TOUCH,
        reset_pulls=_RESET_PULLS,
        heap_bytes=_PSRAM_HEAP,
        modules=("tinypico", "dotstar"),
    ),
}
