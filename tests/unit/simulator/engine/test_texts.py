"""Texts of objects: all but ASCII is escaped inside of a `repr`, as MicroPython does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import BareBoard

_PREPARE = """
from collections import namedtuple
class L(list):
    pass
class O:
    def __str__(self):
        return 'ü'
    def __repr__(self):
        return 'rü'
N = namedtuple('N', ('a', 'b'))
e = ['é']
"""


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        ("'é'", "é"),
        ("e", r"['\xe9']"),
        ("str(e)", r"['\xe9']"),
        ("repr('őé€😀')", r"'\u0151\xe9\u20ac\U0001f600'"),
        ("repr(e), str(['a', 1])", r"['\xe9'] ['a', 1]"),
        ("str('é') + str(1) + str(b'\\xe9')", r"é1b'\xe9'"),
        ("str(('é',)), str({'é': 'ü'})", r"('\xe9',) {'\xe9': '\xfc'}"),
        ("N('é', 1)", r"N(a='\xe9', b=1)"),
        ("L(e)", r"['\xe9']"),
        ("{'é'}", r"{'\xe9'}"),
        ("'%s %r %s' % ('é', 'é', e)", r"é '\xe9' ['\xe9']"),
        ("'%s' % (('é',),)", r"('\xe9',)"),
        ("'%s' % {'é': 1}", r"{'\xe9': 1}"),
        ("'%s' % e, 7 % 4", r"['\xe9'] 3"),
        ("'%(a)s %(b)r' % {'a': e, 'b': 'é'}", r"['\xe9'] '\xe9'"),
        ("'{} {!r} {} {k}'.format('é', 'é', e, k=('é',))", r"é '\xe9' ['\xe9'] ('\xe9',)"),
        ("f'{e} {e[0]!r} {e[0]} {e[0]:s}'", r"['\xe9'] '\xe9' é é"),
        ("str(O()) + '%s%r' % (O(), O())", "üürü"),
        ("str(ValueError('é', 1))", r"('\xe9', 1)"),
        ("str(ValueError('é'))", "é"),
        ("repr(ValueError('é'))", r"ValueError('\xe9',)"),
        ("repr(OSError(2)), repr(OSError()), [OSError(2, 'x'), 1]", "OSError(2,) OSError() [OSError(2, 'x'), 1]"),
        ("type('%s' % 'é') is str and type('{}'.format('é')) is str and type('%s' % e) is str", "True"),
    ],
)
def test_text_is_as_micropython_makes_it(bare: BareBoard, expression: str, printed: str) -> None:
    assert bare.run(f"{_PREPARE}print({expression})") == printed + "\n"


def test_prompt_shows_text_escaped(bare: BareBoard) -> None:
    for byte in b"chr(233)\r[chr(337), 'a']\r":
        bare.node.console.put(byte)
        bare.world.run_for(0.1)
    text = bare.node.console.text()
    assert "\n'\\xe9'\n" in text
    assert "\n['\\u0151', 'a']\n" in text
