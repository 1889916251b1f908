"""Models of the parts that hang on a board; each speaks bytes, edges and volts, and knows no driver."""

from simulator.devices.device import Device, Quantity, Site, all_parts, find_part, part

__all__ = ["Device", "Quantity", "Site", "all_parts", "find_part", "part"]
