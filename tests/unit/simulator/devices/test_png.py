"""PNG files: a reader of the specification's finds the same pixels."""

from __future__ import annotations

import struct
import zlib

import pytest

from simulator.devices import png
from simulator.errors import UsageError


def read(data):
    """(width, height, rows of RGB) of a PNG; checks every chunk's sum."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = [], 8
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        assert struct.unpack(">I", data[at + 8 + size : at + 12 + size])[0] == zlib.crc32(kind + body)
        chunks.append((kind, body))
        at += 12 + size
    assert [kind for kind, _ in chunks] == [b"IHDR", b"IDAT", b"IEND"]
    width, height, *layout = struct.unpack(">IIBBBBB", chunks[0][1])
    assert layout == [8, 2, 0, 0, 0]
    lines = zlib.decompress(chunks[1][1])
    step = width * 3 + 1
    assert len(lines) == height * step
    assert {lines[row * step] for row in range(height)} == {0}
    return width, height, [lines[row * step + 1 : (row + 1) * step] for row in range(height)]


def test_picture_is_read_back():
    rows = [bytes(range(9)), bytes(range(100, 109))]
    assert read(png.encode(3, 2, b"".join(rows))) == (3, 2, rows)


@pytest.mark.parametrize(("width", "height", "size"), [(0, 1, 0), (1, 0, 0), (2, 2, 11), (2, 2, 13)])
def test_wrong_size_is_refused(width, height, size):
    with pytest.raises(UsageError, match=f"a picture of {width} x {height} takes"):
        png.encode(width, height, bytes(size))
