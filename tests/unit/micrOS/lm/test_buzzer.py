"""``buzzer`` beeps and plays."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def node(world):
    return world.add_node("node01", wiring="buzzer")


@pytest.fixture
def buzzer(node):
    return node.part("buzzer")


def _heard(buzzer):
    """[(Hz, ms)] of what was heard."""
    return [(freq_hz, length_us / 1_000) for _, freq_hz, length_us in buzzer.get("notes")]


def _notes(*notes):
    """What is to be heard: a timer gives a frequency within 0.5 %, a wait ends within 2 ms."""
    return [(pytest.approx(freq_hz, rel=0.005), pytest.approx(ms, abs=2)) for freq_hz, ms in notes]


def test_beeps_have_150_ms_and_a_gap_of_100_ms(shell, buzzer):
    assert shell("buzzer bipp 3 1000") == "Bippp on 1000 Hz"
    assert _heard(buzzer) == _notes((1_000, 150), (1_000, 150), (1_000, 150))
    begins_us = [t_us for t_us, _, _ in buzzer.get("notes")]
    assert begins_us[1] - begins_us[0] == pytest.approx(250_000, abs=4_000)


def test_frequency_is_remembered_over_a_power_cut(world, node, shell, buzzer):
    assert shell("buzzer load_n_init") == "CACHE: True"
    assert shell("buzzer bipp") == "Bip on 600 Hz"
    assert shell("buzzer bipp freq=880") == "Bip on 880 Hz"
    assert shell("buzzer bipp") == "Bip on 880 Hz"
    world.run_for(3)
    assert node.flash.read("/buzzer.pds") == b"880"
    node.power_off()
    node.power_on()
    shell = world.shell(node)
    assert shell("buzzer load_n_init") == "CACHE: True"
    assert shell("buzzer bipp") == "Bip on 880 Hz"
    assert _heard(buzzer)[-1:] == _notes((880, 150))


def test_without_a_cache_nothing_is_kept(world, node, shell):
    node.flash.write("/buzzer.pds", b"700")
    assert shell("buzzer load_n_init cache=False") == "CACHE: False"
    assert shell("buzzer bipp") == "Bip on 600 Hz"
    shell("buzzer bipp freq=880")
    world.run_for(3)
    assert node.flash.read("/buzzer.pds") == b"700"


@pytest.mark.parametrize("content", [b"loud", b"", b"5", b"600,600"])
def test_damaged_state_file_gives_the_default(node, shell, content):
    node.flash.write("/buzzer.pds", content)
    assert shell("buzzer load_n_init") == "CACHE: True"
    assert shell("buzzer bipp") == "Bip on 600 Hz"


def test_built_in_tune(shell, buzzer):
    assert shell("buzzer play") == "Song played successfully"
    assert _heard(buzzer) == _notes(
        (659, 240), (698, 120), (783, 120), (1_046, 960), (587, 240), (659, 120), (698, 960)
    )


@pytest.mark.parametrize(
    ("note", "freq_hz", "ms"),
    [
        ("c6", 1_046, 500),
        ("8a4", 440, 250),
        ("2g#7", 3_322, 1_000),
        ("c.", 523, 750),
        ("c.6", 1_046, 750),
        ("c6.", 1_046, 750),
        ("8d#6.", 1_244, 375),
        ("h", 987, 500),
        ("e#", 698, 500),
        ("A", 880, 500),
    ],
)
def test_notes_of_a_song(shell, buzzer, note, freq_hz, ms):
    """D-31: the dot may stand on either side of the octave."""
    assert shell(f"buzzer play 'd=4,o=5,b=120:{note}'") == "Song played successfully"
    assert _heard(buzzer) == _notes((freq_hz, ms))


def test_note_is_followed_by_50_ms_of_silence_and_pauses_are_silent(shell, buzzer):
    shell("buzzer play 'Ding:d=4,o=5,b=120:8a,8p,8x,8a'")
    assert _heard(buzzer) == _notes((880, 250), (880, 250))
    first, second = [t_us for t_us, _, _ in buzzer.get("notes")]
    assert (second - first) / 1_000 == pytest.approx(3 * 250 + 3 * 50, abs=8)


def test_defaults_of_rtttl_are_4_6_63(shell, buzzer):
    assert shell("buzzer play 'Ding: :a'") == "Song played successfully"
    assert _heard(buzzer) == _notes((1_760, 952))


def test_song_that_begins_with_a_pause_begins_silent(world, shell, buzzer):
    """D-32, D-09: no sound when the output is made."""
    shell("buzzer play 'd=4,o=5,b=120:p,a'")
    assert _heard(buzzer) == _notes((880, 500))


@pytest.mark.parametrize(
    ("song", "text"),
    [
        ("a,b,c", "RTTTL input structure error. [title:defaults:song]"),
        (5, "RTTTL input structure error. [title:defaults:song]"),
        ("Ding:a,b", "RTTTL input structure error. [defaults:song]"),
        ("d=4,o=5,b=0:a", "RTTTL: b=0 is not in 5..900"),
        ("d=4,o=9,b=100:a", "RTTTL: o=9 is not in 1..8"),
        ("d=x,o=5,b=100:a", "RTTTL: d=x is not in 1..64"),
    ],
)
def test_song_of_another_structure_is_refused(shell, buzzer, song, text):
    assert f"exec_lm_core LM_buzzer->play: {text}\n" in shell(f"buzzer play '{song}'")
    assert buzzer.get("notes") == ()


def test_melody_can_be_stopped(world, node, shell, buzzer):
    """D-49: another session ends it, and it is silent at once."""
    other = world.shell(node)
    shell._connection.send(b"buzzer play 'd=1,o=5,b=10:a,a,a'\n")
    world.run_for(2)
    assert buzzer.get("freq_hz") == pytest.approx(880, rel=0.005)
    assert other("buzzer stop") == "Stop"
    world.run_for(0.05)
    assert buzzer.get("freq_hz") == 0
    world.run_for(0.1)
    assert bytes(shell._connection.received).startswith(b"Stopped\n")


def test_loop_goes_on_during_a_melody(world, node, shell):
    """D-49."""
    other = world.shell(node)
    shell._connection.send(b"buzzer play\n")
    world.run_for(0.3)
    start_s = world.now_s
    assert other("system heartbeat") == "<3 heartbeat <3"
    assert world.now_s - start_s < 0.05


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("bipp 0", "repeat: 0 is not in 1..100"),
        ("bipp 1 5", "freq: 5 is not in 20..20000"),
        ("bipp 1 'a'", "freq: a is not in 20..20000"),
    ],
)
def test_wrong_argument_is_refused(shell, buzzer, command, text):
    assert text in shell(f"buzzer {command}")
    assert buzzer.get("notes") == ()


def test_pin_in_use_is_refused(shell):
    shell("stepper standby")
    assert "pin 33 (buzzer) is in use by stepper" in shell("buzzer bipp")


def test_pinmap_and_help(shell):
    assert json.loads(shell("buzzer pinmap >json")) == {"buzzer": 33}
    assert json.loads(shell("buzzer help >json")) == [
        "bipp repeat=<int> freq=<Hz>",
        "play <rtttlstr>",
        "stop",
        "load_n_init",
        "pinmap",
    ]
