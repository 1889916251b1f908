"""The serial console: what is kept, who hears it, what was typed."""

from __future__ import annotations

from simulator.micropython.console import Console


def test_text_is_what_was_printed_in_order() -> None:
    console = Console()
    console.write("a")
    console.write("b\n")
    assert console.text() == "ab\n"


def test_long_output_keeps_its_newest_part_in_bounded_memory() -> None:
    console = Console()
    for number in range(100_000):
        console.write(f"{number:09}\n")
    assert 65_536 <= len(console.text()) <= 131_082
    assert console.text().endswith("000099998\n000099999\n")


def test_listeners_hear_each_text_as_it_comes() -> None:
    console, heard = Console(), []
    console.listeners.append(heard.append)
    console.write("a")
    console.write("b")
    assert heard == ["a", "b"]


def test_listener_may_leave_while_it_is_called() -> None:
    console, heard = Console(), []

    def once(text: str) -> None:
        heard.append(text)
        console.listeners.remove(once)

    console.listeners += [once, heard.append]
    console.write("a")
    console.write("b")
    assert heard == ["a", "a", "b"]


def test_typed_lines_are_read_in_order_then_none() -> None:
    console = Console()
    console.type("one")
    console.type("two")
    assert [console.read_line() for _ in range(3)] == ["one", "two", None]
