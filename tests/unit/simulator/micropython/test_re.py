"""``re`` on a node. Expected values were printed by MicroPython."""

from __future__ import annotations

from typing import Any

import pytest

TRY = """
import re
def g(m):
    groups = []
    try:
        while m:
            groups.append(m.group(len(groups)))
    except IndexError:
        return groups
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
        ("g(re.match('a.c', 'a\\nc'))", "['a\\nc']"),
        ("g(re.match('a$', 'a\\n'))", "None"),
        ("g(re.match('a$', 'a'))", "['a']"),
        ("g(re.match('^b', 'ab'))", "None"),
        ("g(re.match('a|^b', 'b'))", "['b']"),
        ("g(re.match('[a-c]+', 'abcd'))", "['abc']"),
        ("g(re.match('[^a]+', 'bca'))", "['bc']"),
        ("g(re.match('[]a]', 'a'))", "None"),
        ("g(re.match('[a', 'a'))", "ValueError ('regex too complex',)"),
        ("g(re.match('(a', 'a'))", "ValueError ('regex too complex',)"),
        ("g(re.match('a)', 'a'))", "ValueError ('error in regex',)"),
        ("g(re.match('a**', 'a'))", "ValueError ('regex too complex',)"),
        ("g(re.match('*', 'a'))", "ValueError ('regex too complex',)"),
        ("g(re.match('a??', 'a'))", "['']"),
        ("g(re.match('a*?b', 'aab'))", "['aab']"),
        ("g(re.match('a+?', 'aa'))", "['a']"),
        ("g(re.match('a{2}', 'aa'))", "None"),
        ("g(re.match('a{2}', 'a{2}'))", "['a{2}']"),
        ("g(re.match('\\\\bab', 'bab'))", "['bab']"),
        ("g(re.match('\\\\d+', '12'))", "['12']"),
        ("g(re.match('\\\\s+', ' \\t\\n\\r\\x0c\\x0b'))", "[' \\t\\n\\r\\x0c\\x0b']"),
        ("g(re.match('[\\\\w-]+', 'a-b'))", "['a-b']"),
        ("g(re.match('[a-]', '-'))", "['-']"),
        ("g(re.match('(?:a)(b)', 'ab'))", "['ab', 'b']"),
        ("g(re.match('(?P<n>a)', 'a'))", "ValueError ('regex too complex',)"),
        ("g(re.match('(?=a)', 'a'))", "ValueError ('regex too complex',)"),
        ("g(re.match('(?i)a', 'A'))", "ValueError ('regex too complex',)"),
        ("g(re.match('(a)|(b)', 'b'))", "['b', None, 'b']"),
        ("g(re.match('(a)*', 'aaa'))", "['aaa', 'a']"),
        ("g(re.match('(a|b)+c', 'abac'))", "['abac', 'a']"),
        ("g(re.match('', 'abc'))", "['']"),
        ("g(re.match('a|', 'b'))", "['']"),
        ("g(re.match('\\\\.', '.'))", "['.']"),
        ("g(re.match('\\\\n', 'n'))", "['n']"),
        ("g(re.match('\\\\', 'a'))", "ValueError ('regex too complex',)"),
        ("g(re.match('^*', 'a'))", "ValueError ('regex too complex',)"),
        ("g(re.match('a^', 'a'))", "None"),
        ("g(re.match('[\\\\]]', ']'))", "[']']"),
        ("g(re.match('[a\\\\-z]', '-'))", "['-']"),
        ("g(re.match('(a(b)?)+', 'aba'))", "['aba', 'a', 'b']"),
        ("g(re.match('\\\\D\\\\W', 'a!'))", "['a!']"),
        ("g(re.match('x*', 'aaa'))", "['']"),
        ("g(re.match('(a+)(b*)c?', 'aab'))", "['aab', 'aa', 'b']"),
        ("g(re.match('((((a))))', 'a'))", "['a', 'a', 'a', 'a', 'a']"),
        ("g(re.match('(?:a|b)*?c', 'abc'))", "['abc']"),
        ("g(re.match('[\\\\', 'a'))", "ValueError ('regex too complex',)"),
        ("g(re.match('(?:', 'a'))", "ValueError ('regex too complex',)"),
        ("g(re.match('[z-a]', 'b'))", "None"),
        ("g(re.match('[0-9]+\\\\.[0-9]+', 'v1.25'))", "None"),
        ("g(re.search('a$', 'a\\n'))", "None"),
        ("g(re.search('a$', 'a'))", "['a']"),
        ("g(re.search('^b', 'ab'))", "None"),
        ("g(re.search('a|^b', 'b'))", "['b']"),
        ("g(re.search('[^a]+', 'bca'))", "['bc']"),
        ("g(re.search('\\\\bab', 'bab'))", "['bab']"),
        ("g(re.search('(a)|(b)', 'b'))", "['b', None, 'b']"),
        ("g(re.search('x*', 'aaa'))", "['']"),
        ("g(re.search('[0-9]+\\\\.[0-9]+', 'v1.25'))", "['1.25']"),
        ("re.match('a', 'a').group(1)", "IndexError (1,)"),
        ("re.match('a', 'a').group(-1)", "IndexError (-1,)"),
        ("g(re.match('.', b'ab'))", "[b'a']"),
        ("g(re.match(b'a', 'ab'))", "['a']"),
        ("g(re.match(re.compile('b'), 'abc', 1))", "['b']"),
        ("g(re.match('b', 'abc', 1))", "None"),
        ("g(re.compile('b*').match('abbb', 1, 2))", "['b']"),
        ("re.match(1, 'a')", "TypeError (\"can't convert 'int' object to str implicitly\",)"),
        ("re.match('a', 1)", "TypeError (\"can't convert 'int' object to str implicitly\",)"),
        ("re.sub('a', 'b', 'banana')", "'bbnbnb'"),
        ("re.sub('a', 'b', 'banana', 2)", "'bbnbna'"),
        ("re.sub('(a)(n)', r'\\2\\g<1>', 'banana')", "'bnanaa'"),
        ("re.sub('a', r'\\1', 'banana')", "IndexError (1,)"),
        ("re.sub('a', '\\\\\\\\', 'ba')", "'b\\\\'"),
        ("re.sub('a', '\\\\n', 'ba')", "'bn'"),
        ("re.sub('a', lambda m: m.group(0) + '!', 'bab')", "'ba!b'"),
        ("re.sub('x*', '-', 'abc')", "'abc'"),
        ("re.sub('^a', '-', 'aaa')", "'-aa'"),
        ("re.sub('z', '-', 'aaa')", "'aaa'"),
        ("re.sub(b'a', b'x', b'banana')", "b'bxnxnx'"),
        ("re.sub('(a)|b', r'[\\1]', 'ab')", "'[a][]'"),
        ("re.sub('a', '\\\\g<x>', 'a')", "'x>'"),
        ("re.compile('[, ]+').split('a, b,c')", "['a', 'b', 'c']"),
        ("re.compile(',').split('a,b,c', 1)", "['a', 'b,c']"),
        ("re.compile('(,)').split('a,b')", "NotImplementedError ('splitting with sub-captures',)"),
        ("re.compile('x*').split('abc')", "['abc']"),
        ("re.compile(',').split(b'a,b')", "[b'a', b'b']"),
    ],
)
def test_call_gives_what_the_vm_gives(bare: Any, call: str, shown: str) -> None:
    assert told(bare, f"t(lambda: {call})") == shown


def test_letter_outside_ascii_is_two_bytes(bare: Any) -> None:
    source = "t(lambda: g(re.match('..', 'é')))\nt(lambda: g(re.match('.', 'é')))"
    assert told(bare, source) == "['\\xe9']\nUnicodeError ()"


def test_match_object_has_group_only(bare: Any) -> None:
    assert told(bare, "m = re.match('a', 'a')\nprint([n for n in dir(m) if n[0] != '_'])") == "['group']"


def test_names_of_cpython_are_not_there(bare: Any) -> None:
    assert told(bare, "print([n for n in dir(re) if n[0] != '_'])") == "['compile', 'match', 'search', 'sub']"


@pytest.mark.engine("cpython", reason="stack-depth")
def test_pattern_that_explodes_elsewhere_needs_no_recursion(bare: Any) -> None:
    assert told(bare, "print(len(re.match('(?:a|b)+', 'ab' * 5000).group(0)))") == "10000"
