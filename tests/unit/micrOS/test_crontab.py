"""The grammar of crontasks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.micrOS.cron_model import SIZES, Clock, Sun


@pytest.fixture(scope="session")
def crontab(pure: Any) -> Any:
    """The module."""
    return pure.load("crontab")


def _values(when: bytes) -> tuple[set[int], ...]:
    """What fits, for each field, of the bits of an entry."""
    bits = [byte >> i & 1 for byte in when for i in range(8)]
    fields = []
    for size in SIZES:
        fields.append({i for i in range(size) if bits[i]})
        bits = bits[size:]
    assert not any(bits)
    return tuple(fields)


_ALL = tuple(set(range(size)) for size in SIZES)


@pytest.mark.parametrize(
    ("when", "index", "values"),
    [
        ("3:*:*:*", 0, {3}),
        ("0-6:*:*:*", 0, set(range(7))),
        ("5-1:*:*:*", 0, {5, 6, 0, 1}),
        ("1,3:*:*:*", 0, {1, 3}),
        ("0-1,6:*:*:*", 0, {0, 1, 6}),
        ("*:0-23:*:*", 1, set(range(24))),
        ("*:22-6:*:*", 1, {22, 23, *range(7)}),
        ("*:08:*:*", 1, {8}),
        ("*:*:0-59:*", 2, set(range(60))),
        ("*:*:0,15,30,45:*", 2, {0, 15, 30, 45}),
        ("*:*:*:58-1", 3, {58, 59, 0, 1}),
        ("*:*:*:59", 3, {59}),
    ],
)
def test_field_has_its_values_and_the_others_all(crontab: Any, when: str, index: int, values: set[int]) -> None:
    ((_, _, bits),), problems = crontab.parse(f"{when}!rgb toggle")
    assert problems == []
    assert _values(bits) == (*_ALL[:index], values, *_ALL[index + 1 :])


@pytest.mark.parametrize(
    ("when", "number"),
    [
        ("sunrise", 0),
        ("sunset", 1),
        ("sunset+30", 61),
        ("sunrise+30", 60),
        ("sunrise-15", -30),
        ("sunset-15", -29),
        (" sunset - 15 ", -29),
        ("sunset+720", 1441),
        ("sunset+0", 1),
    ],
)
def test_sun_is_twice_its_shift_and_which(crontab: Any, when: str, number: int) -> None:
    assert crontab.parse(f"{when}!rgb on") == ([(1, "rgb on", number)], [])


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("*:8:0:0!rgb on", ["rgb on"]),
        (" * : 8 : 0 - 5 : 0 , 30 ! rgb on ", ["rgb on"]),
        ("*:8:0:0!rgb on;*:9:0:0!rgb off", ["rgb on", "rgb off"]),
        ("*:8:0:0!rgb on;", ["rgb on"]),
        (";;*:8:0:0!rgb on", ["rgb on"]),
        ("*:8:0:0!rgb on; oled text 'x';; *:9:0:0!rgb off", ["rgb on; oled text 'x'", "rgb off"]),
        ("*:8:0:0!rgb on; rgb off;;", ["rgb on; rgb off"]),
        ("*:8:0:0!rgb on;;; *:9:0:0!rgb off", ["rgb on", "rgb off"]),
        ("*:8:0:0!oled text 'a;b!c';*:9:0:0!rgb off", ["oled text 'a;b!c'", "rgb off"]),
        ("*:8:0:0!oled text 'a;;b';*:9:0:0!rgb off", ["oled text 'a;;b'", "rgb off"]),
        ("*:8:0:0!oled text 'a\\';;b';*:9:0:0!rgb off", ["oled text 'a\\';;b'", "rgb off"]),
        ("*:8:0:0!rgb rgb 10 60 &&5", ["rgb rgb 10 60 &&5"]),
        ("n/a", []),
        (" N/A ", []),
        ("", []),
    ],
)
def test_text_is_cut_into_entries_and_their_commands(crontab: Any, text: str, commands: list[str]) -> None:
    entries, problems = crontab.parse(text)
    assert [entry[1] for entry in entries] == commands
    assert problems == []


_COMMAND = "<time>!<module> <function> expected"
_WHEN = "weekday:hour:minute:second, sunrise or sunset expected"


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("7:8:0:0!log note", "weekday 0..6 expected, not 7"),
        ("*:24:0:0!log note", "hour 0..23 expected, not 24"),
        ("*:8:90:0!log note", "minute 0..59 expected, not 90"),
        ("*:8:0:60!log note", "second 0..59 expected, not 60"),
        ("*:8:0:!log note", "second 0..59 expected, not nothing"),
        ("*:8-:0:0!log note", "hour 0..23 expected, not nothing"),
        ("*:-8:0:0!log note", "hour 0..23 expected, not nothing"),
        ("*:1,,2:0:0!log note", "hour 0..23 expected, not nothing"),
        ("*:1-2-3:0:0!log note", "hour 0..23 expected, not 2-3"),
        ("*:8:0:*5!log note", "second 0..59 expected, not *5"),
        ("*:8:0:1*!log note", "second 0..59 expected, not 1*"),
        ("*:8:0:1 0!log note", "second 0..59 expected, not 1 0"),
        ("*:8:0:+1!log note", "second 0..59 expected, not +1"),
        ("*:8:0:1_0!log note", "second 0..59 expected, not 1_0"),
        ("*:8:0:0000!log note", "second 0..59 expected, not 0000"),
        ("*:8:0:٣!log note", "second 0..59 expected, not ٣"),
        ("Mon:8:0:0!log note", "weekday 0..6 expected, not Mon"),
        ("8:0!log note", _WHEN),
        ("*:8:0!log note", _WHEN),
        ("*:*:8:0:0!log note", _WHEN),
        ("noon!log note", _WHEN),
        ("sun!log note", _WHEN),
        ("1:sunset!log note", _WHEN),
        ("sunset30!log note", "+ or - expected, not 30"),
        ("sunset+!log note", "minutes 0..720 expected, not nothing"),
        ("sunset+721!log note", "minutes 0..720 expected, not 721"),
        ("sunset+-5!log note", "minutes 0..720 expected, not -5"),
        ("*:8:0:0", _COMMAND),
        ("*:8:0:0!", _COMMAND),
        ("*:8:0:0!log", _COMMAND),
        ("*:8:0:0!!log note", _COMMAND),
        ("!log note", _WHEN),
        ("*:8:0:0!log note 'it's'", "unterminated string"),
    ],
)
def test_wrong_entry_is_told_by_text_and_position_and_the_others_stay(crontab: Any, entry: str, problem: str) -> None:
    entries, problems = crontab.parse(f"*:1:0:0!log first; {entry} ;*:2:0:0!log third")
    assert [(position, command) for position, command, _ in entries] == [(1, "log first"), (3, "log third")]
    assert problems == [f"cron syntax error: entry 2: {entry}: {problem}"]


def test_entry_that_was_cut_off_by_a_single_semicolon_is_told(crontab: Any) -> None:
    entries, problems = crontab.parse("*:1:0:0!log first;; *:2:0:0!log second; *:3:0:0!log third")
    assert len(entries) == 1
    assert problems == [f"cron syntax error: entry 2: *:2:0:0!log second; *:3:0:0!log third: {_COMMAND}"]


def test_broken_one_among_ten_leaves_nine(crontab: Any) -> None:
    parts = [f"*:{hour}:0:0!log note {hour}" for hour in range(10)]
    parts[6] = "*:6:0!log note 6"
    entries, problems = crontab.parse(";".join(parts))
    assert [entry[0] for entry in entries] == [1, 2, 3, 4, 5, 6, 8, 9, 10]
    assert len(problems) == 1


def _field(size: int) -> st.SearchStrategy[Any]:
    number = st.integers(0, size - 1)
    part = st.none() | st.tuples(number, number) | number.map(lambda value: (value, value))
    return st.lists(part, min_size=1, max_size=3).map(tuple)


_CLOCKS = st.tuples(*(_field(size) for size in SIZES)).map(Clock)
_SUNS = st.builds(Sun, st.integers(0, 1), st.integers(-720, 720))
_ENTRIES = st.lists(
    st.tuples(_CLOCKS | _SUNS, st.sampled_from(["rgb on", "oled text 'a;b'", 'oled text ";;!"', "rgb f x=[1, 2]"])),
    min_size=1,
    max_size=5,
)


def _spaced(text: str, blanks: list[str]) -> str:
    """The text with blanks around its marks; no blank is put into a number or a name."""
    pieces = []
    for i, char in enumerate(text):
        blank = blanks[i % len(blanks)]
        pieces.append(blank + char + blank if char in ":,-+*" else char)
    return "".join(pieces)


@settings(deadline=None, max_examples=60)
@given(_ENTRIES, st.lists(st.sampled_from(["", "", " ", "\t "]), min_size=1, max_size=7), st.sampled_from([";", ";;"]))
def test_what_is_written_is_read(
    crontab: Any, written: list[tuple[Clock | Sun, str]], blanks: list[str], mark: str
) -> None:
    text = mark.join(f"{_spaced(entry.text, blanks)}{blanks[0]}!{blanks[0]}{command}" for entry, command in written)
    entries, problems = crontab.parse(text)
    assert problems == []
    assert [entry[:2] for entry in entries] == [(i + 1, command) for i, (_, command) in enumerate(written)]
    for (entry, _), (_, _, when) in zip(written, entries, strict=True):
        if isinstance(entry, Sun):
            assert (when >> 1, when & 1) == (entry.shift_min, entry.side)
        else:
            assert _values(when) == entry.values()


@settings(deadline=None, max_examples=150)
@given(st.text("0123456789*:-+,;!'\"\\ sunriet/n log", max_size=60))
def test_any_text_gives_entries_and_problems_and_nothing_else(crontab: Any, text: str) -> None:
    entries, problems = crontab.parse(text)
    assert all(isinstance(when, int) or len(when) == 19 for _, _, when in entries)
    assert all(problem.startswith("cron syntax error: entry ") for problem in problems)
    assert len(entries) + len(problems) <= text.count(";") + 1
