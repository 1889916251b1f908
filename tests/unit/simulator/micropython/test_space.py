"""How many blocks LittleFS takes. Figures were counted on MicroPython's VfsLfs2 over a RAM block device."""

from __future__ import annotations

import pytest

from simulator.micropython._space import block_index, data_blocks, folder_blocks


@pytest.mark.parametrize(
    ("size", "blocks"),
    [(0, 0), (128, 0), (129, 1), (4096, 1), (4097, 2), (8180, 2), (8192, 3), (12288, 4), (12289, 4), (40000, 10)],
)
def test_content_takes_blocks_linked_by_pointers(size: int, blocks: int) -> None:
    assert data_blocks(size, 4096) == blocks


def test_blocks_follow_one_another_without_gap() -> None:
    indexes = [block_index(offset, 512) for offset in range(20_000)]
    assert indexes[0] == 0
    assert all(0 <= after - before <= 1 for before, after in zip(indexes, indexes[1:], strict=False))


@pytest.mark.parametrize(
    ("files", "name_bytes", "size", "blocks"),
    [(0, 3, 0, 2), (50, 3, 0, 2), (150, 3, 0, 6), (18, 3, 100, 2), (32, 3, 100, 6), (140, 3, 100, 24), (42, 35, 0, 2)],
)
def test_folder_takes_about_as_many_blocks_as_measured(files: int, name_bytes: int, size: int, blocks: int) -> None:
    entries = [("n" * name_bytes, size)] * files
    assert abs(folder_blocks(entries, 4096) - blocks) <= 2
