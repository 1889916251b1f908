"""Forgets a Load Module. Cold, see `cold`."""

import sys

import hal
import LogicalPins
from Debug import errlog_add
from results import error_text


def unload(name):
    """Forget a Load Module; False if it was not loaded.

    State that waits to be saved is saved, so that the module finds it when it is loaded again; its function
    `deinit()` is called if it has one, its booked pins are freed, and timers, PWM outputs and
    interrupts that `hal` started for it or that stand in its global names are stopped. Modules that imported names
    from it keep these.

    Args:
        name: str, `rgb`.
    """
    for save in list(hal.at_reset.values()):
        save()
    module = sys.modules.get('LM_' + name)
    if module is not None and hasattr(module, 'deinit'):
        try:
            module.deinit()
        except BaseException as e:  # noqa: BLE001 - border: a Load Module's own code
            errlog_add('LM_%s deinit error: %s' % (name, error_text(e)))
    LogicalPins.release(name)
    hal.release(name, module)
    return sys.modules.pop('LM_' + name, None) is not None
