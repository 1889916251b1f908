#!/usr/bin/env python3
"""Start the micrOS host tool from a checkout, on a bare Python with pip and venv.

On first use this makes ``.venv`` beside itself (``toolkit/bootstrap.py``); after that it only compares a
stamp and hands over to ``toolkit.cli`` in that environment. The ready path is part of the start-up
benchmark, so it imports nothing and hashes nothing: the stamp holds what set-up was made from, whole.

Syntax stays that of Python 3.6, so that an older Python can read the line which says that it is too old.
"""
import os
import sys

ROOT = os.path.dirname(os.path.realpath(__file__))
VENV = os.path.join(ROOT, ".venv")
OLDEST_PYTHON = (3, 11)
#: Options that need more than the tool itself: option -> extra of pyproject.toml.
EXTRAS = {"--test": "tox", "-cc": "mpy", "--cross_compile_micros": "mpy", "--engine=micropython": "vm"}


def venv_python() -> str:
    """Return the path of the environment's interpreter; it may not be there yet."""
    if os.name == "nt":
        return os.path.join(VENV, "Scripts", "python.exe")
    return os.path.join(VENV, "bin", "python")


def stamp_base() -> str:
    """Return what an environment depends on besides its extras; a difference means: set up again."""
    with open(os.path.join(ROOT, "pyproject.toml"), encoding="utf-8") as project:
        return f"python {sys.version_info[0]}.{sys.version_info[1]}\nroot {ROOT}\n{project.read()}"


def wanted_extras(arguments) -> set:
    """Return the extras that a call needs; an option's value may follow it or be tied to it by ``=``."""
    tied = [f"{option}={value}" for option, value in zip(arguments[:-1], arguments[1:], strict=True)]
    return {EXTRAS[argument] for argument in [*arguments, *tied] if argument in EXTRAS}


def is_ready(extras) -> bool:
    """True if ``.venv`` is complete, made from this checkout as it is, and has ``extras`` (a set)."""
    try:
        with open(os.path.join(VENV, "micros-stamp"), encoding="utf-8") as stamp:
            made_with, made_from = stamp.read().split("\n", 1)
    except (OSError, ValueError):
        return False
    return made_from == stamp_base() and extras <= set(made_with.split()[1:]) and os.path.exists(venv_python())


def hand_over(arguments) -> int:
    """Run the tool in ``.venv``. On POSIX this process becomes the tool; on Windows it waits for it."""
    command = [venv_python(), "-P", "-m", "toolkit"] + arguments
    if os.name != "nt":
        os.execv(command[0], command)
    import subprocess

    child = subprocess.Popen(command)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:  # the console sends Ctrl-C to both; the tool ends, then so do we
            continue


def main() -> int:
    """Make ``.venv`` ready if it is not, then run the tool; return the exit code."""
    if sys.version_info < OLDEST_PYTHON:
        found = f"{sys.version_info[0]}.{sys.version_info[1]} ({sys.executable})"
        sys.stderr.write(f"devToolKit: needs Python 3.11 or newer, this is Python {found}\n")
        return 1
    arguments = sys.argv[1:]
    extras = wanted_extras(arguments)
    if not is_ready(extras):
        from toolkit import bootstrap

        code = bootstrap.run(bootstrap.Checkout(ROOT, VENV, venv_python(), stamp_base()), extras, is_ready)
        if code:
            return code
    return hand_over(arguments)


if __name__ == "__main__":
    sys.exit(main())
