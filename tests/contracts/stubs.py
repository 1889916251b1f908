"""Compares a node's modules with the published MicroPython type stubs.

Theory of operation. A stub file is parsed into one :class:`Shape` per function and one :class:`StubClass` per class.
Overloads are merged: what any of them takes, the function takes. Our side is read with :mod:`inspect` from the module
object that firmware gets. Each way in which the two differ is one :class:`Difference`, so that a reviewed list can name
it and give the reason.

Two rules keep that list to what matters:

- Ours may take an argument by position only where the stub takes it by name too: stubs of C functions are written from
  documentation, which rarely shows the slash, and C functions without a keyword table refuse names. The reverse (ours
  takes a name that the stub does not) is a difference.
- A stub with ``*args, **kwargs`` was read from a board without documentation and says nothing about arguments. Ours
  must then take definite ones.

The stubs of ``micropython-stdlib-stubs`` are CPython's with MicroPython's documentation merged in; there only what
bears a docstring or ``@mp_available`` is MicroPython's (typeshed itself has no docstrings).
"""

from __future__ import annotations

import ast
import importlib.metadata
import inspect
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

UNKNOWN: Any = object()
#: Assignments of these are for type checkers only.
_TYPING = {"TypeVar", "ParamSpec", "TypeVarTuple", "NewType"}


@dataclass(frozen=True)
class Difference:
    """One way in which our side differs.

    Attributes:
        where: e.g. ``os.listdir`` or ``machine.Pin.irq``.
        what: e.g. ``missing``, ``extra``, ``default of trigger is 3, the stub's 2``.
    """

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass
class Shape:
    """What a function takes.

    Attributes:
        positional: names, in order, of what can be given by position.
        required: how many of them must be given.
        by_name: names that can be given by name.
        name_only: those of ``by_name`` that can't be given by position.
        defaults: name -> default, UNKNOWN where it can't be told.
        rest: takes any further arguments by position.
        vague: says nothing about its arguments.
    """

    positional: list[str] = field(default_factory=list)
    required: int = 0
    by_name: set[str] = field(default_factory=set)
    name_only: set[str] = field(default_factory=set)
    defaults: dict[str, Any] = field(default_factory=dict)
    rest: bool = False
    vague: bool = False


@dataclass
class StubClass:
    """A class of a stub.

    Attributes:
        members: name -> Shape of a method, value of a constant or UNKNOWN.
        bases: names of its bases.
    """

    members: dict[str, Any] = field(default_factory=dict)
    bases: list[str] = field(default_factory=list)


def stub_files() -> dict[str, tuple[Path, bool]]:
    """MicroPython module -> (stub file, whether it is CPython's with marks).

    The ``u`` aliases of the port's stubs tell which modules of the shared library stubs the port has.
    """
    own = {_module(path): Path(str(path.locate())) for path in _files("micropython-esp32-stubs") if _module(path)}
    found = {name: (path, False) for name, path in own.items() if not _is_alias(path)}
    for path in _files("micropython-stdlib-stubs"):
        parts = path.parts
        if parts[0] == "stdlib" and path.suffix == ".pyi":
            name = parts[1].removesuffix(".pyi")
            whole = len(parts) == 2 or (len(parts) == 3 and parts[2] == "__init__.pyi")
            if whole and "u" + name in own:
                found[name] = (Path(str(path.locate())), True)
    return dict(sorted(found.items()))


def _files(distribution: str) -> list[importlib.metadata.PackagePath]:
    return [path for path in importlib.metadata.files(distribution) or [] if path.suffix == ".pyi"]


def _module(path: importlib.metadata.PackagePath) -> str:
    """Name of a top-level module or package, "" for what is inside of one or only for type checkers."""
    if path.parts[0] in ("_mpy_shed", "__builtins__.pyi"):
        return ""
    if len(path.parts) == 1:
        return path.stem
    return path.parts[0] if len(path.parts) == 2 and path.name == "__init__.pyi" else ""


