"""Boards are consistent data."""

import pytest

from simulator.electrical.boards import BOARDS


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_special_pins_are_pins_of_the_board(board):
    special = {*board.input_only, *board.adc_pins, *board.dac_pins, *board.touch_pins, *board.reset_pulls}
    assert special <= board.gpios


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_adc_channels_are_distinct(board):
    assert len(set(board.adc_pins.values())) == len(board.adc_pins) == 18
