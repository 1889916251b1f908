"""Scenarios: boots, crashes, recovery mode, restarts, and Load Modules with mistakes."""

from __future__ import annotations

from simulator.node import Node
from simulator.parity.record import Recorder
from simulator.parity.scenario import UP, Scenario
from simulator.world import World
from tests.parity.corpus_shell import asks

#: Load Modules, right and wrong: path on the flash -> source.
WRONG = {
    "/modules/LM_syntax.py": """\
def broken(:
    pass
""",
    "/modules/LM_importer.py": """\
import nothing_there
def go():
    return 1
""",
    "/modules/LM_raises.py": """\
def name():
    return nosuch
def zero():
    return 1 / 0
def index():
    return [][1]
def key():
    return {}['k']
def kind():
    return 'a' + 1
def attribute():
    return (1).nosuch
def value():
    raise ValueError('no such value')
def own():
    class Own(Exception):
        pass
    raise Own('mine')
def bare():
    raise RuntimeError
def missing():
    open('nosuch.txt')
def wait(ms=10):
    import time
    time.sleep_ms(ms)
    return ms
def quits():
    raise SystemExit
def number(text):
    return int(text)
""",
    "/modules/LM_values.py": """\
def back(value):
    return value
def all(*values, **named):
    return values, sorted(named.items())
def kinds():
    return [1, 2.5, None, True, 'x', b'y', (1,), {'k': 1}, {2}]
def text():
    return 'line 1\\nline 2'
def uni():
    return 'caf\\u00e9 \\u2713'
def floats():
    return 1 / 3, 1e10, 1e-7, 2.0 ** 0.5, float('inf'), -0.0, 100.0
def big():
    return 2 ** 70, -2 ** 31, 7 // -2, 7 % -3, divmod(-7, 2)
def fmt():
    return '%05.2f|%-6s|%x|%+d' % (3.14159, 'ab', 255, 7), '{:>6}|{:08b}|{:.3g}'.format('x', 5, 0.00012345)
def saved(value=1):
    with open('values.pds', 'w') as file:
        file.write(str(value))
    return open('values.pds').read()
""",
    "/modules/LM_late.py": """\
import asyncio
async def wait(ms=50):
    await asyncio.sleep_ms(ms)
    return ms
""",
}


def _reset(world: World, node: Node, recorder: Recorder) -> None:
    recorder.talk().ask("reboot")
    recorder.align(UP)
    recorder.step("after reboot")
    node.reset()
    recorder.align(UP)
    recorder.step("after the button")
    node.power_off()
    world.run_for(2)
    node.power_on()
    recorder.align(UP)
    asks("system alarms", "system module")(world, node, recorder)


def _rescue(world: World, node: Node, recorder: Recorder) -> None:
    asks(
        "hello",
        "version",
        "why",
        "ls",
        "ls /modules",
        "ls /nosuch",
        "rm nosuch",
        "rm /boot.py",
        "help",
        "nosuch",
        "conf",
        "devfid",
        "dump",
        "noconf",
        "system clock",
        "exit",
    )(world, node, recorder)


def _without_network(world: World, node: Node, recorder: Recorder) -> None:
    for path in ("/Network.mpy", "/Network.py"):
        if node.flash.exists(path):
            node.flash.remove(path)


def _crashes(world: World, node: Node, recorder: Recorder) -> None:
    recorder.step("crash upon crash")
    world.run_for(120)
    asks("why", "hello")(world, node, recorder)


SCENARIOS = (
    Scenario(
        "modules with mistakes",
        asks(
            "syntax broken",
            "syntax help",
            "importer go",
            "raises name",
            "raises zero",
            "raises index",
            "raises key",
            "raises kind",
            "raises attribute",
            "raises value",
            "raises own",
            "raises bare",
            "raises missing",
            "raises wait",
            "raises wait 30",
            "raises quits",
            "raises number '12x'",
            "raises number '12'",
            "raises number",
            "raises zero >json",
            "raises nosuch",
            "help",
            "system alarms",
            "bgjob show",
            "raises zero &",
            "bgjob show",
        ),
        files=WRONG,
        is_quick=True,
    ),
    Scenario(
        "values",
        asks(
            "values back 1",
            "values back 'a b'",
            "values back [1, 2, (3, 4)]",
            "values back {'k': [True, None]}",
            "values back 2.50",
            "values back b'\\x01'",
            "values back -7",
            "values back 0x1f",
            "values back 1e3",
            "values back word",
            "values back",
            "values all 1 2 x=3 y='z'",
            "values all",
            "values kinds",
            "values kinds >json",
            "values text",
            "values uni",
            "values floats",
            "values floats >json",
            "values big",
            "values fmt",
            "values saved 7",
            "system cachedump",
            "late wait",
            "late wait 100",
            "late wait &",
            "bgjob show",
            "values back {2, 1, 3}",
        ),
        files=WRONG,
    ),
    Scenario("restarts", _reset),
    Scenario("recovery mode", _rescue, prepare=_without_network, start="[recovery] network:"),
    Scenario(
        "boot hook that fails",
        asks("system alarms"),
        config={"boothook": "system nosuch; raises zero; system clock"},
        files=WRONG,
    ),
    Scenario(
        "server cannot start",
        _crashes,
        files={"/SocketServer.py": "raise ValueError('no server')\n"},
        start="ValueError",
    ),
    Scenario(
        "damaged configuration", asks("hello", "conf", "devfid", "dump"), files={"/node_config.json": '{"devfid": "la'}
    ),
)
