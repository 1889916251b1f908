"""What goes wrong in a bench: BenchError, whose text is one line for the person at the keyboard."""

from __future__ import annotations


class BenchError(Exception):
    """Something that was to be measured did not start, did not answer or did not end."""
