"""Scenarios: transcripts of the shell."""

from __future__ import annotations

from collections.abc import Callable

from simulator.node import Node
from simulator.parity.record import Recorder
from simulator.parity.scenario import Scenario
from simulator.world import World

_BUILT_IN = ("hello", "version", "", "  ", "help", "nosuch", "nosuch word", "HELLO", "hello again", "webrepl --nosuch")
_SYSTEM = (
    "system help",
    "system setclock 2026 3 1 12 30 15",
    "system clock",
    "system info",
    "system gclean",
    "system heartbeat",
    "system ntp",
    "system module",
    "system module LM_system",
    "system module 'LM_nosuch'",
    "system cachedump",
    "system cachedump 'rgb'",
    "system rssi",
    "system lmpacman",
    "system lmpacman 'nosuch.py'",
    "system lmpacman 'system.py'",
    "system pinmap",
    "system pinmap 'irq1'",
    "system pinmap key='nosuch'",
    "system ha_sta",
    "system alarms",
    "system alarms test=True",
    "system alarms",
    "system alarms True",
    "system ifconfig",
)
_ERRORS = (
    "system",
    "system nosuch",
    "system nosuch 1",
    "system clock 1",
    "system setclock",
    "system setclock 1 2 3",
    "system setclock 2026 13 1 0 0 0",
    "system setclock 'a' 1 1 1 1 1",
    "system pinmap key=",
    "system pinmap nokey=1",
    "system pinmap 'open",
    "system pinmap [1, 2",
    "system pinmap 1 2 3",
    "system _private",
    "system.clock",
    "Common help",
    "system 1",
    "'system' clock",
    "system clock >json",
    "system pinmap >json",
    "system rssi >json",
    "system nosuch >json",
    "system alarms >json",
    "system clock > json",
    "robustness help",
    "robustness raise_error",
    "robustness recursion_limit 3",
    "robustness recursion_limit 300",
    "robustness memory_leak 2",
    "robustness nosuch",
    "intercon help",
    "intercon dump",
    "intercon sendcmd",
    "intercon sendcmd 'hello' host='10.0.9.9'",
    "intercon sendcmd 'hello' host='nosuch.local'",
)
_CONFIG = (
    "conf",
    "dump",
    "help",
    "help cron",
    "help nosuch",
    "devfid",
    "devfid lamp",
    "devfid",
    "nosuch",
    "nosuch value",
    "soctout",
    "soctout 120",
    "soctout 12x",
    "soctout -5",
    "soctout 3.5",
    "dbg",
    "dbg maybe",
    "dbg False",
    "dbg true",
    "utc +90",
    "appwd",
    "appwd short",
    "appwd ********",
    "stapwd",
    "socport 0",
    "socport 99999",
    "guimeta",
    "guimeta {'a': 1,   'b': [2, 3]}",
    "guimeta",
    "crontasks *:*:*:0!system heartbeat",
    "crontasks nonsense",
    "timirqseq 500",
    "irq1_trig both",
    "boothook system heartbeat; system nosuch",
    "staessid caf\u00e9",
    "staessid your_wifi_name",
    "hello",
    "version",
    "noconf",
    "hello",
    "conf",
    "dump",
    "noconf",
)
_JOBS = (
    "bgjob",
    "bgjob show",
    "bgjob stop",
    "bgjob nosuch",
    "system heartbeat &",
    "bgjob show",
    "system heartbeat &&2000",
    "bgjob show",
    "bgjob stop",
    "system nosuch &",
    "bgjob show",
    "system clock &&200",
    "bgjob stop",
    "system clock &&x",
    "&",
    "&&",
    "bgjob show",
)


def asks(*commands: str) -> Callable[[World, Node, Recorder], None]:
    """A play that sends commands one after the other, in a new session where one has ended."""

    def play(world: World, node: Node, recorder: Recorder) -> None:
        talk = recorder.talk()
        for command in commands:
            if talk.closed:
                talk = recorder.talk()
            talk.ask(command)

    return play


def _login(world: World, node: Node, recorder: Recorder) -> None:
    for words in (
        ("hello", "version", "system clock", "hello"),
        ("ADmin123", "system heartbeat", "conf", "appwd", "dump", "exit"),
    ):
        talk = recorder.talk()
        for word in words:
            if not talk.closed:
                talk.ask(word)
    for _ in range(6):
        recorder.talk().ask("wrong")


SCENARIOS = (
    Scenario("built-in", asks(*_BUILT_IN, "exit"), is_quick=True),
    Scenario("system", asks(*_SYSTEM), is_quick=True),
    Scenario("errors", asks(*_ERRORS)),
    Scenario("configuration", asks(*_CONFIG), is_quick=True),
    Scenario("jobs", asks(*_JOBS)),
    Scenario("login", _login, config={"auth": True}),
)
