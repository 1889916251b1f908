"""Makes a wasm32 module keep its pointers where a conservative garbage collector looks.

Theory of operation. MicroPython's collector finds the objects in use by reading the machine's stack and registers. A
WebAssembly program has neither: its locals and operands are out of the program's own reach, only what a compiler
had to put into memory is on the *shadow stack*, which grows down from an address that global 0 holds. So a pointer
that only a local holds is missed, and its object is freed while in use. (An interpreter for WASI is usually built with
Binaryen's pass ``spill-pointers``; this one was not.)

:func:`spill` gives each function that calls others a frame on the shadow stack, all zero at first. Every 32-bit local
that is read has a slot there, and is stored into it wherever it is set; results of calls that may stay on the operand
stack go to a ring of slots. What is not a pointer does no harm: the collector is conservative.

Source: WebAssembly core specification 3.0, chapter 5 (binary format); py/gc.c; Binaryen, SpillPointers.cpp (idea).

Limits: 32-bit memory; global 0 must be the stack pointer (``wasm-ld`` makes it so); no tail calls or GC types; a frame
is given back only where a function returns, so a program that leaves by an exception must restore the pointer itself
(compiled setjmp does).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

#: Slots of a function for results of calls.
_RING = 16
_I32 = 0x7F
_STACK_POINTER = 0
_ALIGN = 16
_HEADER_BYTES = 8
_TYPES, _IMPORTS, _FUNCTIONS, _CODE = 1, 2, 3, 10

# Opcodes; source: the specification, 5.4.
_BLOCK, _LOOP, _IF, _TRY_TABLE, _END, _BRANCH, _BRANCH_IF, _BRANCH_TABLE, _RETURN = (
    0x02, 0x03, 0x04, 0x1F, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F
)  # fmt: skip
_CALL, _CALL_INDIRECT, _DROP = 0x10, 0x11, 0x1A
_GET, _SET, _TEE, _GLOBAL_GET, _GLOBAL_SET = 0x20, 0x21, 0x22, 0x23, 0x24
_STORE, _CONST, _SUBTRACT, _IS_ZERO = 0x36, 0x41, 0x6B, 0x45
_F32_CONST, _F64_CONST, _PREFIX = 0x43, 0x44, 0xFC
_FILL = b"\xfc\x0b\x00"
_EMPTY_TYPE = b"\x40"
_OPENS = frozenset({_BLOCK, _LOOP, _IF, _TRY_TABLE})
_CALLS = frozenset({_CALL, _CALL_INDIRECT})
#: After these no other call can run before the result is gone.
_USES_AT_ONCE = frozenset({_DROP, _BRANCH_IF, _IF, _IS_ZERO})
_NO_OPERAND = frozenset({0x00, 0x01, 0x05, 0x0A, _END, _RETURN, _DROP, 0x1B, 0xD1, *range(0x45, 0xC5)})
_ONE_OPERAND = frozenset(
    {_BLOCK, _LOOP, _IF, 0x08, _BRANCH, _BRANCH_IF, _CALL, *range(0x20, 0x27), 0x3F, 0x40, _CONST, 0x42, 0xD0, 0xD2}
)
_TWO_OPERANDS = frozenset({_CALL_INDIRECT, *range(0x28, 0x3F)})
#: Operands of the instructions behind the prefix; those below 8 have none, those from 15 one.
_PREFIXED = {8: 2, 9: 1, 10: 2, 11: 1, 12: 2, 13: 1, 14: 2}


class _Signature(NamedTuple):
    """Types of a function: one byte each."""

    params: bytes
    results: bytes


class _Instruction(NamedTuple):
    """One instruction: its opcode and all its bytes."""

    opcode: int
    raw: bytes

    @property
    def operand(self) -> int:
        """Its first operand."""
        return number(self.raw, 1)[0]


class _Module(NamedTuple):
    """What is known of a module: its types, and the number of each function's type."""

    types: list[_Signature]
    functions: list[int]

    def called(self, call: _Instruction) -> _Signature:
        """The signature of what a call calls."""
        return self.types[self.functions[call.operand] if call.opcode == _CALL else call.operand]


def spill(wasm: bytes) -> bytes:
    """Return the module with its pointers on the shadow stack.

    Args:
        wasm: a binary module.

    Raises:
        ValueError: it has an instruction or a type that is not known here.
    """
    out = bytearray(wasm[:_HEADER_BYTES])
    module = _Module([], [])
    imported = 0
    for kind, data in sections(wasm):
        if kind == _TYPES:
            module.types.extend(_read_types(data))
        elif kind == _IMPORTS:
            module.functions.extend(_read_imports(data))
            imported = len(module.functions)
        elif kind == _FUNCTIONS:
            module.functions.extend(_read_vector(data))
        elif kind == _CODE:
            data = _spill_code(data, module, imported)
        out += section(kind, data)
    return bytes(out)


