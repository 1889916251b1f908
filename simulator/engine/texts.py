"""Texts of objects as MicroPython makes them: in a ``repr``, and so inside of what holds other objects, all but ASCII
is escaped; arguments of an exception are shown as the tuple that they are.

    >>> str(shown(["h\u00e9"]))
    "['h\\\\xe9']"

Source: py/objstrunicode.c, uni_print_quoted; py/objexcept.c, mp_obj_exception_print.

Limits: exceptions in a tuple or dict read as CPython's; a ``__repr__`` of the program's own that is not ASCII is
escaped too if a list or the like holds its object; formats that are not literals (``fmt % value``) are filled as on
CPython.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Callable
from types import CodeType
from typing import Any

_NOTHING: dict[str, str] = {}
_VIEWS = (type(_NOTHING.items()), type(_NOTHING.keys()), type(_NOTHING.values()))
_HOLDERS: tuple[type, ...] = (list, tuple, dict, set, frozenset, deque, *_VIEWS)
_REPR = ord("r")
_ASCII = ord("a")


class _Quoted(str):
    """Text that ``%r`` shows as MicroPython does."""

    __slots__ = ()

    def __repr__(self) -> str:
        return ascii(str(self))


class _Shown(str):
    """What something else than text is shown as, by ``%s`` and ``%r`` alike."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def shown(value: object) -> object:
    """What ``str`` is to be made of: the value, or a text that stands for it."""
    if isinstance(value, _HOLDERS):
        if isinstance(value, list) and any(isinstance(item, BaseException) for item in value):
            return "[" + ", ".join([port_repr(item) for item in value]) + "]"
        text = str(value)
        return text if text.isascii() else ascii(value)
    if isinstance(value, BaseException) and len(value.args) > 1 and type(value).__str__ is BaseException.__str__:
        return ascii(value.args)
    return value


def port_repr(value: object, /) -> str:
    """``repr``."""
    if isinstance(value, BaseException) and type(value).__repr__ is BaseException.__repr__:
        return type(value).__name__ + ascii(value.args)
    text = repr(value)
    return text if text.isascii() or not isinstance(value, (str, *_HOLDERS)) else ascii(value)


def exception_line(error: BaseException, is_own: Callable[[CodeType], bool]) -> str:
    """The last line of a printed exception: type and text; of the program's own methods it asks ``__repr__`` only.

    Args:
        error: what is printed.
        is_own: tells whether code is the program's own.

    Source: py/objtype.c, instance_print; py/objexcept.c, mp_obj_exception_print.
    """
    kind = type(error)
    if _is_code(_method(kind, "__repr__", lambda code: False), is_own):
        return repr(error)
    text = _method(kind, "__str__", is_own)
    if text not in (BaseException.__str__, KeyError.__str__):
        return f"{kind.__name__}: {text(error)}"
    args = error.args
    return f"{kind.__name__}: {str(shown(args[0])) if len(args) == 1 else ascii(args) if args else ''}"


def _method(kind: type, name: str, is_hidden: Callable[[CodeType], bool]) -> Any:
    """The first method of that name among a class and its bases whose code is not hidden."""
    found = (vars(base)[name] for base in kind.__mro__ if name in vars(base))
    return next(method for method in found if not _is_code(method, is_hidden))


def _is_code(method: Any, is_such: Callable[[CodeType], bool]) -> bool:
    code = getattr(method, "__code__", None)
    return code is not None and is_such(code)


def filled(value: Any, by_name: bool) -> Any:
    """What a format is to be filled with.

    Args:
        value: what stands right of the ``%``.
        by_name: it is a dict, of which the format names keys.
    """
    if by_name and isinstance(value, dict):
        return {key: piece(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple([piece(item) for item in value])
    return piece(value)


def piece(value: object) -> object:
    """What one field of a format is to be filled with."""
    if isinstance(value, str):
        return value if value.isascii() else _Quoted(value)
    text = shown(value)
    return value if text is value else _Shown(text)


def put_texts(node: ast.AST) -> None:
    """Put these functions where a node's code makes a text of an object."""
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id == "str" and len(node.args) == 1:
            _wrap_first(node)
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "format" and _is_text(node.func.value):
            node.args = [arg if isinstance(arg, ast.Starred) else _call("__piece__", arg) for arg in node.args]
            for keyword in node.keywords:
                keyword.value = _call("__piece__", keyword.value) if keyword.arg else keyword.value
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and _is_text(node.left):
        node.right = _call("__filled__", node.right, ast.Constant("%(" in ast.literal_eval(node.left)))
    elif isinstance(node, ast.FormattedValue):
        if node.conversion == _REPR:
            node.conversion = _ASCII
        elif node.conversion < 0 and node.format_spec is None:
            node.value = _call("__shown__", node.value)


def _wrap_first(node: ast.Call) -> None:
    if not isinstance(node.args[0], ast.Starred) and not node.keywords:
        node.args[0] = _call("__shown__", node.args[0])


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _call(name: str, value: ast.expr, *rest: ast.expr) -> ast.Call:
    call = ast.Call(ast.Name(name, ast.Load()), [value, *rest], [])
    return ast.fix_missing_locations(ast.copy_location(call, value))


#: What :func:`put_texts` puts in, by the names that it uses.
FUNCTIONS = {"__shown__": shown, "__filled__": filled, "__piece__": piece}
