"""Types, ranges and defaults of the configuration keys."""

from __future__ import annotations

from typing import Any

import pytest

_CONTROLS = ["a\x00", "\x1b]0;x\x07", "a\nb", "a\x1fb", "\x7f", "\x9b2J"]
# Spec: one row of wrong texts per key that does not take any text; a free text has control characters only.
_WRONG: dict[str, list[str]] = {
    "version": _CONTROLS,
    "auth": ["1", "0", "yes", ""],
    "staessid": ["", "a;;b", "x" * 33, "home\x1b[2J"],
    "stapwd": ["x" * 65, "a\x7f"],
    "devfid": ["", "a:b", "a $", "x" * 33, "a/b", "tab\there"],
    "appwd": ["", "1234567", "1234567890", "\u00e9" * 8],
    "maskpwd": ["n/a"],
    "dbg": ["2"],
    "nwmd": ["WIFI", ""],
    "hwuid": _CONTROLS,
    "soctout": ["0", "2", "86401", "3.5", "12x", ""],
    "socport": ["0", "65536", "-1", "9" * 30],
    "sessions": ["0", "17"],
    "devip": ["10.0.1", "10.0.1.256", "a.b.c.d", "1.2.3.4.5", "1..2.3"],
    "cron": ["on"],
    "crontasks": _CONTROLS,
    "cronseq": ["99", "3600001"],
    "timirq": ["no"],
    "timirqcbf": _CONTROLS,
    "timirqseq": ["0", "3600001"],
    **{f"irq{n}": ["-"] for n in range(1, 5)},
    **{f"irq{n}_cbf": ["\t"] for n in range(1, 5)},
    **{f"irq{n}_trig": ["rising", ""] for n in range(1, 5)},
    **{f"irq{n}_pull": ["high", ""] for n in range(1, 5)},
    "irq_prell_ms": ["-1", "10001"],
    "peers": ["", "node02", "node02:uid;", ":uid", "a b$:uid"],
    "boothook": _CONTROLS,
    "utc": ["-721", "841", "type", "0x10"],
    "utcauto": ["n/a"],
    "lat": ["", "90.01", "-91", "4e1", "nan", "47,5", "+47", ".5", "5.", "1.2.3", "-", "47N", "1" * 16],
    "lon": ["180.1", "-181", "east"],
    "boostmd": ["fast"],
    "lm_max_s": ["0", "3601"],
    "irqmreq": ["-1", "8000001"],
    "guimeta": [],
    "cstmpmap": ["../x", "a b", "a.py", ""],
}


def test_every_key_is_covered_here_and_documented(pure: Any) -> None:
    keys = [key for key, _default, _rule in pure.load("config_schema").KEYS]
    assert sorted(keys) == sorted(_WRONG)
    assert sorted(keys) == sorted(pure.load("config_docs").MEANINGS)


def test_every_default_obeys_its_rule(pure: Any) -> None:
    schema = pure.load("config_schema")
    assert [schema.problem(key, value) for key, value in schema.defaults().items()] == [None] * len(_WRONG)


@pytest.mark.parametrize(("key", "text"), [(key, text) for key, texts in _WRONG.items() for text in texts])
def test_wrong_text_is_refused_and_names_what_fits(pure: Any, key: str, text: str) -> None:
    schema = pure.load("config_schema")
    with pytest.raises(ValueError, match=f"^{key}: .+ expected$"):
        schema.convert(key, text, schema.defaults()[key])


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("utc", "+120", 120),
        ("utc", "-60", -60),
        ("lat", "-33.8688", "-33.8688"),
        ("lat", "90", "90"),
        ("lon", "-179.99", "-179.99"),
        ("lon", "n/a", "n/a"),
        ("auth", "TRUE", True),
        ("devfid", "bed lamp", "bed lamp"),
        ("devip", "n/a", "n/a"),
        ("devip", "10.0.1.84", "10.0.1.84"),
        ("irq1_trig", "Both", "Both"),
        ("staessid", "home; garden", "home; garden"),
        ("stapwd", "", ""),
        ("appwd", "ABCdef12", "ABCdef12"),
        ("boothook", "oled text '\u00a0\u00e1 ~'", "oled text '\u00a0\u00e1 ~'"),
        ("guimeta", "a\tb\x1b", "a\tb\x1b"),
    ],
)
def test_good_text_becomes_its_value(pure: Any, key: str, text: str, value: object) -> None:
    schema = pure.load("config_schema")
    assert schema.convert(key, text, schema.defaults()[key]) == value


@pytest.mark.parametrize(
    ("current", "text", "value"), [(1, "2", 2), (1.5, "2", 2.0), (True, "false", False), ("a", "2", "2")]
)
def test_unknown_key_keeps_its_type(pure: Any, current: object, text: str, value: object) -> None:
    found = pure.load("config_schema").convert("custom", text, current)
    assert (found, type(found)) == (value, type(value))


def test_unknown_key_takes_no_control_characters(pure: Any) -> None:
    with pytest.raises(ValueError, match=r"^custom: a text without control characters expected$"):
        pure.load("config_schema").convert("custom", "\x1b[2J", "old")


@pytest.mark.parametrize(
    ("key", "value"), [("utc", True), ("auth", 1), ("devfid", 5), ("socport", "9008"), ("utc", None)]
)
def test_value_of_another_type_is_a_problem(pure: Any, key: str, value: object) -> None:
    assert pure.load("config_schema").problem(key, value)
