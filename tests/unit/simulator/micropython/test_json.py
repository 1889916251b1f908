"""``json`` on a node. Expected values were printed by MicroPython."""

from __future__ import annotations

from typing import Any

import pytest

TRY = """
import json, io, collections
def t(f):
    try:
        print(repr(f()))
    except Exception as e:
        print(type(e).__name__, e.args)
"""


def told(bare: Any, source: str) -> str:
    """What ``source`` prints, without the last line's end."""
    text: str = bare.run(TRY + source)
    return text.rstrip("\n")


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        ("json.dumps({'a': 1, 'b': [1, 2.5, None, True, False]})", '\'{"a": 1, "b": [1, 2.5, null, true, false]}\''),
        ("json.dumps({'a': 1, 'b': [1, 2]}, separators=(',', ':'))", '\'{"a":1,"b":[1,2]}\''),
        ("json.dumps('q\"b\\\\n\\nt\\tc\\x01/')", '\'"q\\\\"b\\\\\\\\n\\\\nt\\\\tc\\\\u0001/"\''),
        ("json.dumps(b'by')", "'\"by\"'"),
        ("json.dumps((1, (2,), []))", "'[1, [2], []]'"),
        ("json.dumps({2.5: 1})", "'{\"2.5\": 1}'"),
        ("json.dumps({None: 3})", "'{\"null\": 3}'"),
        ("json.dumps({True: 1})", "'{\"true\": 1}'"),
        ("json.dumps({(1, 'a'): 3})", '\'{"[1, "a"]": 3}\''),
        ("json.dumps({1})", "'{1}'"),
        ("json.dumps(int)", "\"<class 'int'>\""),
        ("json.dumps(len)", "'<function>'"),
        ("json.dumps(range(3))", "'range(0, 3)'"),
        ("json.dumps(1j)", "'1j'"),
        ("json.dumps(bytearray(b'x'))", "\"bytearray(b'x')\""),
        ("json.dumps(ValueError('a', 1))", "'[\"a\", 1]'"),
        ("json.dumps(1 << 70)", "'1180591620717411303424'"),
        ("json.dumps([1.0, 1e100, 0.1, -0.0])", "'[1.0, 1e+100, 0.1, -0.0]'"),
        ("json.dumps(float('nan'))", "'nan'"),
        ("json.dumps(collections.namedtuple('P', 'x y')(1, 2))", "'P(x=1, y=2)'"),
        ("json.dumps(collections.OrderedDict(a=1))", "'{\"a\": 1}'"),
        ("json.dumps(1, separators=(',',))", "ValueError ('requested length 2 but object has length 1',)"),
        ("json.dumps([1, 2], separators=(1, 2))", "TypeError (\"can't convert 'int' object to str implicitly\",)"),
        ("json.dumps([1], separators=None)", "'[1]'"),
        ("json.loads('')", "ValueError ('syntax error in JSON',)"),
        ("json.loads(' ')", "ValueError ('syntax error in JSON',)"),
        ("json.loads('-')", "ValueError (\"invalid syntax for integer with base 10: ''\",)"),
        ("json.loads('--1')", "ValueError (\"invalid syntax for integer with base 10: '-1'\",)"),
        ("json.loads('+1')", "ValueError ('syntax error in JSON',)"),
        ("json.loads('1.')", "1.0"),
        ("json.loads('.5')", "ValueError ('syntax error in JSON',)"),
        ("json.loads('01')", "1"),
        ("json.loads('1x')", "ValueError ('syntax error in JSON',)"),
        ("json.loads('1e3')", "1000.0"),
        ("json.loads('1-2')", "ValueError (\"invalid syntax for integer with base 10: '1-2'\",)"),
        ("json.loads('1e')", "ValueError ('invalid syntax for number',)"),
        ("json.loads('1.2.3')", "ValueError ('invalid syntax for number',)"),
        ("json.loads('1 2')", "ValueError ('syntax error in JSON',)"),
        ("json.loads('NaN')", "ValueError ('syntax error in JSON',)"),
        ("json.loads('True')", "ValueError ('syntax error in JSON',)"),
        ("json.loads('nullx')", "ValueError ('syntax error in JSON',)"),
        ("json.loads('[nul]')", "ValueError ('syntax error in JSON',)"),
        ("json.loads('\"a')", "ValueError ('syntax error in JSON',)"),
        ("json.loads('\"\\\\u0041\\\\n\\\\/\\\\x\"')", "'A\\n/x'"),
        ("json.loads('\"\\\\u12\"')", "ValueError ('syntax error in JSON',)"),
        ("json.loads('\"a\\nb\"')", "'a\\nb'"),
        ("json.loads(\"'a'\")", "ValueError ('syntax error in JSON',)"),
        ("json.loads('[1,2')", "ValueError ('syntax error in JSON',)"),
        ("json.loads('[1 2]')", "[1, 2]"),
        ("json.loads('[,1,,]')", "[1]"),
        ("json.loads('[1:2]')", "[1, 2]"),
        ("json.loads('[1}')", "[1]"),
        ("json.loads(',1')", "1"),
        ("json.loads('1,')", "ValueError ('syntax error in JSON',)"),
        ("json.loads('[1]]')", "ValueError ('syntax error in JSON',)"),
        ("json.loads('[1]\\n ')", "[1]"),
        ("json.loads('{\"a\" 1}')", "{'a': 1}"),
        ("json.loads('{\"a\":}')", "{}"),
        ("json.loads('{a:1}')", "ValueError ('syntax error in JSON',)"),
        ("json.loads('{\"a\":1')", "ValueError ('syntax error in JSON',)"),
        ("json.loads('{[1]:2}')", "ValueError ('syntax error in JSON',)"),
        ('json.loads(\'{"a":1,"a":2}\')', "{'a': 2}"),
        ("json.loads('{1:2}')", "{1: 2}"),
        ('json.loads(\'{"a":{"b":[1,{"c":null}]}}\')', "{'a': {'b': [1, {'c': None}]}}"),
        ("json.loads(b'{\"a\": 1}')", "{'a': 1}"),
        ("json.loads(bytearray(b'[1]'))", "[1]"),
        ("json.loads(None)", "TypeError ('object with buffer protocol required',)"),
        ("json.loads(b'\"\\xff\"')", "UnicodeError ()"),
        ("json.load(io.StringIO('{\"a\": [1]} '))", "{'a': [1]}"),
        ("json.load(io.StringIO(''))", "ValueError ('syntax error in JSON',)"),
        ("json.load(io.StringIO('1 2'))", "ValueError ('syntax error in JSON',)"),
        ("json.load(1)", "OSError ('stream operation not supported',)"),
        ("json.dump(1, None)", "OSError ('stream operation not supported',)"),
    ],
)
def test_call_gives_what_the_vm_gives(bare: Any, call: str, shown: str) -> None:
    assert told(bare, f"t(lambda: {call})") == shown


