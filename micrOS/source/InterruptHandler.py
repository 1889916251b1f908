"""Events that make a node act by itself: the periodic timer, cron's timer, and four event inputs.

An interrupt only counts and sets a flag; a task of the loop runs the commands. Events that come while the
commands of the last one still run are not queued: the commands run once more.
"""

import asyncio
import time

import ConfigHandler
import hal
import InterpreterCore
import LogicalPins
from config_schema import NOT_SET
from Debug import errlog_add
from results import error_text

_TIMIRQ_TIMER = 0
_CRON_TIMER = 1
_DEBOUNCE_MS = 200          # after an event its own input is deaf for so long
_EMERGENCY_BYTES = 1000
_IRQ_KEYS = ('irq1', 'irq2', 'irq3', 'irq4')
# key -> share of `irqmreq` that must be free to switch it on
_MEMORY_SHARE = {'timirq': 1, 'cron': 2, 'irq1': 0.7, 'irq2': 0.7, 'irq3': 0.7, 'irq4': 0.7}


def missing_memory(key):
    """Return the free memory, bytes, if it is too little to switch key (of EVENT_KEYS) on, else None."""
    free = hal.free_memory()
    return free if free < int(ConfigHandler.cfgget('irqmreq') * _MEMORY_SHARE[key]) else None


def enable_pins():
    """Start the event inputs that the configuration asks for; what fails is logged."""
    for key in _IRQ_KEYS:
        if ConfigHandler.cfgget(key):
            try:
                _Input(key)
            except (ValueError, OSError) as e:
                errlog_add('external_interrupt_handler error: %s: %s' % (key, e))


def enable_timers():
    """Start the periodic timer and cron if the configuration asks for them; what fails is logged."""
    for key, begin in (('timirq', _start_timirq), ('cron', _start_cron)):
        if ConfigHandler.cfgget(key):
            try:
                begin()
            except (ValueError, OSError, ImportError) as e:
                errlog_add('interrupt_handler error: %s: %s' % (key, e))


def reserve_exception_buffer():
    """Let exceptions in interrupts be told."""
    hal.reserve_exception_buffer(_EMERGENCY_BYTES)


class Source:
    """Something that happens, and what is done about it.

    Args:
        action: async function without arguments.
    """

    def __init__(self, action):
        self._action = action
        self._flag = asyncio.ThreadSafeFlag()
        self._task = asyncio.create_task(self._serve())

    def fire(self, _source=None):
        """Note an event; for interrupts."""
        self._flag.set()

    async def _serve(self):
        while True:
            await self._flag.wait()
            try:
                await self._action()
            except Exception as e:  # noqa: BLE001 - border: the next event is served all the same
                errlog_add('interrupt_handler error: ' + error_text(e))


def _tasks(key, source):
    """Return an action that runs the commands of a configuration key."""
    tasks = ConfigHandler.cfgget(key)

    async def run():
        await InterpreterCore.execute_pipe(tasks, source)
    return run


def _start_timirq():
    source = Source(_tasks('timirqcbf', 'timirq'))
    hal.start_timer(_TIMIRQ_TIMER, ConfigHandler.cfgget('timirqseq'), source.fire, 'timirq')


def _start_cron():
    if ConfigHandler.cfgget('crontasks').lower() == NOT_SET:
        return
    import Scheduler  # cold: only with cron
    cron = Scheduler.Cron(ConfigHandler.cfgget('crontasks'))
    hal.start_timer(_CRON_TIMER, ConfigHandler.cfgget('cronseq'), Source(cron.tick).fire, 'cron')


class _Input:
    """An event input with its own debouncing."""

    def __init__(self, key):
        gpio = LogicalPins.physical_pin(key)
        if gpio is None:
            raise ValueError('this board has no pin ' + key)
        self._source = Source(_tasks(key + '_cbf', key))
        self._last_ms = None
        trigger = ConfigHandler.cfgget(key + '_trig').strip().lower()
        hal.start_irq(gpio, 'up' if trigger == NOT_SET else trigger, self._on_edge, key)

    def _on_edge(self, _pin):
        now = time.ticks_ms()
        if self._last_ms is None or time.ticks_diff(now, self._last_ms) > _DEBOUNCE_MS:
            self._last_ms = now
            self._source.fire()
