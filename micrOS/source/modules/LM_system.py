"""The node itself: state, clock, files, network, error log."""

import gc
import os
import sys
import time

import cold
import ConfigHandler
import Debug
import hal
import InterpreterCore
import LogicalPins
import Network
from Common import socket_stream
from Debug import console_write

_MODULE_FOLDERS = ('/', '/modules')

# dBm above which a signal deserves its name
_SIGNAL = ((-67, 'Amazing'), (-70, 'VeryGood'), (-80, 'Okay'), (-90, 'NotGood'))


@socket_stream
def info(msgobj=None):
    """Stream clock frequency, memory, flash, MicroPython version, board and MAC."""
    free = hal.free_memory()
    uname = os.uname()
    msgobj('CPU clock: %d [MHz]' % (hal.cpu_hz() // 1000000))
    msgobj('Free RAM: %d kB %d byte' % (free // 1024, free % 1024))
    msgobj('Free fs: %d %%' % hal.free_flash_percent())
    msgobj('upython: ' + uname[3])
    msgobj('board: ' + uname[4])
    msgobj('mac: ' + Network.get_mac())
    return ''


def gclean():
    """Collect garbage."""
    gc.collect()
    return {'GC MemFree[byte]': gc.mem_free()}


def heartbeat():
    """Show that the node lives."""
    console_write('<3 heartbeat <3')
    return '<3 heartbeat <3'


def clock():
    """Return date, time, weekday (Monday = 0) and day of the year."""
    year, month, mday, hour, minute, second, weekday, yearday = time.localtime()[:8]
    return '%d.%d.%d  %d:%d:%d\nWD: %d YD: %d' % (year, month, mday, hour, minute, second, weekday, yearday)


def setclock(year, month, mday, hour, min, sec):
    """Set the clock; returns the local time."""
    cold.call('Time', 'settime', year, month, mday, hour, min, sec)
    return time.localtime()


def ntp():
    """Set the clock from the network; returns (success, local time)."""
    return cold.call('Time', 'ntptime'), time.localtime()


def sun(refresh=False):
    """Return when the sun rises and sets today, {'sunrise': (h, m, s), ...}; `refresh` asks the network where."""
    if refresh:
        cold.call('geolocation', 'refresh')
    return cold.call('place', 'today')


async def uptime():
    """Return how long the node has been up."""
    minutes, second = divmod(Network.state.now(), 60)
    return '%d days %d:%02d:%02d' % (minutes // 1440, minutes // 60 % 24, minutes % 60, second)


def module(unload=None):
    """List the loaded modules, or forget a Load Module so that it is loaded anew."""
    if unload is None:
        return sorted(sys.modules)
    is_done = InterpreterCore.unload(unload) if unload.startswith('LM_') else False
    return 'Module unload %s %s.' % (unload, 'done' if is_done else 'failed')


@socket_stream
def cachedump(cdel=None, msgobj=None):
    """Stream the state files of Load Modules, or delete one (`rgb` or `rgb.pds`)."""
    if cdel is not None:
        name = cdel[:-4] if cdel.endswith('.pds') else cdel
        is_there = '/' not in name and hal.remove_file(name + '.pds')
        return '%s.pds %s' % (name, 'delete done.' if is_there else 'not exists')
    for file in hal.list_folder(''):
        if file.endswith('.pds'):
            msgobj('%s: %s' % (file, hal.read_file(file)))
    return ''


def rssi():
    """Return the strength of the WiFi signal, {name: dBm}; an error if there is none to measure."""
    mode = Network.ifconfig()[0]
    if mode == 'AP':
        raise OSError('access point mode: no signal to measure')
    if not Network.is_connected():
        raise OSError('not connected to a WiFi network')
    dbm = hal.station().status('rssi')
    for limit, name in _SIGNAL:
        if dbm > limit:
            return {name: dbm}
    return {'Unusable': dbm}


@socket_stream
def lmpacman(lm_del=None, msgobj=None):
    """Stream the files of Load Modules, or delete one (`rgb.py`)."""
    if lm_del is not None:
        return _delete_module(lm_del[3:] if lm_del.startswith('LM_') else lm_del)
    for folder in _MODULE_FOLDERS:
        for file in hal.list_folder(folder):
            if file.startswith('LM_') and file.endswith('py'):
                msgobj('   ' + file[3:])
    return ''


def _delete_module(file):
    if 'system.' in file:
        return 'Load module %s is in use, skip delete.' % file
    is_named = file.endswith('.py') or file.endswith('.mpy')
    if is_named and '/' not in file:
        for folder in _MODULE_FOLDERS:
            if hal.remove_file(folder + '/LM_' + file):
                return 'Delete module: ' + file
    return 'Load module %s not exists' % file


def pinmap(key='builtin'):
    """Return the GPIO of a logical pin and the name of the pin map."""
    return {key: LogicalPins.physical_pin(key), 'pinmap': LogicalPins.get_pinmap()}


def ha_sta():
    """Restart the node if it should be in a WiFi network but is not; made for cron."""
    mode = ConfigHandler.cfgget('nwmd')
    if mode == 'STA' and not Network.is_connected():
        hal.reset()
    return mode + ' mode, OK'


@socket_stream
def alarms(clean=False, test=False, msgobj=None):
    """Stream the error log and return how many errors are in it; `clean` empties it first, `test` adds a line."""
    if clean:
        Debug.errlog_clean()        # not imported by name: that would keep its cold file in memory
    if test:
        Debug.errlog_add('TeSt ErRoR')
    if ConfigHandler.cfgget('appwd') == cold.load('config_schema').defaults()['appwd']:
        msgobj('[WARN] appwd is the factory password: set another one')
    count = Debug.errlog_get(msgobj)
    return {'NOK alarm' if count else 'OK alarm': count}


def events():
    """Return how often the timer and the inputs came, and how many events were merged as commands still ran."""
    handler = sys.modules.get('InterruptHandler')
    return handler.counts() if handler else {}


def ifconfig():
    """Return (mode, (ip, mask, gateway, dns))."""
    return Network.ifconfig()


def help():
    """Return how to use this module."""
    return ('info', 'gclean', 'heartbeat', 'clock', 'setclock year month mday hour min sec', 'ntp',
            'sun refresh=False', 'uptime', 'module unload="LM_rgb/None"', 'rssi', 'cachedump cdel="rgb/None"',
            'lmpacman lm_del="rgb.py/None"', 'pinmap key="dhtpin/None"', 'ha_sta',
            'alarms clean=False test=False', 'events', 'ifconfig')