def _is_alias(path: Path) -> bool:
    """``utime.pyi`` only says ``from time import *``."""
    body = [node for node in ast.parse(path.read_text(encoding="utf-8")).body if not _is_docstring(node)]
    return path.stem.startswith("u") and all(isinstance(node, ast.ImportFrom) for node in body)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def read_stub(path: Path, *, marked_only: bool) -> dict[str, Any]:
    """Public names of a stub: name -> Shape, StubClass, constant's value or UNKNOWN."""
    names: dict[str, Any] = {}
    for node in _statements(path, marked_only):
        _read(node, names, marked_only=marked_only)
    return {name: value for name, value in names.items() if not name.startswith("_")}


def _statements(path: Path, follow: bool) -> Iterator[ast.stmt]:
    """Statements of a stub; if asked also of its platform blocks and of the files that it takes everything from."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if follow and isinstance(node, ast.If):
            yield from node.body
        elif follow and isinstance(node, ast.ImportFrom) and node.level == 1 and node.names[0].name == "*":
            part = path.parent / f"{node.module}.pyi"
            if part.exists():
                yield from ast.parse(part.read_text(encoding="utf-8")).body
        else:
            yield node


def _read(node: ast.stmt, names: dict[str, Any], *, marked_only: bool) -> None:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        if not marked_only or _is_marked(node):
            _add_function(node, names)
    elif isinstance(node, ast.ClassDef):
        if not marked_only or any(_is_marked(part) for part in ast.walk(node)):
            names[node.name] = _read_class(node, marked_only=marked_only)
    elif not marked_only:
        _read_assignment(node, names)


def _is_marked(node: ast.AST) -> bool:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    return bool(ast.get_docstring(node)) or any("mp_available" in ast.unparse(mark) for mark in node.decorator_list)


def _add_function(node: ast.FunctionDef | ast.AsyncFunctionDef, names: dict[str, Any]) -> None:
    marks = [ast.unparse(mark) for mark in node.decorator_list]
    if "property" in marks:
        names[node.name] = UNKNOWN
        return
    shape = shape_of_stub(node.args)
    old = names.get(node.name)
    names[node.name] = _merged(old, shape) if "overload" in marks and isinstance(old, Shape) else shape


def _read_assignment(node: ast.stmt, names: dict[str, Any]) -> None:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        if "TypeAlias" not in ast.unparse(node.annotation):
            names[node.target.id] = _constant(node.value)
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        call = node.value.func if isinstance(node.value, ast.Call) else None
        if not (isinstance(call, ast.Name) and call.id in _TYPING):
            names[node.targets[0].id] = _constant(node.value)


def _constant(node: ast.expr | None) -> Any:
    """A number or text that the stub gives as a value, else UNKNOWN."""
    try:
        value = UNKNOWN if node is None else ast.literal_eval(node)
    except ValueError:
        return UNKNOWN
    return value if isinstance(value, int | float | str | bytes) else UNKNOWN


def _read_class(node: ast.ClassDef, *, marked_only: bool) -> StubClass:
    found = StubClass(bases=[ast.unparse(base) for base in node.bases])
    for part in node.body:
        _read(part, found.members, marked_only=marked_only)
    for name in list(found.members):
        if name.startswith("_") and name != "__init__":
            del found.members[name]
    for member in found.members.values():
        if isinstance(member, Shape) and member.positional[:1] in (["self"], ["cls"]):
            _drop_first(member)
    return found


def _drop_first(shape: Shape) -> None:
    name = shape.positional.pop(0)
    shape.by_name.discard(name)
    shape.required = max(0, shape.required - 1)


def shape_of_stub(args: ast.arguments) -> Shape:
    """What a function of a stub takes."""
    both = [*args.posonlyargs, *args.args]
    shape = Shape(positional=[arg.arg for arg in both], required=len(both) - len(args.defaults))
    shape.by_name = {arg.arg for arg in (*args.args, *args.kwonlyargs) if not arg.arg.startswith("__")}
    shape.name_only = {arg.arg for arg in args.kwonlyargs}
    for arg, default in zip(both[shape.required :], args.defaults, strict=True):
        shape.defaults[arg.arg] = _default(arg, default)
    for arg, value in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        if value is not None:
            shape.defaults[arg.arg] = _default(arg, value)
    shape.rest = args.vararg is not None
    shape.vague = args.vararg is not None and args.kwarg is not None
    return shape


def _default(arg: ast.arg, node: ast.expr) -> Any:
    """A default that the stub states; ``Optional[Any] = None`` is what its generator writes for any optional one."""
    annotation = "" if arg.annotation is None else ast.unparse(arg.annotation)
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return UNKNOWN
    if value is Ellipsis or (value is None and annotation in ("", "Optional[Any]", "Any | None")):
        return UNKNOWN
    return value


def _merged(one: Shape, other: Shape) -> Shape:
    """What two overloads take together."""
    longer, shorter = (one, other) if len(one.positional) >= len(other.positional) else (other, one)
    merged = Shape(positional=longer.positional, required=min(one.required, other.required))
    merged.by_name = one.by_name | other.by_name
    merged.name_only = (one.name_only | other.name_only) - set(longer.positional)
    merged.defaults = {**dict.fromkeys(longer.positional[merged.required :], UNKNOWN), **one.defaults, **other.defaults}
    merged.rest = one.rest or other.rest
    merged.vague = one.vague or other.vague
    return merged


def shape_of(function: Any) -> Shape | None:
    """What a function of ours takes; None if the host can't tell."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    shape = Shape()
    for part in parameters:
        if part.kind is part.VAR_POSITIONAL:
            shape.rest = True
        elif part.kind is part.VAR_KEYWORD:
            shape.vague = True
        else:
            _add_parameter(shape, part)
    return shape


