"""The configuration store: one file, replaced atomically, written on change."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

_FILE = "node_config.json"


@pytest.fixture
def flash(memory_flash: Any) -> Any:
    """A flash on which a node has booted once."""
    flash = memory_flash()
    flash.boot().load("ConfigHandler").load()
    return flash


def test_first_boot_writes_all_defaults_in_one_line(flash: Any) -> None:
    text = flash.files[_FILE]
    assert json.loads(text)["devfid"] == "node01"
    assert "\n" not in text


def test_boot_without_change_writes_nothing(flash: Any) -> None:
    before = flash.steps
    flash.boot().load("ConfigHandler").load()
    assert flash.steps == before


def test_boot_with_changes_writes_once(flash: Any) -> None:
    config = flash.boot().load("ConfigHandler")
    config.load(is_deferred=True)
    before = flash.files[_FILE]
    config.cfgput("devip", "10.0.1.5")
    config.cfgput("hwuid", "x")
    assert flash.files[_FILE] == before
    config.flush()
    assert json.loads(flash.files[_FILE])["devip"] == "10.0.1.5"
    assert json.loads(flash.files[_FILE + ".bak"])["devip"] == "n/a"


def test_same_value_is_saved_without_writing(flash: Any) -> None:
    config = flash.boot().load("ConfigHandler")
    before = flash.steps
    assert config.cfgput("devfid", "node01")
    assert config.cfgput("utc", "60", True)
    assert flash.steps == before


def test_unknown_key_raises(flash: Any) -> None:
    config = flash.boot().load("ConfigHandler")
    assert config.cfgget("nokey") is None
    with pytest.raises(KeyError):
        config.cfgput("nokey", 1)


@pytest.mark.parametrize(("key", "value"), [("utc", "x"), ("appwd", "********"), ("devfid", "..."), ("auth", 1)])
def test_refused_value_changes_nothing(flash: Any, key: str, value: object) -> None:
    config = flash.boot().load("ConfigHandler")
    before = config.cfgget(key)
    assert not config.cfgput(key, value)
    assert config.cfgget(key) == before
    assert "cfgput " + key in flash.files["err.log"]


def test_full_flash_keeps_ram_and_file_alike(flash: Any) -> None:
    config = flash.boot().load("ConfigHandler")
    before = dict(flash.files)
    flash.is_full = True
    assert not config.cfgput("devfid", "lamp")
    assert config.cfgget("devfid") == "node01"
    assert {name: flash.files[name] for name in before} == before
    flash.is_full = False
    assert config.cfgput("devfid", "lamp")
    assert json.loads(flash.files[_FILE])["devfid"] == "lamp"


@pytest.mark.parametrize("damage", ["", "{", '{"devfid": "lamp"', "[1]", "\x00" * 20, '{"a": 1} {'])
def test_damaged_file_is_set_aside_and_the_copy_used(flash: Any, damage: str) -> None:
    flash.boot().load("ConfigHandler").cfgput("devfid", "lamp")
    flash.boot().load("ConfigHandler").cfgput("utc", 0)
    flash.files[_FILE] = damage
    config = flash.boot().load("ConfigHandler")
    assert config.cfgget("devfid") == "lamp"
    assert flash.files[_FILE + ".bad"] == damage
    assert "is damaged" in flash.files["err.log"]
    assert json.loads(flash.files[_FILE])["devfid"] == "lamp"
    assert json.loads(flash.files[_FILE + ".bak"])["devfid"] == "lamp"


def test_without_a_good_copy_defaults_are_reported(flash: Any) -> None:
    flash.files[_FILE] = flash.files[_FILE + ".bak"] = "{"
    assert flash.boot().load("ConfigHandler").cfgget("devfid") == "node01"
    assert "defaults used" in flash.files["err.log"]


def test_unknown_keys_are_kept_until_an_update_purges_them(flash: Any) -> None:
    flash.files[_FILE] = flash.files[_FILE].replace("{", '{"custom": [1], ', 1)
    flash.boot().load("ConfigHandler").cfgput("devfid", "lamp")
    assert json.loads(flash.files[_FILE])["custom"] == [1]
    flash.files["cleanup.pds"] = ""
    assert flash.boot().load("ConfigHandler").cfgget("custom") is None
    assert "custom" not in json.loads(flash.files[_FILE])
    assert "cleanup.pds" not in flash.files


def test_value_of_wrong_type_stays_in_the_file_and_the_default_is_used(flash: Any) -> None:
    flash.files[_FILE] = flash.files[_FILE].replace('"utc": 60', '"utc": "6o"')
    config = flash.boot().load("ConfigHandler")
    assert config.cfgget("utc") == 60
    assert "utc: -720..840 expected" in flash.files["err.log"]
    config.cfgput("devfid", "lamp")
    assert json.loads(flash.files[_FILE])["utc"] == "6o"
    config.cfgput("utc", 60)
    assert json.loads(flash.files[_FILE])["utc"] == 60


def test_odd_password_of_the_file_is_used_not_the_default(flash: Any) -> None:
    flash.files[_FILE] = flash.files[_FILE].replace("ADmin123", "much longer than 9")
    assert flash.boot().load("ConfigHandler").cfgget("appwd") == "much longer than 9"
    assert "appwd: 8 or 9" in flash.files["err.log"]


def test_control_characters_of_the_file_are_used_until_they_are_replaced(flash: Any) -> None:
    flash.files[_FILE] = flash.files[_FILE].replace('"boothook": "n/a"', '"boothook": "a\\u001bb"')
    config = flash.boot().load("ConfigHandler")
    assert config.cfgget("boothook") == "a\x1bb"
    assert config.cfgput("devfid", "lamp")
    assert json.loads(flash.files[_FILE])["boothook"] == "a\x1bb"
    assert not config.cfgput("boothook", "c\x1bd")
    assert config.cfgput("boothook", "c d")
    assert flash.boot().load("ConfigHandler").cfgget("boothook") == "c d"


@pytest.mark.parametrize("name", ["node_config.json.tmp", ".guimeta.key.tmp"])
def test_boot_removes_what_an_interrupted_write_left(flash: Any, name: str) -> None:
    before = dict(flash.files)
    flash.files[name] = '{"appwd": "half a pass'
    flash.boot().load("ConfigHandler").load()
    assert flash.files == before


def test_power_cut_in_a_write_leaves_no_half_written_file(flash: Any, power_cut: type[BaseException]) -> None:
    before = set(flash.files)
    for cut_after in range(5):
        flash.cut_after = cut_after
        with suppress(power_cut):
            flash.boot().load("ConfigHandler").cfgput("utc", cut_after)
        flash.cut_after = None
        flash.boot().load("ConfigHandler").load()
        assert set(flash.files) - before <= {_FILE + ".bak", "err.log"}


def test_long_guimeta_lives_in_its_own_file(flash: Any) -> None:
    config = flash.boot().load("ConfigHandler")
    config.cfgput("guimeta", "x" * 4000)
    assert flash.boot().load("ConfigHandler").cfgget("guimeta") == "x" * 4000
    assert config.cfgget()["guimeta"] == "..."
    assert flash.files[".guimeta.key"] == "x" * 4000


def test_secrets_are_masked_unless_asked_otherwise(flash: Any) -> None:
    config = flash.boot().load("ConfigHandler")
    assert config.masked("appwd", "ADmin123") == config.MASK
    assert config.masked("devfid", "node01") == "node01"
    config.cfgput("maskpwd", False)
    assert config.masked("appwd", "ADmin123") == "ADmin123"


_SETTINGS = (
    st.tuples(st.just("devfid"), st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True))
    | st.tuples(st.just("utc"), st.integers(-720, 840))
    | st.tuples(st.just("auth"), st.booleans())
    | st.tuples(st.just("boothook"), st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30))
    | st.tuples(st.just("guimeta"), st.text(st.characters(exclude_categories=("Cs",)), max_size=30).map(str.strip))
).filter(lambda item: item[1] not in ("...", ""))


def test_store_equals_a_dict_whenever_the_power_fails(memory_flash: Any, power_cut: type[BaseException]) -> None:
    class Store(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.flash = memory_flash()
            self.expected: dict[str, object] = {"devfid": "node01", "utc": 60, "auth": False, "boothook": "n/a"}
            self.expected["guimeta"] = "n/a"
            self.boot()

        @rule()
        def boot(self) -> None:
            self.config = self.flash.boot().load("ConfigHandler")

        @rule(item=_SETTINGS)
        def put(self, item: tuple[str, object]) -> None:
            assert self.config.cfgput(*item)
            self.expected[item[0]] = item[1]

        @rule(item=_SETTINGS)
        def put_on_full_flash(self, item: tuple[str, object]) -> None:
            self.flash.is_full = True
            assert self.config.cfgput(*item) == (self.expected[item[0]] == item[1])
            self.flash.is_full = False

        @rule(item=_SETTINGS, cut_after=st.integers(0, 4))
        def put_while_power_fails(self, item: tuple[str, object], cut_after: int) -> None:
            self.flash.cut_after = cut_after
            with suppress(power_cut):
                self.config.cfgput(*item)
            self.flash.cut_after = None
            self.boot()
            found = self.config.cfgget(item[0])
            assert found in (self.expected[item[0]], item[1])
            self.expected[item[0]] = found

        @invariant()
        def equals_the_dict(self) -> None:
            assert {key: self.config.cfgget(key) for key in self.expected} == self.expected

    run_state_machine_as_test(Store, settings=settings(stateful_step_count=20, deadline=None))
