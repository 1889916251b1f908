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


@pytest.mark.engine("cpython", reason="memory")
def test_mem_info_prints_stack_and_heap(bare: BareBoard) -> None:
    bare.machine.parts["heap_free_bytes"] = 20_000
    assert (
        run(bare, "micropython.mem_info()") == "stack: 704 out of 15360\nGC: total: 111168, used: 91168, free: 20000\n"
    )


@pytest.mark.parametrize("call", ["mem_info(1)", "mem_info(None)", "qstr_info()", "qstr_info(True)"])
def test_what_is_not_modelled_names_the_call(bare: BareBoard, call: str) -> None:
    name = call.partition("(")[0]
    printed = run(bare, f"try:\n    micropython.{call}\nexcept NotImplementedError as e:\n    print(e)")
    assert printed.startswith(f"micropython.{name}(")
    assert printed.endswith(") is not modelled\n")


@pytest.mark.engine("cpython", reason="stack-depth")
def test_stack_use_grows_by_the_same_amount_with_each_call(bare: BareBoard) -> None:
    printed = run(
        bare,
        """
        def f(depth):
            return [micropython.stack_use()] + f(depth - 1) if depth else []
        used = f(5)
        print(micropython.stack_use(), {b - a for a, b in zip(used, used[1:])}, used[0])
        """,
    )
    assert printed == "704 {180} 884\n"


@pytest.mark.engine("cpython", reason="stack-depth")
def test_stack_of_a_thread_is_what_it_was_started_with(bare: BareBoard) -> None:
    printed = run(
        bare,
        """
        import _thread
        for size in (0, 16384):
            _thread.stack_size(size)
            _thread.start_new_thread(micropython.mem_info, ())
            time.sleep_ms(10)
        micropython.mem_info()
        """,
    )
    limits = [line.partition(" out of ")[2] for line in printed.splitlines() if line.startswith("stack")]
    assert limits == ["4096", "15360", "15360"]


@pytest.mark.engine("cpython", reason="stack-depth")
def test_test_can_set_the_stack_use(bare: BareBoard) -> None:
    bare.machine.parts["stack_used_bytes"] = 12_000
    assert run(bare, "micropython.mem_info()\nprint(micropython.stack_use())").splitlines()[::2] == [
        "stack: 12000 out of 15360",
        "12000",
    ]


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
