"""Clock, resets, sleep, memory and watchdog of machine on a bare board, and the module as a whole."""

import pytest

from simulator.errors import NodeError
from simulator.micropython import machine


def test_every_exported_name_is_there():
    assert [name for name in machine.__all__ if not hasattr(machine, name)] == []


def test_classes_refuse_assignment():
    for name in machine.__all__:
        found = getattr(machine, name)
        if isinstance(found, type):
            with pytest.raises(AttributeError):
                found.mine = 1


def test_umachine_is_machine(bare):
    assert bare.run("import umachine, machine\nprint(umachine.Pin is machine.Pin)") == "True\n"


def test_unique_id_is_six_bytes_of_the_node(bare):
    assert bare.run("import machine\nprint(machine.unique_id())") == f"{bare.machine.unique_id}\n"


@pytest.mark.engine("cpython", reason="computing")
def test_freq_sets_the_speed_of_loops(bare):
    source = (
        "import machine, time\nprint(machine.freq())\n"
        "def loop(hz):\n    machine.freq(hz)\n    start = time.ticks_us()\n    for i in range(1000):\n        pass\n"
        "    return time.ticks_diff(time.ticks_us(), start)\n"
        "print(loop(40_000_000) > 5 * loop(240_000_000), machine.freq())"
    )
    assert bare.run(source) == "160000000\nTrue 240000000\n"


@pytest.mark.parametrize("hz", [0, 10_000_000, 100_000_000, 239_999_999, -1])
def test_other_freq_is_refused(bare, hz):
    with pytest.raises(NodeError, match="ValueError: frequency must be 20MHz, 40MHz, 80Mhz, 160MHz or 240MHz"):
        bare.run(f"import machine\nmachine.freq({hz})")


def boot_again(bare, source):
    """Run source that ends the life, and wait for the next prompt."""
    prompts = bare.node.console.text().count(">>> ")
    bare.node.start(source)
    bare.world.run_until(lambda: bare.node.console.text().count(">>> ") > prompts, timeout_s=100)
    return bare.run("import machine\nprint(machine.reset_cause(), machine.wake_reason())")


def test_reset_cause_after_power_on(bare):
    assert bare.run("import machine\nprint(machine.reset_cause(), machine.wake_reason())") == "1 0\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("machine.reset()", "2 0\n"),
        ("machine.soft_reset()", "5 0\n"),
        ("machine.deepsleep(2000)", "4 4\n"),
        ("machine.WDT(timeout=500)", "3 0\n"),
    ],
)
def test_reset_cause_names_the_end_of_the_last_life(bare, source, expected):
    assert boot_again(bare, "import machine\n" + source) == expected


def test_no_pins_wake(bare):
    assert bare.run("import machine\nprint(machine.wake_pins())") == "()\n"


def test_deepsleep_lasts_as_long_as_asked(bare):
    before = bare.world.kernel.now
    boot_again(bare, "import machine\nmachine.deepsleep(10_000)")
    assert 10_000_000 <= bare.world.kernel.now - before < 11_000_000


def test_deepsleep_without_time_lasts_until_reset(bare):
    boots = bare.node.boots
    bare.node.start("import machine\nmachine.deepsleep()")
    bare.world.run_for(100_000)
    assert bare.node.boots == boots
    bare.node.reset()
    bare.world.run_for(1)
    assert bare.node.boots == boots + 1


def test_lightsleep_stops_the_node_but_not_the_world(bare):
    source = (
        "import machine, time\nfrom machine import Timer\nn = []\nTimer(0).init(period=10_000, callback=n.append)\n"
        "start = time.ticks_ms()\nmachine.lightsleep(60_000)\n"
        "print(time.ticks_diff(time.ticks_ms(), start), len(n) > 0, machine.wake_reason())"
    )
    assert bare.run(source, timeout_s=100) == "60000 True 4\n"


def test_soft_reset_can_be_caught_as_on_the_port(bare):
    assert bare.run("import machine\ntry:\n    machine.soft_reset()\nexcept SystemExit:\n    print('no')") == "no\n"


def test_idle_lets_other_threads_run(bare):
    source = (
        "import machine, _thread\nn = []\n_thread.start_new_thread(n.append, (1,))\n"
        "for i in range(3):\n    machine.idle()\nprint(n)"
    )
    assert bare.run(source) == "[1]\n"


@pytest.mark.engine("cpython", reason="computing")
def test_disable_irq_holds_callbacks_back(bare):
    source = (
        "import machine\nfrom machine import Timer\nn = []\nTimer(0).init(mode=0, period=1, callback=n.append)\n"
        "state = machine.disable_irq()\nfor i in range(5000):\n    pass\nprint(len(n))\nmachine.enable_irq(state)\n"
        "for i in range(5):\n    pass\nprint(len(n))"
    )
    assert bare.run(source) == "0\n1\n"


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_memory_is_not_modelled(bare, bits):
    assert bare.run(f"import machine\nprint(machine.mem{bits})") == f"<{bits}-bit memory>\n"
    for use in ("[0x3ff44004]", "[0] = 1"):
        with pytest.raises(NodeError, match=f"NotImplementedError: machine.mem{bits}"):
            bare.run(f"import machine\nmachine.mem{bits}{use}")


def test_fed_watchdog_does_not_bite(bare):
    boots = bare.node.boots
    bare.run(
        "import machine, time\nw = machine.WDT(timeout=100)\nfor i in range(20):\n    time.sleep_ms(90)\n    w.feed()"
    )
    assert bare.node.boots == boots
    bare.world.run_for(1)
    assert bare.node.boots > boots


def test_watchdog_bites_an_endless_loop_and_ends_its_finally(bare):
    source = (
        "import machine\nmachine.WDT(timeout=100)\ntry:\n    while True:\n        pass\nfinally:\n    print('late')"
    )
    assert boot_again(bare, source) == "3 0\n"
    assert "late" not in bare.node.console.text()


@pytest.mark.parametrize("arguments", ["timeout=0", "timeout=-5", "id=1"])
def test_wrong_watchdog_is_refused(bare, arguments):
    with pytest.raises(NodeError, match="ValueError"):
        bare.run(f"import machine\nmachine.WDT({arguments})")


def test_watchdog_is_one_object(bare):
    assert bare.run("import machine\nprint(machine.WDT(0, 5000) is machine.WDT(timeout=9000))") == "True\n"
