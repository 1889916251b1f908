"""Read command lines: words, tasks and Python literals. Parsed, never evaluated.

    >>> parse_arguments('10 "a b" c=[1, 2]')
    ([10, 'a b'], {'c': [1, 2]})

Accepted: int, float, str, bytes, True, False, None, list, tuple, dict and `name=value`, separated
by blanks or one comma. Anything else raises ValueError with a one-line text. Plain numbers, texts and constants,
which most commands hold, are read here; for all else `literal_reader` is loaded.
"""

import cold
from micropython import const

_LETTERS = const('_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ')
_CONSTANTS = {'True': True, 'False': False, 'None': None}


def is_digits(text):
    """True if text is one or more ASCII digits."""
    return bool(text) and all('0' <= c <= '9' for c in text)


def is_identifier(word):
    """True if word is an ASCII Python identifier."""
    return bool(word) and word[0] in _LETTERS and all(c in _LETTERS or '0' <= c <= '9' for c in word)


def split_command(line):
    """Split a command line into its parts.

    Args:
        line: str such as 'rgb rgb r=10 g=60 >json'.

    Returns:
        (words, arguments, as_json): the first words (at most two), the text after them, and
        whether the last word is `>json`, which is not part of the arguments.
    """
    parts = line.strip().split(None, 2)
    as_json = parts[-1:] == ['>json']
    if as_json:
        parts.pop()
    arguments = parts[2].strip() if len(parts) > 2 else ''
    if arguments.endswith('>json') and arguments[-6].isspace():
        as_json = True
        arguments = arguments[:-6].strip()
    return parts[:2], arguments, as_json


def is_background(text):
    """True if a command ends in a suffix for background jobs: a word that starts with `&`, outside quotes."""
    last = text.split()[-1]
    return last[0] == '&' and '"' not in last and "'" not in last


def split_tasks(text):
    """Split a task list at `;` outside quotes; empty tasks are left out.

    Args:
        text: str such as 'rgb load_n_init; oled text "a;b"'. `n/a` at its start means no task.

    Returns:
        list of str.
    """
    if text.strip().lower().startswith('n/a'):
        return []
    tasks, start, quote, escaped = [], 0, '', False
    for i, char in enumerate(text + ';'):
        if escaped or quote and char == '\\':
            escaped = not escaped
        elif quote:
            if char == quote:
                quote = ''
        elif char in '"\'':
            quote = char
        elif char == ';':
            tasks.append(text[start:i].strip())
            start = i + 1
    if quote:
        tasks.append(text[start:].strip())
    return [task for task in tasks if task]


def parse_arguments(text):
    """Parse the argument part of a command.

    Args:
        text: str, e.g. '10 name="x"'.

    Returns:
        (args, kwargs): list and dict.

    Raises:
        ValueError: text holds anything but literals; one line, safe to show.
    """
    args, kwargs, begun = [], {}, ''
    for word in text.split(' '):
        word = begun + ' ' + word if begun else word        # a text with blanks
        if not word:
            continue
        name, _, value = word.partition('=')
        if name == word or not is_identifier(name):
            name, value = '', word
        read = _plain(value)
        begun = word if read == () else ''
        if read:
            if name in _CONSTANTS or name in kwargs or kwargs and not name:
                break
            if name:
                kwargs[name] = read[0]
            else:
                args.append(read[0])
        elif not begun:
            break
    else:
        if not begun:
            return args, kwargs
    return cold.load('literal_reader').parse(text)


def _plain(text):
    """Return (value,) of a plain literal, () for a string whose end is still to come, None for all else."""
    quote = text[:1]
    if quote in ('"', "'"):
        if len(text) == 1 or text[-1] != quote:
            return ()
        text = text[1:-1]
        return None if quote in text or '\\' in text else (text,)
    if text in _CONSTANTS:
        return (_CONSTANTS[text],)
    digits = text[1:] if quote == '-' else text
    if len(text) < 40 and is_digits(digits.replace('.', '', 1)):
        return (float(text) if '.' in text else int(text),)
    return None
