"""The configuration of the node: one flat JSON object in `node_config.json`.

The file is written only when something changed, and replaced atomically; the copy before it is kept
as `node_config.json.bak`. A damaged file is set aside as `node_config.json.bad`, reported in the
error log, and the copy is used. Keys that the firmware does not know are kept. `guimeta` lives in
`.guimeta.key`. All functions may be called from the loop and from worker threads.

    from ConfigHandler import cfgget, cfgput
    period_ms = cfgget('timirqseq')

Reading is done here; what touches the flash is in `config_store`, the keys are in `config_schema`.
"""

import cold
import locks
from Debug import errlog_add
from micropython import const

MASK = '********'
NOT_SET = 'n/a'         # the conventional empty text
EVENT_KEYS = ('timirq', 'cron', 'irq1', 'irq2', 'irq3', 'irq4')       # switch on what InterruptHandler runs
_OFFLOADED = const('...')
_LOCK_MS = const(10000)     # longer than any flash write


class Store:
    """The configuration in RAM and how it gets to the flash."""

    values = None         # dict, what the firmware uses; None before load()
    rejected = {}         # values of the file that break the schema, kept for the file
    is_dirty = False
    is_deferred = False   # writes wait for flush(), so that a boot writes once
    lock = locks.BoundedLock(_LOCK_MS)


def __getattr__(name):
    """Find `load`, `flush` and `put`, which are not resident."""
    return getattr(cold.load('config_store'), name)


def cfgget(key=None):
    """Return a value, or the dict of all for no key; None for an unknown key."""
    if Store.values is None:
        __getattr__('load')()
    if key is None:
        return Store.values
    value = Store.values.get(key)
    return __getattr__('read_offloaded')(key) if value == _OFFLOADED else value


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
    current = cfgget()[key]
    if (value == current and type(value) is type(current) and not type_check and key not in Store.rejected
            and value not in (_OFFLOADED, MASK)):
        return True
    try:
        __getattr__('put')(key, value, type_check)
    except (ValueError, OSError, MemoryError, ImportError) as e:
        errlog_add('cfgput %s error: %s' % (key, e))
        return False
    return True


def masked(key, value, is_certain=False):
    """Return value as it may be shown.

    Args:
        is_certain: True masks secrets even if `maskpwd` is false.
    """
    return MASK if key in ('stapwd', 'appwd') and (is_certain or cfgget('maskpwd')) else value
