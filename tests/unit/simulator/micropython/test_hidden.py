"""Names of a host's class that a node must not see."""

from __future__ import annotations

import pytest

from simulator.micropython._hidden import hide


class Base:
    """What a host offers."""

    def wanted(self) -> int:
        return 1

    def unwanted(self) -> int:
        return 2


class Kind(Base):
    """What a node gets."""


hide(Kind, "unwanted")


def test_hidden_name_is_not_there_on_class_and_object() -> None:
    assert not hasattr(Kind, "unwanted") and not hasattr(Kind(), "unwanted")
    assert Kind().wanted() == 1


def test_error_reads_as_the_port_s() -> None:
    with pytest.raises(AttributeError, match="'Kind' object has no attribute 'unwanted'"):
        Kind().unwanted()
    with pytest.raises(AttributeError, match="type object 'Kind' has no attribute 'unwanted'"):
        _ = Kind.unwanted
