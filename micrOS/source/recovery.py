"""Recovery mode: keeps a node reachable that cannot, or shall not, run its normal system.

It brings up the network, starts WebREPL (port 8266) and a rescue shell (`recovery_shell.py`, on `socport`),
and watches `.if_mode` for an update. It needs no other file of the firmware, and each of its steps may
fail without stopping the others.

Theory of operation. The loader says why it was entered:

    update   `.if_mode` says so: an update is expected
    asked    somebody typed `webrepl`
    crash    the normal system crashed again and again

Every STEP `.if_mode` is read. A word other than `micros` arms the monitor: an update is on its way. Armed
and `micros` again: the update is complete; the next boot purges old configuration keys. `off` returns to
the REPL by a reset. Every stay has an end: when nobody used the rescue shell and no file changed for STAY_S, an
update is abandoned and the normal system runs; after a crash it is tried again after STAY_S, then after
twice that, up to MAX_STAY_S. Ctrl-C, on the console or over WebREPL, gives the REPL.
"""

import json
import os
import sys
import time

import machine
import network
from micropython import const

LIMIT = 3               # as micrOSloader.LIMIT: from this count on the loader starts recovery mode
STEP_MS = 2000
STAY_S = 600
MAX_STAY_S = 7200
_SLOW_STEPS = const(15)    # steps between looks at the files and the network
_WATCHDOG_S = const(120)
_REPL_S = const(600)
_RESTART_S = const(10)
_CONNECT_MS = const(15000)
_SCANS = const(2)
_NO_NETWORK_S = const(60)    # without a station connection, it is built up anew
_AP_STAY_S = const(300)    # as an access point because the network was away: then it looks for it again
_MAX_REASON = const(72)
_MAX_LOG = const(4096)
_MAX_LINES = const(8)
_MAX_CONFIG = const(16384)    # bytes of a configuration file
_MIN_TIMEOUT_S = const(10)
_FOLDER = const(0x4000)
_WEBREPL_PORT = const(8266)
_MODE_FILE = const('.if_mode')
_CRASH_FILE = const('.crash')
_PURGE_FLAG = const('cleanup.pds')
_LOGS = ('err.pre.log', 'err.log')
_MARK = const(b'micrOS:')    # as micrOSloader: first bytes of RTC memory that is ours
_CONFIGS = ('node_config.json', 'node_config.json.bak')
_DEFAULTS = {'devfid': 'node01', 'staessid': 'your_wifi_name', 'stapwd': 'your_wifi_passwd', 'appwd': 'ADmin123',
             'nwmd': 'STA', 'devip': 'n/a', 'auth': False, 'socport': 9008, 'soctout': 100, 'version': '0.0.0-0'}


def main(role, crash):
    """Run recovery mode. Returns only to give the REPL to somebody.

    Args:
        role: `update`, `asked` or `crash`.
        crash: dict with `count`, `cycles` and `reason`; what is missing counts as none.
    """
    try:
        Recovery(role, crash).run()
    except KeyboardInterrupt:
        print('[recovery] KeyboardInterrupt: REPL; restart in %d s, machine.WDT(timeout=3600000) gives an hour more'
              % _REPL_S)
        _mark(b'bye')
        machine.WDT(timeout=_REPL_S * 1000)
    except BaseException as e:  # noqa: BLE001 - border: whatever it is, the node must stay reachable
        sys.print_exception(e)
        log('[recovery] %s: %s' % (type(e).__name__, e))
        time.sleep(_RESTART_S)
        machine.reset()


