"""``collections`` on a node. Expected values were printed by MicroPython."""

from __future__ import annotations

from typing import Any

import pytest

TRY = """
import collections
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
        ("list(collections.deque([1, 2, 3, 4], 2))", "[3, 4]"),
        ("collections.deque((), -1)", "ValueError ()"),
        ("collections.deque((), None)", 'TypeError ("can\'t convert NoneType to int",)'),
        ("collections.deque((), 1.5)", 'TypeError ("can\'t convert float to int",)'),
        ("collections.deque((), 3).pop()", "IndexError ('empty',)"),
        ("collections.deque((), 3).popleft()", "IndexError ('empty',)"),
        ("bool(collections.deque((), 1))", "False"),
        ("collections.deque([1, 2], 2)[-1]", "2"),
        ("collections.deque((), 2)[0]", "IndexError ('deque index out of range',)"),
        ("collections.deque([1], 2)[1]", "IndexError ('deque index out of range',)"),
        ("collections.deque([1], 2)[0:1]", "TypeError ('deque indices must be integers, not slice',)"),
        ("collections.deque([1, 2, 3], 2, 1)", "IndexError ('full',)"),
        ("collections.deque((), 1) == collections.deque((), 1)", "False"),
        ("1 in collections.deque([1], 2)", "True"),
        ("collections.deque((), 0).append(1)", "None"),
        ("list(reversed(collections.deque([1, 2], 2)))", "[2, 1]"),
        ("collections.deque((), 1).maxlen", "AttributeError (\"'deque' object has no attribute 'maxlen'\",)"),
        ("collections.OrderedDict([('b', 1), ('a', 2)])", "OrderedDict({'b': 1, 'a': 2})"),
        ("collections.OrderedDict([('b', 1), ('a', 2)]).popitem()", "('a', 2)"),
        ("collections.OrderedDict([(1, 2), (3, 4)]) == collections.OrderedDict([(3, 4), (1, 2)])", "False"),
        ("collections.OrderedDict([(1, 2)]) == {1: 2}", "False"),
        (
            "collections.OrderedDict().move_to_end",
            "AttributeError (\"'OrderedDict' object has no attribute 'move_to_end'\",)",
        ),
        ("collections.OrderedDict.fromkeys([1])", "{1: None}"),
        ("list(collections.OrderedDict([('z', 1), ('a', 2)]))", "['z', 'a']"),
        ("collections.namedtuple('P', 'x y')(1, 2)", "P(x=1, y=2)"),
        ("collections.namedtuple('P', ['x', 'y'])(y=1, x=2)", "P(x=2, y=1)"),
        ("collections.namedtuple('P', ('x',))(1).x", "1"),
        ("collections.namedtuple('P', 'x y')(1, 2) == (1, 2)", "True"),
        ("collections.namedtuple('P', 'x y')(1)", "TypeError ('P() takes 2 positional arguments but 1 were given',)"),
        (
            "collections.namedtuple('P', 'x y')(1, 2, 3)",
            "TypeError ('P() takes 2 positional arguments but 3 were given',)",
        ),
        ("collections.namedtuple('P', 'x y')(1, z=2)", "TypeError (\"unexpected keyword argument 'z'\",)"),
        (
            "collections.namedtuple('P', 'x y')(1, x=2)",
            "TypeError (\"function got multiple values for argument 'x'\",)",
        ),
        (
            "collections.namedtuple('P', 'x,y')(1, 2)",
            "TypeError ('P() takes 1 positional arguments but 2 were given',)",
        ),
        ("collections.namedtuple('P', 5)", "TypeError (\"object 'int' isn't a tuple or list\",)"),
        (
            "collections.namedtuple('P', 'x')(1)._replace",
            "AttributeError (\"'P' object has no attribute '_replace'\",)",
        ),
        (
            "collections.namedtuple('P', 'x')._fields",
            "AttributeError (\"type object 'P' has no attribute '_fields'\",)",
        ),
        ("collections.namedtuple('E', '')()", "E()"),
    ],
)
def test_call_gives_what_the_vm_gives(bare: Any, call: str, shown: str) -> None:
    assert told(bare, f"t(lambda: {call})") == shown


def test_deque_drops_from_the_other_end(bare: Any) -> None:
    source = """
d = collections.deque((), 3)
for i in range(5):
    d.append(i)
d.appendleft(9)
d[1] = 7
print(list(d), len(d))
"""
    assert told(bare, source) == "[9, 7, 3] 3"


@pytest.mark.parametrize("end", ["append", "appendleft"])
def test_deque_with_flag_refuses_what_does_not_fit(bare: Any, end: str) -> None:
    assert told(bare, f"d = collections.deque([1], 1, 1)\nt(lambda: d.{end}(2))\nprint(list(d))") == (
        "IndexError ('full',)\n[1]"
    )


def test_deque_item_cannot_be_deleted(bare: Any) -> None:
    source = "d = collections.deque([1], 1)\ntry:\n    del d[0]\nexcept TypeError as e:\n    print(e)"
    assert told(bare, source) == "'deque' object doesn't support item deletion"


def test_named_item_cannot_be_changed(bare: Any) -> None:
    source = "p = collections.namedtuple('P', 'x')(1)\ntry:\n    p.x = 2\nexcept AttributeError as e:\n    print(e)"
    assert told(bare, source) == "can't set attribute"


def test_named_tuple_can_be_a_base(bare: Any) -> None:
    source = """
class P(collections.namedtuple('P', 'x y')):
    def sum(self):
        return self.x + self.y
print(P(1, 2).sum())
"""
    assert told(bare, source) == "3"


@pytest.mark.parametrize("name", ["Counter", "defaultdict", "ChainMap", "abc"])
def test_name_of_cpython_is_not_there(bare: Any, name: str) -> None:
    assert told(bare, f"print(hasattr(collections, {name!r}))") == "False"
