"""The check of generated files: a missing generator and a stale file are both found."""

from __future__ import annotations

import pytest

from toolkit.checks import generated


@pytest.fixture
def generator(monkeypatch, tmp_path):
    """``generator("print('x')")`` makes a module of that text the only generator."""

    def make(text):
        (tmp_path / "made_up_generator.py").write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setattr(generated, "GENERATORS", ("made_up_generator",))
        return tmp_path

    return make


def test_missing_generator_is_found(monkeypatch, tmp_path):
    monkeypatch.setattr(generated, "GENERATORS", ("no_such_generator_at_all",))
    assert list(generated.check(tmp_path)) == ["no_such_generator_at_all: generator is missing"]


def test_stale_file_is_found_with_what_the_generator_said(generator):
    root = generator("import sys; print('docs/x.md differs'); sys.exit('--check' in sys.argv)")
    assert list(generated.check(root)) == ["stale; run python -m made_up_generator: docs/x.md differs"]


def test_current_file_is_fine(generator):
    assert list(generated.check(generator("pass"))) == []
