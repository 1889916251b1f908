"""How the configuration gets from the flash and to it. Cold: for ConfigHandler, which holds it."""

import json
import os

import cold
import hal
from ConfigHandler import MASK, Store, cfgget
from Debug import errlog_add
from micropython import const

_FILE = const('node_config.json')
_COPY = const('node_config.json.bak')
_DAMAGED = const('node_config.json.bad')
_PURGE_FLAG = const('cleanup.pds')
_MAX_BYTES = const(16384)     # of a configuration file; more is none of ours


def load(is_deferred=False):
    """Read the configuration.

    Args:
        is_deferred: True keeps changes in RAM until `flush()`, so that a boot writes once.
    """
    schema = cold.load('config_schema')
    with Store.lock:
        Store.is_deferred = True
        found, is_copy = _read()
        Store.is_dirty = found is None or is_copy
        _merge(schema, found or {})
        # half-written files are removed: they hold passwords, and nobody reads them
        hal.remove_leftover(_FILE)
        for key, default, _rule in schema.KEYS:
            if default == schema.OFFLOADED:
                hal.remove_leftover(_key_file(key))
    if not is_deferred:
        flush()


def flush():
    """Write what changed since `load()`, and write each later change at once.

    Returns:
        bool: False if the flash refused; the error log says why.
    """
    with Store.lock:
        Store.is_deferred = False
        try:
            if Store.is_dirty:
                _write(cold.load('config_schema'), Store.values, Store.rejected)
        except OSError as e:
            errlog_add('write_cfg_file error: ' + str(e))
            return False
    return True


def put(key, value, type_check=False):
    """Set a value and save it; like `ConfigHandler.cfgput`, but says why it fails.

    Args:
        type_check: True converts a text.

    Raises:
        KeyError: unknown key.
        ValueError: the value breaks the schema or is a mask or placeholder.
        OSError: the flash refused.
    """
    current = cfgget()[key]
    schema = cold.load('config_schema')
    if type_check and isinstance(value, str):
        value = schema.convert(key, value, current)
    if value == schema.OFFLOADED:
        raise ValueError(key + ': ... is reserved')
    if key in schema.SECRETS and value == MASK:
        raise ValueError(key + ': this is the mask, not a password')
    with Store.lock:
        current = Store.values[key]
        if current == schema.OFFLOADED:
            if not isinstance(value, str):
                raise ValueError(key + ': a text expected')
            if hal.read_file(_key_file(key)) != value:
                hal.replace_file(_key_file(key), value)
        elif value != current or type(value) is not type(current) or key in Store.rejected:
            _put(schema, key, value, current)


def read_offloaded(key):
    """Return the value of a key that has a file of its own; `n/a` if it cannot be read."""
    try:
        value = hal.read_file(_key_file(key))
    except (OSError, UnicodeError) as e:
        errlog_add('cfgget %s error: %s' % (key, e))
        value = None
    return 'n/a' if value is None else value.strip()


def _put(schema, key, value, current):
    wrong = schema.problem(key, value)
    if wrong:
        raise ValueError(wrong)
    changed = dict(Store.values)
    changed[key] = value
    rejected = {k: v for k, v in Store.rejected.items() if k != key}
    if Store.is_deferred:
        Store.is_dirty = True
    else:
        _write(schema, changed, rejected)
    Store.values, Store.rejected = changed, rejected
    if key == 'utc':
        _shift_clock(value - current)


def _shift_clock(minutes):
    """Have the clock show UTC plus `utc` again."""
    try:
        hal.shift_rtc(minutes * 60)
    except Exception as e:  # noqa: BLE001 - border: in recovery mode any file may be broken, and the value is saved
        errlog_add('clock: %s' % e)


def _key_file(key):
    return '.' + key + '.key'


def _write(schema, values, rejected):
    """Write all values in one line, in a fixed order; what the schema rejected as it was found."""
    items = []
    for key in schema.ordered(values):
        value = rejected[key] if key in rejected else values[key]
        items.append(json.dumps(key) + ': ' + json.dumps(value))
    hal.replace_file(_FILE, '{' + ', '.join(items) + '}', keep=_COPY)
    Store.is_dirty = False


def _read():
    """Find a good configuration file.

    Returns:
        (dict or None, bool): what was found, and whether it is the copy.
    """
    found = _parse(_FILE)
    if isinstance(found, dict):
        return found, False
    copy = _parse(_COPY)
    if found is None and copy is None:
        return None, False       # first boot
    if found is not None:
        errlog_add('read_cfg_file error: %s is damaged (%s), kept as %s' % (_FILE, found, _DAMAGED))
        try:
            os.rename(_FILE, _DAMAGED)
        except OSError as e:
            errlog_add('read_cfg_file error: ' + str(e))
    if isinstance(copy, dict):
        errlog_add('read_cfg_file: last good copy used')
        return copy, True
    errlog_add('read_cfg_file error: no good copy, defaults used')
    return None, False


def _parse(path):
    """Return the dict in a file, None if there is no file, or a text saying what is wrong."""
    try:
        text = hal.read_file(path, _MAX_BYTES + 1)
        if text is None:
            return None
        if len(text) > _MAX_BYTES:
            return 'too large'
        found = json.loads(text)
    except (OSError, ValueError, MemoryError, RuntimeError) as e:     # RuntimeError: nested too deeply
        return str(e) or 'unreadable'
    return found if isinstance(found, dict) else 'no object'


def _merge(schema, found):
    """Overlay the values of the file on the defaults."""
    values = schema.defaults()
    purge = hal.remove_file(_PURGE_FLAG)
    Store.rejected = {}
    for key, value in found.items():
        if key not in values:
            if purge:
                Store.is_dirty = True
            else:
                values[key] = value
            continue
        wrong = schema.problem(key, value)
        if wrong:
            errlog_add('read_cfg_file error: ' + wrong)
        if wrong and not (isinstance(value, str) and isinstance(values[key], str) and key != 'devfid'):
            Store.rejected[key] = value
        elif values[key] != schema.OFFLOADED:
            values[key] = value
    Store.values = values
