"""Passive facts about a rig: which boards there are and what hangs on them."""

from hil.resources.board import BoardResource
from hil.resources.rig import load_rig

__all__ = ["BoardResource", "load_rig"]
