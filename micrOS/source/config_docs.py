"""What the configuration keys mean. Loaded only for `help <key>` and by the documentation generator."""

# key -> (a change needs a reboot, meaning)
MEANINGS = {
    'version': (False, 'Firmware version; written by the system at boot.'),
    'auth': (True, 'Ask shell clients for a password (`appwd`); `hello`, `version` and `exit` work without. '
                    'Ten wrong ones in a row lock an address out for 5 minutes, longer each further time.'),
    'staessid': (True, 'Name of the WiFi network to join; several are separated by `;` and tried in this order.'),
    'stapwd': (True, 'Its password; several are in the same order, separated by `;`. Shown masked.'),
    'devfid': (True, 'Friendly name of the node: prompt, DHCP host name `<devfid>.local`, name of its access point.'),
    'appwd': (True, 'Password of the node: shell login, access point, WebREPL. Shown masked.'),
    'maskpwd': (False, 'Show `stapwd` and `appwd` masked; false is for old tools and works while `auth` is off. '
                       'It hides them from a glance only: whoever reaches such a shell can switch it off.'),
    'dbg': (True, 'Print what happens on the console and let the progress LED blink.'),
    'nwmd': (True, 'Preferred network mode: STA (also n/a) joins `staessid`, AP offers a network named `devfid`. '
                   'STA offers it too while none of its networks is there.'),
    'hwuid': (False, 'Hardware id of the node; written by the system at boot.'),
    'soctout': (True, 'A shell session that is silent for so many seconds is closed.'),
    'socport': (True, 'TCP port of the shell; clients expect 9008.'),
    'sessions': (True, 'So many shell sessions at once; one more is told that the node is busy. '
                       'An ESP32 has about 10 sockets in all.'),
    'devip': (True, 'Wanted address in the network of `staessid`; the first from DHCP is kept. n/a asks DHCP anew.'),
    'cron': (True, 'Run `crontasks`.'),
    'crontasks': (False, 'Tasks by time, `WD:H:M:S!module function` or `sunset-15!module function`, separated by `;`, '
                         'or by `;;` if an entry has several commands. WD is 0 (Monday) to 6; `*` is any, `1-5` a '
                         'range, `8,20` a list. They run while the clock is right.'),
    'cronseq': (True, 'Period of cron, in ms.'),
    'timirq': (True, 'Run `timirqcbf` periodically.'),
    'timirqcbf': (True, 'Tasks of the periodic timer, `module function arguments`, separated by `;`.'),
    'timirqseq': (True, 'Period of the periodic timer in ms; also the step of timed transitions.'),
    'boothook': (True, 'Tasks that run at boot, before the network is there, separated by `;`.'),
    'utc': (False, 'Local time minus UTC, in minutes. The clock follows at once. See `utcauto`.'),
    'utcauto': (False, 'Ask ip-api.com at boot and each night for the offset, so that `utc` follows summer time. '
                       'false pins `utc`.'),
    'lat': (False, 'Latitude in degrees, north is positive, such as 47.4979, for `sunrise` and `sunset`. n/a here or '
                   'in `lon`: as ip-api.com has it.'),
    'lon': (False, 'Longitude in degrees, east is positive.'),
    'boostmd': (True, 'CPU clock: true is 240 MHz, false 80 MHz.'),
    'lm_max_s': (False, 'A Load Module call that takes longer, in seconds, is reported in the error log. '
                        'The node restarts if a call is refused because everything that blocks it has '
                        'run ten times as long.'),
    'irqmreq': (False, 'Free bytes that switching `timirq` on needs; `cron` needs twice, `irq1`..`irq4` 0.7 of it.'),
    'irq_prell_ms': (True, 'After an edge an input is deaf for so long, in ms, twice as long at most if it bounces.'),
    'peers': (False, 'Nodes that get our `appwd` when commands are sent to them and they ask for a password: '
                     '`<devfid>:<hwuid>`, as `hello` tells them, separated by `;`.'),
    'guimeta': (False, 'Widget layout of the client application; kept in a file of its own.'),
    'cstmpmap': (True, 'Name of a pin map `LP_<name>.py` or `.mpy` on the node, instead of the one of the board.'),
}

for _n in '1234':
    MEANINGS['irq' + _n] = (True, 'React to events on the logical pin `irq%s`.' % _n)
    MEANINGS['irq' + _n + '_cbf'] = (True, 'Tasks of `irq%s`, separated by `;`.' % _n)
    MEANINGS['irq' + _n + '_trig'] = (True, 'Edge of `irq%s`: up (also n/a), down or both.' % _n)
    MEANINGS['irq' + _n + '_pull'] = (True, 'Resistor of `irq%s`: down, up (for a button to ground) or none.' % _n)
