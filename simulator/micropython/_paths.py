"""Paths of a node's file system, resolved by their text alone as LittleFS does.

Source: lib/littlefs/lfs2.c, lfs2_dir_find.
"""

from __future__ import annotations

from simulator.micropython.errors import os_error


def split(path: str) -> tuple[str, str]:
    """Folder and name of an absolute path."""
    folder, _, name = path.rpartition("/")
    return folder or "/", name


def clean(path: str) -> str:
    """The one spelling of an absolute path.

    Raises:
        OSError: EINVAL: it leads above the root.
    """
    if path[:1] == "/" and "//" not in path and "/." not in path and (path[-1] != "/" or path == "/"):
        return path
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                raise os_error("EINVAL")
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)
