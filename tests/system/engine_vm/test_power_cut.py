"""Power cuts: at each program and erase of a config's rewrite, and at each durable step of a running node.

LittleFS copies on write, so a file is the old or the new one whatever happens. What a running virtual machine does to
its flash is recorded once; then each prefix of it, the last operation torn in several ways, is mounted as an image.
"""

from __future__ import annotations

import dataclasses
import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from simulator.electrical.boards import BOARDS
from simulator.engine.vm.image import ImageFlash
from simulator.node import Node

_FLASH_BYTES = 0x20000
_BLOCK = 4096
_SHARES = (0.0, 0.25, 0.5, 0.9)
_TO_FILE = "with open('/node_config.json', 'w') as f:\n    f.write({!r})"
_RENAMED = (
    "import os\nwith open('/.node_config.json', 'w') as f:\n    f.write({!r})\n"
    "os.rename('/.node_config.json', '/node_config.json')"
)
_FLUSHED = (
    "with open('/node_config.json', 'w') as f:\n"
    "    for c in {!r}.split(','):\n        f.write(c + ',')\n        f.flush()"
)

Step = tuple[int, "bytes | None"]


def config(version: int) -> str:
    """A config of about 1.5 kB."""
    return "{" + ", ".join(f'"key{number}": "value {version} of {number}"' for number in range(50)) + "}"


class Recorder:
    """What a node does to its flash.

    Attributes:
        steps: (start, data) of a program, (start, None) of an erase.
    """

    def __init__(self, flash: ImageFlash, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steps: list[Step] = []
        put, clear = flash.put, flash.clear

        def note_put(start: int, data: bytes) -> None:
            self.steps.append((start, data))
            put(start, data)

        def note_clear(block: int) -> None:
            self.steps.append((block * _BLOCK, None))
            clear(block)

        monkeypatch.setattr(flash, "put", note_put)
        monkeypatch.setattr(flash, "clear", note_clear)


def apply(image: bytearray, step: Step, share: float = 1.0) -> None:
    """Do a step, or the first share of it."""
    start, data = step
    new = b"\xff" * _BLOCK if data is None else data
    count = int(len(new) * share)
    image[start : start + count] = new[:count]


def cuts(before: bytes, steps: list[Step]) -> Iterator[bytes]:
    """The image after each cut."""
    image = bytearray(before)
    for step in steps:
        for share in _SHARES:
            torn = bytearray(image)
            apply(torn, step, share)
            yield bytes(torn)
        apply(image, step)


def content(image: bytes) -> str:
    """The config on an image, as the next life finds it."""
    flash = ImageFlash(capacity_bytes=_FLASH_BYTES)
    flash.memory[:] = image
    try:
        return flash.read("/node_config.json").decode()
    except OSError as error:
        return f"OSError {error.args[0]}"


def sweep(vm_world: Any, monkeypatch: pytest.MonkeyPatch, rewrite: str, versions: int) -> tuple[int, int]:
    """(cuts, of which left neither the old nor the new config)."""
    board = dataclasses.replace(BOARDS["esp32"], flash_bytes=_FLASH_BYTES)
    node = Node("n", kernel=vm_world.kernel, lan=vm_world.lan, board=board, unique_id=b"abcdef", engine="micropython")
    vm_world.nodes["n"] = node
    node.install({"/node_config.json": config(0).encode(), "/other": b"x" * 9_000})
    flash: Any = node.flash
    recorder = Recorder(flash, monkeypatch)
    node.power_on()
    vm_world.run_until(lambda: node.console.text().endswith(">>> "), timeout_s=5)
    count = bad = 0
    for version in range(1, versions + 1):
        before = bytes(flash.memory)
        recorder.steps.clear()
        vm_world.run_on(node, rewrite.format(config(version)))
        good = {config(version - 1), config(version)}
        for image in cuts(before, recorder.steps):
            count += 1
            bad += content(image).rstrip(",") not in good
        gc.collect()  # the images
        assert content(bytes(flash.memory)).rstrip(",") == config(version)
    return count, bad


@pytest.mark.slow
@pytest.mark.parametrize("rewrite", [_TO_FILE, _RENAMED], ids=["written", "renamed"])
def test_cut_at_any_operation_leaves_the_old_or_the_new_config(
    vm_world: Any, monkeypatch: pytest.MonkeyPatch, rewrite: str
) -> None:
    count, bad = sweep(vm_world, monkeypatch, rewrite, 8)
    assert count > 300
    assert bad == 0


@pytest.mark.slow
def test_sweep_sees_the_hazard_of_flushed_pieces(vm_world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    count, bad = sweep(vm_world, monkeypatch, _FLUSHED, 1)
    assert bad > 0


@pytest.mark.slow
@pytest.mark.parametrize("torn", [None, 0.0, 0.3, 0.9])
def test_cut_of_a_running_node_at_each_durable_step(add_vm: Callable[..., Any], torn: float | None) -> None:
    """The node is off at once, boots again, and finds the old or the new config; enough steps are never cut."""
    vm = add_vm("n", {"/node_config.json": config(0).encode()})
    was_cut = True
    version = step = 0
    while was_cut:
        step += 1
        vm.node.flash.cut_after(step, **({} if torn is None else {"torn": torn}))
        vm.later(_RENAMED.format(config(version + 1)))
        vm.world.run_for(3)
        was_cut = not vm.node.powered
        if was_cut:
            boots = vm.node.boots
            vm.node.power_on()
            vm.to_prompt(boots=boots + 1)
        found = vm.lines("print(open('/node_config.json').read())")[0]
        assert found in (config(version), config(version + 1))
        if found == config(version + 1):
            version += 1
    assert step >= 3
    assert version >= 1
