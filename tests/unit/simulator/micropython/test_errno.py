"""``errno`` on a node. Numbers: newlib's sys/errno.h as ESP-IDF has it."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.micropython import errno, errors

#: Sources that the virtual machine compiles have the host's numbers for these.
_HOSTS_OWN = pytest.mark.engine("cpython", reason="errno-texts")


@pytest.mark.parametrize(
    ("symbol", "number"),
    [
        ("ENOENT", 2),
        ("EAGAIN", 11),
        ("EEXIST", 17),
        ("ENOBUFS", 105),
        ("ECONNREFUSED", 111),
        pytest.param("EADDRINUSE", 112, marks=_HOSTS_OWN),
        pytest.param("ETIMEDOUT", 116, marks=_HOSTS_OWN),
        pytest.param("EHOSTUNREACH", 118, marks=_HOSTS_OWN),
        pytest.param("EINPROGRESS", 119, marks=_HOSTS_OWN),
        pytest.param("ENOTCONN", 128, marks=_HOSTS_OWN),
    ],
)
def test_symbol_has_the_port_s_number(bare: Any, symbol: str, number: int) -> None:
    source = f"import errno\nprint(errno.{symbol}, errno.errorcode[errno.{symbol}])"
    assert bare.run(source) == f"{number} {symbol}\n"


def test_numbers_agree_with_those_that_are_raised() -> None:
    known = {symbol: number for symbol, number in vars(errno).items() if symbol in errors.ERRNO}
    assert known == {symbol: errors.ERRNO[symbol] for symbol in known}
    assert len(known) > 15
