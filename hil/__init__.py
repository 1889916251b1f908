"""The rig: what puts a test on a board, simulated or real.

Resources are passive facts, protocols are contracts, drivers do things on resources, strategies bring a board into a
state, and :mod:`hil.fixtures` hands the result to pytest::

    def test_boot(board):
        assert board.shell("hello").startswith("hello:")
"""
