"""neopixel on a bare board."""

import pytest

from simulator.errors import NodeError

MAKE = "from machine import Pin\nfrom neopixel import NeoPixel\nn = NeoPixel(Pin(15), 3)\n"


def test_write_sends_green_red_blue(bare):
    bare.run(MAKE + "n[0] = (1, 2, 3)\nn[2] = (255, 0, 7)\nn.write()")
    stream = bare.machine.parts["pads"].net(15).streams[-1]
    assert stream.data == bytes([2, 1, 3, 0, 0, 0, 0, 255, 7])
    assert stream.timing_ns == (400, 850, 800, 450)


def test_nothing_is_sent_before_write(bare):
    bare.run(MAKE + "n.fill((9, 9, 9))")
    assert not bare.machine.parts["pads"].net(15).streams


def test_colours_are_read_back(bare):
    assert (
        bare.run(MAKE + "n[1] = (1, 2, 3)\nn[-1] = (4, 5, 6)\nprint(n[1], n[2], len(n), n.n)")
        == "(1, 2, 3) (4, 5, 6) 3 3\n"
    )


def test_fill_and_four_colours(bare):
    source = (
        "from machine import Pin\nfrom neopixel import NeoPixel\n"
        "n = NeoPixel(Pin(15), 2, bpp=4, timing=0)\nn.fill((1, 2, 3, 4))\nn.write()\nprint(n[0])"
    )
    assert bare.run(source) == "(1, 2, 3, 4)\n"
    stream = bare.machine.parts["pads"].net(15).streams[-1]
    assert (stream.data, stream.timing_ns) == (bytes([2, 1, 3, 4] * 2), (800, 1700, 1600, 900))


def test_numbers_wrap_as_in_a_bytearray_of_the_port(bare):
    assert bare.run(MAKE + "n[0] = (256, -1, 511)\nprint(n[0])") == "(0, 255, 255)\n"


@pytest.mark.parametrize(
    ("use", "error"),
    [("n[0] = (1.5, 0, 0)", "TypeError"), ("n[3] = (1, 2, 3)", "IndexError"), ("n[0] = (1, 2)", "IndexError")],
)
def test_wrong_colours_are_refused(bare, use, error):
    with pytest.raises(NodeError, match=error):
        bare.run(MAKE + use)


def test_order_can_be_set_on_an_object(bare):
    bare.run(MAKE + "n.ORDER = (0, 1, 2)\nn[0] = (1, 2, 3)\nn.write()")
    assert bare.machine.parts["pads"].net(15).streams[-1].data[:3] == bytes([1, 2, 3])