@pytest.mark.engine("cpython", reason="memory")
def test_nesting_10_000_deep_needs_no_recursion(bare: Any) -> None:
    assert told(bare, "t(lambda: json.loads('[' * 10000))") == "ValueError ('syntax error in JSON',)"


def test_object_that_holds_itself_ends_in_an_error(bare: Any) -> None:
    source = """
a = []
a.append(a)
t(lambda: json.dumps(a))
"""
    assert told(bare, source) == "RuntimeError ('maximum recursion depth exceeded',)"


def test_dump_writes_what_load_reads_from_a_file(bare: Any) -> None:
    source = "with open('/c', 'w') as f: json.dump({'name': 'é'}, f)\nwith open('/c') as f: print(json.load(f))"
    assert told(bare, source) == r"{'name': '\xe9'}"
    assert bare.node.flash.read("/c") == '{"name": "é"}'.encode()


def test_surrogate_pair_goes_to_flash_as_on_the_chip(bare: Any) -> None:
    told(bare, "with open('/c', 'w') as f: f.write(json.loads('\"\\\\ud83d\\\\ude00\"'))")
    assert bare.node.flash.read("/c") == b"\xed\xa0\xbd\xed\xb8\x80"


@pytest.mark.engine("cpython", reason="object-addresses")
def test_object_without_a_form_shows_no_address(bare: Any) -> None:
    assert told(bare, "class A: pass\nprint(json.dumps([A(), (x for x in ()), memoryview(b'')]))") == (
        "[<A object>, <generator>, <memoryview>]"
    )


@pytest.mark.parametrize("call", ["json.dumps({}, indent=1)", "json.dumps(1, (',', ':'))", "json.loads(s='1')"])
def test_argument_of_cpython_is_refused(bare: Any, call: str) -> None:
    assert told(bare, f"t(lambda: {call})").startswith("TypeError")


def test_names_of_cpython_are_not_there(bare: Any) -> None:
    assert told(bare, "print([n for n in dir(json) if n[0] != '_'])") == "['dump', 'dumps', 'load', 'loads']"
