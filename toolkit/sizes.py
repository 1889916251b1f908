"""How large the firmware is: sources, what ships, and the part of it that stays in a node's memory.

Resident is what a node has imported when it is up, with factory settings but ``dbg`` off: what the loader and the
system import at the top of their files, and what those import there, without what ``cold.drop`` lets go. Modules
imported inside functions are cold: they come when they are needed. The board's pin table, and what a configuration
asks for, come on top.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

#: The loader, and the system that it imports inside a function so that a broken one leads to recovery.
_ROOTS = ("micrOSloader", "micrOS")


def resident(sources: Mapping[str, bytes]) -> set[str]:
    """Return the names of the core modules that are in memory when a node is up.

    Args:
        sources: absolute path on the board -> source, as of `simulator.firmware.image`.
    """
    core = {path[1:].removesuffix(".py"): content for path, content in sources.items() if path.count("/") == 1}
    found: set[str] = set()
    dropped: set[str] = set()
    ahead = [name for name in _ROOTS if name in core]
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            tree = ast.parse(core[name])
            dropped |= {*_dropped(tree), *(_cold_companions(tree) if name in dropped else ())}
            ahead += [imported for imported in _imports(tree) if imported in core]
    return found - dropped


def _dropped(tree: ast.Module) -> Iterator[str]:
    """Yield the modules that a file lets go by ``cold.drop``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "cold.drop" and isinstance(node.args[0], ast.Name):
            yield node.args[0].id


def _cold_companions(tree: ast.Module) -> Iterator[str]:
    """Yield what a file names in ``COLD``: what goes with it."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "COLD":
            yield from ast.literal_eval(node.value)


def _imports(node: ast.AST) -> Iterator[str]:
    """Yield what is imported outside of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield child.module or ""
        elif not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _imports(child)


def report(sources: Mapping[str, bytes], shipped: Mapping[str, bytes]) -> str:
    """Return a table of sizes in bytes, one line per module, then sums.

    Args:
        sources: absolute path on the board -> source.
        shipped: absolute path on the board -> what ships, from the same sources.
    """
    stay = {f"/{name}.py" for name in resident(sources)}
    lines = [f"{'source':>8} {'ships':>8}  file (* stays in memory)"]
    for path, content in shipped.items():
        source = source_path(path)
        mark = " *" if source in stay else ""
        lines.append(f"{len(sources.get(source, b'')):8} {len(content):8}  {path[1:]}{mark}")
    for name, paths in {
        "core": [path for path in shipped if path.count("/") == 1],
        "resident core": [path for path in shipped if source_path(path) in stay],
        "all": list(shipped),
    }.items():
        of_source = sum(len(sources.get(source_path(path), b"")) for path in paths)
        lines.append(f"{of_source:8} {sum(len(shipped[path]) for path in paths):8}  {name}: {len(paths)} files")
    return "\n".join(lines) + "\n"


def source_path(path: str) -> str:
    """Return the path on the board of the source of what ships."""
    return path.removesuffix(".mpy") + ".py" if path.endswith(".mpy") else path
