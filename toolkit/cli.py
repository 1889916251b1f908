"""The command line: the reference's flags, checked, and handed to one module per command.

argparse, not typer: ``--simulate`` is measured from launch to first answer, and argparse costs a tenth of
what typer and rich cost to import. For the same reason each command's module is imported only when it is run.

Exit codes: 0 done, 1 failed, 2 called wrongly, 130 interrupted.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from toolkit.errors import ToolkitError, UsageError
from toolkit.options import BOARDS, DEFAULT_PORT, ENGINES, MAX_NODES, SimulateOptions

PROG = "devToolKit.py"
_LM_NAME = re.compile(r"LM_[A-Za-z0-9_]+\.py")

#: Option (its name in the parsed arguments) -> command it belongs to.
_BELONGS_TO = {
    "connect_parameters": "connect",
    "all": "cross_compile_micros",
    **dict.fromkeys(("board", "engine", "nodes", "port", "pace", "state", "fresh"), "simulate"),
    **dict.fromkeys(("lm", "watch", "wiring"), "simulate"),
}
#: Options of several commands: the first letters that those have in common.
_BELONGS_TO_MANY = {"sim": "sim_"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run devToolKit with ``arguments`` (default: those of the process) and return its exit code.

    No exception leaves it, so that no traceback reaches a person.
    """
    try:
        return _run(sys.argv[1:] if arguments is None else list(arguments))
    except ToolkitError as error:
        _complain(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output (head, a closed window) is gone; spare Python's complaint at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001 - the outermost border: one line for the person, the rest in a file
        _complain(f"internal error: {type(error).__name__}: {error}{_log_details()}")
        return 1


def _complain(text: str) -> None:
    print(f"devToolKit: {text}", file=sys.stderr, flush=True)


def _log_details() -> str:
    """Write the traceback to a file of the user's directory; return a remark that names it."""
    import traceback

    from toolkit.places import user_dir

    try:
        path = user_dir() / "internal-error.log"
        path.write_text(traceback.format_exc(), encoding="utf-8")
    except (ToolkitError, OSError):
        return ""
    return f" (details: {path})"


def _run(arguments: list[str]) -> int:
    parser = make_parser()
    try:
        given = vars(parser.parse_args(_bind_parameters(arguments)))
    except SystemExit as end:  # argparse has printed help or the mistake
        return end.code if isinstance(end.code, int) else 2
    commands = [name for name in _COMMANDS if given.get(name) not in (None, False)]
    if not commands:
        for name in given:
            if name in _BELONGS_TO:
                raise UsageError(f"--{name} belongs to --{_BELONGS_TO[name]}: add that")
            if name in _BELONGS_TO_MANY:
                raise UsageError(f"--{name} belongs to --sim-set, --sim-get and the like: add one")
        parser.print_help()
        return 2
    if len(commands) > 1:
        raise UsageError(f"one command at a time: {' or '.join('--' + _flag(name) for name in commands)}")
    for name in given:
        if name in _BELONGS_TO and _BELONGS_TO[name] != commands[0]:
            raise UsageError(f"--{name} belongs to --{_BELONGS_TO[name]}")
        if name in _BELONGS_TO_MANY and not commands[0].startswith(_BELONGS_TO_MANY[name]):
            raise UsageError(f"--{name} does not go with --{_flag(commands[0])}")
    return _COMMANDS[commands[0]](given)


def _flag(name: str) -> str:
    return name.replace("_", "-") if name.startswith("sim_") else name


def _bind_parameters(arguments: list[str]) -> list[str]:
    """Tie ``-p`` to its value, as that begins with dashes (``-p '--dev X hello'``) and would look like an option."""
    for i, argument in enumerate(arguments[:-1]):
        if argument in ("-p", "--connect_parameters"):
            return [*arguments[:i], f"--connect_parameters={arguments[i + 1]}", *arguments[i + 2 :]]
    return arguments


def make_parser() -> argparse.ArgumentParser:
    """Return the parser. Options that are not given are absent from its result; defaults are in ``options``."""
    parser = argparse.ArgumentParser(
        prog=PROG,
        description="devToolKit: run, reach and look after micrOS nodes.",
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    base = parser.add_argument_group("Base commands")
    base.add_argument("-c", "--connect", "-connect", action="store_true", help="connect to a node's shell (TCP)")
    base.add_argument(
        "-p",
        "--connect_parameters",
        metavar="PARAMETERS",
        help="with --connect, for scripts: '--dev NAME command <a> command'; --pwd PASSWORD after --dev "
        "logs in; NAME is a name, uid or address (default: ask)",
    )
    develop = parser.add_argument_group("Development & Deployment & Connection")
    develop.add_argument("-sim", "--simulate", action="store_true", help="run nodes on this computer, until Ctrl-C")
    develop.add_argument(
        "-cc",
        "--cross_compile_micros",
        action="store_true",
        help="compile the firmware (py -> mpy) for deployment; toolkit/LM_to_compile.dat names the Load Modules",
    )
    develop.add_argument("--all", action="store_true", help="with -cc: compile every Load Module")
    develop.add_argument("--test", action="store_true", help="run the unit and system tests of a checkout")
    develop.add_argument("-v", "--version", action="store_true", help="print the version of the firmware")
    _add_simulate_options(parser.add_argument_group("With --simulate"))
    _add_sim_commands(parser.add_argument_group("While a simulator runs, from a second terminal"))
    return parser


def _add_simulate_options(group: Any) -> None:
    default = SimulateOptions()
    group.add_argument("--board", choices=BOARDS, help=f"kind of board (default: {default.board})")
    group.add_argument(
        "--engine",
        choices=ENGINES,
        help="what runs the firmware: Python, or MicroPython's own virtual machine (Linux x86_64, macOS; extra [vm]); "
        f"default: {default.engine}",
    )
    group.add_argument(
        "--nodes",
        metavar="N",
        type=_integer(1, MAX_NODES),
        help=f"number of nodes, 1..{MAX_NODES} (default: {default.nodes})",
    )
    group.add_argument(
        "--port",
        metavar="PORT",
        type=_integer(0, 65535),
        help=f"port of the shell on 127.0.0.1; 0: any free one (default: {DEFAULT_PORT})",
    )
    group.add_argument(
        "--pace", metavar="X", type=_pace, help=f"virtual seconds per second (default: {default.pace})"
    )
    group.add_argument(
        "--state",
        metavar="DIR",
        type=_directory,
        help="directory that keeps the nodes' flash (default: in the user's directory)",
    )
    group.add_argument("--fresh", action="store_true", help="start from factory settings, keep and delete nothing")
    group.add_argument(
        "--lm", metavar="PATH", type=_load_module, action="append", help="put your own LM_*.py on each node; repeatable"
    )
    group.add_argument("--watch", action="store_true", help="load the --lm files again when they are saved")
    group.add_argument(
        "--wiring", metavar="FILE", help="what hangs on the pins: a TOML file, or a name such as demo or bme280"
    )


def _add_sim_commands(group: Any) -> None:
    for name, metavar, text in (
        ("parts", "NODE", "list the parts on the boards, and what can be set and read"),
        ("set", "PART.NAME=VALUE", "set what a part feels, e.g. bme280.temp_c=21.5"),
        ("get", "PART[.NAME]", "show what a part measures, shows or does, e.g. servo.angle_deg"),
        ("press", "PART[:SECONDS]", "press a button and let go"),
        ("fail", "PART.FAULT[=0]", "have a part fail, or mend it"),
        ("shot", "PART.png", "save a picture of what a part shows; PART=FILE.png for another name"),
        ("vcd", "NODE.vcd", "save what the pins did, for a waveform viewer; NODE=FILE.vcd for another name"),
    ):
        count = "*" if name == "parts" else "+"
        group.add_argument(f"--sim-{name}", metavar=metavar, nargs=count, help=text)
    group.add_argument("--sim", metavar="ID", help="which simulator, if several run: process number or state directory")


def _integer(lowest: int, highest: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,9}", text) or not lowest <= int(text) <= highest:
            raise argparse.ArgumentTypeError(f"{text!r} is no number from {lowest} to {highest}")
        return int(text)

    return parse


def _pace(text: str) -> float:
    try:
        pace = float(text)
    except ValueError:
        pace = math.nan
    if not 0.001 <= pace <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0.001 to 100000")
    return pace


def _directory(text: str) -> Path:
    path = Path(text).expanduser()
    if not text or (path.exists() and not path.is_dir()):
        raise argparse.ArgumentTypeError(f"{text!r} is no directory")
    return path


def _load_module(text: str) -> Path:
    path = Path(text).expanduser()
    if not _LM_NAME.fullmatch(path.name):
        raise argparse.ArgumentTypeError(f"{text!r}: a Load Module is named LM_<name>.py")
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"{text!r} is no file")
    return path


def _simulate(given: dict[str, Any]) -> int:
    chosen = {name: value for name, value in given.items() if _BELONGS_TO.get(name) == "simulate"}
    options = SimulateOptions(**{**chosen, "lm": tuple(chosen.get("lm", ()))})
    if options.watch and not options.lm:
        raise UsageError("--watch needs --lm: there is nothing to watch")
    if options.fresh and options.state is not None:
        raise UsageError("--fresh uses throw-away state: it does not go with --state")
    names = [path.name for path in options.lm]
    if len(set(names)) < len(names):
        raise UsageError("--lm: two files of the same name")
    from toolkit import simulate

    return simulate.run(options)


def _sim(action: str) -> Callable[[dict[str, Any]], int]:
    def act(given: dict[str, Any]) -> int:
        from toolkit import sim_control

        return sim_control.run(action, given[action] or [""], sim=given.get("sim", ""))

    return act


def _connect(given: dict[str, Any]) -> int:
    from toolkit import connect

    return connect.run(given.get("connect_parameters", ""))


def _test(given: dict[str, Any]) -> int:
    from toolkit import selftest

    return selftest.run()


def _cross_compile(given: dict[str, Any]) -> int:
    from toolkit import cross_compile

    return cross_compile.run(every_module="all" in given)


def _version(given: dict[str, Any]) -> int:
    from toolkit.places import firmware_version

    print(firmware_version())
    return 0


#: Command -> what runs it.
_COMMANDS: dict[str, Callable[[dict[str, Any]], int]] = {
    "version": _version,
    "connect": _connect,
    "simulate": _simulate,
    "cross_compile_micros": _cross_compile,
    "test": _test,
    **{f"sim_{name}": _sim(f"sim_{name}") for name in ("parts", "set", "get", "press", "fail", "shot", "vcd")},
}
