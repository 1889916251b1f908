"""How the result or the error of a command reads for the client."""

import io
import json
import sys

HINTS = ['SHELL: type help for single word commands (built-in)',
         'SHELL: for LM exec: [1](LM)module [2]function [3...]optional params']
_MAX_DEPTH = 16
_MAX_ERROR = 200
_INFINITY = float('inf')


def to_text(function, value, as_json=False):
    """Return the reply of a function.

    Args:
        function: str, its name; the result of `help` is a list of usage lines.
        value: what it returned.
        as_json: True for JSON text: tuples become arrays, bytes a text of hex digits, not-a-number
            and infinity null, keys and all other objects texts.

    Returns:
        str, without the newline at its end.
    """
    if as_json:
        return json.dumps(_to_json(value, 0))
    if function == 'help' and isinstance(value, (tuple, list)):
        return '\n'.join([' %s,' % item for item in value])
    if isinstance(value, dict):
        return '\n'.join([' %s: %s' % (key, item) for key, item in value.items()])
    return str(value)


def error_text(error):
    """Return the text of an exception in one line, as MicroPython words it; its type if it has none."""
    try:
        text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    except BaseException:  # noqa: BLE001 - border: a Load Module's own class may raise anything here
        text = ''
    text = ' '.join(text.split())[:_MAX_ERROR] or type(error).__name__
    return text + _place(error) if isinstance(error, SyntaxError) else text


def _place(error):
    """Return ` (LM_x.py:3)` for a syntax error: its text does not say where it is."""
    trace = io.StringIO()
    sys.print_exception(error, trace)
    for line in reversed(trace.getvalue().split('\n')):
        if line.strip().startswith('File "'):
            path, _, rest = line.strip()[6:].partition('", line ')
            return ' (%s:%s)' % (path.split('/')[-1], rest.split(',')[0])
    return ''


def _to_json(value, depth):
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != _INFINITY else None
    if isinstance(value, (bytes, bytearray)):
        return ''.join(['%02x' % byte for byte in value])
    if depth < _MAX_DEPTH:
        if isinstance(value, dict):
            return {str(key): _to_json(item, depth + 1) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [_to_json(item, depth + 1) for item in value]
    return str(value)
