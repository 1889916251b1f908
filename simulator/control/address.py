"""``control.json``: where a running simulator listens, and the token that opens it.

The file stands in the state directory and only its owner can read it (on Windows: as the directory's rights say). It
is written beside and then renamed, so nobody reads half of it.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import NamedTuple

from simulator.control.protocol import VERSION
from simulator.errors import StateError

FILE = "control.json"


class Address(NamedTuple):
    """Where to connect, with what token, and which process it is."""

    host: str
    port: int
    token: str
    pid: int


def new_token() -> str:
    """A random token, 256 bits, from where :mod:`secrets` takes its own."""
    return os.urandom(32).hex()


def publish(state_dir: Path, address: Address) -> None:
    """Write ``control.json``.

    Raises:
        OSError: it cannot be written.
    """
    text = json.dumps({"v": VERSION, **address._asdict()})
    part = state_dir / f"{FILE}.{os.getpid()}"
    with contextlib.suppress(FileNotFoundError):
        part.unlink()
    fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(fd, "w", encoding="utf-8") as file:
        file.write(text + "\n")
    os.replace(part, state_dir / FILE)


def withdraw(state_dir: Path, address: Address) -> None:
    """Remove ``control.json`` if it is still the one of ``address``."""
    with contextlib.suppress(OSError, StateError):
        if find(state_dir) == address:
            (state_dir / FILE).unlink()


def find(state_dir: Path) -> Address:
    """Read ``control.json``.

    Raises:
        StateError: no simulator runs on this state, or the file is not what we write.
    """
    path = state_dir / FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["v"] != VERSION:
            raise StateError(f"{path}: written by another version; start the simulator anew")
        return Address(str(found["host"]), int(found["port"]), str(found["token"]), int(found["pid"]))
    except FileNotFoundError:
        raise StateError(f"no simulator runs on {state_dir} ({FILE} is missing)") from None
    except OSError as error:
        raise StateError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise StateError(f"{path} is damaged; start the simulator anew") from None