def sections(wasm: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield kind and content of each section of a module."""
    at = _HEADER_BYTES
    while at < len(wasm):
        size, start = number(wasm, at + 1)
        yield wasm[at], wasm[start : start + size]
        at = start + size


def section(kind: int, data: bytes) -> bytes:
    """A section as it stands in a module."""
    return bytes([kind]) + _unsigned(len(data)) + data


# --- numbers ------------------------------------------------------------------------------------------------------


def number(data: bytes, at: int) -> tuple[int, int]:
    """Read an unsigned LEB128 number; returns it and where the next thing begins."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def _unsigned(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def signed(value: int) -> bytes:
    """Encode a number that is not negative as signed LEB128."""
    out = bytearray()
    while value > 0x3F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


# --- sections -----------------------------------------------------------------------------------------------------


def _read_vector(data: bytes) -> Iterator[int]:
    count, at = number(data, 0)
    for _ in range(count):
        value, at = number(data, at)
        yield value


def _read_types(data: bytes) -> Iterator[_Signature]:
    count, at = number(data, 0)
    for _ in range(count):
        if data[at] != 0x60:
            raise ValueError(f"type {data[at]:#x} is no function")
        size, start = number(data, at + 1)
        params = data[start : start + size]
        size, at = number(data, start + size)
        yield _Signature(params, data[at : at + size])
        at += size


def _read_imports(data: bytes) -> Iterator[int]:
    count, at = number(data, 0)
    for _ in range(count):
        for _name in range(2):
            size, at = number(data, at)
            at += size
        if data[at] != 0:
            raise ValueError(f"import of kind {data[at]} is no function")
        value, at = number(data, at + 1)
        yield value


def _spill_code(data: bytes, module: _Module, imported: int) -> bytes:
    count, at = number(data, 0)
    out = bytearray(_unsigned(count))
    for place in range(count):
        size, start = number(data, at)
        at = start + size
        signature = module.types[module.functions[imported + place]]
        if len(signature.results) > 1:
            raise ValueError("functions with several results are not known")
        body = _spill_function(data[start:at], signature, module)
        out += _unsigned(len(body)) + body
    return bytes(out)


# --- instructions -------------------------------------------------------------------------------------------------


def _skip(data: bytes, at: int, count: int = 1) -> int:
    """Where the next thing begins after so many numbers."""
    for _ in range(count):
        while data[at] > 0x7F:
            at += 1
        at += 1
    return at


def _after(data: bytes, at: int) -> int:
    """Where the instruction at a position ends."""
    opcode = data[at]
    at += 1
    if opcode in _NO_OPERAND:
        return at
    if opcode in _ONE_OPERAND:
        return _skip(data, at)
    if opcode in _TWO_OPERANDS:
        return _skip(data, at, 2)
    if opcode in (_F32_CONST, _F64_CONST):
        return at + (4 if opcode == _F32_CONST else 8)
    if opcode == _BRANCH_TABLE:
        count, at = number(data, at)
        return _skip(data, at, count + 1)
    if opcode == _PREFIX:
        sub, at = number(data, at)
        return _skip(data, at, _PREFIXED.get(sub, 1 if sub > 14 else 0))
    if opcode == _TRY_TABLE:
        return _after_catches(data, _skip(data, at))
    raise ValueError(f"instruction {opcode:#x} is not known")


def _after_catches(data: bytes, at: int) -> int:
    count, at = number(data, at)
    for _ in range(count):
        at = _skip(data, at + 1, 2 if data[at] < 2 else 1)
    return at


def _instructions(data: bytes, at: int) -> list[_Instruction]:
    found = []
    while at < len(data):
        end = _after(data, at)
        found.append(_Instruction(data[at], data[at:end]))
        at = end
    return found


# --- functions ----------------------------------------------------------------------------------------------------


def _locals(body: bytes, params: bytes) -> tuple[int, int, list[int]]:
    """Groups of locals that a body declares, where they end, and the type of each local, parameters first."""
    groups, at = number(body, 0)
    kinds = list(params)
    for _ in range(groups):
        count, at = number(body, at)
        kinds += [body[at]] * count
        at += 1
    return groups, at, kinds


def _ring_slots(code: list[_Instruction], module: _Module, kept: dict[int, int]) -> dict[int, int]:
    """Position of a call -> offset of the slot for its result, behind those of the locals that are kept."""
    first = 4 * len(kept)
    slots: dict[int, int] = {}
    for position, instruction in enumerate(code):
        if instruction.opcode not in _CALLS:
            continue
        following = code[position + 1]
        if following.opcode in _USES_AT_ONCE:
            continue
        if following.opcode in (_SET, _TEE) and following.operand in kept:
            continue  # it is stored as that local
        if module.called(instruction).results == bytes([_I32]):
            slots[position] = first + 4 * (len(slots) % _RING)
    return slots


class _Frame(NamedTuple):
    """Frame of a function on the shadow stack, and its locals beyond those of the function.

    Attributes:
        slots: local -> offset.
        ring: position of a call -> offset.
        saved: local for the stack pointer as it was.
        pointer: local for the frame's address.
        result: local for the result of a call.
    """

    slots: dict[int, int]
    ring: dict[int, int]
    saved: bytes
    pointer: bytes
    result: bytes

    @property
    def size(self) -> int:
        """Bytes of it."""
        words = len(self.slots) + min(_RING, len(self.ring))
        return -(-4 * words // _ALIGN) * _ALIGN

    def open(self) -> bytes:
        """Code that makes the frame and clears it."""
        stack_pointer = _unsigned(_STACK_POINTER)
        return b"".join((
            bytes([_GLOBAL_GET]) + stack_pointer,
            bytes([_TEE]) + self.saved + bytes([_CONST]) + signed(self.size),
            bytes([_SUBTRACT, _TEE]) + self.pointer,
            bytes([_GLOBAL_SET]) + stack_pointer,
            self.clear(),
        ))  # fmt: skip

    def clear(self) -> bytes:
        """Code that fills it with zeros."""
        return bytes([_GET]) + self.pointer + bytes([_CONST, 0, _CONST]) + signed(self.size) + _FILL

    def close(self) -> bytes:
        """Code that clears the frame and gives it back, at the end of the function."""
        give_back = bytes([_GET]) + self.saved + bytes([_GLOBAL_SET]) + _unsigned(_STACK_POINTER)
        return self.clear() + give_back + bytes([_END])

    def keep(self, local: int) -> bytes:
        """Code that stores a local in its slot."""
        address = bytes([_GET]) + self.pointer
        return address + bytes([_GET]) + _unsigned(local) + bytes([_STORE, 2]) + _unsigned(self.slots[local])

    def keep_result(self, position: int) -> bytes:
        """Code that stores what a call has left on the operand stack."""
        value = bytes([_TEE]) + self.result + bytes([_GET]) + self.pointer + bytes([_GET]) + self.result
        return value + bytes([_STORE, 2]) + _unsigned(self.ring[position])


def _spill_function(body: bytes, signature: _Signature, module: _Module) -> bytes:
    groups, start, kinds = _locals(body, signature.params)
    code = _instructions(body, start)
    if not any(instruction.opcode in _CALLS for instruction in code):
        return body
    read = {instruction.operand for instruction in code if instruction.opcode in (_GET, _TEE)}
    kept = [local for local, kind in enumerate(kinds) if kind == _I32 and local in read]
    slots = {local: 4 * place for place, local in enumerate(kept)}
    new = [_unsigned(len(kinds) + extra) for extra in range(3)]
    frame = _Frame(slots, _ring_slots(code, module, slots), *new)
    if not frame.size:
        return body
    groups_end = _skip(body, 0)
    out = bytearray(_unsigned(groups + 1) + body[groups_end:start] + b"\x03" + bytes([_I32]))
    out += frame.open()
    out += b"".join(frame.keep(local) for local in slots if local < len(signature.params))
    out += bytes([_BLOCK]) + (signature.results or _EMPTY_TYPE)  # a return becomes a branch to its end
    return bytes(out + _rewrite(code, frame) + frame.close())


def _rewrite(code: list[_Instruction], frame: _Frame) -> bytes:
    """The instructions of a function, inside of one more block."""
    out = bytearray()
    depth = 0
    for position, instruction in enumerate(code):
        opcode = instruction.opcode
        depth += (opcode in _OPENS) - (opcode == _END)
        out += bytes([_BRANCH]) + _unsigned(depth) if opcode == _RETURN else instruction.raw
        if opcode in (_SET, _TEE) and instruction.operand in frame.slots:
            out += frame.keep(instruction.operand)
        if position in frame.ring:
            out += frame.keep_result(position)
    return bytes(out)
