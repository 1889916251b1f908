"""What system tests share: the tool as a process of its own, with a limit and a user directory of its own."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tool_env(tmp_path: Path) -> dict[str, str]:
    """The environment of a tool that must not touch the person's own files."""
    return {**os.environ, "MICROS_USER_DIR": str(tmp_path / "user"), "PYTHONPATH": str(ROOT)}


@pytest.fixture
def tool(tool_env: dict[str, str], tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """``tool("--version")`` runs the host tool from another folder and returns exit code, stdout and stderr."""

    def run(*arguments: str, text: str = "", limit_s: float = 30) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-m", "toolkit", *arguments]
        return subprocess.run(
            command, env=tool_env, cwd=tmp_path, input=text, capture_output=True, encoding="utf-8", timeout=limit_s
        )

    return run


@pytest.fixture
def serve() -> Iterator[Callable[[str], str]]:
    """``serve("talk_as_node")`` starts a node of ``stub_node.py`` and returns ``127.0.0.1:port``."""
    spec = importlib.util.spec_from_file_location("stub_node", Path(__file__).with_name("stub_node.py"))
    assert spec and spec.loader
    stub_node = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(stub_node)
    nodes = []

    def start(talk: str) -> str:
        nodes.append(stub_node.StubNode(getattr(stub_node, talk)))
        return f"127.0.0.1:{nodes[-1].port}"

    yield start
    for node in nodes:
        node.close()
