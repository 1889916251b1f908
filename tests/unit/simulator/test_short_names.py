"""Short names: which names a build changes, and that it changes nothing else."""

from __future__ import annotations

import ast
import builtins
import re

import pytest

from simulator import firmware
from simulator.short_names import listing, plan, rename


def chosen(*sources: str, path: str = "/a.py") -> set[str]:
    """Names of the first file that get short ones; the others are beside it."""
    files = {path: sources[0].encode()} | {f"/z{number}.py": text.encode() for number, text in enumerate(sources[1:])}
    return set(plan(files, [*files]).get(path, {}))


def test_private_names_of_a_module_are_short() -> None:
    source = "_seen = []\nlimit = 1\ndef _look(x): pass\nclass _Box: pass\n"
    assert chosen(source) == {"_seen", "_look", "_Box", "x"}


def test_methods_and_attributes_are_short_in_the_core_alone() -> None:
    source = "def _f(): pass\nclass Box:\n    _kind = []\n    def _m(self):\n        self._x = self._m\n"
    assert chosen(source) == {"_f", "_kind", "_m", "_x"}
    assert chosen(source, path="/modules/LM_box.py") == {"_f"}
    assert chosen(source, path="/lib/drivers/box.py") == {"_f"}
    assert chosen(source, path="/LM_box.py") == {"_f"}


def test_names_begin_anew_in_each_module() -> None:
    files = {"/a.py": b"_y = []\n_x = []\n", "/b.py": b"_z = []\n"}
    assert plan(files, [*files]) == {"/a.py": {"_x": "_0", "_y": "_1"}, "/b.py": {"_z": "_0"}}


def test_file_that_ships_as_source_keeps_its_names() -> None:
    assert plan({"/main.py": b"_x = []\n", "/a.py": b"_x = []\n"}, ["/a.py"]) == {"/a.py": {"_x": "_0"}}


def test_short_names_are_none_that_a_file_has() -> None:
    assert plan({"/a.py": b"_x = []\n", "/b.py": b"_0 = []\n"}, ["/a.py"]) == {"/a.py": {"_x": "_1"}}


@pytest.mark.parametrize(
    "source",
    [
        "_X = const(1)\n",
        "__x = []\n",
        "_ = []\n",
        "def f(_x): pass\n",
        "_x = []\nf(_x=1)\n",
        "import _x\n",
        "import a._x\n",
        "from a import _x\n",
        "_x = []\nprint('the _x here')\n",
        "_x = []\nprint(b'_x')\n",
        "_x = []\nprint(f'{_x}')\n",
        "_x = []\nprint(f'{a._x}')\n",
        "def _do_x(): pass\nf(getattr(a, '_do_' + verb))\n",
        "def _x(): pass\nf(getattr(a, '_' + verb))\n",
        "a._x = 1\n",
        "class A(b.B):\n    def _x(self): pass\n",
        "from b import B\nclass A(B):\n    def _x(self): pass\n",
    ],
)
def test_name_that_something_else_may_look_for_stays(source: str) -> None:
    assert "_x" not in {name[-2:] for name in chosen(source)}


@pytest.mark.parametrize(
    "other",
    ["import a\na._x()\n", "from a import _x\n", "call('a', '_x')\n", "f(_x=1)\n", "class B(a.A):\n    _x = 1\n"],
)
def test_name_that_another_file_knows_stays(other: str) -> None:
    source = "def _x(): pass\ndef _y(): pass\n"
    assert chosen(source, other) == {"_y"}


def test_attributes_of_self_are_the_files_own() -> None:
    source = "class A:\n    def __init__(self):\n        self._x = 1\n"
    assert chosen(source, source) == {"_x"}


def test_attribute_of_something_else_is_short_if_it_is_this_files_own() -> None:
    source = "class A:\n    def __init__(self, other):\n        self._x = other._x\n"
    assert chosen(source) == {"_x"}
    assert chosen(source, source) == set()


