"""All that the core knows of the hardware. Small enough to read in one sitting.

Load Modules and drivers use `machine` directly, with pins from `LogicalPins`. What was started here
for an owner (a Load Module's name) is stopped by `release(owner)`.
"""

import gc
import os

import machine
import micropython
import network

_TEMPORARY = '.tmp'
_BOOT_MARK = b'micrOS:'     # the loader's word in RTC memory begins so
_CRASH_FILE = '.crash'      # the loader's count of crashes
_timers = {}     # Timer id -> owner
_irqs = {}       # gpio -> (owner, Pin)
_watchdogs = []  # the one watchdog, once it runs


# --- chip -----------------------------------------------------------------------------------------

def reset():
    """Restart the board, as its reset button does; the loader counts no crash. Does not return."""
    _take_mark_back()
    machine.reset()


def reset_cause():
    """Return the cause of the last reset, one of machine.PWRON_RESET, HARD_RESET, ..."""
    return machine.reset_cause()


def start_watchdog(limit_s):
    """Let the chip be reset unless `feed_watchdog()` is called every limit_s; it cannot be stopped any more."""
    _watchdogs[:] = [machine.WDT(timeout=limit_s * 1000)]


def feed_watchdog():
    """Begin the watchdog's time anew; nothing happens if it does not run."""
    for watchdog in _watchdogs:
        watchdog.feed()


def note_good_boot():
    """Tell the loader that this boot went well: it forgets its crashes. Writes the flash only if there were any."""
    _take_mark_back()
    remove_file(_CRASH_FILE)


def _take_mark_back():
    """Empty the RTC memory if it holds the loader's word."""
    memory = machine.RTC().memory
    if memory().startswith(_BOOT_MARK):
        memory(b'')


def unique_id():
    """Return the id of the chip, bytes; 6 of them on ESP32."""
    return machine.unique_id()


def cpu_hz(freq_hz=None):
    """Return the CPU clock in Hz, after setting it if freq_hz is given."""
    if freq_hz is not None:
        machine.freq(freq_hz)
    return machine.freq()


def free_memory():
    """Return the free bytes of the heap after a collection."""
    gc.collect()
    return gc.mem_free()


def set_rtc(year, month, day, hour, minute, second):
    """Set the clock of the chip; the port computes the weekday itself."""
    machine.RTC().datetime((year, month, day, 0, hour, minute, second, 0))


# --- pins and timers ------------------------------------------------------------------------------

def output(gpio):
    """Return a Pin set up as an output."""
    return machine.Pin(gpio, machine.Pin.OUT)


def soft_spi(clock, output, input):
    """Return an SPI bus made in software, of three GPIOs."""
    return machine.SoftSPI(sck=machine.Pin(clock), mosi=machine.Pin(output), miso=machine.Pin(input))


def adc(gpio):
    """Return an ADC for 0 to about 3.3 V (11 dB); its `read_u16()` is independent of other users."""
    return machine.ADC(machine.Pin(gpio), atten=machine.ADC.ATTN_11DB)


def start_timer(timer_id, period_ms, callback, owner):
    """Call callback(timer) every period_ms from Timer(timer_id), as a soft interrupt."""
    machine.Timer(timer_id).init(period=period_ms, mode=machine.Timer.PERIODIC, callback=callback)
    _timers[timer_id] = owner


def stop_timer(timer_id):
    """Stop Timer(timer_id)."""
    _timers.pop(timer_id, None)
    machine.Timer(timer_id).deinit()


def start_irq(gpio, trigger, handler, owner):
    """Call handler(pin), a soft interrupt, on edges of an input with a pull-down.

    Args:
        trigger: 'up', 'down' or 'both'.
    """
    edges = {'up': machine.Pin.IRQ_RISING, 'down': machine.Pin.IRQ_FALLING,
             'both': machine.Pin.IRQ_RISING | machine.Pin.IRQ_FALLING}
    pin = machine.Pin(gpio, machine.Pin.IN, machine.Pin.PULL_DOWN)
    pin.irq(trigger=edges[trigger], handler=handler)
    _irqs[gpio] = (owner, pin)


def reserve_exception_buffer(size):
    """Reserve size bytes, so that an exception in an interrupt can be told."""
    micropython.alloc_emergency_exception_buf(size)


def stop_irq(gpio):
    """Stop the interrupt of a pin."""
    _owner, pin = _irqs.pop(gpio)
    pin.irq(handler=None)


def release(owner, module=None):
    """Stop the timers and interrupts that were started for owner.

    Args:
        owner: str, as given to `start_timer` and `start_irq`.
        module: the owner's module object; the timers, PWM outputs and pin interrupts that it holds in its
            global names are stopped too.
    """
    for timer_id in [i for i in _timers if _timers[i] == owner]:
        stop_timer(timer_id)
    for gpio in [i for i in _irqs if _irqs[i][0] == owner]:
        stop_irq(gpio)
    for name in dir(module) if module is not None else ():
        held = getattr(module, name)
        if isinstance(held, (machine.Timer, machine.PWM)):
            held.deinit()
        elif isinstance(held, machine.Pin):
            held.irq(handler=None)


# --- WiFi -----------------------------------------------------------------------------------------

def station():
    """Return the WLAN interface that joins networks."""
    return network.WLAN(network.WLAN.IF_STA)


def access_point():
    """Return the WLAN interface that offers a network."""
    return network.WLAN(network.WLAN.IF_AP)


def is_linked():
    """True if the station has joined a network and has an address."""
    interface = station()
    return interface.isconnected() and interface.ifconfig()[0] != '0.0.0.0'


def stop_station():
    """Leave the network, give up joining, and switch the station off."""
    interface = station()
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


# --- files ----------------------------------------------------------------------------------------

def replace_file(path, text, keep=None):
    """Replace a file so that a power cut leaves the old or the new content, never a mixture.

    The text is written once and closed, then renamed over the old file: on LittleFS both are atomic.

    Args:
        path: str.
        text: str, the new content.
        keep: str, new name for the file that is replaced; None drops it.

    Raises:
        OSError: no space, or a broken flash. The old file is still there.
    """
    temporary = path + _TEMPORARY
    try:
        with open(temporary, 'w') as file:
            file.write(text)
    except OSError:
        remove_file(temporary)
        raise
    kept = keep is not None and file_exists(path)
    if kept:
        os.rename(path, keep)
    try:
        os.rename(temporary, path)
    except OSError:
        if kept:
            os.rename(keep, path)
        raise


def remove_leftover(path):
    """Delete what an interrupted `replace_file` of path left behind; the flash is not written if there is nothing."""
    remove_file(path + _TEMPORARY)


def remove_file(path):
    """Delete a file; True if it was there."""
    try:
        os.remove(path)
    except OSError:
        return False
    return True


def file_exists(path):
    """True if path is there."""
    try:
        os.stat(path)
    except OSError:
        return False
    return True


def list_folder(path):
    """Return the sorted names in a folder; none if it does not exist. The empty path is the current one."""
    try:
        return sorted(os.listdir(path) if path else os.listdir())
    except OSError:
        return []


def read_file(path, most=-1):
    """Return the text of a file, at most so many characters, or None if there is no such file.

    Raises:
        OSError: the file is there but cannot be read.
        UnicodeError: its bytes are no UTF-8.
    """
    if not file_exists(path):
        return None
    with open(path) as file:
        return file.read(most)


def free_flash_percent():
    """Return the free part of the file system, int 0..100."""
    stats = os.statvfs('/')
    return stats[3] * 100 // stats[2]
