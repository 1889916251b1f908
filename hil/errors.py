"""Errors of the rig.

::

    HilError
     +-- RigFileError (ValueError)    the rig file is wrong; you can mend it
     +-- BoardError                   a board did not do what was asked: what, what came back, how long we waited
"""

from __future__ import annotations


class HilError(Exception):
    """Base of what the rig raises."""


class RigFileError(HilError, ValueError):
    """The rig file does not say what it should; the text names file, board and key."""


class BoardError(HilError):
    """A board did not reach a state or did not answer.

    Attributes:
        board: its name in the rig file.
    """

    def __init__(self, board: str, text: str) -> None:
        super().__init__(f"{board}: {text}")
        self.board = board
