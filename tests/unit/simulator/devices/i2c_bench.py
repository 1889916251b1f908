"""A bus with one part on it, without a node: for tests of what parts on I2C answer to bytes."""

from __future__ import annotations

import importlib.metadata

from simulator.devices import Site
from simulator.electrical.boards import BOARDS
from simulator.electrical.pads import Pads
from simulator.kernel import Kernel


class Bench:
    """A part on the pins 22 and 21 of a board without a program.

    Attributes:
        part: the model.
        bus: its bus.
        notes: what it put into the trace.
    """

    def __init__(self, model, **options):
        self.kernel = Kernel()
        self.pads = Pads(BOARDS["esp32"], self.kernel)
        self.notes = []
        site = Site("part", self.pads, {"scl": 22, "sda": 21}, record=self.notes.append)
        self.part = model(site, **options)
        self.bus = self.pads.i2c_bus(22, 21)

    def wait(self, us):
        """Let time pass."""
        self.kernel.run(self.kernel.now + us)

    def put(self, *data, address=None):
        """Write bytes; returns how many were acknowledged, None if the address was not."""
        answer = self.bus.transfer(self.part.address if address is None else address, [bytes(data)])
        return None if answer is None else answer[0]

    def get(self, register, count=1):
        """Read registers from a number on."""
        return self.bus.transfer(self.part.address, [bytes([register]), count])[1][0]


#: What a driver for CircuitPython finds on a board: ``busio.I2C`` on top of machine's.
_BUSIO = """
import time
from machine import Pin, SoftI2C


class I2C:
    def __init__(self):
        self._i2c = SoftI2C(Pin(22), Pin(21))

    def try_lock(self):
        return True

    def unlock(self):
        pass

    def writeto(self, address, data, *, start=0, end=None):
        self._i2c.writeto(address, memoryview(data)[start:len(data) if end is None else end])

    def readfrom_into(self, address, buffer, *, start=0, end=None):
        self._i2c.readfrom_into(address, memoryview(buffer)[start:len(buffer) if end is None else end])

    def writeto_then_readfrom(self, address, out, into, *, out_start=0, out_end=None, in_start=0, in_end=None):
        self.writeto(address, out, start=out_start, end=out_end)
        self.readfrom_into(address, into, start=in_start, end=in_end)


class SPI:
    pass
"""
#: What its annotations name; the engine cpython evaluates them.
_TYPING = """
class _Anything:
    def __getitem__(self, key):
        return self


Literal = Optional = Tuple = Type = Union = _Anything()
"""
#: To be imported first: gives ``time`` the clock that CircuitPython has.
_START = """
import sys
import time


class Time:
    def __init__(self):
        self.sleep = time.sleep

    def monotonic(self):
        return time.ticks_ms() / 1000


sys.modules["time"] = Time()
"""
_CIRCUITPYTHON = {
    "busio": _BUSIO,
    "circuitpython": _START,
    "typing": _TYPING,
    "types": "TracebackType = None\n",
    "circuitpython_typing": "ReadableBuffer = WriteableBuffer = None\n",
    "digitalio": "class DigitalInOut:\n    pass\n",
}


def install(node, package):
    """Put the Python files of an installed package on a node's flash, under ``/lib``."""
    files = [path for path in importlib.metadata.files(package) or [] if path.suffix == ".py"]
    assert files, f"{package} is not installed"
    node.install({f"/lib/{path}": path.read_binary() for path in files})


def install_circuitpython(node, *packages):
    """The same for packages that are made for CircuitPython, with what they need of it: ``import circuitpython``."""
    for package in (*packages, "adafruit-circuitpython-busdevice"):
        install(node, package)
    node.install({f"/lib/{name}.py": text.encode() for name, text in _CIRCUITPYTHON.items()})
