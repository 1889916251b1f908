"""_onewire, onewire and ds18x20 on a bare board, against a 1-Wire thermometer made of edges."""

import pytest

from simulator.errors import NodeError
from simulator.micropython.onewire import OneWire


def crc8(data):
    """Bitwise checksum of Maxim application note 27, for test data only."""
    crc = 0
    for byte in data:
        for _ in range(8):
            crc, byte = crc >> 1 ^ (0x8C if (crc ^ byte) & 1 else 0), byte >> 1
    return crc


class Thermometer:
    """A DS18B20 that answers slots of the bus: search, match, skip, convert, read."""

    def __init__(self, net, kernel, serial, scratchpad):
        self.kernel = kernel
        self.rom = serial + bytes([crc8(serial)])
        self.scratchpad = scratchpad + bytes([crc8(scratchpad)])
        self.line = net.driver("ds18b20")
        net.driver("bus pull-up").drive(1, strength=1)
        net.on_change(self.heard)
        self.low_at = 0
        self.state = self.idle()
        self.send = next(self.state)
        self.done = True

    def heard(self, level):
        if level == 0:
            self.low_at, self.done = self.kernel.now, False
            if self.send == 0:
                self.hold(30)
            return
        length = self.kernel.now - self.low_at
        if self.done:
            return
        if length >= 480:
            self.state = self.talk()
            self.send = next(self.state)
            self.kernel.at(self.kernel.now + 30, lambda: self.hold(120))
        else:
            self.step(1 if length < 30 else 0)

    def hold(self, for_us):
        """Pull the line low; a slot in which a 0 was sent is over when it is let go."""
        sending = self.send
        self.line.drive(0)

        def let_go():
            self.done = True
            self.line.release()
            if sending == 0:
                self.step(0)

        self.kernel.at(self.kernel.now + for_us, let_go)

    def step(self, bit):
        self.done = True
        try:
            self.send = self.state.send(bit)
        except StopIteration:
            self.state = self.idle()
            self.send = next(self.state)

    def idle(self):
        while True:
            yield None

    def byte(self):
        value = 0
        for place in range(8):
            value |= (yield None) << place
        return value

    def bits(self, data):
        for byte in data:
            for place in range(8):
                yield byte >> place & 1

    def talk(self):
        command = yield from self.byte()
        if command == 0xF0:
            for place in range(64):
                mine = self.rom[place // 8] >> place % 8 & 1
                yield mine
                yield 1 - mine
                if (yield None) != mine:
                    return
        elif command == 0x55:
            for expected in self.rom:
                if (yield from self.byte()) != expected:
                    return
            yield from self.function()
        elif command == 0xCC:
            yield from self.function()

    def function(self):
        command = yield from self.byte()
        if command == 0xBE:
            yield from self.bits(self.scratchpad)


A = b"\x28\x11\x22\x33\x44\x55\x66"
B = b"\x28\x11\x22\x33\x44\x55\x67"
AT_25 = b"\x90\x01\x4b\x46\x7f\xff\x0c\x10"
AT_MINUS_10_125 = b"\x5e\xff\x4b\x46\x7f\xff\x0c\x10"


def put(bare, serial, scratchpad=AT_25):
    """Put a thermometer on GPIO 19."""
    return Thermometer(bare.machine.parts["pads"].net(19), bare.world.kernel, serial, scratchpad)


BUS = "from machine import Pin\nimport onewire, ds18x20\no = onewire.OneWire(Pin(19))\nd = ds18x20.DS18X20(o)\n"


def test_reset_tells_whether_somebody_is_there(bare):
    assert bare.run(BUS + "print(o.reset())") == "False\n"
    put(bare, A)
    assert bare.run("print(o.reset())") == "True\n"


def test_required_reset_without_device_raises(bare):
    with pytest.raises(NodeError, match="OneWireError"):
        bare.run(BUS + "d.convert_temp()")


def test_scan_of_empty_bus_is_empty(bare):
    assert bare.run(BUS + "print(o.scan())") == "[]\n"


def test_scan_finds_all_devices(bare):
    put(bare, A)
    assert bare.run(BUS + "print([bytes(r).hex() for r in d.scan()])") == f"['{(A + bytes([crc8(A)])).hex()}']\n"
    put(bare, B)
    assert bare.run("print(len(d.scan()))") == "2\n"


@pytest.mark.parametrize(("scratchpad", "text"), [(AT_25, "25.0"), (AT_MINUS_10_125, "-10.125")])
def test_temperature_is_read(bare, scratchpad, text):
    put(bare, A, scratchpad)
    assert bare.run(BUS + "d.convert_temp()\nprint(d.read_temp(d.scan()[0]))") == text + "\n"


def test_wrong_checksum_is_refused(bare):
    device = put(bare, A)
    device.scratchpad = device.scratchpad[:8] + b"\0"
    with pytest.raises(NodeError, match="Exception: CRC error"):
        bare.run(BUS + "d.read_temp(d.scan()[0])")


def test_crc8_of_the_application_notes_example(bare):
    assert bare.run("import _onewire\nprint(hex(_onewire.crc8(b'\\x02\\x1c\\xb8\\x01\\0\\0\\0')))") == "0xa2\n"


def test_class_refuses_assignment():
    with pytest.raises(AttributeError):
        OneWire.SKIP_ROM = 0
