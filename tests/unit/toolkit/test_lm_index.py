"""The index of Load Module functions."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.lm_index import build_index, main


def test_index_has_a_line_per_module_with_functions(tmp_path: Path) -> None:
    (tmp_path / "LM_b.py").write_bytes(b"def f(a, b=1): pass\nasync def g(): pass\n")
    (tmp_path / "LM_a.py").write_bytes(b"X = 1\n")
    lines = [line.split("\t") for line in build_index(tmp_path.iterdir()).splitlines()]
    assert [(line[0], line[2:]) for line in lines] == [("a", []), ("b", ["f(a, b=1)", "async g()"])]


def test_index_has_the_checksum_of_each_file(tmp_path: Path) -> None:
    (tmp_path / "LM_a.py").write_bytes(b"123456789")  # the check value of CRC-32 (ISO-HDLC) is that of this text
    (tmp_path / "LM_a.mpy").write_bytes(b"")
    assert build_index(tmp_path.iterdir()) == "a\tcbf43926,00000000\n"


def test_compiled_module_without_source_is_refused(tmp_path: Path) -> None:
    (tmp_path / "LM_a.mpy").write_bytes(b"M")
    with pytest.raises(ValueError, match=r"^no source for LM_a\.mpy$"):
        build_index(tmp_path.iterdir())


def test_broken_source_is_named(tmp_path: Path) -> None:
    (tmp_path / "LM_a.py").write_text("def f(:\n")
    with pytest.raises(SyntaxError) as error:
        build_index(tmp_path.iterdir())
    assert str(error.value.filename).endswith("LM_a.py")


def test_check_notices_a_stale_index(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "LM_a.py").write_text("def f(): pass\n")
    assert main([str(tmp_path), "--check"]) == 1
    assert main([str(tmp_path)]) == 0
    assert main([str(tmp_path), "--check"]) == 0
    (tmp_path / "LM_a.py").write_text("def g(): pass\n")
    assert main([str(tmp_path), "--check"]) == 1
    assert capsys.readouterr().out.splitlines()[-1].endswith("functions.idx: stale")
