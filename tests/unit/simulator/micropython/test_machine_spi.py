"""machine.SoftSPI and machine.SPI on a bare board."""

import pytest

from simulator.errors import NodeError

SOFT = "from machine import Pin, SoftSPI\ns = SoftSPI(sck=Pin(12), mosi=Pin(2), miso=Pin(19))\n"
HARD = "from machine import Pin, SPI\ns = SPI(2, 1_000_000)\n"


class Inverter:
    """Answers with the complement of what it hears."""

    def exchange(self, data):
        return bytes(255 - byte for byte in data)


@pytest.mark.parametrize(("make", "pins"), [(SOFT, (12, 2, 19)), (HARD, (18, 23, 19))])
def test_bytes_go_out_and_come_in(bare, make, pins):
    bus, seen = bare.machine.parts["pads"].spi_bus(*pins), []
    bus.sent.append(seen.append)
    bus.attach(Inverter())
    source = make + (
        "s.write(b'\\x01\\x02')\nprint(s.read(2), s.read(1, 0xf0))\nb = bytearray(2)\ns.readinto(b, 3)\nprint(b)\n"
        "s.write_readinto(b'ab', b)\nprint(b)"
    )
    assert bare.run(source) == "b'\\xff\\xff' b'\\x0f'\nbytearray(b'\\xfc\\xfc')\nbytearray(b'\\x9e\\x9d')\n"
    assert seen == [b"\x01\x02", b"\0\0", b"\xf0", b"\x03\x03", b"ab"]


@pytest.mark.parametrize("level", [0, 1])
def test_nothing_attached_reads_the_line(bare, level):
    bare.machine.parts["pads"].net(19).drive(level)
    assert bare.run(SOFT + "print(s.read(2))") == f"{bytes([255 * level] * 2)}\n"


def test_transfer_takes_the_clocks_time(bare):
    source = SOFT + (
        "import time\ns.init(baudrate=100_000)\na = time.ticks_us()\ns.write(bytes(100))\n"
        "print(8000 <= time.ticks_diff(time.ticks_us(), a) < 8100)"
    )
    assert bare.run(source) == "True\n"


def test_texts(bare):
    assert bare.run(SOFT + "print(s)") == "SoftSPI(baudrate=500000, polarity=0, phase=0, sck=12, mosi=2, miso=19)\n"
    assert bare.run(HARD + "print(s)") == (
        "SPI(id=2, baudrate=1000000, polarity=0, phase=0, bits=8, firstbit=0, sck=18, mosi=23, miso=19)\n"
    )


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("SoftSPI(sck=12, mosi=2)", "ValueError: must specify all of sck/mosi/miso"),
        ("SoftSPI(sck=12, mosi=2, miso=19, bits=9)", "ValueError: bits must be 8"),
        ("SoftSPI(sck=12, mosi=2, miso=19, firstbit=SoftSPI.LSB)", "ValueError: firstbit must be MSB"),
        ("SoftSPI(sck=12, mosi=35, miso=19)", "ValueError: pin can only be input"),
        ("SoftSPI(baudrate=0, sck=12, mosi=2, miso=19)", "ZeroDivisionError: divide by zero"),
        ("SPI(0)", r"ValueError: SPI\(0\) doesn't exist"),
        ("SPI(3)", r"ValueError: SPI\(3\) doesn't exist"),
        ("SPI(1).write(b'')", "ValueError: buffer too short"),
        ("SPI(1).write_readinto(b'a', bytearray(2))", "ValueError: buffers must be the same length"),
        ("SPI(1).write(5)", "TypeError: object with buffer protocol required"),
        ("SPI(1).readinto(b'const')", "TypeError: object with buffer protocol required"),
        ("SPI(1, bits=16).write(b'ab')", "NotImplementedError: machine.SPI transfers with bits=16"),
    ],
)
def test_wrong_use_is_refused(bare, call, error):
    with pytest.raises(NodeError, match=error):
        bare.run(f"from machine import SPI, SoftSPI\n{call}")


def test_hardware_spi_is_one_object_and_can_be_freed(bare):
    assert bare.run(HARD + "print(SPI(2) is s)") == "True\n"
    with pytest.raises(NodeError, match="OSError: transfer on deinitialized SPI"):
        bare.run("s.deinit()\ns.write(b'a')")
    assert bare.run("s.init()\ns.write(b'a')\nprint('ok')") == "ok\n"


def test_least_significant_bit_first_mirrors_bytes(bare):
    seen = []
    bare.machine.parts["pads"].spi_bus(14, 13, 12).sent.append(seen.append)
    bare.run("from machine import SPI\nSPI(1, firstbit=SPI.LSB).write(b'\\x01\\xf0')")
    assert seen == [b"\x80\x0f"]


@pytest.mark.parametrize(
    ("asked", "got"), [(500_000, 500_000), (3_000_000, 2_962_962), (80_000_000, 80_000_000), (1, 152)]
)
def test_hardware_clock_is_what_the_divider_gives(bare, asked, got):
    assert f"baudrate={got}," in bare.run(f"from machine import SPI\nprint(SPI(1, {asked}))")