def _add_parameter(shape: Shape, part: inspect.Parameter) -> None:
    if part.kind is part.KEYWORD_ONLY:
        shape.name_only.add(part.name)
    else:
        shape.positional.append(part.name)
    if part.kind is not part.POSITIONAL_ONLY:
        shape.by_name.add(part.name)
    if part.default is part.empty:
        shape.required += part.kind is not part.KEYWORD_ONLY
    else:
        absent = repr(part.default) == "<absent>"
        shape.defaults[part.name] = UNKNOWN if absent else part.default


class Contract:
    """Compares modules and collects differences.

    Args:
        by_source: names that the port has by its source where a stub is silent, by module or ``module.Class``.

    Attributes:
        found: the differences, in order of their names within each module.
    """

    def __init__(self, by_source: Mapping[str, Collection[str]] | None = None) -> None:
        self.found: list[Difference] = []
        self._by_source = by_source or {}

    def compare(self, module: ModuleType, stub: dict[str, Any]) -> None:
        """Compare a module as firmware gets it with its stub (from :func:`read_stub`)."""
        name = module.__name__
        ours = {key for key in vars(module) if not key.startswith("_")}
        more = self._by_source.get(name, ())
        for key in sorted({*stub, *ours, *more}):
            where = f"{name}.{key}"
            if key not in ours:
                self._add(where, "missing")
            elif key in stub:
                self._compare_value(where, getattr(module, key), stub[key], stub)
            elif key not in more:
                self._add(where, "extra")

    def _add(self, where: str, what: str) -> None:
        self.found.append(Difference(where, what))

    def _compare_value(self, where: str, ours: Any, theirs: Any, stub: dict[str, Any]) -> None:
        if isinstance(theirs, StubClass):
            if isinstance(ours, type):
                self._compare_class(where, ours, theirs, stub)
            else:
                self._add(where, "no class")
        elif isinstance(theirs, Shape):
            if callable(ours):
                self._compare_shape(where, shape_of(ours), theirs)
            else:
                self._add(where, "not callable")
        elif theirs is not UNKNOWN and not callable(ours) and not _is_same(ours, theirs):
            self._add(where, f"is {ours!r}, the stub's {theirs!r}")

    def _compare_class(self, where: str, ours: type, theirs: StubClass, stub: dict[str, Any]) -> None:
        members = _with_inherited(theirs, stub)
        initial = members.pop("__init__", None)
        if isinstance(initial, Shape):
            self._compare_shape(f"{where}()", shape_of(ours), initial)
        own, plain = _public_members(ours)
        more = self._by_source.get(where, ())
        for key in sorted({*members, *own, *more}):
            member = f"{where}.{key}"
            if key not in own:
                if key not in _instance_attributes(ours):
                    self._add(member, "missing")
            elif key not in members:
                if key not in more and key not in plain:
                    self._add(member, "extra")
            elif isinstance(members[key], Shape):
                self._compare_method(member, ours, key, members[key])
            else:
                self._compare_value(member, getattr(ours, key), members[key], stub)

    def _compare_method(self, where: str, kind: type, key: str, theirs: Shape) -> None:
        raw = inspect.getattr_static(kind, key)
        shape = shape_of(getattr(kind, key))
        if shape is not None and shape.positional and not isinstance(raw, staticmethod | classmethod):
            _drop_first(shape)
        self._compare_shape(where, shape, theirs)

    def _compare_shape(self, where: str, ours: Shape | None, theirs: Shape) -> None:
        if ours is None:
            self._add(where, "takes what nobody can tell")
        elif ours.vague or (ours.rest and not (theirs.rest and not theirs.vague)):
            self._add(where, "takes any arguments")
        elif not theirs.vague:
            self._compare_arguments(where, ours, theirs)

    def _compare_arguments(self, where: str, ours: Shape, theirs: Shape) -> None:
        if (ours.required, len(ours.positional)) != (theirs.required, len(theirs.positional)):
            self._add(where, f"takes {_counts(ours)} by position, the stub {_counts(theirs)}")
        for mine, other in zip(ours.positional, theirs.positional, strict=False):
            if mine != other and mine in ours.by_name:
                self._add(where, f"has {mine} where the stub has {other}")
        for name in sorted(ours.by_name - theirs.by_name - set(theirs.positional)):
            if name in ours.name_only:
                self._add(where, f"takes {name} by name, the stub does not")
        for name in sorted(ours.by_name & set(theirs.positional) - theirs.by_name):
            self._add(where, f"takes {name} by name, the stub does not")
        for name in sorted(theirs.name_only - ours.by_name):
            self._add(where, f"does not take {name} by name")
        for name in sorted(ours.defaults.keys() & theirs.defaults.keys()):
            self._compare_default(where, name, ours.defaults[name], theirs.defaults[name])

    def _compare_default(self, where: str, name: str, ours: Any, theirs: Any) -> None:
        if ours is UNKNOWN or theirs is UNKNOWN:
            return
        if type(ours) is not type(theirs) or ours != theirs:
            self._add(where, f"default of {name} is {ours!r}, the stub's {theirs!r}")


