"""``distance_HCSR04`` measures distances, and says so when it cannot."""

from __future__ import annotations

import pytest


@pytest.fixture
def node(world):
    return world.add_node("node01", wiring="distance_HCSR04")


@pytest.fixture
def sensor(node):
    return node.part("hcsr04")


def _error(shell, function):
    head, _, text = shell(f"distance_HCSR04 {function}").partition("\n")[0].partition(f"->{function}: ")
    assert head == "exec_lm_core LM_distance_HCSR04"
    return text


@pytest.mark.parametrize(("mm", "reply"), [(1000, "1000"), (21, "20"), (333, "332"), (4000, "4000")])
def test_distance_in_millimetres(shell, sensor, mm, reply):
    sensor.set("distance_mm", mm)
    assert shell("distance_HCSR04 distance_mm") == reply


@pytest.mark.parametrize(("mm", "cm"), [(1000, 100.0), (25, 2.5), (3999, 399.9)])
def test_distance_in_centimetres(shell, sensor, mm, cm):
    sensor.set("distance_mm", mm)
    assert float(shell("distance_HCSR04 distance_cm")) == pytest.approx(cm, abs=0.02)


def test_hundred_centimetres_read_as_ever(shell):
    assert shell("distance_HCSR04 distance_cm") == "100.0"


@pytest.mark.parametrize("function", ["distance_mm", "distance_cm"])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("", "no echo: nothing in reach"),
        ("silent", "no answer of the sensor"),
        ("stuck_high", "echo line is stuck high"),
    ],
)
def test_failure_is_an_error_and_no_distance(world, shell, sensor, function, fault, error):
    """D-43: a time-out looked like -1 mm. It ends within 0.1 s."""
    if fault:
        sensor.fail(fault)
    else:
        sensor.set("distance_mm", 5000)
    shell("distance_HCSR04 help")
    began = world.now_s
    assert _error(shell, function) == error
    assert world.now_s - began < 0.1


def test_shots_keep_their_distance_in_time(world, node, shell, sensor):
    """Sooner than 60 ms the sound of the last shot would be heard."""
    sensor.set("distance_mm", 2000)
    shots = []
    node.machine.parts["pads"].net(32).on_change(lambda level: shots.append(world.kernel.now) if level else None)
    assert [shell("distance_HCSR04 distance_mm") for _ in range(4)] == ["2000"] * 4
    assert all(later - earlier >= 60_000 for earlier, later in zip(shots, shots[1:], strict=False))


def test_after_a_shot_into_the_void_the_next_one_is_right(shell, sensor):
    sensor.set("distance_mm", 5000)
    _error(shell, "distance_mm")
    sensor.set("distance_mm", 300)
    assert shell("distance_HCSR04 distance_mm") == "300"


def test_others_are_served_within_50_ms(world, node, shell, sensor):
    sensor.fail("silent")
    other = world.shell(node)
    other("system heartbeat")
    for _ in range(5):
        shell._connection.send(b"distance_HCSR04 distance_mm\n")
        world.run_for(0.005)
        began = world.now_s
        assert other("system heartbeat") == "<3 heartbeat <3"
        assert world.now_s - began < 0.05
        shell._read_reply(5, "the measurement")


def test_deinit_gives_the_pins_back(shell):
    """D-44: it always failed."""
    shell("distance_HCSR04 distance_mm")
    assert "pin 35 (co2) is in use by distance_HCSR04" in shell("co2 raw_measure_mq135")
    assert "pin 32 (dhtpin) is in use by distance_HCSR04" in shell("dht22 measure")
    assert shell("distance_HCSR04 deinit") == "None"
    assert "in use" not in shell("co2 raw_measure_mq135")
    assert "pin 35 (hcsrecho) is in use by co2" in shell("distance_HCSR04 distance_mm")
    assert "in use" not in shell("genIO set_out 32 0"), "one pin of two stays booked"
    shell("genIO deinit")
    assert shell("system module 'LM_co2'") == "Module unload LM_co2 done."
    assert shell("distance_HCSR04 distance_mm") == "1000"


def test_pinmap_and_help(shell):
    assert set(shell("distance_HCSR04 pinmap").split("\n")) == {" hcsrtrig: 32", " hcsrecho: 35"}
    assert shell("distance_HCSR04 help") == " distance_mm,\n distance_cm,\n deinit,\n pinmap,"
