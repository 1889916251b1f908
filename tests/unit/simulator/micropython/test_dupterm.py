"""``os.dupterm``: a second terminal written in Python."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.errors import NodeError

pytestmark = pytest.mark.engine("cpython", reason="own-streams")

_STREAM = """
import io, os, time
class Line(io.IOBase):
    def __init__(self, typed=b"", broken=None):
        self.typed = list(typed); self.shown = b""; self.broken = broken; self.is_open = True
    def readinto(self, buffer):
        if self.broken == 'read': raise OSError(5)
        if self.broken == 'end': return 0
        if not self.typed: return None
        buffer[0] = self.typed.pop(0)
        return 1
    def write(self, data):
        if self.broken == 'write': raise OSError(5)
        self.shown += bytes(data)
    def close(self):
        self.is_open = False
"""


def told(bare: Any, source: str) -> str:
    """What the source prints on the node, without the line's end."""
    text: str = bare.run(_STREAM + source)
    return text.removesuffix("\n")


def test_what_is_printed_is_copied_with_crlf(bare: Any) -> None:
    assert (
        told(bare, "s = Line(); os.dupterm(s); print('a', 1); os.dupterm(None); print(s.shown)") == "a 1\nb'a 1\\r\\n'"
    )


def test_dupterm_gives_the_one_before(bare: Any) -> None:
    source = "s = Line(); print(os.dupterm(s), os.dupterm(None) is s, os.dupterm(None))"
    assert told(bare, source) == "None True None"


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("os.dupterm(5)", "OSError: stream operation not supported"),
        ("os.dupterm(None, 1)", "ValueError: invalid dupterm index"),
        ("os.dupterm(None, -1)", "ValueError: invalid dupterm index"),
    ],
)
def test_wrong_argument_raises(bare: Any, call: str, text: str) -> None:
    with pytest.raises(NodeError, match=text):
        bare.run(f"import os; {call}")


def test_typed_line_reaches_input(bare: Any) -> None:
    assert told(bare, "os.dupterm(Line(b'yes\\rno')); os.dupterm_notify(None); print(input())") == "yes"


def test_input_beyond_the_buffer_is_lost(bare: Any) -> None:
    source = "os.dupterm(Line(b'x' * 300 + b'\\r')); os.dupterm_notify(None)\n"
    source += "os.dupterm(Line(b'\\r')); os.dupterm_notify(None); import sys; print(len(sys.stdin.readline()))"
    assert told(bare, source) == "0"


@pytest.mark.parametrize(("broken", "call"), [("read", "os.dupterm_notify(None)"), ("write", "print('x')")])
def test_stream_that_raises_is_taken_off_and_closed(bare: Any, broken: str, call: str) -> None:
    shown = told(bare, f"s = Line(broken={broken!r}); os.dupterm(s); {call}; print(os.dupterm(None), s.is_open)")
    assert f"dupterm: Exception in {broken}() method, deactivating: " in shown
    assert "OSError: [Errno 5] EIO\n" in shown
    assert shown.endswith("None False")


def test_stream_that_ends_is_taken_off(bare: Any) -> None:
    shown = told(bare, "os.dupterm(Line(broken='end')); os.dupterm_notify(None); print(os.dupterm(None))")
    assert shown == "dupterm: EOF received, deactivating\nNone"


def test_ctrl_c_interrupts_the_program(bare: Any) -> None:
    source = "os.dupterm(Line(b'\\x03x'))\ntry:\n os.dupterm_notify(None); time.sleep(60)\n"
    source += "except KeyboardInterrupt: print('!')"
    assert told(bare, source) == "!"


def test_ctrl_c_interrupts_a_sleep_from_a_timer(bare: Any) -> None:
    source = "import machine\nos.dupterm(Line(b'\\x03'))\n"
    source += "machine.Timer(0, mode=machine.Timer.ONE_SHOT, period=100, callback=os.dupterm_notify)\n"
    source += (
        "begin = time.ticks_ms()\ntry:\n time.sleep(60)\nexcept KeyboardInterrupt: print(time.ticks_ms() - begin < 200)"
    )
    assert told(bare, source) == "True"


def test_kbd_intr_off_makes_ctrl_c_a_character(bare: Any) -> None:
    source = "import micropython, sys; micropython.kbd_intr(-1)\n"
    source += "os.dupterm(Line(b'a\\x03b\\r')); os.dupterm_notify(None); print(repr(sys.stdin.readline()))"
    assert told(bare, source) == repr("a\x03b\n")


def test_terminal_ends_with_the_life(bare: Any) -> None:
    bare.run(_STREAM + "os.dupterm(Line())")
    bare.node.reset()
    bare.world.run_for(2)
    assert bare.run("import os; print(os.dupterm(None))") == "None\n"