def _counts(shape: Shape) -> str:
    if shape.required == len(shape.positional):
        return str(shape.required)
    return f"{shape.required} to {len(shape.positional)}"


def _is_same(ours: Any, theirs: Any) -> bool:
    """Equal; floats as far as the 32 bits of the board go that the stub was read from."""
    if isinstance(ours, float) and isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=1e-6)
    return type(ours) is type(theirs) and bool(ours == theirs)


def _public_members(kind: type) -> tuple[set[str], set[str]]:
    """(public attributes of a class, those among them that come from a built-in type such as dict)."""
    public = {key for key in dir(kind) if not key.startswith("_") and hasattr(kind, key)}
    plain = {key for base in kind.__mro__ if base.__module__ == "builtins" for key in dir(base)}
    return public, public & plain


def _instance_attributes(kind: type) -> set[str]:
    """Names that instances get: annotated, or assigned by ``__init__``."""
    names: set[str] = set()
    for part in kind.__mro__:
        names |= set(getattr(part, "__annotations__", ()))
        code = getattr(vars(part).get("__init__"), "__code__", None)
        names |= set(code.co_names) if code is not None else set()
    return names


def _with_inherited(theirs: StubClass, stub: dict[str, Any]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for base in theirs.bases:
        if isinstance(stub.get(base), StubClass):
            members.update(_with_inherited(stub[base], stub))
    return {**members, **theirs.members}
