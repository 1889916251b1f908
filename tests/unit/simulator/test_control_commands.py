"""The commands of the control channel, on a world in virtual time, without a socket."""

from __future__ import annotations

import base64
import os

import pytest

from simulator.control import docs
from simulator.control.commands import TABLE
from simulator.control.modules import syntax_problem
from simulator.control.protocol import ControlError
from simulator.control.runner import Runner
from simulator.control.simulation import Simulation
from simulator.control.table import Later
from simulator.errors import SimulatorError, StateError


class Desk:
    """Commands on a world whose wall clock stands still: ``desk("pins", node="bare", gpio=4)``."""

    def __init__(self, world):
        self.world = world
        self.runner = Runner(world.kernel, lambda seconds: None, clock=lambda: 0.0)
        self.sim = Simulation(world, self.runner, version="1.2.3-4", addresses={"bare": ("127.0.0.1", 9008)})

    def __call__(self, cmd, **args):
        TABLE[cmd].check(args)
        answer = TABLE[cmd].handler(self.sim, args)
        if not isinstance(answer, Later):
            return answer
        outcomes = []
        answer.then(outcomes.append)
        for _ in range(1000):
            if outcomes:
                break
            self.world.run_for(0.01)
            self.runner.turn()
        if isinstance(outcomes[0], ControlError):
            raise outcomes[0]
        return outcomes[0]


@pytest.fixture
def desk(bare):
    return Desk(bare.world)


def test_hello_tells_what_runs(desk):
    told = desk("hello")
    assert (told["protocol"], told["version"], told["pid"]) == (1, "1.2.3-4", os.getpid())
    assert (told["pace"], told["paused"], told["t_us"]) == (1.0, False, desk.world.kernel.now)
    assert told["nodes"] == [
        {
            "name": "bare",
            "board": "esp32",
            "uid": "micr240ac4000001OS",
            "powered": True,
            "boots": 1,
            "host": "127.0.0.1",
            "port": 9008,
        }
    ]


def test_pace_pause_and_run_are_seen_by_the_runner(desk):
    assert desk("pace", value=5)["pace"] == desk.runner.pace == 5.0
    assert desk("pause")["paused"] and desk.runner.paused
    assert not desk("run")["paused"] and not desk.runner.paused


def test_step_answers_when_the_time_has_passed(desk):
    desk("pause")
    before_us = desk.world.kernel.now
    assert desk("step", seconds=0.5)["t_us"] >= before_us + 500_000


def test_power_off_and_on_boots_again(desk, bare):
    assert desk("power", node="bare", action="off")["powered"] is False
    desk("power", node="bare", action="on")
    desk.world.run_for(1)
    assert bare.node.boots == 2


def test_reset_without_power_is_refused(desk):
    desk("power", node="bare", action="off")
    with pytest.raises(StateError, match="bare has no power"):
        desk("power", node="bare", action="reset")


def test_unknown_node_is_named(desk):
    with pytest.raises(SimulatorError, match="no node 'lamp'; there are: bare"):
        desk("console", node="lamp")


def test_console_gives_the_newest_text(desk, bare):
    bare.run("print('one')\nprint('two')")
    assert desk("console", node="bare", chars=4) == {"text": "two\n"}
    assert "one\ntwo\n" in desk("console", node="bare")["text"]


def test_flash_is_written_listed_read_and_removed(desk, bare):
    data = bytes(range(256))
    desk("flash", node="bare", action="write", path="/d/a.bin", data=base64.b64encode(data).decode())
    assert bare.node.flash.read("/d/a.bin") == data
    assert {"path": "/d/a.bin", "size": 256} in desk("flash", node="bare", action="list")["files"]
    assert base64.b64decode(desk("flash", node="bare", action="read", path="/d/a.bin")["data"]) == data
    desk("flash", node="bare", action="remove", path="/d/a.bin")
    assert not bare.node.flash.exists("/d/a.bin")


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ({"action": "read"}, "flash: path must be given and begin with /"),
        ({"action": "read", "path": "a"}, "flash: path must be given and begin with /"),
        ({"action": "read", "path": "/none"}, "flash: /none: [Errno 2] ENOENT"),
        ({"action": "write", "path": "/a"}, "flash: data is missing"),
        ({"action": "write", "path": "/a", "data": "?"}, "flash: data must be base64"),
        ({"action": "write", "path": "/a", "data": "ä"}, "flash: data must be base64"),
    ],
)
def test_flash_that_cannot_be_done_says_why(desk, args, text):
    with pytest.raises(ControlError) as refused:
        desk("flash", node="bare", **args)
    assert refused.value.text == text


def test_pin_is_driven_and_released_from_outside(desk, bare):
    assert desk("pins", node="bare", gpio=4, drive=1) == {"level": 1, "volts": 3.3, "driven": True, "pwm": None}
    assert bare.run("import machine\nprint(machine.Pin(4, machine.Pin.IN).value())") == "1\n"
    assert desk("pins", node="bare", gpio=4, release=True)["driven"] is False
    assert desk("pins", node="bare", gpio=36, volts=1.2)["volts"] == 1.2


