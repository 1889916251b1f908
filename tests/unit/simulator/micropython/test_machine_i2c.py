"""machine.I2C and machine.SoftI2C on a bare board."""

import pytest

from simulator.errors import NodeError


class Memory:
    """A device with registers: the first byte written is the address, the rest goes there; reads go on from it."""

    def __init__(self, *, takes=256, bus=None, holds=()):
        self.bus = bus
        self.holds = holds
        self.data = bytearray(range(256))
        self.at = 0
        self.takes = takes
        self.heard = []

    def transfer(self, address, segments):
        self.heard.append(list(segments))
        for hold_us in self.holds:
            self.bus.hold_clock(hold_us)
        written, read = 0, []
        for part in segments:
            if isinstance(part, int):
                read.append(bytes(self.data[self.at : self.at + part]))
            elif part:
                self.at = part[0]
                self.data[self.at : self.at + len(part) - 1] = part[1:]
                written += min(len(part), self.takes)
        return written, read


@pytest.fixture
def memory(bare):
    device = Memory()
    bare.machine.parts["pads"].i2c_bus(22, 21).attach(0x50, device)
    return device


MAKERS = ["SoftI2C(Pin(22), Pin(21))", "I2C(0, scl=Pin(22), sda=Pin(21))"]


@pytest.mark.parametrize("make", MAKERS)
def test_scan_finds_what_is_attached(bare, memory, make):
    assert bare.run(f"from machine import I2C, SoftI2C, Pin\nprint({make}.scan())") == "[80]\n"


@pytest.mark.parametrize("make", MAKERS)
def test_registers_are_read_and_written(bare, memory, make):
    source = (
        f"from machine import I2C, SoftI2C, Pin\ni = {make}\nprint(i.readfrom_mem(80, 5, 3))\n"
        "i.writeto_mem(80, 7, b'xy')\nb = bytearray(4)\ni.readfrom_mem_into(80, 6, b)\nprint(b)\n"
        "print(i.writeto(80, b'\\x20'), i.readfrom(80, 2), i.writevto(80, [b'\\x30', b'', b'ab']))"
    )
    assert bare.run(source) == "b'\\x05\\x06\\x07'\nbytearray(b'\\x06xy\\t')\n1 b' !' 3\n"


def test_register_number_of_16_bits_is_big_endian(bare, memory):
    bare.run("from machine import I2C, Pin\nI2C(0, scl=22, sda=21).writeto_mem(80, 0x1234, b'z', addrsize=16)")
    assert memory.heard[-1] == [b"\x12\x34z"]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(
    "call", ["readfrom(0x76, 1)", "writeto(0x76, b'a')", "readfrom_mem(0x76, 0, 1)", "writevto(0x76, [])"]
)
def test_no_acknowledge_is_enodev(bare, make, call):
    with pytest.raises(NodeError, match=r"OSError: \[Errno 19\] ENODEV"):
        bare.run(f"from machine import I2C, SoftI2C, Pin\n{make}.{call}")


def test_clock_held_down_is_etimedout(bare):
    bare.machine.parts["pads"].net(22).drive(0)
    with pytest.raises(NodeError, match=r"OSError: \[Errno 116\] ETIMEDOUT"):
        bare.run("from machine import SoftI2C\nSoftI2C(22, 21).readfrom(0x50, 1)")
    assert bare.run("print(SoftI2C(22, 21, timeout=255).scan())") == "[]\n"


def test_bytes_not_acknowledged_count_in_software_and_fail_in_hardware(bare):
    bare.machine.parts["pads"].i2c_bus(22, 21).attach(0x50, Memory(takes=2))
    assert bare.run("from machine import I2C, SoftI2C\nprint(SoftI2C(22, 21).writeto(80, b'abcd'))") == "2\n"
    with pytest.raises(NodeError, match="ENODEV"):
        bare.run("I2C(0, scl=22, sda=21).writeto(80, b'abcd')")


def test_primitive_operations_work_in_software_only(bare, memory):
    source = (
        "from machine import I2C, SoftI2C\ni = SoftI2C(22, 21)\ni.start()\nprint(i.write(b'\\xa0\\x05'))\n"
        "print(i.write(b'hi'))\ni.stop()\ni.start()\nprint(i.write(b'\\xa1'))\nb = bytearray(2)\ni.readinto(b)\n"
        "i.stop()\nprint(b)\ni.start()\nprint(i.write(b'\\x02'))"
    )
    assert bare.run(source) == "2\n2\n1\nbytearray(b'hi')\n0\n"
    assert memory.heard[1] == [b"\x05hi"]
    for call in ("start()", "stop()", "write(b'a')", "readinto(b)", "init(22, 21)"):
        with pytest.raises(NodeError, match="OSError: I2C operation not supported"):
            bare.run(f"I2C(0).{call}")


def test_legacy_id_warns_and_gives_software(bare, memory):
    printed = bare.run("from machine import I2C, Pin\ni = I2C(-1, Pin(22), Pin(21), freq=9600)\nprint(i, i.scan())")
    assert printed == (
        "Warning: I2C(-1, ...) is deprecated, use SoftI2C(...) instead\nSoftI2C(scl=22, sda=21, freq=9615) [80]\n"
    )


