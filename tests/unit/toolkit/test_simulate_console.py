"""Console lines as ``--simulate`` prints them."""

from __future__ import annotations

import io

import pytest

from simulator.errors import NodeHung
from toolkit.simulate_console import Printer, hang_report, last_lines


@pytest.fixture
def printed(bare):
    """``printed(text...)`` has the node print pieces of text and returns what a person sees."""

    def run(*pieces):
        stream = io.StringIO()
        printer = Printer(stream)
        printer.attach(bare.node)
        for piece in pieces:
            bare.node.console.write(piece)
        printer.flush()
        return stream.getvalue()

    return run


def test_only_complete_lines_appear_with_the_name(printed):
    assert printed("one\ntw", "o\r\n", "rest") == "[bare] one\n[bare] two\n"


def test_empty_line_appears(printed):
    assert printed("\n") == "[bare] \n"


def test_endless_line_appears_in_pieces(printed):
    assert printed("x" * 5_000, "y\n") == f"[bare] {'x' * 5_000}\n[bare] y\n"


def test_what_a_terminal_would_act_upon_is_made_visible(printed):
    assert printed("\x1b[2J\x07a\tb\x9b\n") == "[bare] \\x1b[2J\\x07a\tb\\x9b\n"


def test_nothing_to_say_writes_nothing(printed):
    assert printed() == ""


def test_terminal_that_lacks_a_character_gets_its_number(bare):
    raw = io.BytesIO()
    printer = Printer(io.TextIOWrapper(raw, encoding="ascii", newline="\n"))
    printer.say("21 °C")
    printer.flush()
    assert raw.getvalue() == b"21 \\xb0C\n"


def test_last_lines_leave_out_empty_ones(bare):
    bare.node.console.write("\na\n\nb\r\nc")
    assert last_lines(bare.node, 2) == ["b", "c"]


def test_report_names_thread_time_and_place_innermost_first():
    error = NodeHung("node01", "worker", ran_us=30_400_000, stack=["/main.py:1 in <module>", "/LM_x.py:3 in spin"])
    assert hang_report(error) == [
        "node01: HUNG: thread 'worker' ran 30 s without waiting once, at",
        "    /LM_x.py:3 in spin",
        "    /main.py:1 in <module>",
        "node01: reset, as a watchdog would",
    ]
