"""devToolKit, the host tool: what a person uses to run, reach and look after micrOS nodes.

It reaches a node only through a link (``toolkit.links``), so that every command works alike on a simulated
node and on a board. Only the module behind ``--simulate`` imports the simulator. This file imports nothing:
``devToolKit.py`` passes through it on a bare Python.
"""
