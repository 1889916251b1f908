"""The docstring check."""

from __future__ import annotations

import ast

import pytest

from toolkit.checks.docstrings import missing


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('"""M."""\ndef f(): pass', ["f"]),
        ('"""M."""\nclass C:\n  """C."""\n  def m(self): pass', ["C.m"]),
        ('"""M."""\nasync def f(): pass', ["f"]),
        ('"""M."""\ndef _f(): pass\nclass _C:\n  def m(self): pass', []),
        ('"""M."""\nclass C:\n  """C."""\n  def __init__(self): pass\n  @x.setter\n  def x(self, v): pass', []),
        ('"""M."""\ndef f():\n  """F."""\n  def g(): pass', []),
        ("x = 1", ["module"]),
        ("", []),
    ],
)
def test_missing_names_what_has_no_docstring(source, found):
    lines = list(missing(ast.parse(source), "a/b.py"))
    assert [line.split()[1] for line in lines] == found
    assert all(line.startswith("a/b.py:") for line in lines)
