"""``dht``, frozen into the port: DHT11 and DHT22 sensors of temperature and humidity.

Source: micropython-lib micropython/drivers/sensor/dht (0.1.0); value formats: Aosong DHT11 and AM2302 data sheets.

Limits: the classes refuse assignment (they are shared by all nodes).
"""

from __future__ import annotations

from typing import Any

from simulator.micropython._builtin import Builtin
from simulator.micropython._pulse import dht_readinto

__all__ = ["DHT11", "DHT22", "DHTBase"]


class DHTBase(metaclass=Builtin):
    """A sensor on a pin.

    Args:
        pin: a Pin.
    """

    buf: bytearray
    pin: Any

    def __init__(self, pin: Any) -> None:
        self.pin = pin
        self.buf = bytearray(5)

    def measure(self) -> None:
        """Read the sensor; takes about 270 ms.

        Raises:
            OSError: it does not answer.
            Exception: ``checksum error``.
        """
        dht_readinto(self.pin, self.buf)
        if sum(self.buf[:4]) & 0xFF != self.buf[4]:
            raise Exception("checksum error")


class DHT11(DHTBase):
    """The sensor with whole degrees and per cents."""

    def humidity(self) -> int:
        """Relative humidity in per cent."""
        return self.buf[0]

    def temperature(self) -> int:
        """Temperature in degrees Celsius."""
        return self.buf[2]


class DHT22(DHTBase):
    """The sensor with tenths."""

    def humidity(self) -> float:
        """Relative humidity in per cent."""
        return (self.buf[0] << 8 | self.buf[1]) * 0.1

    def temperature(self) -> float:
        """Temperature in degrees Celsius."""
        size = ((self.buf[2] & 0x7F) << 8 | self.buf[3]) * 0.1
        return -size if self.buf[2] & 0x80 else size
