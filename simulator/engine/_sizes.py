"""What objects of a node's program take on the chip's heap: an estimate from what they are under CPython.

Theory of operation. :func:`reachable_bytes` walks from roots to all that they hold, each object once. It enters what
is the node's own: containers, instances of the node's classes, suspended generators and coroutines, closures. Of what
is the simulator's it enters nothing but a ``deque``; another object of an API class counts as two blocks. Modules,
code, and functions as such take nothing here: they are counted by the length of their source. It runs none of the
node's code, so it calls no methods that a program can define.

Source: py/gc.c (blocks of four words), py/obj*.h of a 32-bit port with object representation A: small integers of 31
bits take nothing, a float takes a block.

Limits: room that a container keeps in reserve is not counted for a list; a string is as long as its UTF-8.
"""

from __future__ import annotations

import gc
import sys
from collections import deque as host_deque
from collections.abc import Callable, Iterable, Mapping
from types import (
    AsyncGeneratorType,
    BuiltinFunctionType,
    CodeType,
    CoroutineType,
    FrameType,
    FunctionType,
    GeneratorType,
    ModuleType,
    TracebackType,
)
from typing import Any
from weakref import ReferenceType

from greenlet import greenlet

from simulator.micropython.array import array
from simulator.micropython.collections import deque

BLOCK_BYTES = 16
_SMALL_BITS = 30
_WORD_BYTES = 4
_LEAF_BYTES = 2 * BLOCK_BYTES
_GENERATOR_BYTES = 6 * BLOCK_BYTES
_HEAP_TYPE = 1 << 9
_OURS = "simulator."
#: Words that an item of a container takes.
_WORDS: dict[type, int] = {list: 1, tuple: 1, set: 1, dict: 2}
_NOTHING: tuple[object, ...] = ()
#: Types whose objects are the source's, the host's, or nothing on the chip's heap.
_FREE = frozenset({
    bool, type(None), type(Ellipsis), type(NotImplemented), ModuleType, CodeType, FrameType, TracebackType,
    ReferenceType, greenlet,
})  # fmt: skip


def blocks(size_bytes: int) -> int:
    """``size_bytes`` in whole blocks, as bytes."""
    return -(-size_bytes // BLOCK_BYTES) * BLOCK_BYTES


def _integer(value: Any) -> int:
    bits: int = value.bit_length()
    return 0 if bits <= _SMALL_BITS else BLOCK_BYTES + blocks(bits // 8 + 1)


def _text(value: Any) -> int:
    length = len(value)
    if length < 2:
        return 0  # the port has these in its table of names
    return BLOCK_BYTES + blocks(1 + (length if value.isascii() else len(value.encode("utf-8", "surrogatepass"))))


_LEAVES: dict[type, Callable[[Any], int]] = {
    int: _integer,
    float: lambda value: BLOCK_BYTES,
    complex: lambda value: BLOCK_BYTES,
    str: _text,
    bytes: lambda value: BLOCK_BYTES + blocks(len(value) + 1) if len(value) > 1 else 0,
    bytearray: lambda value: BLOCK_BYTES + blocks(len(value)),
    array: lambda value: BLOCK_BYTES + blocks(memoryview(value).nbytes),
    range: lambda value: BLOCK_BYTES,
}


def _function(value: Any) -> tuple[int, Iterable[object]]:
    closure = value.__closure__
    if "__tick__" not in value.__builtins__:
        return 0, _NOTHING
    if closure is None:
        return 0, (value.__defaults__, value.__kwdefaults__)
    return blocks(12 + len(closure) * _WORD_BYTES), (*closure, value.__defaults__, value.__kwdefaults__)


def _pairs(value: Any) -> tuple[int, Iterable[object]]:
    return BLOCK_BYTES + blocks(2 * _WORD_BYTES * len(value)), (*value.keys(), *value.values())


def _suspended(value: Any) -> tuple[int, Iterable[object]]:
    name, full_name = value.__name__, value.__qualname__
    return _GENERATOR_BYTES, [held for held in gc.get_referents(value) if held is not name and held is not full_name]


_NODES: dict[type, Callable[[Any], tuple[int, Iterable[object]]]] = {
    list: lambda value: (BLOCK_BYTES + blocks(_WORD_BYTES * max(4, len(value))), value),
    tuple: lambda value: (blocks(2 * _WORD_BYTES + _WORD_BYTES * len(value)) if value else 0, value),
    dict: _pairs,
    set: lambda value: (BLOCK_BYTES + blocks(_WORD_BYTES * len(value)), value),
    frozenset: lambda value: (BLOCK_BYTES + blocks(_WORD_BYTES * len(value)), value),
    FunctionType: _function,
    BuiltinFunctionType: lambda value: (BLOCK_BYTES, (value.__self__,)),
    GeneratorType: _suspended,
    CoroutineType: _suspended,
    AsyncGeneratorType: _suspended,
    host_deque: lambda value: (blocks(_WORD_BYTES * ((value.maxlen or len(value)) + 1)), value),
    deque: lambda value: (2 * BLOCK_BYTES, (value._items,)),
}


def named(names: Mapping[str, object]) -> list[object]:
    """What a module or class holds under names that its program gave; not its documentation, its builtins."""
    return [value for name, value in names.items() if name[:2] != "__"]


def _is_host_class(kind: type) -> bool:
    """Whether a class is the simulator's or the host's, not one that the node's program has made."""
    if not kind.__flags__ & _HEAP_TYPE:
        return True
    module = kind.__module__
    if not isinstance(module, str) or module.startswith(_OURS):
        return True
    return vars(sys.modules.get(module, object)).get(kind.__name__) is kind


def _other(value: Any, kind: type) -> tuple[int, Iterable[object]]:
    """Size and content of what stands in no table."""
    if issubclass(kind, type):
        return 0, _NOTHING if _is_host_class(value) else named(vars(value))
    if not kind.__flags__ & _HEAP_TYPE:  # iterators, bound methods, cells, exceptions
        return BLOCK_BYTES, gc.get_referents(value)
    if issubclass(kind, tuple):
        return blocks(_WORD_BYTES * (2 + tuple.__len__(value))), tuple.__iter__(value)
    if not _is_host_class(kind):
        held = gc.get_referents(value)
        return BLOCK_BYTES + blocks(2 * _WORD_BYTES * (len(held) - 1)), held
    return _LEAF_BYTES, _NOTHING


def flat_bytes(values: Iterable[object]) -> int:
    """Bytes of heap that strings, buffers and built-in containers take, without what they contain."""
    total = 0
    value: Any
    for value in values:
        kind = type(value)
        if kind in _LEAVES:
            total += _LEAVES[kind](value)
        elif kind in _WORDS:
            total += _WORD_BYTES * _WORDS[kind] * len(value)
    return total


def reachable_bytes(roots: Iterable[object], enough: int, *, without: Iterable[object] = ()) -> int:
    """Bytes of heap that ``roots`` and all that they hold take.

    Args:
        roots: objects of the node; those of the simulator count as little as they would inside.
        enough: stop counting above so many, which bounds the work; then the result is not exact.
        without: objects to pass by.
    """
    total = 0
    seen = {id(value) for value in without}
    todo = list(roots)
    while todo:
        value = todo.pop()
        kind = type(value)
        if kind in _FREE or id(value) in seen:
            continue
        seen.add(id(value))
        leaf = _LEAVES.get(kind)
        if leaf is not None:
            total += leaf(value)
            continue
        node = _NODES.get(kind)
        size, held = _other(value, kind) if node is None else node(value)
        total += size
        if total > enough:
            return total
        todo += held
    return total
