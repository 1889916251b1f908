"""``framebuf`` of the engine cpython draws what the virtual machine's own module draws, pixel by pixel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.world import World

#: Format -> bytes of a buffer for 19 x 13 pixels with a stride of 21.
FORMATS = {
    "MONO_VLSB": 42,
    "MONO_HLSB": 39,
    "MONO_HMSB": 39,
    "RGB565": 546,
    "GS2_HMSB": 78,
    "GS4_HMSB": 143,
    "GS8": 273,
}
_PLACE = st.integers(-8, 26)
_SIZE = st.integers(-3, 22)
_COLOUR = st.integers(-1, 0x12345)
_FLAG = st.sampled_from((0, 1))
_QUADRANTS = st.integers(0, 31)
_TEXT = st.text(st.characters(min_codepoint=1, max_codepoint=300), max_size=4)
_POINTS = st.lists(st.integers(-10, 30), max_size=11).map(lambda points: f"array('h', {points})")
_LAYOUTS = st.sampled_from(("GS8", "MONO_HLSB", "GS4_HMSB", "RGB565"))
_SOURCE = st.tuples(st.binary(min_size=32, max_size=32), _LAYOUTS).map(lambda s: f"({s[0]!r}, 4, 4, {s[1]})")
CALLS: dict[str, tuple[Any, ...]] = {
    "fill": (_COLOUR,),
    "fill_rect": (_PLACE, _PLACE, _SIZE, _SIZE, _COLOUR),
    "pixel": (_PLACE, _PLACE, _COLOUR),
    "hline": (_PLACE, _PLACE, _SIZE, _COLOUR),
    "vline": (_PLACE, _PLACE, _SIZE, _COLOUR),
    "rect": (_PLACE, _PLACE, _SIZE, _SIZE, _COLOUR, _FLAG),
    "line": (_PLACE, _PLACE, _PLACE, _PLACE, _COLOUR),
    "ellipse": (_PLACE, _PLACE, st.integers(-2, 16), st.integers(-2, 16), _COLOUR, _FLAG, _QUADRANTS),
    "poly": (_PLACE, _PLACE, _POINTS, _COLOUR, _FLAG),
    "scroll": (_PLACE, _PLACE),
    "text": (_TEXT.map(repr), _PLACE, _PLACE, _COLOUR),
    "blit": (_SOURCE, _PLACE, _PLACE, st.integers(-1, 3)),
}


@st.composite
def _calls(draw: Any) -> str:
    name = draw(st.sampled_from(sorted(CALLS)))
    return f"f.{name}({', '.join(str(draw(argument)) for argument in CALLS[name])})"


@pytest.fixture(scope="module")
def boards() -> Iterator[list[Callable[[str], str]]]:
    """Two bare boards that run source, one on each engine."""
    worlds = [World(engine=engine) for engine in ("cpython", "micropython")]
    runners = []
    for world in worlds:
        node = world.add_node("bare", firmware=False)
        world.run_until(lambda node=node: node.console.text().endswith(">>> "), timeout_s=5)
        runners.append(lambda source, world=world, node=node: world.run_on(node, source))
    yield runners
    for world in worlds:
        world.close()


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls=st.lists(_calls(), min_size=1, max_size=12))
def test_any_drawing_is_the_same_on_both_engines(
    boards: list[Callable[[str], str]], form: str, calls: list[str]
) -> None:
    source = "\n".join(
        [
            "from array import array",
            "from framebuf import *",
            f"b = bytearray({FORMATS[form]})",
            f"f = FrameBuffer(b, 19, 13, {form}, 21)",
            *[line for call in calls for line in (call, "print(b.hex())")],
            "print([f.pixel(x, 5) for x in range(19)])",
        ]
    )
    here, there = (run(source) for run in boards)
    assert here == there


def test_every_character_looks_the_same(boards: list[Callable[[str], str]]) -> None:
    source = (
        "from framebuf import *\nb = bytearray(8)\nf = FrameBuffer(b, 8, 8, MONO_VLSB)\n"
        "for c in range(1, 200):\n    f.fill(0)\n    f.text(chr(c), 0, 0)\n    print(b.hex())"
    )
    here, there = (run(source) for run in boards)
    assert here == there
