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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("a\rb\x00\x08\x7f\x85", "a\\x0db\\x00\\x08\\x7f\\x85"),
        ("\u202egnp.exe\u2028", "\\u202egnp.exe\\u2028"),
        ("\udc80 \U000e0001", "\\udc80 \\U000e0001"),
        ("\t21 °C, ключ, 日本, 🙂", "\t21 °C, ключ, 日本, 🙂"),
    ],
)
def test_only_what_can_be_printed_is_shown_as_it_is(printed, text, shown):
    assert printed(f"{text}\n") == f"[bare] {shown}\n"


def test_remark_that_quotes_a_node_is_made_visible_too():
    stream = io.StringIO()
    printer = Printer(stream)
    for line in hang_report(NodeHung("node01", "\x1b[2J", ran_us=1, stack=["/LM_\x1b]0;x\x07.py:3 in f"])):
        printer.say(line)
    printer.say("node01: ValueError: one\ntwo\x9b")
    printer.flush()
    assert all(line.isprintable() for line in stream.getvalue().split("\n"))
    assert stream.getvalue().endswith("node01: ValueError: one\ntwo\\x9b\n")


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
