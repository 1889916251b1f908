"""time_pulse_us, bitstream and dht_readinto on a bare board."""

import pytest

from simulator.electrical.net import Pwm
from simulator.errors import NodeError


def pulse(bare, gpio, *edges):
    """Have levels put on a GPIO's net: (ms from now, level)."""
    net, now = bare.machine.parts["pads"].net(gpio), bare.world.kernel.now
    for after_ms, level in edges:
        bare.world.at(now + int(after_ms * 1000), lambda level=level: net.drive(level))


TIME = "from machine import Pin, time_pulse_us\nprint(time_pulse_us(Pin(13, Pin.IN), {}))"


def test_pulse_is_measured_to_the_microsecond(bare):
    pulse(bare, 13, (5, 1), (7.345, 0))
    assert bare.run(TIME.format("1, 100_000")) == "2345\n"


def test_low_pulse_is_measured(bare):
    pulse(bare, 13, (0, 1), (5, 0), (6, 1))
    assert bare.run(TIME.format(0)) == "1000\n"


def test_pulse_that_never_comes_is_minus_two(bare):
    before = bare.world.kernel.now
    assert bare.run(TIME.format("1, 30_000")) == "-2\n"
    assert bare.world.kernel.now - before >= 30_000


def test_pulse_that_does_not_end_is_minus_one(bare):
    pulse(bare, 13, (1, 1))
    assert bare.run(TIME.format("1, 30_000")) == "-1\n"


@pytest.mark.parametrize(
    ("hz", "duty", "high", "low"), [(2000, 16_384, 125, 375), (50, 3277, 1000, 19_000), (4000, 32_768, 125, 125)]
)
def test_pulses_of_a_square_wave_are_measured(bare, hz, duty, high, low):
    pads = bare.machine.parts["pads"]
    pads.net(14).join(pads.net(13))
    source = (
        "from machine import Pin, PWM, time_pulse_us\np = PWM(Pin(14), freq={}, duty_u16={})\nq = Pin(13, Pin.IN)\n"
        "for level in (1, 0, 1):\n    while q.value() == level:\n        pass\n    print(time_pulse_us(q, level))"
    )
    found = [int(line) for line in bare.run(source.format(hz, duty)).split()]
    assert found == pytest.approx([high, low, high], rel=0.01, abs=1)  # the divider gives not quite the frequency


@pytest.mark.parametrize(("duty", "result"), [(0, -2), (65_535, -1)])
def test_wave_that_never_changes_has_no_pulse(bare, duty, result):
    source = "from machine import Pin, PWM, time_pulse_us\nPWM(Pin(14), freq=1000, duty_u16={})\n"
    assert bare.run(source.format(duty) + "print(time_pulse_us(Pin(14), 1, 30_000))") == f"{result}\n"


def test_wave_that_begins_while_a_pulse_is_awaited_is_seen(bare):
    net, now = bare.machine.parts["pads"].net(13), bare.world.kernel.now
    bare.world.at(now + 5_000, lambda: net.driver("dimmer").set_pwm(Pwm(100, 0.3, now + 8_000)))
    assert bare.run(TIME.format("1, 100_000")) == "3000\n"


def test_callbacks_wait_while_a_pulse_is_timed(bare):
    source = (
        "from machine import Pin, Timer, time_pulse_us\nimport time\nat = []\n"
        "Timer(0).init(mode=0, period=5, callback=lambda t: at.append(time.ticks_ms()))\nstart = time.ticks_ms()\n"
        "time_pulse_us(Pin(13), 1, 50_000)\ntime.sleep_ms(5)\nprint(time.ticks_diff(at[0], start) >= 50)"
    )
    assert bare.run(source) == "True\n"


def test_power_cut_ends_a_pulse_measurement(bare):
    bare.node.start(
        "from machine import Pin, time_pulse_us\ntry:\n    time_pulse_us(Pin(13), 1)\nfinally:\n    print('late')"
    )
    bare.world.run_for(0.1)
    bare.node.power_off()
    bare.world.run_for(2)
    assert "late" not in bare.node.console.text()


