"""``kill -9`` at any moment: the next start has the old or the new value, never defaults, never a broken file.

``MICROS_KILL_ROUNDS`` says how often; the default is small, 200 is the acceptance.
"""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path

import pytest

from tests.system.simulated import Client, Simulated

ROUNDS = int(os.environ.get("MICROS_KILL_ROUNDS", "10"))
#: Each round is one start of the simulator.
_SECONDS_PER_ROUND = 6
CONF = b"[configure] node01 $  "


def set_until_killed(simulated: Simulated, client: Client, number: int, life_s: float) -> tuple[int, int]:
    """Set ``timirqseq`` to ever higher numbers and kill the simulator meanwhile.

    Returns:
        The last value that was acknowledged, and the one that was under way.
    """
    saved = number
    deadline = time.monotonic() + life_s
    while True:
        number += 1
        client.send(f"timirqseq {number}\n".encode())
        client.socket.settimeout(max(deadline - time.monotonic(), 0.001))
        try:
            reply = client.read_until(CONF)
        except TimeoutError:
            simulated.kill()
            return saved, number
        assert reply == b"Saved\n" + CONF
        saved = number


def value_of(client: Client, key: str) -> str:
    return client.ask(key, CONF).strip()


@pytest.mark.timeout(30 + ROUNDS * _SECONDS_PER_ROUND)
def test_config_survives_kill_at_any_moment(tmp_path: Path) -> None:
    dice = random.Random(ROUNDS)
    state = tmp_path / "state"
    allowed = {1000}
    number = 1000
    for turn in range(ROUNDS):
        with Simulated("--state", str(state), "--pace", "20", cache=tmp_path) as simulated:
            if turn % 4 == 3:  # in the middle of the start
                time.sleep(dice.uniform(0.0, 0.6))
                simulated.kill()
                continue
            simulated.wait_ready()
            with simulated.client() as client:
                client.greeted().send(b"conf\n")
                client.read_until(CONF)
                if number == 1000:
                    assert client.ask("boothook system heartbeat", CONF) == "Saved\n"
                found = int(value_of(client, "timirqseq"))
                assert found in allowed, f"round {turn}: {found} is neither of {allowed}"
                assert value_of(client, "boothook") == "system heartbeat"
                allowed = set(set_until_killed(simulated, client, found, dice.uniform(0.0, 0.3)))
                number = max(allowed)
        damaged = [path.name for path in state.rglob("*.bad*")]
        assert not damaged, f"round {turn}: {damaged}"
    assert number > 1000


def test_killed_state_holds_a_whole_config(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with Simulated("--state", str(state), cache=tmp_path) as simulated:
        simulated.wait_ready()
        with simulated.client() as client:
            client.greeted().send(b"conf\n")
            client.read_until(CONF)
            assert client.ask("utc 120", CONF) == "Saved\n"
            simulated.kill()
    (file,) = state.rglob("node_config.json")
    assert json.loads(file.read_text(encoding="utf-8"))["utc"] == 120


def test_fresh_state_of_a_killed_simulator_is_gone_after_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temp = tmp_path / "temp"
    temp.mkdir()
    monkeypatch.setenv("TMPDIR", str(temp))
    with Simulated("--fresh", cache=tmp_path) as living:
        living.wait_ready()
        with Simulated("--fresh", cache=tmp_path) as killed:
            killed.wait_ready().kill()
        assert len(list(temp.glob("micros-*/control.json"))) == 2
        with Simulated("--fresh", cache=tmp_path) as third:
            third.wait_ready()
            assert len(list(temp.glob("micros-*/control.json"))) == 2
            third.interrupt()
        with living.client() as client:
            client.greeted()
        living.interrupt()
    assert list(temp.glob("micros-*")) == []
