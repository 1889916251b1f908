"""Run every check, print what is wrong, end with 1 if anything is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from toolkit.checks import docstrings, firmware, generated

_CHECKS: dict[str, Callable[[Path], Iterable[str]]] = {
    "docstrings": docstrings.check,
    "firmware imports": firmware.check_imports,
    "firmware reaches hardware through hal": firmware.check_hardware,
    "firmware does not evaluate": firmware.check_no_evaluation,
    "firmware compiles": firmware.check_compiles,
    "generated files": generated.check,
}


def main(root: Path) -> int:
    """Run all checks on the checkout at ``root``; 0 if nothing is wrong, else 1."""
    failed = False
    for name, check in _CHECKS.items():
        mistakes = list(check(root))
        failed = failed or bool(mistakes)
        print(f"{name}: {len(mistakes) or 'ok'}")
        for line in mistakes:
            print(f"  {line}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parents[2]))
