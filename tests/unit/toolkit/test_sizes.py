"""The size report, and which modules stay in memory."""

from __future__ import annotations

from simulator import firmware
from simulator.world import World
from toolkit.sizes import report, resident

SOURCES = {
    "/boot.py": b"import cold\n",
    "/micrOSloader.py": b"import sys\ntry:\n    import json, a\nexcept ImportError:\n    pass\n",
    "/micrOS.py": b"def main():\n    import cold\n",
    "/a.py": b"from b import x\nimport micrOSloader\n",
    "/b.py": b"x = lambda: __import__('cold')\nclass C:\n    import c\n",
    "/c.py": b"",
    "/cold.py": b"",
    "/modules/LM_x.py": b"import cold\n",
    "/modules/c.py": b"import cold\n",
}


def test_resident_is_what_is_imported_at_the_top_of_files() -> None:
    assert resident(SOURCES) == {"micrOSloader", "micrOS", "a", "b", "c"}


def test_what_is_dropped_after_boot_is_not_resident() -> None:
    sources = {
        "/micrOSloader.py": b"import a\n",
        "/micrOS.py": b"import cold\nimport stages\ndef main():\n    cold.drop(stages)\n",
        "/stages.py": b"import Hooks\nimport a\nCOLD = ('Hooks',)\n",
        "/Hooks.py": b"import b\n",
        "/a.py": b"",
        "/b.py": b"",
    }
    assert resident(sources) == {"micrOSloader", "micrOS", "a", "b"}


def test_resident_is_what_a_node_has_imported_when_it_is_up(world: World) -> None:
    node = world.add_node("node01", config={"dbg": False})
    world.run_for(120)
    loaded = set(world.run_on(node, "import sys\nprint(' '.join(sys.modules))").split())
    core = {path[1:].removesuffix(".py") for path in firmware.image() if path.count("/") == 1}
    assert loaded & core == resident(firmware.image())


def test_report_has_sizes_and_sums() -> None:
    sources = {"/main.py": b"12345", "/micrOSloader.py": b"1234567890", "/modules/LM_x.py": b"123"}
    shipped = {"/main.py": b"12345", "/micrOSloader.mpy": b"1234", "/modules/LM_x.mpy": b"1", "/modules/f.idx": b"12"}
    assert report(sources, shipped).splitlines() == [
        "  source    ships  file (* stays in memory)",
        "       5        5  main.py",
        "      10        4  micrOSloader.mpy *",
        "       3        1  modules/LM_x.mpy",
        "       0        2  modules/f.idx",
        "      15        9  core: 2 files",
        "      10        4  resident core: 1 files",
        "      18       12  all: 4 files",
    ]
