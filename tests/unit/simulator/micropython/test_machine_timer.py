"""machine.Timer on a bare board."""

import pytest

from simulator.errors import NodeError

COUNT = "import time\nfrom machine import Timer\nn = []\ndef count(t):\n    n.append(t)\n"


def test_hardware_timer_is_one_object_per_id(bare):
    assert bare.run("from machine import Timer\nprint(Timer(0) is Timer(0), Timer(-1) is Timer(-1))") == "True False\n"


def test_periodic_timer_calls_back_with_itself(bare):
    source = COUNT + "t = Timer(0)\nt.init(period=100, callback=count)\ntime.sleep_ms(1050)\nprint(len(n), n[0] is t)"
    assert bare.run(source) == "10 True\n"


@pytest.mark.engine("cpython", reason="computing")
def test_timer_goes_on_by_itself_without_drift(bare):
    source = (
        "import time\nfrom machine import Timer\nat = []\nstart = time.ticks_us()\n"
        "Timer(1).init(period=7, callback=lambda t: at.append(time.ticks_diff(time.ticks_us(), start)))"
    )
    bare.run(source)
    bare.world.run_for(70)
    count, late_us = bare.run("print(len(at), at[-1] - 7000 * len(at))").split()
    assert int(count) == 10_000
    assert 0 <= int(late_us) < 200


def test_one_shot_comes_once(bare):
    source = COUNT + "Timer(0, mode=Timer.ONE_SHOT, period=50, callback=count)\ntime.sleep(1)\nprint(len(n))"
    assert bare.run(source) == "1\n"


def test_deinit_stops_and_init_restarts(bare):
    source = COUNT + (
        "t = Timer(0)\nt.init(period=10, callback=count)\nt.deinit()\ntime.sleep_ms(50)\nprint(len(n))\n"
        "t.init(period=20, callback=count)\nt.init(period=20, callback=count)\ntime.sleep_ms(50)\nprint(len(n))"
    )
    assert bare.run(source) == "0\n2\n"


@pytest.mark.engine("cpython", reason="computing")
def test_flag_set_by_timer_ends_a_busy_loop(bare):
    source = (
        "from machine import Timer\nflag = []\nTimer(0).init(mode=Timer.ONE_SHOT, period=30, callback=flag.append)\n"
        "while not flag:\n    pass\nprint('ok')"
    )
    assert bare.run(source) == "ok\n"


@pytest.mark.parametrize("arguments", ["period=0", "freq=0", "freq=100_000_000", "period=1, tick_hz=20_000_000"])
def test_period_of_no_tick_is_too_short(bare, arguments):
    with pytest.raises(NodeError, match="ValueError: Timer period is too short for this timer"):
        bare.run(f"from machine import Timer\nTimer(0).init({arguments})")


def test_fifth_hardware_timer_does_not_exist(bare):
    with pytest.raises(NodeError, match=r"ValueError: Timer\(4\) doesn't exist, there are only 4 hardware timers"):
        bare.run("from machine import Timer\nTimer(4)")


def test_hard_timer_is_refused(bare):
    with pytest.raises(NodeError, match="ValueError: hard Timers are not implemented"):
        bare.run("from machine import Timer\nTimer(0).init(period=5, hard=True)")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [("period=1.5", "can't convert float to int"), ("freq='a'", "can't convert str to float"), ("5", "")],
)
def test_wrong_types_are_refused(bare, arguments, error):
    with pytest.raises(NodeError, match=f"TypeError: .*{error}"):
        bare.run(f"from machine import Timer\nTimer(0).init({arguments})")


def test_freq_and_tick_hz_set_the_period(bare):
    source = COUNT + (
        "Timer(0, freq=4, callback=count)\ntime.sleep_ms(1010)\nprint(len(n))\n"
        "Timer(0, period=1, tick_hz=20, callback=count)\ntime.sleep_ms(1010)\nprint(len(n))"
    )
    assert bare.run(source) == "4\n24\n"


def test_value_counts_milliseconds(bare):
    source = COUNT + (
        "t = Timer(0)\nprint(t.value())\nt.init(period=100, callback=count)\n"
        "time.sleep_ms(130)\nprint(t.value())\nv = Timer(-1)\nv.init(mode=0, period=50, callback=count)\n"
        "time.sleep_ms(20)\nprint(v.value())\ntime.sleep_ms(100)\nprint(v.value())"
    )
    assert bare.run(source) == "0\n30\n20\n50\n"


def test_text_swaps_the_modes_as_the_port_does(bare):
    source = (
        "from machine import Timer\nprint(Timer(2))\nt = Timer(2, period=20)\nprint(t)\n"
        "t.init(mode=0, period=5)\nprint(t)"
    )
    assert bare.run(source) == (
        "Timer(2, mode=PERIODIC, period=0)\nTimer(2, mode=ONE_SHOT, period=20)\nTimer(2, mode=PERIODIC, period=5)\n"
    )


def test_timers_end_with_the_life(bare):
    bare.run("from machine import Timer\nTimer(0).init(period=10, callback=lambda t: print('tick'))")
    bare.node.reset()
    bare.world.run_for(0.001)
    ticks = bare.node.console.text().count("tick")
    bare.world.run_for(5)
    assert bare.node.console.text().count("tick") == ticks


def test_failing_callback_is_printed_and_the_timer_goes_on(bare):
    bare.run(
        "import time\nfrom machine import Timer\nTimer(0).init(period=10, callback=lambda t: 1 / 0)\ntime.sleep_ms(35)"
    )
    assert bare.node.console.text().count("ZeroDivisionError") == 3


def test_timer_without_callback_fails_when_it_comes(bare):
    bare.run("import time\nfrom machine import Timer\nTimer(0).init(mode=0, period=10)\ntime.sleep_ms(20)")
    assert bare.node.console.text().count("TypeError") == 1
