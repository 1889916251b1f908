"""Asks a service of the internet where the node is, and how far its local time is from UTC. Blocks some seconds. Cold.

Source: https://ip-api.com/docs/api:json, without TLS and key: 45 requests a minute are free.
"""

import json

import cold
from ConfigHandler import cfgget, cfgput
from micropython import const

_HOST = const('ip-api.com')
_PATH = const('/json/?fields=lat,lon,timezone,offset')
_MAX_BYTES = const(1024)


def is_wished():
    """True if the configuration leaves something to find out."""
    return cfgget('utcauto') or cold.call('place', 'own') is None


def ask():
    """Return (latitude, longitude, offset): degrees, north and east positive, and local time minus UTC in minutes.

    Raises:
        OSError: nobody answered.
        ValueError: the answer is none.
    """
    found = json.loads(cold.call('http_get', 'get', _HOST, _PATH, _MAX_BYTES))
    if not isinstance(found, dict):
        raise ValueError('no object')
    return (_number(found, 'lat', -90, 90), _number(found, 'lon', -180, 180),
            round(_number(found, 'offset', -43200, 50400) / 60))


def take(latitude, longitude, offset_min):
    """Take what was found: the place is stored, `utc` follows unless it is pinned, and with it the clock.

    Raises:
        OSError: the flash refused.
    """
    if cfgget('utcauto'):
        cfgput('utc', offset_min)
    cold.call('place', 'keep', latitude, longitude)


def refresh():
    """Ask and take; for the shell.

    Raises:
        OSError, ValueError: as above.
    """
    take(*ask())


def _number(found, name, low, high):
    value = found.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise ValueError('no ' + name)
    return value
