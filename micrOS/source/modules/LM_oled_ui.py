"""Status pages on the OLED."""

import gc
import sys
import time

import hal
import LM_oled
import Network
from ConfigHandler import cfgget
from micropython import const

_COMMANDS = const(('next', 'prev', 'on', 'off'))
_ROWS = const(4)            # of a page, 9 pixels each, below its title
_LINE = const(16)           # characters
_BOX_LINE = const(10)
_WEAKEST_DBM = const(-91)


class _Ui:
    """What is shown."""

    page = 0
    message = ''
    redraws = 0


async def _display():
    """Return the display to draw on; switched on if it is new, or did not answer and is back."""
    if not LM_oled.displays or not LM_oled.displays[0].is_ready:
        await LM_oled.poweron()
    return LM_oled.displays[0]


async def sys_page():
    """Draw name, address, free memory and version."""
    display = await _display()
    free = gc.mem_free()
    for y, text in ((15, cfgget('devfid')), (25, ('  ' + cfgget('devip'))[-_LINE:]),
                    (35, '  %dkb %db' % (free // 1000, free % 1000)), (45, '  V: ' + cfgget('version'))):
        display.text(text, 0, y)
    return True


async def intercon_cache():
    """Draw the nodes that commands were sent to; more than four take turns."""
    display = await _display()
    display.text('InterCon cache', 0, 15)
    intercon = sys.modules.get('InterConnect')      # not loaded: nothing was sent
    nodes = sorted(intercon.dump_cache().items()) if intercon else []
    if not nodes:
        display.text('Empty', 40, 35)
    first = _Ui.redraws % max(1, (len(nodes) + _ROWS - 1) // _ROWS) * _ROWS
    for row, (name, address) in enumerate(nodes[first:first + _ROWS]):
        end = '.'.join(address.split('.')[2:]) if address else '?'
        display.text(' %s %s' % (end, name.split('.')[0]), 0, 24 + 9 * row)
    return True


async def micros_welcome():
    """Draw the name of the firmware."""
    (await _display()).text('micrOS GUI', 20, 30)
    return True


async def adc_page():
    """Draw what the pin `genadc` measures."""
    display = await _display()
    import LogicalPins
    from Common import SmartADC
    try:
        LogicalPins.bind('genadc', 'oled_ui')
        measured = SmartADC.get_singleton('genadc').get()
    except ValueError:
        display.text('genadc: ' + ('no pin' if LogicalPins.physical_pin('genadc') is None else 'in use'), 0, 30)
        return True
    side = max(1, round(measured['percent'] / 2))
    display.rect(0, 9, side, side, 1, True)
    for size in range(5, 55, 5):
        display.rect(0, 9, size, size, size > side)
    display.text('%s %%' % measured['percent'], 65, 20)
    display.text('%s V' % measured['volt'], 65, 40)
    return True


async def pageui():
    """Draw all anew and show it."""
    display = await _display()
    _Ui.redraws += 1
    display.fill(0)
    if _Ui.message:
        _draw_message(display)
    if display.is_on:
        _draw_header(display)
        for index in range(len(_PAGES)):
            display.rect(32 * index, 60, 31, 4, 1)
        display.rect(32 * _Ui.page + 1, 61, 30, 2, 1)
        if not _Ui.message:
            await _PAGES[_Ui.page]()
        await LM_oled.show()


async def control(cmd='next'):
    """Turn the page or switch the display on or off."""
    if cmd not in _COMMANDS:
        return 'Invalid command %s! Hint: %s' % (cmd, _COMMANDS)
    if cmd == 'on':
        await LM_oled.poweron()
        return await pageui()
    if cmd == 'off':
        await LM_oled.poweroff()
        return None
    _Ui.page = (_Ui.page + (1 if cmd == 'next' else -1)) % len(_PAGES)
    _Ui.message = ''
    await pageui()
    return _Ui.page


async def msgbox(msg='micrOS msg'):
    """Show a message until the page is turned."""
    _Ui.message = str(msg)
    await LM_oled.poweron()
    await pageui()
    return 'Show msg'


def _draw_header(display):
    hour, minute, second = time.localtime()[3:6]
    mode = Network.ifconfig()[0]
    display.text('%s   %02d:%02d:%02d' % (mode[:1] or '0', hour, minute, second), 0, 0)
    if mode == 'STA' and Network.is_connected():
        display.line(118, 8, 120, 8, 1)
        display.line(110, 1, 128, 1, 1)
        bars = round((hal.station().status('rssi') - _WEAKEST_DBM) / 30 * 8)
        for k in range(min(bars, 8)):
            display.line(118 - k, 8 - k, 120 + k, 8 - k, 1)


def _draw_message(display):
    text = _Ui.message
    display.rect(10, 15, 108, 40, 1)
    is_full = _Ui.redraws % 2 == 0
    display.rect(106, 17, 9, 5, 1, is_full)
    display.rect(106, 24, 9, 9, 1, is_full)
    if len(text) > _BOX_LINE:
        display.text(text[:_BOX_LINE], 15, 25)
        text = text[_BOX_LINE:]
    display.text(text if len(text) <= 12 else text[:11], 15, 40)


_PAGES = (sys_page, intercon_cache, micros_welcome, adc_page)


def lmdep():
    """Return the Load Module that is needed."""
    return 'oled'


def help():
    """Return how to use this module."""
    return ('pageui', 'control next/prev/on/off', 'msgbox "msg"', 'INFO: OLED Module for SSD1306')
