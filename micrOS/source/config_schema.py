"""The configuration keys: type, default and allowed values. What they mean stands in config_docs.py. Cold.

Types are those of the defaults. The rule of a key is None (anything of its type), (minimum, maximum)
for an int, or the name of a function in CHECKS for a text. No text but `guimeta` may hold control
characters: a dump would hand them to other users' terminals.
"""

OFFLOADED = '...'       # default of a key whose value lives in a file of its own
NOT_SET = 'n/a'         # the conventional empty text
SECRETS = ('stapwd', 'appwd')
SYSTEM_KEYS = ('version', 'hwuid')     # only the firmware itself sets them

KEYS = (
    ('version', 'n/a', None),
    ('auth', False, None),
    ('staessid', 'your_wifi_name', 'ssids'),
    ('stapwd', 'your_wifi_passwd', 'passwords'),
    ('devfid', 'node01', 'name'),
    ('appwd', 'ADmin123', 'password'),
    ('maskpwd', True, None),
    ('dbg', True, None),
    ('nwmd', 'STA', 'mode'),
    ('hwuid', 'n/a', None),
    ('soctout', 100, (3, 86400)),
    ('socport', 9008, (1, 65535)),
    ('sessions', 12, (1, 16)),
    ('devip', 'n/a', 'address'),
    ('cron', False, None),
    ('crontasks', 'n/a', None),
    ('cronseq', 3000, (100, 3600000)),
    ('timirq', False, None),
    ('timirqcbf', 'n/a', None),
    ('timirqseq', 1000, (1, 3600000)),
    ('irq1', False, None),
    ('irq1_cbf', 'n/a', None),
    ('irq1_trig', 'n/a', 'edge'),
    ('irq1_pull', 'down', 'pull'),
    ('irq2', False, None),
    ('irq2_cbf', 'n/a', None),
    ('irq2_trig', 'n/a', 'edge'),
    ('irq2_pull', 'down', 'pull'),
    ('irq3', False, None),
    ('irq3_cbf', 'n/a', None),
    ('irq3_trig', 'n/a', 'edge'),
    ('irq3_pull', 'down', 'pull'),
    ('irq4', False, None),
    ('irq4_cbf', 'n/a', None),
    ('irq4_trig', 'n/a', 'edge'),
    ('irq4_pull', 'down', 'pull'),
    ('irq_prell_ms', 200, (0, 10000)),
    ('boothook', 'n/a', None),
    ('utc', 60, (-720, 840)),
    ('utcauto', True, None),
    ('lat', 'n/a', 'latitude'),
    ('lon', 'n/a', 'longitude'),
    ('boostmd', True, None),
    ('lm_max_s', 30, (1, 3600)),
    ('irqmreq', 6000, (0, 8000000)),
    ('guimeta', OFFLOADED, None),
    ('cstmpmap', 'n/a', 'map'),
    ('peers', 'n/a', 'peers'),
)

_MAX_NAME = 32          # bytes: limit of an SSID (IEEE 802.11) and of network.hostname
_FORBIDDEN = ':;$/"\\'  # in a device name: `hello` is split at `:`, a prompt is found by ` $`


def _is_name(text):
    return (0 < len(text.encode()) <= _MAX_NAME and text == text.strip()
            and all(c > '\x1f' and c not in _FORBIDDEN for c in text))


def _is_ssids(text):
    return all(0 < len(ssid.strip().encode()) <= _MAX_NAME for ssid in text.split(';'))


def _is_passwords(text):
    return all(len(password.strip().encode()) <= 64 for password in text.split(';'))


def _is_address(text):
    if text.lower() == NOT_SET:
        return True
    parts = text.split('.')
    return len(parts) == 4 and all(_is_octet(part) for part in parts)


def _is_octet(text):
    return 0 < len(text) <= 3 and all(c in '0123456789' for c in text) and int(text) <= 255


def _is_peers(text):
    return text.lower() == NOT_SET or all(_is_peer(peer.strip()) for peer in text.split(';'))


def _is_peer(text):
    name, _, uid = text.partition(':')
    return _is_name(name) and _is_name(uid)