def test_pin_that_is_not_there_is_refused(desk):
    with pytest.raises(SimulatorError, match="board 'esp32' has no GPIO 20"):
        desk("pins", node="bare", gpio=20)


def test_pin_takes_one_wish_at_a_time(desk):
    with pytest.raises(ControlError, match="drive does not go with release"):
        desk("pins", node="bare", gpio=4, drive=1, release=True)


def test_access_point_is_switched_off_by_its_name(desk):
    off = {"ssid": "your_wifi_name", "on": False, "stations": 0}
    assert desk("ap", ssid="your_wifi_name", on=False) == {"access_points": [off]}
    assert not desk.world.lan.home_ap.up
    with pytest.raises(SimulatorError, match="no access point 'other'"):
        desk("ap", ssid="other")


def test_trace_identifies_the_run(desk):
    assert desk("trace") == {"digest": desk.world.trace.digest(), "t_us": desk.world.kernel.now}


def test_stop_ends_the_loop(desk):
    assert desk("stop") == {}
    assert desk.runner.stopped


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (b"def f():\n    return 1\n", None),
        (b"def f(:\n", "LM_x.py:1: invalid syntax"),
        (b"a = 1\n\xff\n", "LM_x.py:2: no UTF-8 text"),
        (b"a = 1\n  b = 2\n", "LM_x.py:2: unexpected indent"),
    ],
)
def test_source_is_checked_with_its_line(source, problem):
    assert syntax_problem("LM_x.py", source) == problem


def test_null_byte_in_source_is_a_problem():
    assert syntax_problem("LM_x.py", b"a = 1\0").startswith("LM_x.py:1: ")


def test_module_with_a_mistake_is_refused_and_not_written(desk, bare):
    with pytest.raises(ControlError) as refused:
        desk("lm", name="LM_x.py", source="def f(:\n")
    assert refused.value.text == "LM_x.py:1: invalid syntax"
    assert not bare.node.flash.exists("/LM_x.py")


@pytest.mark.parametrize("name", ["x.py", "LM_x.mpy", "../LM_x.py", "LM_.py/", "LM_x.py\n"])
def test_module_of_another_name_is_refused(desk, name):
    with pytest.raises(ControlError, match="LM_<name>.py"):
        desk("lm", name=name, source="")


def test_node_that_cannot_unload_says_why(desk):
    with pytest.raises(ControlError, match="bare: ImportError: no module named 'InterpreterCore'"):
        desk("lm", name="LM_x.py", source="def f():\n    return 1\n")


def test_module_for_a_node_without_power_waits_for_its_boot(desk, bare):
    desk("power", node="bare", action="off")
    assert desk("lm", name="LM_x.py", source="A = 1\n") == {"nodes": ["bare"]}
    assert bare.node.flash.read("/LM_x.py") == b"A = 1\n"


def test_generated_section_of_the_document_is_current():
    document = (docs.Path(__file__).parents[3] / "docs" / "simulator.md").read_text(encoding="utf-8")
    assert docs.updated(document) == document


def test_fault_is_started_listed_and_ended(desk):
    started = desk("fault", action="start", kind="vanish", host="bare")
    assert started == {"id": 1, "kind": "vanish", "params": {"host": "bare"}, "count": 0}
    assert desk("fault", action="list") == {"faults": [started]}
    assert desk.world.lan.faults.cut("bare", "outside", count=True)
    assert desk("fault", action="end", id=1) == {**started, "count": 1}
    assert desk("fault", action="list") == desk("fault", action="check") == {"faults": []}


def test_fault_check_names_one_that_never_fired(desk):
    desk("fault", action="start", kind="loss", ratio=0.5, host="bare")
    with pytest.raises(SimulatorError, match=r"loss.*never fired"):
        desk("fault", action="check")


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ({"action": "start"}, "start needs kind"),
        ({"action": "start", "kind": "noise"}, "no fault 'noise'"),
        ({"action": "start", "kind": "loss", "ratio": 2}, "ratio must be 0..1"),
        ({"action": "start", "kind": "loss", "ratio": 0.5, "host": "outside"}, "clients from outside"),
        ({"action": "start", "kind": "loss", "ratio": "x"}, "ratio must be a number"),
        ({"action": "end"}, "end needs id"),
        ({"action": "list", "ratio": 0.5}, "ratio does not go with list"),
    ],
)
def test_fault_with_wrong_arguments_says_which(desk, args, text):
    with pytest.raises(ControlError, match=text) as caught:
        desk("fault", **args)
    assert caught.value.code == "bad-args"


def test_fault_end_of_an_unknown_one_raises(desk):
    with pytest.raises(SimulatorError, match="no fault 9 is active"):
        desk("fault", action="end", id=9)
