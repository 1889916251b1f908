"""The wheel in an empty environment: both commands, from another folder, with the firmware inside."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.version import Version

from toolkit.places import firmware_version

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = "Scripts" if os.name == "nt" else "bin"

pytestmark = pytest.mark.timeout(300)


def call(*command, cwd, limit_s=200):
    """Run a command without our environment's paths; its output."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", timeout=limit_s)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder of commands of an environment that has the wheel and its dependencies, nothing else."""
    base = tmp_path_factory.mktemp("install")
    source = base / "source"
    ignored = shutil.ignore_patterns(".*", "__pycache__", "tests", "bench")
    shutil.copytree(ROOT, source, ignore=ignored)
    call(sys.executable, "-m", "venv", base / "env", cwd=base)
    python = base / "env" / SCRIPTS / "python"
    call(python, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", base / "wheels", source, cwd=base)
    shutil.rmtree(source)
    (wheel,) = (base / "wheels").glob("*.whl")
    call(python, "-m", "pip", "install", wheel, cwd=base)
    return base / "env" / SCRIPTS


@pytest.mark.parametrize("name", ["devToolKit", "devToolKit.py"])
def test_command_runs_from_another_folder(installed, tmp_path, name):
    assert call(installed / name, "--version", cwd=tmp_path) == firmware_version() + "\n"
    assert "--simulate" in call(installed / name, "-h", cwd=tmp_path)


def test_wheel_holds_firmware_and_simulator_but_no_development_checks(installed, tmp_path):
    ask = "import pathlib, simulator; print(pathlib.Path(simulator.__file__).parents[1])"
    packages = Path(call(installed / "python", "-c", ask, cwd=tmp_path).strip())
    assert packages.is_relative_to(installed.parent)
    files = (path.relative_to(ROOT) for path in (ROOT / "micrOS" / "source").rglob("*.*") if path.is_file())
    shipped = [path for path in files if path.suffix != ".pyc"]
    assert shipped and all((packages / path).is_file() for path in shipped)
    assert not (packages / "toolkit" / "checks").exists() and not (packages / "tests").exists()


def test_version_of_the_package_is_the_firmwares(installed, tmp_path):
    ask = "import importlib.metadata as m; print(m.version('micrOSDevToolKit'))"
    version = call(installed / "python", "-c", ask, cwd=tmp_path).strip()
    assert Version(version) == Version(firmware_version())


def test_packages_under_test_are_those_of_the_checkout():
    import hil
    import simulator

    for package in (simulator, hil):
        assert Path(package.__file__).is_relative_to(ROOT)
