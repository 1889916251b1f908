"""``platform`` on a node."""

from __future__ import annotations

from typing import Any


def test_platform_names_release_and_processor(bare: Any) -> None:
    source = "import platform\nprint(platform.platform())\nprint(platform.python_compiler(), platform.libc_ver())"
    assert bare.run(source).splitlines() == [
        "MicroPython-1.28.0-xtensa-IDFv5.5.1-with-newlib4.3.0",
        "GCC 14.2.0 ('newlib', '4.3.0')",
    ]


def test_release_is_the_same_everywhere(bare: Any) -> None:
    source = """
import os, platform, sys
release = os.uname().release
print(release in platform.platform(), release in os.uname().version, os.uname().version in sys.version)
print('.'.join(str(part) for part in sys.implementation.version[:3]) == release)
"""
    assert bare.run(source) == "True True True\nTrue\n"
