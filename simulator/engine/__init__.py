"""Engines: what runs a node's firmware. L0 is CPython with ticks (:mod:`simulator.engine.cpython`)."""
