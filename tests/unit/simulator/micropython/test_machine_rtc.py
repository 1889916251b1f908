"""machine.RTC on a bare board."""

import pytest

from simulator.errors import NodeError


def test_clock_starts_in_2000_at_power_on(bare):
    assert bare.run("from machine import RTC\nprint(RTC().datetime()[:6])") == "(2000, 1, 1, 5, 0, 0)\n"


def test_clock_counts_from_power_on_although_asked_late(bare):
    bare.world.run_for(3600)
    assert bare.run("from machine import RTC\nprint(RTC().datetime()[4:6])") == "(1, 0)\n"


def test_datetime_set_ignores_weekday_and_keeps_microseconds(bare):
    source = (
        "from machine import RTC\nr = RTC()\nr.datetime((2024, 2, 29, 0, 23, 59, 58, 999000))\nprint(r.datetime()[:7])"
    )
    assert bare.run(source) == "(2024, 2, 29, 3, 23, 59, 58)\n"
    bare.world.run_for(2)
    assert bare.run("print(r.datetime()[:6])") == "(2024, 3, 1, 4, 0, 0)\n"


def test_init_takes_the_hour_as_fourth(bare):
    source = "from machine import RTC\nRTC().init((2024, 6, 1, 12, 30, 15, 0, 0))\nprint(RTC().datetime()[:7])"
    assert bare.run(source) == "(2024, 6, 1, 5, 12, 30, 15)\n"


def test_time_follows_the_rtc(bare):
    source = (
        "import time\nfrom machine import RTC\nRTC().datetime((2024, 6, 1, 0, 12, 0, 0, 0))\n"
        "print(time.localtime()[:6])"
    )
    assert bare.run(source) == "(2024, 6, 1, 12, 0, 0)\n"


@pytest.mark.parametrize(
    ("moment", "error"),
    [("(2024, 1, 1)", "ValueError"), ("5", "TypeError"), ("(2024, 1, 1, 0, 0, 0, 0.5, 0)", "TypeError")],
)
def test_wrong_datetime_is_refused(bare, moment, error):
    with pytest.raises(NodeError, match=error):
        bare.run(f"from machine import RTC\nRTC().datetime({moment})")


def test_rtc_takes_no_arguments_and_is_one_object(bare):
    assert bare.run("from machine import RTC\nprint(RTC() is RTC())") == "True\n"
    with pytest.raises(NodeError, match="TypeError"):
        bare.run("from machine import RTC\nRTC(0)")


def test_memory_and_clock_survive_reset_not_power_cut(bare):
    source = "from machine import RTC\nRTC().memory(b'kept')\nRTC().datetime((2024, 6, 1, 0, 12, 0, 0, 0))"
    ask = "from machine import RTC\nprint(RTC().memory(), RTC().datetime()[0])"
    bare.run(source)
    bare.node.start("import machine\nmachine.reset()")
    bare.world.run_for(2)
    assert bare.run(ask) == "b'kept' 2024\n"
    bare.node.power_off()
    bare.node.power_on()
    bare.world.run_for(2)
    assert bare.run(ask) == "b'' 2000\n"


def test_memory_holds_2048_bytes(bare):
    assert bare.run("from machine import RTC\nRTC().memory(bytes(2048))\nprint(len(RTC().memory()))") == "2048\n"
    with pytest.raises(NodeError, match="ValueError: buffer too long"):
        bare.run("from machine import RTC\nRTC().memory(bytes(2049))")