class Recovery:
    """State of one stay in recovery mode.

    Attributes:
        config: dict of what recovery mode needs of the configuration.
        role: why it was entered.
        crash: the loader's record.
        net: Net.
    """

    def __init__(self, role, crash):
        self.role = role
        self.crash = {'count': LIMIT, 'cycles': 0, 'reason': ''}
        self.crash.update(crash)
        self._is_new = 'count' not in crash     # it does not come from the loader, so nobody has logged it
        self.config = read_config()
        self.net = Net(self.config, self.feed)
        self._is_armed = role == 'update'
        self._watchdog = None
        self._shell = None
        self._since = time.ticks_ms()
        self._reset_at = None
        self._steps = 0
        self._files = None

    def run(self):
        """Bring everything up and look after it, until the chip is reset."""
        self._watchdog = machine.WDT(timeout=_WATCHDOG_S * 1000)
        print('[recovery] %s: %s' % (self.role, self.crash['reason'] or 'no crash'))
        if self._is_new:
            log(self.crash['reason'])
        self.net.up()
        _guarded('webrepl', self._start_webrepl)
        _guarded('rescue shell', self._start_shell)
        self.note_use()
        last = time.ticks_ms()
        while True:
            if self._shell is None or _guarded('rescue shell', self._shell.serve, STEP_MS // 2) is None:
                time.sleep_ms(STEP_MS // 4)
            now = time.ticks_ms()
            if self._reset_at is not None and time.ticks_diff(now, self._reset_at) >= 0:
                machine.reset()
            if time.ticks_diff(now, last) >= STEP_MS:
                last = now
                self._step()

    def feed(self):
        """Begin the watchdog's time anew."""
        if self._watchdog is not None:
            self._watchdog.feed()

    def _start_webrepl(self):
        import webrepl  # the port's module; it may lack it
        webrepl.start(password=password(self.config, 9))

    def _start_shell(self):
        import recovery_shell
        self._shell = recovery_shell.RescueShell(self)

    # --- the monitor ---

    def _step(self):
        self.feed()
        mode = read_mode()
        if mode == 'off':
            machine.reset()
        elif mode == 'update':
            self._is_armed = True
        elif self._is_armed and mode == 'normal':
            self._finish_update()
        elif self.role == 'asked' and mode == 'normal':
            machine.reset()     # whoever asked has had enough
        self._steps += 1
        if self._steps % _SLOW_STEPS == 0:
            files = list_files()
            if files != self._files:
                self._files = files
                self.note_use()
            _guarded('network', self.net.look_after)
        if time.ticks_diff(time.ticks_ms(), self._since) >= self.stay_s() * 1000:
            self._give_up()

    def note_use(self):
        """Somebody uses recovery mode: the stay begins anew."""
        self._since = time.ticks_ms()

    def stay_s(self):
        """Return how long recovery mode waits for somebody, seconds."""
        if self._is_armed or self.role != 'crash':
            return STAY_S
        return min(STAY_S << min(self.crash['cycles'], 8), MAX_STAY_S)

    def left_s(self):
        """Return the seconds until the stay ends."""
        return self.stay_s() - time.ticks_diff(time.ticks_ms(), self._since) // 1000

    def arm(self):
        """Expect an update; raises OSError if the flash refuses."""
        replace_file(_MODE_FILE, 'webrepl')
        self._is_armed = True
        self.note_use()

    def leave(self, delay_ms):
        """Try the normal system again, after a moment; the next crash leads back here."""
        if read_mode() != 'normal':
            _guarded('mode', replace_file, _MODE_FILE, 'micros')
        self._is_armed = False
        self._keep(self.crash['cycles'])
        self._reset_at = time.ticks_add(time.ticks_ms(), delay_ms)

    def _finish_update(self):
        print('[recovery] update complete')
        _guarded('purge flag', replace_file, _PURGE_FLAG, '')
        if _exists(_CRASH_FILE):
            _guarded('crash count', os.remove, _CRASH_FILE)
        machine.reset()

    def _give_up(self):
        """The stay ends: back to the normal system."""
        if self._is_armed:
            log('[recovery] update abandoned')
        if self._is_armed or self.role == 'asked':
            _guarded('mode', replace_file, _MODE_FILE, 'micros')
        if self.role == 'crash':
            self._keep(self.crash['cycles'] + 1)
        machine.reset()

    def _keep(self, cycles):
        """Have the normal system tried once, after the next reset."""
        if self.crash['count'] < LIMIT:
            return      # the loader tries it anyway
        crash = {'count': LIMIT - 1, 'cycles': cycles, 'reason': self.crash['reason'][:_MAX_REASON]}
        if _guarded('crash count', replace_file, _CRASH_FILE, json.dumps(crash)) is None:
            _mark(b'try')


# --- network --------------------------------------------------------------------------------------

class Net:
    """The network: a station in the user's network, else a WPA2 access point named `devfid`.

    Args:
        config: see Recovery.
        feed: called while it waits.
    """

    def __init__(self, config, feed):
        self._config = config
        self._feed = feed
        self._is_station = False
        self._since = time.ticks_ms()       # of the last time that all was well, or of the access point's start

    def up(self):
        """Join a network, or offer one. Takes a minute or two at most."""
        self._is_station = self._wants_station() and bool(_guarded('station', self._join))
        if not self._is_station:
            _guarded('access point', self._offer)
        self._since = time.ticks_ms()
        print('[recovery] network:', 'STA' if self._is_station else 'AP', self.address())

    def look_after(self):
        """Build the network up anew if it was lost, or if it is only an access point for want of a better one."""
        waited_s = time.ticks_diff(time.ticks_ms(), self._since) // 1000
        if self._is_station:
            if network.WLAN(network.WLAN.IF_STA).isconnected():
                self._since = time.ticks_ms()
            elif waited_s >= _NO_NETWORK_S:
                self.up()
        elif self._wants_station() and waited_s >= _AP_STAY_S and not self._has_guests():
            self.up()

    def address(self):
        """Return the IP address, a text."""
        interface = network.WLAN.IF_STA if self._is_station else network.WLAN.IF_AP
        return _guarded('address', lambda: network.WLAN(interface).ifconfig()[0]) or '0.0.0.0'

    def _wants_station(self):
        return 'AP' not in self._config['nwmd'].upper()

    def _has_guests(self):
        return bool(_guarded('guests', lambda: network.WLAN(network.WLAN.IF_AP).status('stations')))

    def _join(self):
        _guarded('host name', network.hostname, self._config['devfid'])
        network.WLAN(network.WLAN.IF_AP).active(False)
        station = network.WLAN(network.WLAN.IF_STA)
        station.active(True)
        names = [name.strip() for name in self._config['staessid'].split(';')]
        passwords = [password.strip() for password in self._config['stapwd'].split(';')]
        for _ in range(_SCANS):
            seen = [found[0] for found in station.scan()]
            for i in range(min(len(names), len(passwords))):
                if names[i].encode() in seen and self._connect(station, names[i], passwords[i]):
                    return True
        station.active(False)
        return False

    def _connect(self, station, name, secret):
        _guarded('connect', station.connect, name, secret)
        start = time.ticks_ms()
        while not station.isconnected():
            if time.ticks_diff(time.ticks_ms(), start) > _CONNECT_MS:
                station.disconnect()
                return False
            self._feed()
            time.sleep_ms(100)
        _guarded('devip', self._take_address, station)
        return True

    def _take_address(self, station):
        """Take the address of normal mode, where people look for the node, if it lies in this network."""
        wanted = self._config['devip']
        address, mask, gateway, dns = station.ifconfig()
        is_same_net = mask == '255.255.255.0' and wanted.split('.')[:3] == gateway.split('.')[:3]
        is_host = wanted != gateway and wanted.split('.')[-1] not in ('0', '255')
        if is_same_net and is_host and wanted != address:
            station.ifconfig((wanted, mask, gateway, dns))

    def _offer(self):
        station = network.WLAN(network.WLAN.IF_STA)
        station.active(False)
        point = network.WLAN(network.WLAN.IF_AP)
        point.active(True)
        try:
            point.config(ssid=self._config['devfid'], key=password(self._config, 63), security=network.WLAN.SEC_WPA2)
        except (ValueError, OSError):
            point.active(False)     # never an open one
            raise
        return True


# --- files ----------------------------------------------------------------------------------------

def read_mode():
    """Return `normal`, `asked`, `off` or `update`, as micrOSloader.read_mode()."""
    try:
        with open(_MODE_FILE) as file:
            word = file.read(64).strip().lower()
    except OSError:
        return 'normal'
    except ValueError:
        word = ''
    return {'micros': 'normal', 'off': 'off', 'recovery': 'asked'}.get(word, 'update')


def read_config():
    """Return what recovery mode needs of the configuration: from the file, else its copy, else defaults."""
    values = dict(_DEFAULTS)
    for path in _CONFIGS:
        try:
            with open(path) as file:
                found = json.loads(file.read(_MAX_CONFIG))
        except (OSError, ValueError, MemoryError, RuntimeError):     # RuntimeError: nested too deeply
            continue
        if isinstance(found, dict):
            for key, default in _DEFAULTS.items():
                if type(found.get(key)) is type(default) and found[key] != '':
                    values[key] = found[key]
            break
    values['soctout'] = max(values['soctout'], _MIN_TIMEOUT_S)
    if not 0 < values['socport'] < 65536 or values['socport'] == _WEBREPL_PORT:
        values['socport'] = _DEFAULTS['socport']
    return values


def password(config, longest):
    """Return `appwd` if it has 8..longest bytes (WebREPL takes 9, WPA2 63), else the factory one."""
    wanted = config['appwd'].strip()
    return wanted if 8 <= len(wanted.encode()) <= longest else _DEFAULTS['appwd']


def replace_file(path, text):
    """Replace a file so that a power cut leaves the old or the new one; returns True or raises OSError."""
    with open(path + '.tmp', 'w') as file:
        file.write(text)
    os.rename(path + '.tmp', path)
    return True


def list_files():
    """Return a number that changes when a file of the root or of /modules does."""
    total = 0
    for folder in ('', '/modules'):
        try:
            for name in os.listdir(folder or '/'):
                stat = os.stat(folder + '/' + name)
                size = 0 if stat[0] & _FOLDER else stat[6]      # of a folder the port leaves it to chance
                total = (total * 31 + size + stat[8]) & 0x3fffffff
        except OSError:
            pass        # no such folder, or a file was removed meanwhile
    return total


def log(text):
    """Print a line and append it to the error log. Never raises."""
    print(text)
    try:
        with open(_LOGS[1], 'a') as file:
            file.write('%d.%d.%d %d:%d:%d ' % tuple(time.localtime()[:6]) + ' '.join(text.split()) + '\n')
        if os.stat(_LOGS[1])[6] > _MAX_LOG:
            os.rename(_LOGS[1], _LOGS[0])
    except OSError as e:
        print('[recovery] cannot log:', e)


def last_log_lines():
    """Return the newest lines of the error log."""
    lines = []
    for name in _LOGS:
        try:
            with open(name) as file:
                for line in file:
                    lines = lines[1 - _MAX_LINES:] + [line.rstrip()]
        except (OSError, ValueError):
            pass        # no such file, or a damaged one
    return lines


def _exists(path):
    try:
        os.stat(path)
    except OSError:
        return False
    return True


def _guarded(what, step, *args):
    """Call a step that may fail; returns None then, and says why."""
    try:
        return step(*args)
    except Exception as e:  # noqa: BLE001 - border: the other steps go on
        print('[recovery] %s: %s: %s' % (what, type(e).__name__, e))
        return None


def _mark(word):
    """Put a word for the loader into RTC memory, unless that is somebody else's."""
    try:
        memory = machine.RTC().memory
        if not memory() or memory().startswith(_MARK):
            memory(_MARK + word)
    except (AttributeError, OSError) as e:
        print('[recovery] RTC memory:', e)
