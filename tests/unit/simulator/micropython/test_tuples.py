"""Tuples whose items have names."""

from __future__ import annotations

import pytest

from simulator.micropython._tuples import attr_tuple


def test_items_have_names_and_places() -> None:
    name = attr_tuple(sysname="esp32", release="1.28.0")
    assert (name.sysname, name[1], len(name), name == ("esp32", "1.28.0")) == ("esp32", "1.28.0", 2, True)
    assert repr(name) == "(sysname='esp32', release='1.28.0')"


def test_item_and_type_cannot_be_changed() -> None:
    name = attr_tuple(sysname="esp32")
    with pytest.raises(AttributeError, match="can't set attribute"):
        name.sysname = "x"
    with pytest.raises(AttributeError):
        type(name).sysname = "x"


def test_cpython_s_helpers_are_not_there() -> None:
    assert not any(hasattr(attr_tuple(a=1), name) for name in ("_fields", "_asdict", "_replace", "_make"))
