"""Scenarios: pins, timers, buses, and Load Modules that use them."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.electrical.buses import Segment
from simulator.electrical.uart import UartPort
from simulator.node import Node
from simulator.parity.record import Recorder
from simulator.parity.scenario import Scenario
from simulator.world import World
from tests.parity.corpus_shell import asks

_LAMP = '''
"""A lamp."""
import machine
import time

_state = {}

def _pin(number):
    if number not in _state:
        _state[number] = machine.Pin(number, machine.Pin.OUT)
    return _state[number]

def on(number=4):
    """Switch it on."""
    _pin(number).value(1)
    return 'on'

def off(number=4):
    _pin(number).off()
    return 'off'

def toggle(number=4):
    pin = _pin(number)
    pin.value(not pin.value())
    return pin()

def blink(number=4, times=3, ms=20):
    for k in range(times):
        on(number)
        time.sleep_ms(ms)
        off(number)
        time.sleep_ms(ms)
    return times

def pulse(number=4, us=250):
    pin = _pin(number)
    pin(1)
    time.sleep_us(us)
    pin(0)

def dim(number=18, freq=1000, duty=512):
    _state['pwm'] = machine.PWM(machine.Pin(number), freq=freq, duty=duty)
    return _state['pwm'].freq(), _state['pwm'].duty(), _state['pwm'].duty_u16()

def fade(number=18, steps=4):
    pwm = machine.PWM(machine.Pin(number), freq=5000)
    for k in range(steps):
        pwm.duty_u16(65535 * k // steps)
        time.sleep_ms(10)
    pwm.deinit()

def strip(number=5):
    import neopixel
    leds = neopixel.NeoPixel(machine.Pin(number), 3)
    leds[0] = (255, 0, 0)
    leds[2] = (1, 2, 3)
    leds.write()
    return [tuple(led) for led in leds]

def wrong():
    return machine.Pin(36, machine.Pin.OUT)

def nopin():
    return machine.Pin(99)

def adc(number=34):
    return machine.ADC(machine.Pin(number), atten=machine.ADC.ATTN_11DB).read_u16()

def help():
    return 'on', 'off', 'toggle', 'blink number=4 times=3 ms=20', 'dim'
'''

_WATCH = '''
"""Counts edges and ticks."""
import machine
import time

_seen = []
_held = []

def irq(number=14):
    def edge(pin):
        _seen.append((pin.value(), time.ticks_ms() % 10))
    pin = machine.Pin(number, machine.Pin.IN, machine.Pin.PULL_UP)
    pin.irq(handler=edge, trigger=machine.Pin.IRQ_RISING | machine.Pin.IRQ_FALLING)
    _held.append(pin)

def every(ms=100, number=4):
    pin = machine.Pin(number, machine.Pin.OUT)
    timer = machine.Timer(2)
    timer.init(period=ms, mode=machine.Timer.PERIODIC, callback=lambda timer: pin.value(not pin.value()))
    _held.append(timer)

def once(ms=100, number=4):
    pin = machine.Pin(number, machine.Pin.OUT)
    timer = machine.Timer(3)
    timer.init(period=ms, mode=machine.Timer.ONE_SHOT, callback=lambda timer: pin(1))
    _held.append(timer)

def stop():
    while _held:
        thing = _held.pop()
        thing.deinit() if isinstance(thing, machine.Timer) else thing.irq(handler=None)

def count():
    return len(_seen), [level for level, _ in _seen]
'''

_BUS = '''
"""Talks to parts."""
import machine

def _i2c():
    return machine.I2C(0, scl=machine.Pin(22), sda=machine.Pin(21), freq=400000)

def scan():
    return _i2c().scan()

def read(register=16, count=4):
    return _i2c().readfrom_mem(0x48, register, count)

def into():
    buffer = bytearray(6)
    i2c = _i2c()
    i2c.readfrom_into(0x48, buffer)
    view = memoryview(buffer)[2:4]
    i2c.readfrom_mem_into(0x48, 1, view)
    return bytes(buffer)

def write(data=b'abc'):
    i2c = _i2c()
    i2c.writeto_mem(0x48, 2, data)
    return i2c.writeto(0x48, data), i2c.writevto(0x48, [b'x', bytearray(b'yz')])

def nobody():
    return _i2c().readfrom(0x50, 1)

def soft():
    i2c = machine.SoftI2C(scl=machine.Pin(33), sda=machine.Pin(32), freq=100000)
    return i2c.scan(), i2c.readfrom(0x48, 3)

def spi(data=b'123'):
    spi = machine.SPI(1, baudrate=1000000, sck=machine.Pin(14), mosi=machine.Pin(13), miso=machine.Pin(12))
    back = bytearray(len(data))
    spi.write(data)
    spi.write_readinto(data, back)
    return spi.read(3, 0x55), bytes(back)
'''


_LINE = '''
"""Talks to a part on a serial line."""
import machine
import select
import time

def _uart(baud=9600):
    return machine.UART(1, baud, tx=12, rx=13, timeout=100)

def ask(text='?', baud=9600):
    uart = _uart(baud)
    uart.write(text)
    return uart.readline()

def poll():
    uart = _uart()
    poller = select.poll()
    poller.register(uart, select.POLLIN)
    uart.write('?')
    return [events for _, events in poller.poll(100)], uart.read()

def irq():
    uart = _uart()
    came = []
    uart.irq(lambda u: came.append(u.read(1)), machine.UART.IRQ_RX)
    uart.write('?')
    time.sleep_ms(50)
    uart.irq(None)
    return came

def text():
    uart = _uart(4800)
    uart.init(bits=7, parity=0, stop=2)
    uart.sendbreak()
    return str(uart)

def nothing():
    return _uart().read(1), machine.UART(0)
'''


def _serial(world: World, node: Node, recorder: Recorder) -> None:
    recorder.watch_pins(12, 13)
    pads = node.machine.parts["pads"]
    port = UartPort("meter", rx=pads.net(12), tx=pads.net(13), on_bytes=lambda byte: port.send(byte + b"=12.5\n"))
    asks(
        "line ask",
        "line ask '!'",
        "line ask '?' 19200",
        "line poll",
        "line irq",
        "line text",
        "line nothing",
    )(world, node, recorder)


def _pins(world: World, node: Node, recorder: Recorder) -> None:
    recorder.watch_pins(2, 4, 5, 18)
    asks(
        "lamp help",
        "lamp on",
        "lamp off",
        "lamp toggle",
        "lamp toggle",
        "lamp blink",
        "lamp blink times=2 ms=5",
        "lamp pulse",
        "lamp pulse us=3000",
        "lamp dim",
        "lamp dim duty=100 freq=2000",
        "lamp fade",
        "lamp strip",
        "lamp wrong",
        "lamp nopin",
        "lamp on 2",
        "lamp adc",
        "lamp blink &",
        "bgjob show",
        "lamp on number=",
        "lamp on 'x'",
    )(world, node, recorder)


def _events(world: World, node: Node, recorder: Recorder) -> None:
    recorder.watch_pins(4)
    net = node.machine.parts["pads"].net(14)
    talk = recorder.talk()
    talk.ask("watch irq")
    recorder.step("edges from outside")
    for ms in (10, 25, 40, 41, 42, 300):
        world.at(world.kernel.now + ms * 1000, lambda level=ms % 2: net.drive(level))
    world.run_for(1)
    for command in ("watch count", "watch every 100", "watch count", "watch stop", "watch once 250", "watch count"):
        talk.ask(command)
    recorder.step("after it")
    world.run_for(2)


def _configured(world: World, node: Node, recorder: Recorder) -> None:
    recorder.watch_pins(16, 17)
    net = node.machine.parts["pads"].net(4)
    recorder.step("timers")
    world.run_for(6)
    recorder.step("edges")
    for ms in (10, 500, 1000, 1700):
        world.at(world.kernel.now + ms * 1000, lambda level=ms // 10 % 2: net.drive(level))
    world.run_for(4)
    asks("system alarms", "bgjob show")(world, node, recorder)


def _answer(segments: Sequence[Segment]) -> list[bytes]:
    register = next((part[0] for part in segments if isinstance(part, bytes) and part), 0)
    return [
        bytes((register + index) & 0xFF for index in range(part)) if isinstance(part, int) else b"" for part in segments
    ]


def _buses(world: World, node: Node, recorder: Recorder) -> None:
    recorder.i2c(scl=22, sda=21, address=0x48, answer=_answer)
    recorder.i2c(scl=33, sda=32, address=0x48, answer=_answer)
    recorder.spi(sck=14, mosi=13, miso=12, answer=lambda data: bytes(byte ^ 0xFF for byte in data))
    asks(
        "bus scan",
        "bus read",
        "bus read 1 count=2",
        "bus into",
        "bus write",
        "bus write b'\\x00\\xff'",
        "bus nobody",
        "bus soft",
        "bus spi",
        "bus read >json",
        "bus read 1 2 3",
    )(world, node, recorder)


SCENARIOS = (
    Scenario("pins", _pins, files={"/modules/LM_lamp.py": _LAMP}, is_quick=True),
    Scenario("a serial line", _serial, files={"/modules/LM_line.py": _LINE}),
    Scenario("interrupts of a module", _events, files={"/modules/LM_watch.py": _WATCH}),
    Scenario(
        "interrupts of the configuration",
        _configured,
        files={"/modules/LM_lamp.py": _LAMP},
        config={
            "timirq": True,
            "timirqcbf": "lamp toggle 16",
            "timirqseq": 500,
            "irq1": True,
            "irq1_cbf": "lamp pulse 17 us=2000",
            "irq1_trig": "both",
            "cron": True,
            "crontasks": "*:*:*:*!system heartbeat",
            "cronseq": 1000,
        },
    ),
    Scenario("buses", _buses, files={"/modules/LM_bus.py": _BUS}, is_quick=True),
)
