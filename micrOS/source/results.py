"""How the result or the error of a command reads for the client."""

import cold

HINTS = ['SHELL: type help for single word commands (built-in)',
         'SHELL: for LM exec: [1](LM)module [2]function [3...]optional params']


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
        return cold.call('results_json', 'to_text', value)
    if function == 'help' and isinstance(value, (tuple, list)):
        return '\n'.join([' %s,' % item for item in value])
    if isinstance(value, dict):
        return '\n'.join([' %s: %s' % (key, item) for key, item in value.items()])
    return str(value)


def error_text(error):
    """Return the text of an exception in one line, as MicroPython words it; its type if that alone tells what it is."""
    try:
        return cold.call('error_words', 'text', error)
    except Exception:  # noqa: BLE001 - border: no memory to load the words, or a damaged file
        return type(error).__name__