def test_hardware_is_one_object_per_id_and_keeps_settings(bare):
    source = "from machine import I2C\ni = I2C(1, freq=100_000)\nprint(I2C(1) is i, i, I2C())"
    assert bare.run(source) == (
        "True I2C(1, scl=25, sda=26, freq=100000, timeout=50000) I2C(0, scl=18, sda=19, freq=400000, timeout=50000)\n"
    )


def test_deinit_frees_the_hardware_until_made_anew(bare, memory):
    with pytest.raises(NodeError, match="NotImplementedError: machine.I2C after deinit"):
        bare.run("from machine import I2C\ni = I2C(0, scl=22, sda=21)\ni.deinit()\ni.readfrom(80, 1)")
    assert bare.run("print(I2C(0).scan())") == "[80]\n"


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("I2C(2)", r"ValueError: I2C\(2\) doesn't exist"),
        ("I2C(0, 22, 21)", "TypeError: extra positional arguments given"),
        ("I2C(0, scl=35, sda=21)", "ValueError: pin can only be input"),
        ("SoftI2C(22)", "TypeError"),
        ("SoftI2C(22, 21, freq=0)", "ZeroDivisionError"),
        ("SoftI2C(22, 21).writeto(80, 5)", "TypeError: object with buffer protocol required"),
        ("SoftI2C(22, 21).writevto(80, b'ab')", "TypeError: object 'bytes' isn't a tuple or list"),
    ],
)
def test_wrong_use_is_refused(bare, call, error):
    with pytest.raises(NodeError, match=error):
        bare.run(f"from machine import I2C, SoftI2C\n{call}")


def test_transfer_takes_the_clocks_time(bare, memory):
    source = (
        "import time\nfrom machine import SoftI2C\ni = SoftI2C(22, 21, freq=10_000)\na = time.ticks_us()\n"
        "i.readfrom(80, 9)\nprint(9000 <= time.ticks_diff(time.ticks_us(), a) < 9100)"
    )
    assert bare.run(source) == "True\n"


def bus_of(bare):
    return bare.machine.parts["pads"].i2c_bus(22, 21)


TIMED = (
    "import time\nfrom machine import I2C, SoftI2C, Pin\ni = {}\na = time.ticks_us()\n"
    "try:\n    print(i.readfrom(80, 1))\n"
    "except OSError as e:\n    print(e.args[0])\nprint(time.ticks_diff(time.ticks_us(), a))"
)
LIMITED = ["SoftI2C(Pin(22), Pin(21), timeout=1000)", "I2C(0, scl=Pin(22), sda=Pin(21), timeout=1000)"]


@pytest.mark.parametrize("make", LIMITED)
def test_clock_held_within_the_limit_makes_it_slower(bare, make):
    bus_of(bare).attach(0x50, Memory(bus=bus_of(bare), holds=(900, 800)))
    answer, us = bare.run(TIMED.format(make)).split("\n")[:2]
    assert answer == "b'\\x00'"
    assert 1700 < int(us) < 2500


@pytest.mark.parametrize("make", LIMITED)
def test_clock_held_beyond_the_limit_is_etimedout(bare, make):
    bus_of(bare).attach(0x50, Memory(bus=bus_of(bare), holds=(1000,)))
    answer, us = bare.run(TIMED.format(make)).split("\n")[:2]
    assert answer == "116"
    assert 1000 < int(us) < 1800


@pytest.mark.parametrize("make", LIMITED)
@pytest.mark.parametrize(("hold_us", "answer"), [(700, "b'\\x00'"), (1500, "116")])
def test_clock_released_in_time_is_waited_for(bare, memory, make, hold_us, answer):
    net, kernel = bare.machine.parts["pads"].net(22), bare.world.kernel
    bare.run(TIMED.split("\na = ")[0].format(make))
    source = TIMED.partition("\na = ")[2]
    kernel.at(kernel.now, lambda: net.drive(0))
    kernel.at(kernel.now + hold_us, net.release)
    assert bare.run("a = " + source).split("\n")[0] == answer


def test_data_held_down_acknowledges_everything_in_software(bare, memory):
    """Source: extmod/machine_i2c.c: an acknowledge is a low bit."""
    bare.machine.parts["pads"].net(21).drive(0)
    source = (
        "from machine import SoftI2C\ni = SoftI2C(22, 21)\n"
        "print(len(i.scan()), i.readfrom_mem(80, 5, 3), i.writeto(9, b'ab'))"
    )
    assert bare.run(source) == "112 b'\\x00\\x00\\x00' 2\n"
    assert memory.heard == []


def test_data_held_down_is_etimedout_in_hardware(bare, memory):
    bare.machine.parts["pads"].net(21).drive(0)
    with pytest.raises(NodeError, match=r"OSError: .*116"):
        bare.run("from machine import I2C\nI2C(0, scl=22, sda=21).readfrom(80, 1)")


def test_register_number_not_acknowledged_reads_nothing_in_software_and_fails_in_hardware(bare):
    bus_of(bare).attach(0x50, Memory(takes=0))
    source = (
        "from machine import I2C, SoftI2C\ni = SoftI2C(22, 21)\nb = bytearray(b'ab')\n"
        "i.readfrom_mem_into(80, 5, b)\nprint(b)"
    )
    assert bare.run(source) == "bytearray(b'ab')\n"
    with pytest.raises(NodeError, match="ENODEV"):
        bare.run("I2C(0, scl=22, sda=21).readfrom_mem(80, 5, 2)")