def test_docstring_keeps_no_name() -> None:
    assert chosen('"""What _x is."""\n_x = []\n') == {"_x"}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def _f(width): return width\n", {"_f", "width"}),
        ("def f(width): return width\n", set()),
        ("f = lambda width: width\n", {"width"}),
        ("def f():\n    def g(width): return width\n", {"width"}),
        ("class _A:\n    def f(self, width): return width\n", {"_A", "width"}),
        ("class A:\n    def f(self, width): return width\n", set()),
        ("def _f(width): return width\ndef g(width): pass\n", {"_f"}),
        ("def _f(width): return width\n_f(width=1)\n", {"_f"}),
        ("def _f(width): return width.width\n", {"_f"}),
        ("def _f(width): return width\nwidth = 1\n", {"_f"}),
        ("def _f(width): return width\nimport width\n", {"_f"}),
        ("def _f(type): return type\n", {"_f"}),
        ("def _f(width): return f'{width}'\n", {"_f"}),
        ("def _f(width): return '%(width)s'\n", {"_f"}),
    ],
)
def test_parameters_of_private_functions_are_short_if_nobody_names_them(source: str, names: set[str]) -> None:
    assert chosen(source) == names


def test_parameter_that_another_core_module_tells_stays() -> None:
    source = "def _f(width): return width\n"
    assert chosen(source, "def g(width): pass\n") == {"_f"}
    assert chosen(source, "g(width=1)\n") == {"_f"}


def test_file_that_python_does_not_take_keeps_the_names_that_it_has() -> None:
    assert chosen("_x = []\n_y = []\n", "def f(:\n  _x\n") == {"_y"}
    assert chosen("def _f(:\n") == set()


def test_renaming_leaves_all_else_as_it_is() -> None:
    source = "class A:\r\n    def _x(self):     # _x\r\n        é = '_x'; return self._x, _xx, é\r\n"
    short = "class A:\r\n    def _0(self):     # _x\r\n        é = '_x'; return self._0, _xx, é\r\n"
    assert rename(source.encode(), {"_x": "_0"}) == short.encode()


def test_listing_tells_file_short_name_and_name() -> None:
    lines = listing({"/modules/LM_a.py": {"_x": "_0"}, "/b.py": {"_y": "_0", "_z": "_1"}}).splitlines()
    assert lines[0].startswith("# ")
    assert lines[1:] == ["modules/LM_a.py _0 _x", "b.py _0 _y", "b.py _1 _z"]


# --- the project's own firmware ----------------------------------------------------------------------

IMAGE = {path: content for path, content in firmware.image().items() if path.endswith(".py")}
PLAN = plan(IMAGE, [path for path in IMAGE if path not in ("/boot.py", "/main.py")])


def test_firmware_has_some_hundred_names_that_get_short() -> None:
    assert sum(len(names) for names in PLAN.values()) > 300


@pytest.mark.parametrize("path", PLAN)
def test_only_private_names_differ(path: str) -> None:
    names = PLAN[path]
    assert len(set(names.values())) == len(names)
    assert all(re.fullmatch(r"_\d+", short) for short in names.values())
    before, after = [list(ast.walk(ast.parse(text))) for text in (IMAGE[path], rename(IMAGE[path], names))]
    back = {short: name for name, short in names.items()}
    assert len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        assert _told(old) == _told(new, back)


@pytest.mark.parametrize("path", PLAN)
def test_public_functions_have_their_names_and_parameters(path: str) -> None:
    functions = [node for node in ast.parse(rename(IMAGE[path], PLAN[path])).body if isinstance(node, ast.FunctionDef)]
    shown = {node.name: [arg.arg for arg in node.args.args] for node in functions if not node.name.startswith("_")}
    own = [node for node in ast.parse(IMAGE[path]).body if isinstance(node, ast.FunctionDef)]
    assert shown == {node.name: [arg.arg for arg in node.args.args] for node in own if not node.name.startswith("_")}


@pytest.mark.parametrize("path", PLAN)
def test_names_from_outside_stay(path: str) -> None:
    tree = ast.parse(IMAGE[path])
    imported = {word for node in ast.walk(tree) if isinstance(node, ast.alias) for word in node.name.split(".")}
    keywords = {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    assert not (imported | keywords | set(dir(builtins))) & set(PLAN[path])


def _told(node: ast.AST, back: dict[str, str] | None = None) -> list[object]:
    """Kind, line and plain fields of a node; short names as they were."""
    fields = [type(node).__name__, getattr(node, "lineno", 0)]
    for _, value in ast.iter_fields(node):
        if isinstance(value, str) and not isinstance(node, ast.Constant):
            fields.append((back or {}).get(value, value))
        elif not isinstance(value, ast.AST | list):
            fields.append(value)
        elif isinstance(value, list) and value and isinstance(value[0], str):
            fields.append([(back or {}).get(name, name) for name in value])
    return fields