def _is_map(text):
    return text == NOT_SET or (0 < len(text) <= _MAX_NAME and all(
        c == '_' or '0' <= c <= '9' or 'a' <= c <= 'z' or 'A' <= c <= 'Z' for c in text))


def _is_degrees(text, limit):
    digits = text[1:] if text[:1] == '-' else text
    parts = digits.split('.')
    return text == NOT_SET or (len(parts) <= 2 and len(text) < 16 and all(
        part and all(c in '0123456789' for c in part) for part in parts) and float(digits) <= limit)


# name of a rule -> (test, what is expected)
CHECKS = {
    'name': (_is_name, '1..32 bytes without ' + _FORBIDDEN),
    'ssids': (_is_ssids, 'names of 1..32 bytes, separated by ;'),
    'passwords': (_is_passwords, 'passwords of at most 64 bytes, separated by ;'),
    'password': (lambda text: len(text) in (8, 9) and len(text.encode()) == len(text), '8 or 9 ASCII characters'),
    'mode': (lambda text: text.upper() in ('STA', 'AP', 'N/A'), 'STA or AP'),
    'edge': (lambda text: text.strip().lower() in ('n/a', 'up', 'down', 'both'), 'up, down or both'),
    'pull': (lambda text: text.lower() in ('up', 'down', 'none'), 'up, down or none'),
    'peers': (_is_peers, 'name:hwuid of nodes, separated by ;, or n/a'),
    'address': (_is_address, 'an IPv4 address or n/a'),
    'latitude': (lambda text: _is_degrees(text, 90), '-90..90 or n/a'),
    'longitude': (lambda text: _is_degrees(text, 180), '-180..180 or n/a'),
    'map': (_is_map, 'name of a pin map, or n/a'),
}


def defaults():
    """Return a new dict of all keys with their defaults."""
    return {key: default for key, default, _rule in KEYS}


def ordered(keys):
    """Return keys, those of the schema first in its order, then the others sorted."""
    known = [key for key, _default, _rule in KEYS]
    return known + sorted([key for key in keys if key not in known])


def expected(key):
    """Return in words which values key takes, or '' if it is not known."""
    for name, default, rule in KEYS:
        if name == key:
            return _expected(default, rule)
    return ''


def problem(key, value):
    """Return what is wrong with a value, or None.

    Args:
        key: str; a key that is not in KEYS takes anything but control characters.
        value: of any type.

    Returns:
        str such as `socport: 1..65535 expected`, or None.
    """
    for name, default, rule in KEYS:
        if name == key:
            good = type(value) is type(default) and _obeys(rule, value)
            if not good:
                return key + ': ' + _expected(default, rule) + ' expected'
            if default == OFFLOADED:
                return None
    if isinstance(value, str) and any(_is_control(c) for c in value):
        return key + ': a text without control characters expected'
    return None


def convert(key, text, current):
    """Turn what a user typed into a value of the type of current, and check it.

    Raises:
        ValueError: with the text of `problem`.
    """
    value = text
    if isinstance(current, bool):
        value = {'true': True, 'false': False}.get(text.lower())
    elif isinstance(current, int):
        value = _to_int(text)
    elif isinstance(current, float):
        try:
            value = float(text)
        except ValueError:
            value = None
    if value is None:
        raise ValueError(key + ': ' + (expected(key) or _expected(current, None)) + ' expected')
    wrong = problem(key, value)
    if wrong:
        raise ValueError(wrong)
    return value


def _is_control(char):
    """True for C0, DEL and C1 (of which terminals take 0x9b for the start of a sequence)."""
    return char < ' ' or '\x7f' <= char <= '\x9f'


def _obeys(rule, value):
    if rule is None:
        return True
    if isinstance(rule, str):
        return CHECKS[rule][0](value)
    return rule[0] <= value <= rule[1]


def _expected(default, rule):
    if isinstance(default, bool):
        return 'true or false'
    if isinstance(rule, str):
        return CHECKS[rule][1]
    if rule is not None:
        return '%d..%d' % rule
    return {int: 'a whole number', float: 'a number'}.get(type(default), 'a text')


def _to_int(text):
    digits = text[1:] if text[:1] in ('+', '-') else text
    if 0 < len(digits) <= 18 and all(c in '0123456789' for c in digits):
        return int(text)
    return None
