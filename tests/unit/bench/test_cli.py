"""The command line of the bench, on benches that measure nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from bench.cli import main
from bench.errors import BenchError
from bench.figures import Figure, Report


def fast(quick: bool) -> Report:
    return Report({"launch_to_hello": Figure(100.0, "ms", 50.0)}, f"quick: {quick}")


def slow(quick: bool) -> Report:
    return Report({"launch_to_hello": Figure(500.0, "ms", 50.0)}, f"quick: {quick}")


def broken(quick: bool) -> Report:
    raise BenchError("asyncio_echo.py ended with code 1: no such port")


def test_json_is_the_only_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json"], benches={"boot": fast}) == 0
    assert json.loads(capsys.readouterr().out) == {
        "boot": {"launch_to_hello": {"value": 100.0, "unit": "ms", "floor": 50.0, "ratio": 2.0}}
    }


def test_names_choose_benches(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--json", "shell", "shell"], benches={"boot": broken, "shell": fast})
    assert list(json.loads(capsys.readouterr().out)) == ["shell"]


def test_quick_reaches_bench(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--quick"], benches={"boot": fast})
    assert "boot: quick: True" in capsys.readouterr().out


def test_unknown_name_ends_with_2_and_names_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["boot", "toast"], benches={"boot": broken, "shell": fast})
    assert end.value.code == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "no bench 'toast'; there are: boot, shell" in output.err


def test_failed_bench_leaves_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json"], benches={"shell": broken, "boot": fast}) == 1
    output = capsys.readouterr()
    assert list(json.loads(output.out)) == ["boot"]
    assert "bench: shell: asyncio_echo.py ended with code 1: no such port\n" in output.err


@pytest.mark.parametrize(("arguments", "code"), [([], 0), (["--check"], 1)])
def test_missed_target_fails_only_when_checked(arguments: list[str], code: int) -> None:
    assert main(arguments, benches={"boot": slow}) == code


def test_met_target_passes_check() -> None:
    assert main(["--check"], benches={"boot": fast}) == 0


class Told:
    """A document that tells one figure wrongly until it is renewed."""

    def __init__(self) -> None:
        self.renewed: list[str] = []

    def write(self, bench: str, figures: Mapping[str, Figure]) -> None:
        self.renewed.append(bench)

    def problems(self, figures: Mapping[str, Figure]) -> list[str]:
        return [] if self.renewed else ["up is 1, measured 2 B"]


@pytest.mark.parametrize(
    ("arguments", "code"), [([], 0), (["--check"], 1), (["--write"], 0), (["--write", "--check"], 0)]
)
def test_document_is_compared_and_renewed_when_asked(arguments: list[str], code: int) -> None:
    document = Told()
    benches = {"memory": lambda quick: Report({"up": Figure(2.0, "B")}, "one boot", document)}
    assert main(arguments, benches=benches) == code
    assert document.renewed == (["memory"] if "--write" in arguments else [])


def test_document_that_cannot_be_renewed_fails_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    class Quick(Told):
        def write(self, bench: str, figures: Mapping[str, Figure]) -> None:
            raise BenchError("a quick run does not renew memory.md")

    assert main(["--write"], benches={"memory": lambda quick: Report({}, "one boot", Quick())}) == 1
    assert "bench: memory: a quick run does not renew memory.md\n" in capsys.readouterr().err
