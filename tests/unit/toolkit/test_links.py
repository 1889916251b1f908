"""Addresses and URLs of links; the links themselves need sockets (tests/system)."""

from __future__ import annotations

import pytest

from toolkit.errors import UsageError
from toolkit.links import open_link, split_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10.0.0.1:9010", ("10.0.0.1", 9010)),
        ("10.0.0.1", ("10.0.0.1", 9008)),
        ("node01.local", ("node01.local", 9008)),
        ("[::1]:9010", ("::1", 9010)),
        ("[::1]", ("::1", 9008)),
    ],
)
def test_split_address(text, address):
    assert split_address(text, 9008) == address


@pytest.mark.parametrize("text", ["", ":", ":9008", "host:", "host:0", "host:65536", "host:9x", "host:٣", "host:-1"])
def test_split_address_of_nonsense_raises(text):
    with pytest.raises(UsageError, match="write HOST:PORT"):
        split_address(text, 9008)


@pytest.mark.parametrize("url", ["", "127.0.0.1:9008", "gopher://127.0.0.1:9008", "://"])
def test_open_link_of_unknown_url_names_the_known(url):
    with pytest.raises(UsageError, match="tcp://"):
        open_link(url)
