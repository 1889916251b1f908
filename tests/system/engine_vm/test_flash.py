"""The flash image: NOR rules, LittleFS's errors, faults, and the host's view of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from simulator.engine.vm.image import ImageFlash
from simulator.errors import UsageError

_TRY = "try:\n    {}\n    print('done')\nexcept OSError as e:\n    print(e.errno)"


def test_programming_what_is_not_erased_raises() -> None:
    flash = ImageFlash(capacity_bytes=0x20000)
    flash.clear(3)
    flash.put(3 * 4096, b"\xf0")
    flash.put(3 * 4096, b"\x70")
    with pytest.raises(UsageError, match="not erased"):
        flash.put(3 * 4096, b"\x71")
    flash.clear(3)
    flash.put(3 * 4096, b"\x71")


def test_files_written_by_the_program_are_on_the_image(vm: Any) -> None:
    vm.run("""
        import os
        os.mkdir('/d')
        with open('/d/a', 'w') as f:
            f.write('hällo')
        open('/b', 'wb').close()
    """)
    assert vm.node.flash.files()["/d/a"] == "hällo".encode()
    vm.node.power_off()
    assert vm.node.flash.files() == {"/b": b"", "/d/a": "hällo".encode()}
    assert vm.node.flash.folders() == ["/d"]


def test_host_writes_while_the_program_runs_and_while_it_is_off(vm: Any) -> None:
    vm.node.install({"/lib/x/on.py": b"V = 1\n" * 700})
    assert vm.lines("import os\nprint(os.listdir('/lib/x'), len(open('/lib/x/on.py').read()))") == ["['on.py'] 4200"]
    vm.node.power_off()
    vm.node.install({"/lib/x/off.py": b"W = 2\n"})
    vm.node.flash.rename("/lib/x/on.py", "/lib/x/moved.py")
    vm.node.power_on()
    vm.to_prompt(boots=2)
    assert vm.lines("import os\nprint(sorted(os.listdir('/lib/x')))") == ["['moved.py', 'off.py']"]
    vm.node.flash.remove("/lib/x/moved.py")
    assert vm.lines("import os\nprint(os.listdir('/lib/x'))") == ["['off.py']"]


def test_host_reads_while_a_program_waits_in_a_call(vm: Any) -> None:
    vm.later("""
        with open('/t', 'w') as f:
            f.write('now')
        import time
        time.sleep(10)
    """)
    vm.world.run_for(2)
    assert vm.node.flash.read("/t") == b"now"
    assert vm.node.flash.exists("/nosuch") is False


def test_host_reads_and_writes_while_the_machine_starts(vm: Any) -> None:
    vm.run("with open('/a', 'w') as f:\n    f.write('old')")
    vm.node.reset()
    vm.world.run_until(lambda: vm.node.boots == 2, timeout_s=5)
    assert vm.node.flash.read("/a") == b"old"
    vm.node.flash.write("/b", b"new")
    vm.to_prompt(boots=2)
    assert vm.lines("print(open('/b').read())") == ["new"]


def test_host_sees_errors_of_the_file_system(vm: Any) -> None:
    for is_on in (True, False):
        if not is_on:
            vm.node.power_off()
        with pytest.raises(OSError, match="2"):
            vm.node.flash.read("/nosuch")
        with pytest.raises(OSError, match="2"):
            vm.node.flash.remove("/nosuch")


def test_full_flash_is_enospc_and_what_was_there_stays(vm: Any) -> None:
    vm.run("with open('/keep', 'w') as f:\n    f.write('safe')")
    vm.node.power_off()
    vm.node.flash.fill(free_bytes=8192)
    vm.node.power_on()
    vm.to_prompt(boots=2)
    assert vm.lines("""
        try:
            with open('/big', 'wb') as f:
                for i in range(40):
                    f.write(bytes(1024))
        except OSError as e:
            print(e.errno)
    """) == ["28"]
    assert vm.node.flash.read("/keep") == b"safe"
    vm.node.flash.remove("/fill.bin")
    vm.run("with open('/big', 'wb') as f:\n    f.write(bytes(20000))")


def test_fault_of_the_next_write_is_raised_once(vm: Any) -> None:
    vm.run("with open('/keep', 'w') as f:\n    f.write('old')")
    vm.node.flash.fail_next("EIO")
    assert vm.lines(_TRY.format("f = open('/keep', 'w'); f.write('new'); f.close()")) == ["5"]
    vm.node.power_off()
    assert vm.node.flash.read("/keep") in (b"old", b"")
    vm.node.power_on()
    vm.to_prompt(boots=2)
    assert vm.lines(_TRY.format("f = open('/keep', 'w'); f.write('new'); f.close()")) == ["done"]


def test_read_only_flash_refuses(vm: Any) -> None:
    vm.node.flash.read_only = True
    assert vm.lines(_TRY.format("open('/a', 'w').close()")) == ["30"]


@pytest.mark.parametrize(
    ("call", "errno"),
    [
        ("os.remove('/nosuch')", 2),
        ("os.mkdir('/d')", 17),
        ("os.rmdir('/d')", 39),
        ("os.listdir('/nosuch')", 2),
        ("open('/d')", 21),
        ("os.rename('/nosuch', '/x')", 2),
        ("open('/nosuch/x', 'w')", 2),
        ("open('/' + 'n' * 300, 'w')", 36),
    ],
)
def test_errors_are_those_of_the_port(vm: Any, call: str, errno: int) -> None:
    vm.run("""
        import os
        os.mkdir('/d')
        open('/d/f', 'w').close()
    """)
    assert vm.lines(_TRY.format(call)) == [str(errno)]


def test_write_takes_time_and_counts_as_a_durable_step(vm: Any) -> None:
    before_us = vm.world.kernel.now
    vm.run("with open('/a', 'wb') as f:\n    f.write(bytes(10000))")
    assert vm.node.flash.writes["/a"] >= 1
    assert vm.node.flash.erased_blocks >= 3
    assert vm.world.kernel.now - before_us > 100_000


@pytest.mark.parametrize("size", [10, 50_000])
def test_file_that_is_replaced_is_one_durable_step_whatever_its_size(vm: Any, size: int) -> None:
    write = f"with open('/a', 'wb') as f:\n    f.write(bytes({size // 10}) * 10)"
    vm.run(write)
    before = vm.node.flash.operations
    for _ in range(200):  # the folder's log is compacted now and then, into a block that is erased as one of data
        vm.run(write)
    assert vm.node.flash.operations - before == 200
    assert vm.node.flash.writes["/a"] == 202


def test_image_in_a_file_outlives_the_node(tmp_path: Any) -> None:
    flash = ImageFlash(capacity_bytes=0x40000, path=tmp_path / "flash.bin")
    flash.write("/a/b", b"kept")
    again = ImageFlash(capacity_bytes=0x40000, path=tmp_path / "flash.bin")
    assert again.read("/a/b") == b"kept"


def test_two_nodes_have_flashes_of_their_own(add_vm: Callable[..., Any]) -> None:
    one, two = add_vm("one"), add_vm("two")
    one.run("open('/mine', 'w').close()")
    assert (one.node.flash.exists("/mine"), two.node.flash.exists("/mine")) == (True, False)
