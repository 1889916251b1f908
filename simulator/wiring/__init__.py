"""Wiring: which part hangs on which pin of a board, from TOML files; some come with the simulator, ``*.toml`` here."""

from simulator.wiring.board import read_pin_map, solder
from simulator.wiring.file import PartLine, Wiring, built_in, load

__all__ = ["PartLine", "Wiring", "built_in", "load", "read_pin_map", "solder"]
