"""Public functions of Load Modules: scanned, indexed, checked before a call."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from simulator import functions_index
from toolkit import lm_index

_TRICKY = r'''"""Doc with a

def not_a_function(): pass
"""
from Common import socket_stream

def plain(): return 1
def defaults(a, b=1, c="x, y)", d=(1, 2), *, e=None): pass
def annotated(a: int, b: dict[str, int] = {}) -> None:
    """def inner(x): pass"""
    def nested(): pass
@socket_stream
def streamed(cnt=160, msgobj=None):
    pass
async def slow(
    to,          # a comment, with (brackets
    sec=1,
):
    pass
def rest(*args, **kwargs): pass
def backslash(sep='\\', b=1): pass
def quoted(quote='\'', both='\\\''): pass
def written(a=(1), b=((2,  # of
                       3),), /, c = 0x10 , *, msgobj=None, d={'k': [1,  2]}): pass
def _private(): pass
def __hidden(): pass
class Thing:
    def method(self): pass
def plain(x): return 2
'''
_TRICKY_SIGNATURES = [
    "plain(x)",
    'defaults(a, b=1, c="x, y)", d=(1, 2), *, e=None)',
    "annotated(a, b={})",
    "streamed(cnt=160)",
    "async slow(to, sec=1)",
    "rest(*args, **kwargs)",
    r"backslash(sep='\\', b=1)",
    r"quoted(quote='\'', both='\\\'')",
    "written(a=(1), b=((2, 3),), c=0x10, *, d={'k': [1, 2]})",
]


@pytest.fixture
def signatures(firmware: Any) -> Any:
    """The module, on a node whose flash is read through ``hal`` and ``LogicalPins`` stand-ins."""
    return firmware(hal=None, LogicalPins=SimpleNamespace(find_module=lambda name: None)).load("signatures")


@pytest.fixture
def scanner(firmware: Any) -> Any:
    """What finds the functions, on the same node."""
    return firmware(hal=None).load("signature_scan")


def test_scan_finds_public_top_level_functions(scanner: Any) -> None:
    assert scanner.scan(_TRICKY.splitlines(keepends=True)) == _TRICKY_SIGNATURES


def test_call_needs_names_and_whether_there_are_defaults(scanner: Any) -> None:
    assert [scanner.shortened(header) for header in _TRICKY_SIGNATURES] == [
        "plain x",
        "defaults a b= c= d= * e=",
        "annotated a b=",
        "streamed cnt=",
        "async slow to sec=",
        "rest *args **",
        "backslash sep= b=",
        "quoted quote= both=",
        "written a= b= c= * d=",
    ]


def test_index_and_scan_agree_on_tricky_source() -> None:
    assert functions_index.signatures(_TRICKY) == _TRICKY_SIGNATURES


def test_index_and_scan_agree_on_every_load_module(scanner: Any, source: Path) -> None:
    files = sorted((source / "modules").glob("LM_*.py"))
    assert files
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert scanner.scan(text.splitlines(keepends=True)) == functions_index.signatures(text), file.name


def test_scan_of_endless_header_ends(scanner: Any) -> None:
    assert scanner.scan(["def broken(\n"] + ["x,\n"] * 5000 + ["def good(): pass\n"]) == ["good()"]


@pytest.mark.parametrize(
    ("signature", "args", "kwargs"),
    [
        ("f", [], {}),
        ("f a b=", [1], {}),
        ("f a b=", [], {"a": 1, "b": 2}),
        ("f a *rest", [1, 2, 3], {}),
        ("f **", [], {"x": 1}),
        ("async f a * b=", [1], {"b": 2}),
    ],
)
def test_fitting_arguments_pass(signatures: Any, signature: str, args: list[int], kwargs: dict[str, int]) -> None:
    signatures.check_arguments(signature, args, kwargs)


@pytest.mark.parametrize(
    ("signature", "args", "kwargs", "message"),
    [
        ("f a b", [1], {}, "missing argument: b"),
        ("f * a", [], {}, "missing argument: a"),
        ("f", [1], {}, "too many arguments: 1 given, 0 allowed"),
        ("f a * b=", [1, 2], {}, "too many arguments: 2 given, 1 allowed"),
        ("f a", [1], {"x": 1}, "unexpected argument: x"),
        ("f a", [1], {"a": 1}, "argument given twice: a"),
    ],
)
def test_other_arguments_are_refused_by_name(
    signatures: Any, signature: str, args: list[int], kwargs: dict[str, int], message: str
) -> None:
    with pytest.raises(TypeError) as error:
        signatures.check_arguments(signature, args, kwargs)
    assert str(error.value) == message


@pytest.mark.parametrize("suffix", [".py", ".mpy"])
def test_index_speaks_for_the_file_it_was_made_of(firmware: Any, tmp_path: Path, suffix: str) -> None:
    (tmp_path / "LM_x.py").write_text("def f(a): pass\n")
    (tmp_path / "LM_x.mpy").write_bytes(b"M\x06\x00\x1f")
    index = lm_index.build_index(tmp_path.iterdir()).replace("f(a)", "from_index(a)")
    (tmp_path / "functions.idx").write_text(index)
    node = firmware(hal=None, LogicalPins=SimpleNamespace(find_module=lambda name: str(tmp_path / ("LM_x" + suffix))))
    assert node.load("signatures").functions("x") == ["from_index a"]


@pytest.mark.parametrize(("suffix", "expected"), [(".py", ["g"]), (".mpy", None)])
def test_replaced_file_is_not_described_by_the_index(
    firmware: Any, tmp_path: Path, suffix: str, expected: list[str] | None
) -> None:
    (tmp_path / "LM_x.py").write_text("def f(a): pass\n")
    (tmp_path / "functions.idx").write_text(lm_index.build_index(tmp_path.iterdir()))
    (tmp_path / ("LM_x" + suffix)).write_text("def g(): pass\n")
    node = firmware(hal=None, LogicalPins=SimpleNamespace(find_module=lambda name: str(tmp_path / ("LM_x" + suffix))))
    assert node.load("signatures").functions("x") == expected


@pytest.mark.parametrize("name", ["nope", "../x", "", "x.y", "\u00e9"])
def test_unknown_module_has_micropythons_text(signatures: Any, name: str) -> None:
    with pytest.raises(ImportError) as error:
        signatures.functions(name)
    assert str(error.value) == f"no module named 'LM_{name}'"
