"""WiFi: joins the user's network as a station, else offers one as an access point, and keeps it so.

Theory of operation. `auto_network` brings the network up at boot (`net_setup`). From then on `keeper` looks after it.
As long as all is well it only looks; else `net_keeper` is loaded until all is well again:

    station, link there     the address is followed: `devip` is stored when it changes
    station, link lost      the port itself calls the same network; after 2 min, and again with growing pauses,
                            the node tries all its networks; after 10 min it opens its access point as well
    access point instead    looks for its networks after 30 s, 1, 2, then every 3 min, while nobody has joined it;
                            back to the station as soon as one gives an address
    access point wished     stays

All waits are bounded and leave the loop free. The error log and the configuration are written rarely, whatever the
radio does.
"""

import asyncio
import binascii
import time

import cold
import hal
from Debug import errlog_add
from micropython import const
from results import error_text

_CALM_S = const(30)     # between two looks at a link that stands


class State:
    """What is known of the network; one for the node, `state`."""

    def __init__(self):
        self.mode = ''          # `STA`, `AP`, or `` before set-up
        self.interface = None
        self.is_station_wished = True   # `nwmd` as it was at boot
        self.ssid = ''          # of the network that was joined last
        self.is_static = False  # the address is not from DHCP
        self.is_reaching = False    # the router has answered through it
        self.address = ''       # that was seen last
        self.look_at = 0        # when `net_keeper` is needed although all is well, seconds
        self.kept = None        # what `net_keeper` remembers
        self.told = [0, 0, {}, 0]   # what `sparse_log` remembers
        self._seconds = 0
        self._ticks = time.ticks_ms()

    def now(self):
        """Return the seconds since boot, int. It must be asked more often than ticks wrap, which is every 6 days."""
        passed_s = time.ticks_diff(time.ticks_ms(), self._ticks) // 1000
        self._seconds += passed_s
        self._ticks = time.ticks_add(self._ticks, passed_s * 1000)
        return self._seconds

    def is_calm(self):
        """True if there is nothing to do."""
        now = self.now()
        if not self.is_station_wished:
            return self.mode == 'AP'
        return (self.mode == 'STA' and hal.is_linked() and now < self.look_at
                and self.interface.ifconfig()[0] == self.address)


state = State()


def ifconfig():
    """Return (mode, (ip, mask, gateway, dns)); mode is `STA`, `AP` or `` before set-up."""
    if state.interface is None:
        return '', ('0.0.0.0',) * 4
    return state.mode, tuple(state.interface.ifconfig())


def is_connected():
    """True if the node is a station, joined to a network, with an address."""
    return state.mode == 'STA' and hal.is_linked()


def get_mac():
    """Return the MAC address of the station interface, `aa:bb:cc:dd:ee:ff`."""
    return binascii.hexlify(hal.station().config('mac'), ':').decode()


async def auto_network():
    """Bring the network up as `nwmd` asks; takes 100 s at most, and some seconds if no network is in sight.

    Returns:
        str: `STA`, `AP`, or `` if nothing worked; the error log says why.
    """
    return await cold.call('net_setup', 'auto_network', state)


async def keeper():
    """Keep the network up. Never ends."""
    while True:
        try:
            if not state.is_calm():
                await cold.call('net_keeper', 'keep', state)
        except Exception as e:  # noqa: BLE001 - border: a node that stops looking for its network is lost
            errlog_add('network keeper error: ' + error_text(e))
        await asyncio.sleep(_CALM_S)
