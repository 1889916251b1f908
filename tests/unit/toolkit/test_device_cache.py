"""The list of known devices: format, built-in entries, damage, learning."""

from __future__ import annotations

import json
import os

import pytest

from toolkit.device_cache import BUILT_IN, FILE_NAME, Device, DeviceCache
from toolkit.errors import CacheError

LAMP = Device("micrf008d1d2ac30OS", "192.168.1.78", 9008, "BedLamp")


@pytest.fixture
def path(tmp_path):
    return tmp_path / FILE_NAME


@pytest.fixture
def warnings():
    return []


@pytest.fixture
def load(path, warnings):
    """Read the file anew."""
    return lambda: DeviceCache(path, warnings.append)


def test_missing_file_gives_built_in_devices_and_writes_nothing(load, path, warnings):
    assert load().devices() == BUILT_IN
    assert not path.exists() and warnings == []


def test_learnt_device_is_there_after_a_restart_in_the_known_format(load, path):
    load().learn(LAMP)
    assert load().find("BedLamp") == LAMP
    text = path.read_text()
    assert json.loads(text)["micrf008d1d2ac30OS"] == ["192.168.1.78", 9008, "BedLamp"]
    assert json.loads(text)["__localhost__"] == ["127.0.0.1", 9008, "__simulator__"]
    assert '\n    "micrf008d1d2ac30OS": [\n        "192.168.1.78",' in text


@pytest.mark.parametrize("tag", ["BedLamp", "micrf008d1d2ac30OS", "192.168.1.78"])
def test_find_takes_name_uid_and_address(load, tag):
    cache = load()
    cache.learn(LAMP)
    assert cache.find(tag) == LAMP


@pytest.mark.parametrize("tag", ["bedlamp", "Bed", "", "192.168.1.7"])
def test_find_takes_no_part_and_no_other_case(load, tag):
    cache = load()
    cache.learn(LAMP)
    assert cache.find(tag) is None


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "null", "\xff", "[" * 5000])
def test_damaged_file_is_set_aside_with_a_word(load, path, warnings, text):
    path.write_text(text, encoding="latin-1")
    assert load().devices() == BUILT_IN
    assert not path.exists()
    assert path.with_name(FILE_NAME + ".damaged").read_text(encoding="latin-1") == text
    assert len(warnings) == 1


@pytest.mark.parametrize(
    "row",
    ['["h", 9008]', '["h", "9008", "n"]', '["h", 0, "n"]', '["h", true, "n"]', '[1, 9008, "n"]', "7", '["", 1, "n"]'],
)
def test_damaged_entry_costs_no_other_entry(load, path, warnings, row):
    path.write_text(f'{{"bad": {row}, "good": ["10.0.0.9", 9009, "lamp"]}}')
    assert load().devices() == (Device("good", "10.0.0.9", 9009, "lamp"), *BUILT_IN)
    assert len(warnings) == 1


def test_learn_keeps_what_another_process_learnt(load):
    first, second = load(), load()
    first.learn(LAMP)
    second.learn(Device("micr1OS", "10.0.0.1", 9008, "fan"))
    assert {"BedLamp", "fan"} <= {device.name for device in load().devices()}


def test_learn_of_moved_device_replaces_its_address(load):
    cache = load()
    cache.learn(LAMP)
    cache.learn(Device(LAMP.uid, "192.168.1.99", 9008, "BedLamp"))
    assert [device.host for device in load().devices() if device.uid == LAMP.uid] == ["192.168.1.99"]


def test_learn_on_loopback_drops_the_older_node_of_that_port_only(load):
    cache = load()
    for uid, port in (("micr1OS", 9008), ("micr2OS", 9009), ("micr3OS", 9008)):
        cache.learn(Device(uid, "127.0.0.1", port, "node01"))
    assert {device.uid for device in load().devices()} == {"micr2OS", "micr3OS", "__localhost__", "__devuid__"}


def test_write_that_fails_leaves_the_old_file_and_says_so(load, path):
    cache = load()
    cache.learn(LAMP)
    before = path.read_text()
    (path.parent / f"{FILE_NAME}.{os.getpid()}.new").mkdir()
    with pytest.raises(CacheError, match="cannot write"):
        cache.learn(Device("micr1OS", "10.0.0.1", 9008, "fan"))
    assert path.read_text() == before
