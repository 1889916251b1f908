"""Gives MicroPython's wasm32 module a larger shadow stack.

The module comes with 64 kB, of which the interpreter lets programs use 40 000 bytes: some forty calls deep, fewer
once each function keeps its locals there (:mod:`simulator.engine.vm.wasm_spill`). A board goes deeper, since its
compiler keeps most in registers. So the stack moves behind the memory that the module begins with, where nothing
is: its allocator takes what it is told at link time, and then what it adds to the end.

Source: wasi-libc, dlmalloc and sbrk; ports/unix/main.c of MicroPython, mp_stack_set_limit(40000 * words / 4).

Limits: memory in section 5 with a minimum alone; the limit has to stand in the code once, as a constant.
"""

from __future__ import annotations

from simulator.engine.vm.wasm_spill import number, section, sections, signed

#: What the interpreter lets programs use, and how much there is: the rest is for what it calls in between.
LIMIT_BYTES = 160_000
_STACK_PAGES = 6
_PAGE_BYTES = 65_536
_HEADER_BYTES = 8
_MEMORY, _GLOBALS, _CODE = 5, 6, 10
_ONE_MEMORY = b"\x01\x00"
#: The first global: a 32-bit integer that may change, with a constant as its first value.
_POINTER = b"\x7f\x01\x41"
_LIMIT = b"\x41" + signed(40_000)


def enlarge(wasm: bytes) -> bytes:
    """Return the module with the larger stack.

    Raises:
        ValueError: it is not as described above.
    """
    out = bytearray(wasm[:_HEADER_BYTES])
    end = 0
    for kind, data in sections(wasm):
        if kind == _MEMORY:
            pages = _pages(data) + _STACK_PAGES
            end = pages * _PAGE_BYTES
            data = _ONE_MEMORY + bytes([pages])
        elif kind == _GLOBALS:
            data = _move_pointer(data, end)
        elif kind == _CODE:
            data = _raise_limit(data)
        out += section(kind, data)
    return bytes(out)


def _pages(data: bytes) -> int:
    if not data.startswith(_ONE_MEMORY) or len(data) != len(_ONE_MEMORY) + 1:
        raise ValueError(f"memory is declared as {data.hex()}")
    return data[-1]


def _move_pointer(data: bytes, address: int) -> bytes:
    _count, start = number(data, 0)
    if data[start : start + len(_POINTER)] != _POINTER:
        raise ValueError("global 0 is no stack pointer")
    at = start + len(_POINTER)
    _old, after = number(data, at)
    return data[:at] + signed(address) + data[after:]


def _raise_limit(code: bytes) -> bytes:
    if code.count(_LIMIT) != 1:
        raise ValueError(f"the limit of the stack stands in the code {code.count(_LIMIT)} times")
    new = b"\x41" + signed(LIMIT_BYTES)
    if len(new) != len(_LIMIT):
        raise ValueError("the limit needs another length")
    return code.replace(_LIMIT, new)
