"""Files, as `hal` offers them. Cold."""

import os

from hal import file_exists, remove_file
from micropython import const

_TEMPORARY = const('.tmp')


def replace_file(path, text, keep=None):
    """Replace a file so that a power cut leaves the old or the new content, never a mixture.

    The text is written once and closed, then renamed over the old file: on LittleFS both are atomic.

    Args:
        path: str.
        text: str, the new content.
        keep: str, new name for the file that is replaced; None drops it.

    Raises:
        OSError: no space, or a broken flash. The old file is still there.
    """
    temporary = path + _TEMPORARY
    try:
        with open(temporary, 'w') as file:
            file.write(text)
    except OSError:
        remove_file(temporary)
        raise
    kept = keep is not None and file_exists(path)
    if kept:
        os.rename(path, keep)
    try:
        os.rename(temporary, path)
    except OSError:
        if kept:
            os.rename(keep, path)
        raise


def remove_leftover(path):
    """Delete what an interrupted `replace_file` of path left behind; the flash is not written if there is nothing."""
    remove_file(path + _TEMPORARY)


def list_folder(path):
    """Return the sorted names in a folder; none if it does not exist. The empty path is the current one."""
    try:
        return sorted(os.listdir(path) if path else os.listdir())
    except OSError:
        return []


def read_file(path, most=-1):
    """Return the text of a file, at most so many characters, or None if there is no such file.

    Raises:
        OSError: the file is there but cannot be read.
        UnicodeError: its bytes are no UTF-8.
    """
    if not file_exists(path):
        return None
    with open(path) as file:
        return file.read(most)


def free_flash_percent():
    """Return the free part of the file system, int 0..100."""
    stats = os.statvfs('/')
    return stats[3] * 100 // stats[2]
