"""``micropython`` of the ESP32 port."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import BareBoard


def run(bare: BareBoard, source: str) -> str:
    return bare.run("import micropython, machine, time\n" + dedent(source))


def test_scheduled_call_runs_soon_with_its_argument(bare: BareBoard) -> None:
    printed = run(
        bare,
        """
        seen = []
        micropython.schedule(seen.append, 7)
        time.sleep_ms(1)
        print(seen)
        """,
    )
    assert printed == "[7]\n"


def test_scheduled_calls_run_in_order(bare: BareBoard) -> None:
    printed = run(
        bare,
        """
        seen = []
        for n in range(8):
            micropython.schedule(seen.append, n)
        time.sleep_ms(1)
        print(seen)
        """,
    )
    assert printed == "[0, 1, 2, 3, 4, 5, 6, 7]\n"


def test_ninth_waiting_call_is_refused(bare: BareBoard) -> None:
    printed = run(
        bare,
        """
        held = machine.disable_irq()
        try:
            for n in range(9):
                micropython.schedule(print, n)
        except RuntimeError as e:
            print(n, e)
        machine.enable_irq(held)
        time.sleep_ms(1)
        """,
    )
    assert printed == "8 schedule queue full\n0\n1\n2\n3\n4\n5\n6\n7\n"
    assert bare.machine.cpu.dropped == 0


def test_call_scheduled_by_a_call_runs_after_it(bare: BareBoard) -> None:
    printed = run(
        bare,
        """
        def outer(n):
            micropython.schedule(print, "inner")
            print("outer")
        micropython.schedule(outer, 0)
        time.sleep_ms(1)
        """,
    )
    assert printed == "outer\ninner\n"


def test_const_native_and_viper_give_back_what_they_get(bare: BareBoard) -> None:
    printed = run(
        bare,
        """
        from micropython import const
        _A = const(5)
        @micropython.native
        def double(x):
            return 2 * x
        @micropython.viper
        def triple(x: int) -> int:
            return 3 * x
        print(_A, double(2), triple(2))
        """,
    )
    assert printed == "5 4 6\n"


def test_opt_level_is_kept_for_the_life(bare: BareBoard) -> None:
    assert (
        run(bare, "print(micropython.opt_level())\nmicropython.opt_level(3)\nprint(micropython.opt_level())")
        == "0\n3\n"
    )
    bare.node.reset()
    bare.world.run_for(1)
    assert run(bare, "print(micropython.opt_level())") == "0\n"


def test_heap_lock_counts(bare: BareBoard) -> None:
    printed = run(bare, "print(micropython.heap_lock(), micropython.heap_lock(), micropython.heap_unlock())")
    assert printed == "1 2 1\n"


def test_mem_info_prints_what_gc_tells(bare: BareBoard) -> None:
    lines = run(bare, "import gc\nmicropython.mem_info()\nprint(gc.mem_alloc() + gc.mem_free())").splitlines()
    assert lines[0].startswith("stack: ")
    assert lines[1].startswith(f"GC: total: {lines[-1]}, used: ")


@pytest.mark.parametrize(
    ("steps", "printed"),
    [
        ("r.write(b'abc'), r.any(), r.read(2), r.any(), r.read()", "(3, 3, b'ab', 1, b'c')"),
        ("r.write(b'abcdefghij'), r.any(), r.read()", "(8, 8, b'abcdefgh')"),
        ("r.write(b'a\\nbc'), r.readline(), r.readline(), r.readline()", "(4, b'a\\n', b'bc', b'')"),
        ("r.write(b'abc'), r.readinto(b), bytes(b), r.any()", "(3, 2, b'ab', 1)"),
        ("r.write(b'abc'), r.readinto(b, 1), r.any()", "(3, 1, 2)"),
    ],
)
def test_ring_keeps_what_fits_and_gives_it_back_in_order(bare: BareBoard, steps: str, printed: str) -> None:
    assert run(bare, f"r = micropython.RingIO(8)\nb = bytearray(2)\nprint(({steps}))") == printed + "\n"


def test_ring_in_a_buffer_holds_one_byte_less(bare: BareBoard) -> None:
    assert run(bare, "r = micropython.RingIO(bytearray(8))\nprint(r.write(b'abcdefghij'))") == "7\n"
