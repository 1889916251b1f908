"""The control channel: how other programs drive a simulator that runs, and the loop that it runs in.

``runner`` keeps a world at its pace, ``server`` answers requests, ``commands`` is the table of them, ``client`` asks.
The protocol is described in docs/simulator.md.

Example::

    with ControlClient.open(state_dir) as control:
        control.call("pins", node="node01", gpio=4, drive=1)
"""
