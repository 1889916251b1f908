"""What a scenario does is noted in steps, by channel, with times that count from the step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simulator.engine.engines import CPYTHON
from simulator.node import Node
from simulator.parity.record import Happening, Record, Recorder
from simulator.parity.scenario import Scenario, run
from simulator.world import World

_MODULE = b"""
import machine
import time
def blink():
    pin = machine.Pin(4, machine.Pin.OUT)
    pin(1)
    time.sleep_ms(20)
    pin(0)
    return machine.I2C(0, scl=machine.Pin(22), sda=machine.Pin(21)).readfrom_mem(0x48, 7, 2)
"""


def played(play: Callable[[World, Node, Recorder], None]) -> Record:
    """The record of a scenario with a module ``m``."""
    return run(Scenario("case", play, files={"/modules/LM_m.py": _MODULE.decode()}), CPYTHON)


def on(record: Record, step: str, channel: str) -> list[Happening]:
    """The happenings of a channel in the step of that name."""
    (found,) = [item for item in record.steps if item.name == step]
    return [item for item in found.happenings if item.channel == channel]


def test_reply_pins_and_bus_are_noted_with_times_of_the_step() -> None:
    def answer(segments: Sequence[bytes | int]) -> list[bytes]:
        return [b"ab" if isinstance(part, int) else b"" for part in segments]

    def play(world: World, node: Node, recorder: Recorder) -> None:
        recorder.watch_pins(4)
        recorder.i2c(scl=22, sda=21, address=0x48, answer=answer)
        recorder.talk().ask("m blink")

    record = played(play)
    up, down = on(record, "m blink", "gpio4")
    assert (up.value, down.value) == ("1", "0")
    assert 20_000 <= down.t_us - up.t_us < 21_000 and up.t_us < 30_000
    assert [item.value for item in on(record, "m blink", "i2c")] == ["0x48 [b'\\x07', 2]"]
    assert [item.value for item in on(record, "m blink", "reply")] == ["b'ab'\nnode01 $  "]
    assert on(record, "connect reply", "reply")[0].value == "node01 $  "


def test_steps_begin_at_equal_distances_from_the_start_of_the_node() -> None:
    begun = []

    def play(world: World, node: Node, recorder: Recorder) -> None:
        zero = world.kernel.now
        for seconds in (0.3, 4.9, 5.1):
            recorder.step("wait")
            begun.append(world.kernel.now - zero)
            world.run_for(seconds)
        node.reset()
        recorder.align("is up")
        zero = world.kernel.now
        recorder.step("after reset")
        begun.append(world.kernel.now - zero)

    played(play)
    assert begun == [5_370_000, 10_740_000, 16_110_000, 5_370_000]


def test_files_console_and_the_end_of_a_session_are_noted() -> None:
    def play(world: World, node: Node, recorder: Recorder) -> None:
        talk = recorder.talk()
        talk.ask("system heartbeat")
        talk.ask("system alarms test=True")
        talk.ask("exit")
        assert talk.closed

    record = played(play)
    assert on(record, "system heartbeat", "console")[0].value == "<3 heartbeat <3"
    assert [item.value for item in on(record, "exit", "reply")] == ["Bye!\n", "closed"]
    assert "TeSt ErRoR" in on(record, "files", "file /err.log")[0].value
    assert not [item for item in record.steps[-1].happenings if item.channel.endswith(".py")]
    assert not [
        item for item in record.steps[-1].happenings if item.channel == "console"
    ]  # nor what a switched-off world does


def test_record_is_as_it_was_when_it_was_taken() -> None:
    with World(seed=0) as world:
        node = world.add_node("node01", firmware=False, power=False)
        recorder = Recorder(world, node)
        recorder.note("reply", "before")
        record = recorder.record("case")
        recorder.note("reply", "after")
        recorder.step("later")
        assert [(step.name, [item.value for item in step.happenings]) for step in record.steps] == [
            ("start", ["before"])
        ]
