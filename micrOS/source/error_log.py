"""Shows and deletes what `Debug` has written. Cold."""

import os

import Debug


def errlog_get(msgobj=None):
    """Show all `*.log` files of the root folder.

    Args:
        msgobj: function that takes a line; None prints.

    Returns:
        int, number of lines that are errors.
    """
    send = msgobj or Debug.console_write
    count = 0
    for name in _names():
        data = Debug.read(name)
        for line in data.split(b'\n'):
            text = _decode(line)
            if text:
                count += text.split(' ', 3)[2:3] not in (['[WARN]'], ['[INFO]'])
                send(text)
        if len(data) >= Debug.MAX_FILE:
            send('[...] %s is longer' % name)
    held_back = Debug.State.others + sum([entry[2] for entry in list(Debug.State.recent.values())])
    if held_back:
        send('[INFO] %d lines held back' % held_back)
    return count


def errlog_clean():
    """Delete the error log, as far as the flash permits."""
    with Debug.State.lock:
        Debug.State.recent = {}
        Debug.State.others = 0
        Debug.State.tokens = Debug.BURST
        for name in _names():
            try:
                os.remove(name)
            except OSError:
                pass        # read-only; it is shown on


def _names():
    try:
        return sorted([name for name in os.listdir() if name.endswith('.log')], reverse=True)
    except OSError:
        return []


def _decode(line):
    """Return the text of a line; of a damaged one what is readable."""
    try:
        text = line.decode()
    except UnicodeError:
        text = ''.join([chr(byte) if byte < 128 else '?' for byte in line])
    return Debug.plain(text.strip())
