"""The configuration of the node: one flat JSON object in `node_config.json`.

The file is written only when something changed, and replaced atomically; the copy before it is kept
as `node_config.json.bak`. A damaged file is set aside as `node_config.json.bad`, reported in the
error log, and the copy is used. Keys that the firmware does not know are kept. `guimeta` lives in
`.guimeta.key`. All functions may be called from the loop and from worker threads.

    from ConfigHandler import cfgget, cfgput
    period_ms = cfgget('timirqseq')
"""

import json
import os

import config_schema
import hal
import locks
from config_schema import OFFLOADED, SECRETS
from Debug import errlog_add

MASK = '********'
_FILE = 'node_config.json'
_COPY = 'node_config.json.bak'
_DAMAGED = 'node_config.json.bad'
_PURGE_FLAG = 'cleanup.pds'
_MAX_BYTES = 16384     # of a configuration file; more is none of ours
_LOCK_MS = 10000       # longer than any flash write


class _Store:
    """The configuration in RAM and how it gets to the flash."""

    def __init__(self):
        self.values = None         # dict, what the firmware uses; None before load()
        self.rejected = {}         # values of the file that break the schema, kept for the file
        self.is_dirty = False
        self.is_deferred = False   # writes wait for flush(), so that a boot writes once
        self.lock = locks.BoundedLock(_LOCK_MS)


_store = _Store()


def load(is_deferred=False):
    """Read the configuration.

    Args:
        is_deferred: True keeps changes in RAM until `flush()`, so that a boot writes once.
    """
    with _store.lock:
        _store.is_deferred = True
        found, is_copy = _read()
        _store.is_dirty = found is None or is_copy
        _merge(found or {})
        _clean_up()
    if not is_deferred:
        flush()


def flush():
    """Write what changed since `load()`, and write each later change at once.

    Returns:
        bool: False if the flash refused; the error log says why.
    """
    with _store.lock:
        _store.is_deferred = False
        try:
            if _store.is_dirty:
                _write(_store.values, _store.rejected)
        except OSError as e:
            errlog_add('write_cfg_file error: ' + str(e))
            return False
    return True


def cfgget(key=None):
    """Return a value, or the dict of all for no key; None for an unknown key."""
    values = _values()
    if key is None:
        return values
    value = values.get(key)
    if value == OFFLOADED:
        try:
            value = hal.read_file(_key_file(key))
        except (OSError, UnicodeError) as e:
            errlog_add('cfgget %s error: %s' % (key, e))
            value = None
        return config_schema.NOT_SET if value is None else value.strip()
    return value


def cfgput(key, value, type_check=False):
    """Set a value and save it.

    Args:
        key: str.
        value: of the key's type; with type_check also a text that is converted to it.

    Returns:
        bool: False if the value does not fit or cannot be saved; RAM and flash are unchanged then.

    Raises:
        KeyError: unknown key.
    """
    try:
        put(key, config_schema.convert(key, value, _values()[key])
            if type_check and isinstance(value, str) else value)
    except (ValueError, OSError) as e:
        errlog_add('cfgput %s error: %s' % (key, e))
        return False
    return True


def put(key, value):
    """Set a value of the right type and save it; like `cfgput`, but says why it fails.

    Raises:
        KeyError: unknown key.
        ValueError: the value breaks the schema or is a mask or placeholder.
        OSError: the flash refused.
    """
    current = _values()[key]
    if value == OFFLOADED:
        raise ValueError(key + ': ... is reserved')
    if key in SECRETS and value == MASK:
        raise ValueError(key + ': this is the mask, not a password')
    with _store.lock:
        if current == OFFLOADED:
            _put_offloaded(key, value)
        elif value != current or type(value) is not type(current) or key in _store.rejected:
            _put(key, value)


def masked(key, value, is_certain=False):
    """Return value as it may be shown.

    Args:
        is_certain: True masks secrets even if `maskpwd` is false.
    """
    return MASK if key in SECRETS and (is_certain or cfgget('maskpwd')) else value


def ordered_keys():
    """Return all keys: those of the schema in its order, then the others sorted."""
    known = [key for key, _default, _rule in config_schema.KEYS]
    return known + sorted([key for key in _values() if key not in known])


def _values():
    if _store.values is None:
        load()
    return _store.values


def _put(key, value):
    wrong = config_schema.problem(key, value)
    if wrong:
        raise ValueError(wrong)
    changed = dict(_store.values)
    changed[key] = value
    rejected = {k: v for k, v in _store.rejected.items() if k != key}
    if _store.is_deferred:
        _store.is_dirty = True
    else:
        _write(changed, rejected)
    _store.values, _store.rejected = changed, rejected


def _put_offloaded(key, value):
    if not isinstance(value, str):
        raise ValueError(key + ': a text expected')
    if hal.read_file(_key_file(key)) != value:
        hal.replace_file(_key_file(key), value)


def _key_file(key):
    return '.' + key + '.key'


def _write(values, rejected):
    """Write all values in one line, in a fixed order; what the schema rejected as it was found."""
    items = []
    for key in ordered_keys():
        value = rejected[key] if key in rejected else values[key]
        items.append(json.dumps(key) + ': ' + json.dumps(value))
    hal.replace_file(_FILE, '{' + ', '.join(items) + '}', keep=_COPY)
    _store.is_dirty = False


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
        _set_aside()
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


def _clean_up():
    """Remove half-written files: they hold passwords, and nobody reads them."""
    hal.remove_leftover(_FILE)
    for key, default, _rule in config_schema.KEYS:
        if default == OFFLOADED:
            hal.remove_leftover(_key_file(key))


def _set_aside():
    try:
        os.rename(_FILE, _DAMAGED)
    except OSError as e:
        errlog_add('read_cfg_file error: ' + str(e))


def _merge(found):
    """Overlay the values of the file on the defaults."""
    values = config_schema.defaults()
    purge = hal.remove_file(_PURGE_FLAG)
    _store.rejected = {}
    for key, value in found.items():
        if key not in values:
            if purge:
                _store.is_dirty = True
            else:
                values[key] = value
            continue
        wrong = config_schema.problem(key, value)
        if wrong:
            errlog_add('read_cfg_file error: ' + wrong)
        if wrong and not (isinstance(value, str) and isinstance(values[key], str) and key != 'devfid'):
            _store.rejected[key] = value
        elif values[key] != OFFLOADED:
            values[key] = value
    _store.values = values
