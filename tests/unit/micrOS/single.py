"""Arithmetic of the board: firmware that computes in single precision, on a host that computes in double.

MicroPython's floats on the ESP32 have 32 bits. `load` runs the text of a module with every float literal, division and
function of `math` in single precision. A sum, product or quotient of two single numbers that is computed in double and
rounded once is the correctly rounded single result, as double has more than twice the digits.
"""

from __future__ import annotations

import ast
import math
import struct
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

_FORMAT = struct.Struct("<f")


class Single(float):
    """A number of 32 bits; what is computed with it is one too."""

    def __new__(cls, value: float) -> Single:
        """Round value."""
        return super().__new__(cls, _FORMAT.unpack(_FORMAT.pack(value))[0])


def _rounding(name: str) -> Callable[..., Any]:
    method = getattr(float, name)

    def rounded(*operands: Any) -> Any:
        result = method(*(Single(operand) for operand in operands))
        return result if result is NotImplemented else Single(result)

    return rounded


for _name in ("add", "sub", "mul", "truediv", "mod", "floordiv"):
    setattr(Single, f"__{_name}__", _rounding(f"__{_name}__"))
    setattr(Single, f"__r{_name}__", _rounding(f"__r{_name}__"))
for _name in ("neg", "abs"):
    setattr(Single, f"__{_name}__", _rounding(f"__{_name}__"))


def _of_math(name: str) -> Callable[..., Single]:
    function = getattr(math, name)
    return lambda *values: Single(function(*(Single(value) for value in values)))


_FUNCTIONS = ("acos", "asin", "atan2", "cos", "sin")
_MATH = SimpleNamespace(pi=Single(math.pi), **{name: _of_math(name) for name in _FUNCTIONS})


class _ToSingle(ast.NodeTransformer):
    """Wraps what would make a double: float literals, and the division of two whole numbers."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return _call(node) if isinstance(node.value, float) else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Div):
            node.left, node.right = _call(node.left), _call(node.right)
        return node


def _call(node: ast.expr) -> ast.expr:
    return ast.Call(ast.Name("Single", ast.Load()), [node], [])


def load(path: Path, *, is_single: bool) -> Callable[..., tuple[int | None, int | None, str | None]]:
    """Return `times` of sun.py, computing in single precision, arguments too, or as it is.

    Args:
        path: of sun.py.
        is_single: whether to round.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not is_single:
        namespace: dict[str, Any] = {}
        exec(compile(tree, str(path), "exec"), namespace)  # noqa: S102 - the module under test
        return namespace["times"]  # type: ignore[no-any-return]
    imported = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    assert [node.module for node in imported] == ["math"]
    names = [alias.name for node in imported for alias in node.names]
    tree.body = [node for node in tree.body if node not in imported]
    namespace = {"Single": Single, **{name: getattr(_MATH, name) for name in names}}
    exec(compile(ast.fix_missing_locations(_ToSingle().visit(tree)), str(path), "exec"), namespace)  # noqa: S102
    computed = namespace["_sun"](9668, 43200)
    assert all(isinstance(value, Single) for value in computed), "something was computed in double precision"
    times = namespace["times"]
    return lambda day, latitude, longitude, offset_min: times(day, Single(latitude), Single(longitude), offset_min)
