"""The result of a command as JSON. Cold, see `cold`."""

import json

from micropython import const

_MAX_DEPTH = const(16)
_INFINITY = float('inf')


def to_text(value):
    """Return the JSON text of a value, as `results.to_text` says."""
    return json.dumps(_to_json(value, 0))


def _to_json(value, depth):
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != _INFINITY else None
    number = getattr(value, 'number', None)     # of a number with a text of its own
    if isinstance(number, (int, float)):
        return _to_json(number, depth)
    if isinstance(value, (bytes, bytearray)):
        return ''.join(['%02x' % byte for byte in value])
    if depth < _MAX_DEPTH:
        if isinstance(value, dict):
            return {str(key): _to_json(item, depth + 1) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [_to_json(item, depth + 1) for item in value]
    return str(value)