def test_bitstream_reaches_the_net_and_takes_its_time(bare):
    source = (
        "import time\nfrom machine import Pin, bitstream\na = time.ticks_us()\n"
        "bitstream(Pin(15, Pin.OUT), 0, (400, 850, 800, 450), bytes(300))\n"
        "print(3000 <= time.ticks_diff(time.ticks_us(), a) < 3050)"
    )
    assert bare.run(source) == "True\n"
    stream = bare.machine.parts["pads"].net(15).streams[-1]
    assert (stream.data, stream.timing_ns) == (bytes(300), (400, 850, 800, 450))


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ("15, 1, (1, 2, 3, 4), b''", "ValueError: encoding"),
        ("15, 0, (1, 2, 3), b''", "ValueError: requested length 4 but object has length 3"),
        ("15, 0, 5, b''", "TypeError: object 'int' isn't a tuple or list"),
        ("15, 0, (1, 2, 3, 4), 5", "TypeError: object with buffer protocol required"),
        ("35, 0, (1, 2, 3, 4), b'a'", "OSError"),
        ("20, 0, (1, 2, 3, 4), b'a'", "ValueError: invalid pin"),
    ],
)
def test_wrong_bitstream_is_refused(bare, arguments, error):
    with pytest.raises(NodeError, match=error):
        bare.run(f"from machine import bitstream\nbitstream({arguments})")


class DhtSensor:
    """Answers the start signal with five bytes, by the timing of the AM2302 data sheet."""

    def __init__(self, net, kernel, data):
        self.net, self.kernel, self.data = net, kernel, data
        self.line = net.driver("dht")
        self.low_since = 0
        self.busy = False
        net.driver("dht pull-up").drive(1, strength=1)
        net.on_change(self.heard)

    def heard(self, level):
        if self.busy:
            return
        if level == 0:
            self.low_since = self.kernel.now
        elif self.kernel.now - self.low_since >= 1000:
            self.busy = True
            self.answer()

    def answer(self):
        at = self.kernel.now + 30
        for low_us, high_us in [(80, 80), *((50, 70 if bit else 26) for bit in self.bits())]:
            self.kernel.at(at, lambda: self.line.drive(0))
            self.kernel.at(at + low_us, self.line.release)
            at += low_us + high_us
        self.kernel.at(at, lambda: self.line.drive(0))
        self.kernel.at(at + 50, self.line.release)

    def bits(self):
        return [byte >> shift & 1 for byte in self.data for shift in range(7, -1, -1)]


def sensor(bare, data):
    """Put a sensor on GPIO 32."""
    return DhtSensor(bare.machine.parts["pads"].net(32), bare.world.kernel, data)


def test_dht_readinto_reads_a_sensor_on_the_line(bare):
    sensor(bare, b"\x02\x92\x01\x0d\xa2")
    source = "from machine import Pin, dht_readinto\nb = bytearray(5)\ndht_readinto(Pin(32), b)\nprint(bytes(b))"
    assert bare.run(source) == "b'\\x02\\x92\\x01\\r\\xa2'\n"


def test_dht22_gives_the_data_sheets_example(bare):
    sensor(bare, b"\x02\x92\x01\x0d\xa2")
    source = (
        "import dht\nfrom machine import Pin\nd = dht.DHT22(Pin(32))\nd.measure()\n"
        "print('%.1f %.1f' % (d.humidity(), d.temperature()))"
    )
    assert bare.run(source) == "65.8 26.9\n"


def test_dht22_below_zero_and_dht11(bare):
    sensor(bare, b"\x02\x92\x80\x65\x79")
    source = "import dht\nfrom machine import Pin\nd = dht.DHT22(Pin(32))\nd.measure()\nprint('%.1f' % d.temperature())"
    assert bare.run(source) == "-10.1\n"
    assert bare.run("e = dht.DHT11(Pin(32))\ne.buf = d.buf\nprint(e.humidity(), e.temperature())") == "2 128\n"


def test_dht_with_wrong_checksum_is_refused(bare):
    sensor(bare, b"\x02\x92\x01\x0d\xa3")
    with pytest.raises(NodeError, match="Exception: checksum error"):
        bare.run("import dht\nfrom machine import Pin\ndht.DHT11(Pin(32)).measure()")


@pytest.mark.parametrize("pull", ["", ", Pin.PULL_UP"])
def test_dht_without_sensor_times_out(bare, pull):
    with pytest.raises(NodeError, match=r"OSError: \[Errno 116\] ETIMEDOUT"):
        bare.run(f"import dht\nfrom machine import Pin\ndht.DHT11(Pin(32, Pin.IN{pull})).measure()")


def test_dht_readinto_needs_five_bytes(bare):
    with pytest.raises(NodeError, match="ValueError: buffer too small"):
        bare.run("from machine import Pin, dht_readinto\ndht_readinto(Pin(32), bytearray(4))")
