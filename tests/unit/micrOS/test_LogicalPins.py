"""Pin maps and the booking of pins."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

# Spec: table of logical pins, a sample of each purpose; esp32, tinypico.
_PINS = {
    "builtin": (2, None),
    "rgbue": (15, 27),
    "wwhite": (27, 15),
    "switch_4": (25, None),
    "l298speed": (32, 5),
    "stppr_4": (27, None),
    "i2c_scl": (22, 22),
    "irq4": (13, 23),
    "hcsrecho": (35, 26),
    "ph": (39, 32),
    "genadc": (None, 33),
    "bat_stat": (None, 34),
}


def _pins(firmware: Any, machine: str = "ESP32 module", files: tuple[str, ...] = (), **more: Any) -> Any:
    node_sys = SimpleNamespace(platform="esp32", path=["", "/modules"], modules={})
    node_os = SimpleNamespace(uname=lambda: ("esp32", "esp32", "1.28.0", "v1.28.0", machine))
    hal = SimpleNamespace(file_exists=lambda path: path in files)
    debug = SimpleNamespace(errlog_add=lambda text: None)
    return firmware(sys=node_sys, os=node_os, hal=hal, Debug=debug, **more).load("LogicalPins")


@pytest.mark.parametrize(("column", "machine"), [(0, "ESP32 module with ESP32"), (1, "TinyPICO with ESP32-PICO-D4")])
def test_board_has_its_own_map(firmware: Any, column: int, machine: str) -> None:
    pins = _pins(firmware, machine)
    assert {name: pins.physical_pin(name) for name in _PINS} == {name: row[column] for name, row in _PINS.items()}
    assert pins.get_pinmap() == ("esp32", "tinypico")[column]


@pytest.mark.parametrize("name", ["nope", "__name__", "", None, 5])
def test_unknown_pin_is_none(firmware: Any, name: object) -> None:
    assert _pins(firmware).physical_pin(name) is None


@pytest.mark.parametrize("file", ["LP_mine.py", "/modules/LP_mine.mpy"])
def test_custom_map_is_found_in_the_file_system(firmware: Any, file: str) -> None:
    pins = _pins(firmware, files=(file,), LP_mine=SimpleNamespace(zero=0))
    assert pins.set_pinmap("mine") == "mine"
    assert pins.bind("zero", "rgb") == 0


def test_missing_custom_map_falls_back_to_the_board(firmware: Any) -> None:
    assert _pins(firmware).set_pinmap("mine") == "esp32"


def test_second_owner_of_a_pin_is_refused(firmware: Any) -> None:
    pins = _pins(firmware)
    assert pins.bind("redgb", "rgb") == pins.bind("redgb", "rgb") == 14
    with pytest.raises(ValueError, match=r"^pin 14 \(switch_2\) is in use by rgb$"):
        pins.bind("switch_2", "switch")
    pins.release("rgb")
    assert pins.bind(14, "switch") == 14
    assert pins.holder(14) == "switch"


def test_unknown_pin_cannot_be_booked(firmware: Any) -> None:
    with pytest.raises(ValueError, match=r"^unknown pin genadc in pin map esp32$"):
        _pins(firmware).bind("genadc", "oled")


def test_host_modules_stay_untouched(firmware: Any) -> None:
    _pins(firmware).physical_pin("builtin")
    assert "LP_esp32" not in sys.modules
