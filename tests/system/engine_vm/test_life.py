"""Lives of a node on the virtual machine: reset, sleep, watchdog, memory, programs that end badly."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from simulator.errors import NodeError, NodeHung


def test_reset_begins_a_new_life_and_keeps_rtc_memory(vm: Any) -> None:
    vm.run("""
        import machine
        machine.RTC().memory(b'kept')
        x = 1
    """)
    vm.later("import machine\nmachine.reset()")
    vm.to_prompt(boots=2)
    assert vm.lines("import machine\nprint(machine.RTC().memory(), machine.reset_cause() == machine.HARD_RESET)") == [
        "b'kept' True"
    ]
    with pytest.raises(NodeError, match="NameError"):
        vm.run("print(x)")


def test_soft_reset_says_so(vm: Any) -> None:
    vm.later("import machine\nmachine.soft_reset()")
    vm.to_prompt(boots=2)
    assert "MPY: soft reboot" in vm.text()
    assert vm.lines("import machine\nprint(machine.reset_cause() == machine.SOFT_RESET)") == ["True"]


def test_deep_sleep_takes_its_time_and_keeps_rtc_memory(vm: Any) -> None:
    vm.run("import machine\nmachine.RTC().memory(b'zzz')")
    slept_at = vm.world.now_s
    vm.later("import machine\nmachine.deepsleep(5000)")
    vm.to_prompt(boots=2)
    assert 5 < vm.world.now_s - slept_at < 6
    assert vm.lines(
        "import machine\nprint(machine.RTC().memory(), machine.reset_cause() == machine.DEEPSLEEP_RESET)"
    ) == ["b'zzz' True"]


def test_power_cycle_forgets_rtc_memory(vm: Any) -> None:
    vm.run("import machine\nmachine.RTC().memory(b'gone')")
    vm.node.power_off()
    vm.world.run_for(1)
    vm.node.power_on()
    vm.to_prompt(boots=2)
    assert vm.lines("import machine\nprint(machine.RTC().memory())") == ["b''"]


@pytest.mark.slow
def test_watchdog_bites_a_program_that_computes_for_ever(vm: Any, patience: Callable[[float], None]) -> None:
    patience(0.5)
    vm.later("import machine\nmachine.reset()")
    vm.to_prompt(boots=2)
    vm.later("""
        import machine
        machine.WDT(timeout=3000)
        while True:
            pass
    """)
    vm.to_prompt(boots=3)
    assert vm.lines("import machine\nprint(machine.reset_cause() == machine.WDT_RESET)") == ["True"]


@pytest.mark.slow
def test_program_that_computes_for_ever_without_watchdog_is_reported(
    vm: Any, patience: Callable[[float], None]
) -> None:
    patience(0.5)
    vm.later("import machine\nmachine.reset()")
    vm.to_prompt(boots=2)
    vm.later("while True:\n    pass")
    with pytest.raises(NodeHung):
        vm.world.run_for(100)


def test_other_nodes_go_on_while_one_is_hung(add_vm: Callable[..., Any], patience: Callable[[float], None]) -> None:
    patience(0.5)
    stuck, other = add_vm("stuck"), add_vm("other")
    stuck.later("""
        import machine
        machine.WDT(timeout=20000)
        while True:
            pass
    """)
    assert other.lines("""
        import time
        t = time.ticks_ms()
        time.sleep(5)
        print(time.ticks_ms() - t)
    """) == ["5000"]
    assert stuck.node.boots == 1
    stuck.to_prompt(boots=2)


def test_fed_watchdog_does_not_bite(vm: Any) -> None:
    vm.run("""
        import machine, time
        w = machine.WDT(timeout=1000)
        for i in range(20):
            time.sleep_ms(500)
            w.feed()
    """)
    assert vm.node.boots == 1


def test_heap_is_the_boards(vm: Any) -> None:
    """A list of 4-byte words: a quarter of the free bytes is about what fits."""
    assert vm.lines("""
        import gc
        gc.collect()
        n = gc.mem_free() // 4
        del n
        m = gc.mem_free()
        x = [0] * (m // 8)
        print(95000 < m < 112000)
        del x
        try:
            x = [0] * (m // 4 + 1000)
        except MemoryError:
            print('MemoryError')
    """) == ["True", "MemoryError"]


def test_growing_list_ends_in_memoryerror_and_the_node_lives(vm: Any) -> None:
    assert vm.lines("""
        x = []
        try:
            while True:
                x.append(bytes(100))
        except MemoryError:
            x = None
            print('MemoryError')
    """) == ["MemoryError"]
    assert vm.lines("print('alive')") == ["alive"]


def test_memory_runs_out_in_a_call_of_the_world(vm: Any) -> None:
    """The wire itself needs memory: MemoryError comes out of the call, and the next one works."""
    assert vm.lines("""
        import time, gc
        x = []
        try:
            while True:
                x.append(bytearray(50))
                time.sleep_us(1)
        except MemoryError:
            x = None
            print('MemoryError')
        gc.collect()
        time.sleep_ms(1)
        print('on')
    """) == ["MemoryError", "on"]


def test_endless_recursion_is_runtimeerror(vm: Any) -> None:
    assert vm.lines("""
        def f(n):
            return f(n + 1)
        try:
            f(0)
        except (RuntimeError, MemoryError) as e:
            print('stopped')
    """) == ["stopped"]


def test_uncaught_error_in_main_ends_at_the_prompt(add_vm: Callable[..., Any]) -> None:
    vm = add_vm("a", {"/main.py": b"print('begin')\n1 / 0\n"})
    assert vm.text().startswith(
        'begin\nTraceback (most recent call last):\n  File "main.py", line 2, in <module>\n'
        "ZeroDivisionError: divide by zero\n"
    )
    assert vm.lines("print(3)") == ["3"]


def test_syntax_error_in_main_ends_at_the_prompt(add_vm: Callable[..., Any]) -> None:
    vm = add_vm("a", {"/boot.py": b"print('boot')\n", "/main.py": b"x = = 1\n"})
    assert "boot\n" in vm.text()
    assert "SyntaxError: invalid syntax" in vm.text()


def test_exit_in_main_is_a_soft_reset(vm_world: Any) -> None:
    main = b"import machine, sys\nif machine.reset_cause() != machine.SOFT_RESET:\n    sys.exit()\nprint('second')\n"
    node = vm_world.add_node("a", firmware=False, files={"/main.py": main})
    vm_world.run_until(lambda: "second\n" in node.console.text(), timeout_s=10)
    assert node.boots == 2


def test_files_of_boot_and_main_share_their_names(add_vm: Callable[..., Any]) -> None:
    vm = add_vm("a", {"/boot.py": b"x = 5\n", "/main.py": b"print('x is', x, __name__)\n"})
    assert "x is 5 __main__\n" in vm.text()


def test_exit_at_the_prompt_is_a_soft_reset(vm: Any) -> None:
    vm.later("import sys\nsys.exit()")
    vm.to_prompt(boots=2)


def test_process_killed_from_outside_resets_the_node(vm: Any) -> None:
    """As a chip that panics: a line on the console, then it boots."""
    os.kill(vm.node._life._process.pid, signal.SIGKILL)
    vm.later("print(1)")
    vm.to_prompt(boots=2)
    assert "FATAL: the virtual machine has ended\n" in vm.text()
    assert vm.lines("print('up')") == ["up"]


def test_webrepl_interrupts_a_program(vm: Any) -> None:
    from simulator.webrepl_client import WebReplClient

    vm.world.lan.add_access_point("test", "password1")
    vm.run("""
        import network, webrepl, time
        w = network.WLAN(network.STA_IF)
        w.active(True)
        w.connect('test', 'password1')
        while not w.isconnected():
            time.sleep_ms(50)
        webrepl.start(password='secret12')
    """)
    client = WebReplClient(vm.world, vm.node)
    client.log_in("secret12")
    client.type("import time\r")
    client.type("while True: time.sleep_ms(5)\r\r")
    vm.world.run_for(1)
    client.type("\x03")
    client.wait_for("KeyboardInterrupt")
    client.type("print(6 * 7)\r")
    client.wait_for("42\r\n>>> ")
