"""All that the core knows of the hardware. Small enough to read in one sitting.

Load Modules and drivers use `machine` directly, with pins from `LogicalPins`. What was started here
for an owner (a Load Module's name) is stopped by `release(owner)`.

Here stands what is needed again and again; all else comes from `hal_files` and `hal_rare`, as if it stood here:
`hal.replace_file(path, text)`.
"""

import gc
import os

import cold
import machine
import network
from micropython import const

_BOOT_MARK = const(b'micrOS:')     # the loader's word in RTC memory begins so
timers = {}     # Timer id -> owner
irqs = {}       # gpio -> (owner, Pin)
at_reset = {}   # any key -> function that saves what is not saved yet, and never raises
_watchdogs = []  # the one watchdog, once it runs


def __getattr__(name):
    """Find a function that is not resident; MicroPython asks here for names that the module does not have."""
    return getattr(cold.load('hal_files'), name, None) or getattr(cold.load('hal_rare'), name)


def reset():
    """Restart the board, as its reset button does; the loader counts no crash. Does not return."""
    for save in list(at_reset.values()):
        save()
    take_mark_back()
    machine.reset()


def take_mark_back():
    """Empty the RTC memory if it holds the loader's word."""
    try:
        memory = machine.RTC().memory
    except AttributeError:
        return      # the port has none
    if memory().startswith(_BOOT_MARK):
        memory(b'')


def start_watchdog(limit_s):
    """Let the chip be reset unless `feed_watchdog()` is called every limit_s; it cannot be stopped any more."""
    _watchdogs[:] = [machine.WDT(timeout=limit_s * 1000)]


def feed_watchdog():
    """Begin the watchdog's time anew; nothing happens if it does not run."""
    for watchdog in _watchdogs:
        watchdog.feed()


def free_memory():
    """Return the free bytes of the heap after a collection."""
    gc.collect()
    return gc.mem_free()


def station():
    """Return the WLAN interface that joins networks."""
    return network.WLAN(network.WLAN.IF_STA)


def is_linked():
    """True if the station has joined a network and has an address."""
    interface = station()
    return interface.isconnected() and interface.ifconfig()[0] != '0.0.0.0'


def remove_file(path):
    """Delete a file; True if it was there."""
    try:
        os.remove(path)
    except OSError:
        return False
    return True


def file_exists(path):
    """True if path is there."""
    try:
        os.stat(path)
    except OSError:
        return False
    return True
