"""``errno`` on a node. Numbers: newlib's sys/errno.h as ESP-IDF has it."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.micropython import errno, errors


@pytest.mark.parametrize(
    ("symbol", "number"),
    [
        ("ENOENT", 2),
        ("EAGAIN", 11),
        ("EEXIST", 17),
        ("ENOBUFS", 105),
        ("ECONNREFUSED", 111),
        ("EADDRINUSE", 112),
        ("ETIMEDOUT", 116),
        ("EHOSTUNREACH", 118),
        ("EINPROGRESS", 119),
        ("ENOTCONN", 128),
    ],
)
def test_symbol_has_the_port_s_number(bare: Any, symbol: str, number: int) -> None:
    source = f"import errno\nprint(errno.{symbol}, errno.errorcode[errno.{symbol}])"
    assert bare.run(source) == f"{number} {symbol}\n"


def test_numbers_agree_with_those_that_are_raised() -> None:
    known = {symbol: number for symbol, number in vars(errno).items() if symbol in errors.ERRNO}
    assert known == {symbol: errors.ERRNO[symbol] for symbol in known}
    assert len(known) > 15
