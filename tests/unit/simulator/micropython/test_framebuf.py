"""``framebuf``: what lands in the buffer. The bytes are what MicroPython's own module makes.

tests/system/engine_vm/test_framebuf.py compares many more drawings.
"""

import pytest

from simulator.errors import NodeError

START = "from array import array\nfrom framebuf import *\nb = bytearray(16)\nf = FrameBuffer(b, 16, 8, MONO_VLSB)\n"


@pytest.mark.parametrize(
    ("form", "room", "expected"),
    [
        ("MONO_VLSB", 3, "000200"),
        ("MONO_HLSB", 2, "0040"),
        ("MONO_HMSB", 2, "0002"),
        ("RGB565", 12, "000000000000000034120000"),
        ("GS2_HMSB", 2, "0008"),
        ("GS4_HMSB", 4, "00000400"),
        ("GS8", 6, "000000003400"),
    ],
)
def test_pixel_has_its_place_in_each_format(bare, form, room, expected):
    colour = "2" if form == "GS2_HMSB" else "0x1234"
    source = f"b = bytearray({room})\nFrameBuffer(b, 3, 2, {form}).pixel(1, 1, {colour})\nprint(b.hex())"
    assert bare.run(START + source) == expected + "\n"


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        ("f.text('A0', 0, 0)", "007c7e0b0b7e7c00003e7f49457f3e00"),
        ("f.text('\\x1f\\xff', 0, 0, 2)", "aa55aa55aa55aa55aa55aa55aa55aa55"),
        ("f.rect(1, 1, 5, 4, 1); f.rect(8, 2, 3, 9, 1, True)", "001e1212121e0000fcfcfc0000000000"),
        ("f.hline(-2, 0, 4, 1); f.vline(15, 6, 9, 1)", "010100000000000000000000000000c0"),
        ("f.line(0, 7, 15, 0, 1)", "80804040202010100808040402020101"),
        ("f.line(0, 7, 15, 0, 1); f.scroll(3, 0)", "80804080804040202010100808040402"),
        ("f.line(0, 7, 15, 0, 1); f.scroll(3, 0); f.scroll(-2, 2)", "00000000008080404020201010080402"),
        ("f.ellipse(7, 4, 6, 3, 1)", "00384444828282828282824444380000"),
        ("f.ellipse(7, 4, 6, 3, 1, True, 5)", "00307070f0f0f0fe1e1e1e1c1c180000"),
        ("f.poly(2, 0, array('h', [0, 0, 10, 2, 5, 7]), 1)", "00000107091262824222140c04000000"),
        ("f.poly(2, 0, array('h', [0, 0, 10, 2, 5, 7]), 1, True)", "000001060e1e7efe7c3c1c0c04000000"),
        ("f.poly(2, 0, array('h', [0, 0, 10, 2, 5, 7]), 1, 1); f.scroll(3, -1)", "00000100000003870f3f7f3e1e0e0602"),
        ("f.fill(1); f.fill_rect(1, 1, 14, 6, 0)", "ff8181818181818181818181818181ff"),
    ],
)
def test_drawing_is_the_ports(bare, commands, expected):
    assert bare.run(f"{START}{commands}\nprint(b.hex())") == expected + "\n"


def test_blit_leaves_out_the_key_and_maps_through_a_palette(bare):
    source = (
        "g = FrameBuffer(bytearray(b'\\1\\2\\3\\0'), 2, 2, GS8)\nh = bytearray(9)\nk = FrameBuffer(h, 3, 3, GS8)\n"
        "k.fill(9)\nk.blit(g, 1, 1, 0)\nprint(h.hex())\n"
        "k.blit(g, -1, 0, -1, FrameBuffer(bytearray(b'\\5\\6\\7\\10'), 4, 1, GS8))\nprint(h.hex())\n"
        "k.blit((b'\\3', 1, 1, GS8), 2, 2)\nprint(h.hex())"
    )
    assert bare.run(START + source).split() == ["090909090102090309", "070909050102090309", "070909050102090303"]


def test_pixel_outside_is_left_out_and_reads_none(bare):
    source = "f.pixel(16, 0, 1); f.pixel(-1, 0, 1)\nprint(f.pixel(0, 8), f.pixel(0, 7), any(b))"
    assert bare.run(START + source) == "None 0 False\n"


def test_stride_is_the_distance_of_rows(bare):
    source = "b = bytearray(8)\nFrameBuffer(b, 2, 2, GS8, 5).fill(7)\nprint(b.hex())"
    assert bare.run(START + source) == "0707000000070700\n"


def test_driver_can_derive_from_it(bare):
    source = (
        "class Display(FrameBuffer):\n    def __init__(self):\n        self.buffer = bytearray(8)\n"
        "        super().__init__(self.buffer, 8, 8, MONO_VLSB)\n"
        "d = Display()\nd.pixel(0, 0, 1)\n"
        "print(d.buffer[0], hasattr(d, 'width'), FrameBuffer1(bytearray(8), 8, 8).pixel(0, 0))"
    )
    assert bare.run(START + source) == "1 False 0\n"


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("FrameBuffer(bytearray(15), 16, 8, MONO_VLSB)", "ValueError"),
        ("FrameBuffer(bytearray(9), 8, 9, MONO_VLSB)", "ValueError"),
        ("FrameBuffer(bytearray(99), 16, 8, 9)", "ValueError: invalid format"),
        ("FrameBuffer(bytearray(99), 0, 8, GS8)", "ValueError"),
        ("FrameBuffer(bytearray(99), 8, 8, GS8, 7)", "ValueError"),
        ("FrameBuffer(bytes(16), 16, 8, MONO_VLSB)", "TypeError: object with buffer protocol required"),
        ("FrameBuffer(bytearray(16), 16, 8)", "TypeError"),
        ("f.pixel(1, 1, 1.5)", "TypeError: can't convert float to int"),
        ("f.text(5, 0, 0)", "TypeError: can't convert 'int' object to str implicitly"),
        ("f.poly(0, 0, [1, 2, 3, 4], 1)", "TypeError: object with buffer protocol required"),
        ("f.poly(0, 0, array('f', [1, 2]), 1)", "TypeError: can't convert float to int"),
        ("f.blit(5, 0, 0)", "TypeError: object 'int' isn't a tuple or list"),
        ("f.blit((b'', 1, 1), 0, 0)", "ValueError"),
        ("f.blit((b'', 1, 1, GS8), 0, 0)", "ValueError"),
    ],
)
def test_wrong_use_is_refused(bare, call, error):
    with pytest.raises(NodeError, match=error):
        bare.run(START + call)


def test_object_itself_takes_no_attributes(bare):
    with pytest.raises(NodeError, match="AttributeError"):
        bare.run(START + "f.width = 3")
