"""Reads text off a picture, as a person would: by the shapes of MicroPython's font."""

from __future__ import annotations

from simulator.micropython._framebuf_font import FONT

_CELL = 8
_CHARACTERS = {columns: chr(32 + index) for index, columns in enumerate(FONT)}


def read_text(panel, x: int, y: int, count: int = 16) -> str:
    """The characters at (x, y), as many as the panel's 128 columns hold; ? for what is no character."""
    cells = range(x, min(x + count * _CELL, 128 - _CELL + 1), _CELL)
    return "".join(_CHARACTERS.get(_columns(panel, left, y), "?") for left in cells).rstrip()


def _columns(panel, left: int, top: int) -> bytes:
    return bytes(sum(panel.pixel(left + column, top + row) << row for row in range(_CELL)) for column in range(_CELL))
