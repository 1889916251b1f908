"""Pictures as PNG, written with the standard library alone.

Source: PNG specification (ISO/IEC 15948): chunks, colour type 2, filter 0.

Limits: 8-bit RGB only; no interlace.
"""

from __future__ import annotations

import struct
import zlib

from simulator.errors import UsageError

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_BITS, _RGB = 8, 2


def encode(width: int, height: int, rgb_rows: bytes) -> bytes:
    """Make a PNG file.

    Args:
        width: pixels per row, at least 1.
        height: rows, at least 1.
        rgb_rows: red, green, blue of each pixel, row by row from the top left; ``width * height * 3`` bytes.

    Returns:
        The file's content; the same for the same picture.

    Raises:
        UsageError: the size is not positive, or there are not as many bytes.
    """
    if width < 1 or height < 1 or len(rgb_rows) != width * height * 3:
        raise UsageError(f"a picture of {width} x {height} takes {width * height * 3} bytes, not {len(rgb_rows)}")
    row = width * 3
    lines = b"".join(b"\0" + rgb_rows[at : at + row] for at in range(0, len(rgb_rows), row))
    header = struct.pack(">IIBBBBB", width, height, _BITS, _RGB, 0, 0, 0)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(lines, 6)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
