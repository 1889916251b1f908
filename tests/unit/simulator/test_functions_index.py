"""The index of Load Module functions, from bytes."""

from __future__ import annotations

import pytest

from simulator.functions_index import build_index, signatures


def test_line_names_module_checksums_and_functions() -> None:
    # CRC-32 (ISO-HDLC) of nothing is 0, and its check value is that of "123456789"
    text = build_index({"LM_b": b"def f(a, b=1): pass\n", "LM_a": b""}, {"LM_a": b"123456789"})
    assert text.splitlines()[0] == "a\t00000000,cbf43926"
    assert text.splitlines()[1].split("\t")[2:] == ["f(a, b=1)"]


def test_compiled_module_without_source_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^no source for LM_a\.mpy$"):
        build_index({}, {"LM_a": b"M"})


@pytest.mark.parametrize(("source", "line"), [(b"x = 1\ndef f(:\n", 2), (b"x = 1\n\n# \xff\n", 3)])
def test_source_that_is_no_python_is_named_with_its_line(source: bytes, line: int) -> None:
    with pytest.raises(SyntaxError) as error:
        build_index({"LM_a": source}, {})
    assert (error.value.filename, error.value.lineno) == ("LM_a.py", line)


def test_defaults_are_as_written() -> None:
    source = "def f(a=(1), b=0x10, *, c = 'x, y'  # brackets (\n, d={'k': [1,  2]}, **rest): pass\n"
    assert signatures(source) == ["f(a=(1), b=0x10, *, c='x, y', d={'k': [1, 2]}, **rest)"]


def test_annotations_and_the_stream_argument_are_left_out() -> None:
    assert signatures("async def f(a: dict[str, int] = {}, /, msgobj=None) -> int: pass\n") == ["async f(a={})"]
