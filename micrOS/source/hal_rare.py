"""Chip, pins, timers and radio, as far as `hal` needs them seldom. Cold."""

import time

import hal
import machine
import micropython
import network
from micropython import const

_FIRST_YEAR = const(2024)       # a clock before that was never set
_CRASH_FILE = const('.crash')      # the loader's count of crashes


def note_good_boot():
    """Tell the loader that this boot went well: it forgets its crashes. Writes the flash only if there were any."""
    hal.take_mark_back()
    hal.remove_file(_CRASH_FILE)


def unique_id():
    """Return the id of the chip, bytes; 6 of them on ESP32."""
    return machine.unique_id()


def cpu_hz(freq_hz=None):
    """Return the CPU clock in Hz, after setting it if freq_hz is given."""
    if freq_hz is not None:
        machine.freq(freq_hz)
    return machine.freq()


def set_rtc(year, month, day, hour, minute, second):
    """Set the clock of the chip; the port computes the weekday itself."""
    machine.RTC().datetime((year, month, day, 0, hour, minute, second, 0))


def shift_rtc(seconds):
    """Move the clock of the chip on, or back; not if it was never set."""
    if time.localtime()[0] >= _FIRST_YEAR:
        set_rtc(*time.localtime(time.time() + seconds)[:6])


def output(gpio):
    """Return a Pin set up as an output."""
    return machine.Pin(gpio, machine.Pin.OUT)


def soft_spi(clock, output, input):
    """Return an SPI bus made in software, of three GPIOs."""
    return machine.SoftSPI(sck=machine.Pin(clock), mosi=machine.Pin(output), miso=machine.Pin(input))


def soft_i2c(clock, data, freq_hz, stretch_us):
    """Return an I2C bus made in software, of two GPIOs; a part may hold the clock for stretch_us."""
    return machine.SoftI2C(machine.Pin(clock), machine.Pin(data), freq=freq_hz, timeout=stretch_us)


def pwm(gpio, freq_hz):
    """Return a PWM output that begins at 0: without a duty it would begin at one half."""
    return machine.PWM(machine.Pin(gpio), freq=freq_hz, duty_u16=0)


def adc(gpio):
    """Return an ADC for 0 to about 3.3 V (11 dB); its `read_u16()` is independent of other users."""
    return machine.ADC(machine.Pin(gpio), atten=machine.ADC.ATTN_11DB)


def start_timer(timer_id, period_ms, callback, owner):
    """Call callback(timer) every period_ms from Timer(timer_id), as a soft interrupt."""
    machine.Timer(timer_id).init(period=period_ms, mode=machine.Timer.PERIODIC, callback=callback)
    hal.timers[timer_id] = owner


def stop_timer(timer_id):
    """Stop Timer(timer_id)."""
    hal.timers.pop(timer_id, None)
    machine.Timer(timer_id).deinit()


def start_irq(gpio, trigger, handler, owner, pull='down'):
    """Call handler(pin), a soft interrupt, on edges of an input; returns its Pin.

    Args:
        trigger: 'up', 'down' or 'both'.
        pull: 'up', 'down' or 'none'.
    """
    edges = {'up': machine.Pin.IRQ_RISING, 'down': machine.Pin.IRQ_FALLING,
             'both': machine.Pin.IRQ_RISING | machine.Pin.IRQ_FALLING}
    pulls = {'up': machine.Pin.PULL_UP, 'down': machine.Pin.PULL_DOWN, 'none': None}
    pin = machine.Pin(gpio, machine.Pin.IN, pulls[pull])
    pin.irq(trigger=edges[trigger], handler=handler)
    hal.irqs[gpio] = (owner, pin)
    return pin


def reserve_exception_buffer(size):
    """Reserve size bytes, so that an exception in an interrupt can be told."""
    micropython.alloc_emergency_exception_buf(size)


def stop_irq(gpio):
    """Stop the interrupt of a pin."""
    _owner, pin = hal.irqs.pop(gpio)
    pin.irq(handler=None)


def release(owner, module=None):
    """Stop the timers and interrupts that were started for owner.

    Args:
        owner: str, as given to `start_timer` and `start_irq`.
        module: the owner's module object; the timers, PWM outputs and pin interrupts that it holds in its
            global names are stopped too.
    """
    for timer_id in [i for i in hal.timers if hal.timers[i] == owner]:
        stop_timer(timer_id)
    for gpio in [i for i in hal.irqs if hal.irqs[i][0] == owner]:
        stop_irq(gpio)
    for name in dir(module) if module is not None else ():
        held = getattr(module, name)
        if isinstance(held, (machine.Timer, machine.PWM)):
            held.deinit()
        elif isinstance(held, machine.Pin):
            held.irq(handler=None)


def access_point():
    """Return the WLAN interface that offers a network."""
    return network.WLAN(network.WLAN.IF_AP)


def stop_station():
    """Leave the network, give up joining, and switch the station off."""
    interface = hal.station()
    try:
        interface.disconnect()
    except (OSError, RuntimeError):
        pass        # the radio is off
    interface.active(False)


def open_access_point(ssid, password, max_clients):
    """Offer a WPA2 network.

    Args:
        ssid: str, 1..32 bytes.
        password: str, 8..63 ASCII characters.
        max_clients: int, 1..10.

    Raises:
        ValueError, OSError, RuntimeError: the port refused a setting, or has not taken it; the interface is off then.
    """
    interface = access_point()
    interface.active(True)      # the port wants it on before it is set
    try:
        interface.config(ssid=ssid, key=password, security=network.WLAN.SEC_WPA2, max_clients=max_clients)
        if interface.config('ssid') != ssid or interface.config('security') != network.WLAN.SEC_WPA2:
            raise OSError('the settings were not taken')
    except (ValueError, OSError, RuntimeError):
        interface.active(False)
        raise


def set_host_name(name):
    """Set the name that DHCP and mDNS announce, at most 32 characters."""
    network.hostname(name)
