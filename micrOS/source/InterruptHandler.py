"""Events that make a node act by itself: the periodic timer, cron's timer, and four event inputs.

An interrupt only counts and sets a flag; a task of the loop runs the commands. Events that come while the
commands of the last one still run are merged: the commands run once more. `counts()` tells how many were.

An input listens to both edges, whichever it waits for. Its first edge is an event at once if it is the right one.
Then the input is deaf for `irq_prell_ms`, longer while it still bounces, and looks where the level came to rest: so
neither press nor release counts twice, however both bounce, and what changed meanwhile is not lost.
"""

import asyncio
import pipes
import time

import ConfigHandler
import hal
import literals
import LogicalPins
from Debug import errlog_add
from micropython import const
from results import error_text

_TIMIRQ_TIMER = const(0)
_CRON_TIMER = const(1)
_QUIET_MS = const(20)       # an input that had an edge so recently has not come to rest
_EMERGENCY_BYTES = const(1000)
_IRQ_KEYS = ('irq1', 'irq2', 'irq3', 'irq4')
_WANTED = {'down': (0,), 'both': (0, 1)}    # levels whose arrival is an event

_sources = {}               # name -> Source


def enable_pins():
    """Start the event inputs that the configuration asks for; what fails is logged."""
    for key in _IRQ_KEYS:
        if ConfigHandler.cfgget(key):
            try:
                _Input(key)
            except (ValueError, KeyError, OSError) as e:
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


def counts():
    """Return {name: text} of the events since the start, and how many of them were merged with others."""
    return {name: '%d, %d merged' % (_sources[name].count, _sources[name].merged) for name in sorted(_sources)}


class Source:
    """Something that happens, and what is done about it.

    Args:
        action: async function.
        name: str, for `counts()` and the log; '' if it does not matter how often it happens.
        args: tuple, for the action.

    Attributes:
        count: events so far.
        merged: of these, how many had no run of the action of their own.
    """

    def __init__(self, action, name='', args=()):
        self.count = 0
        self.merged = 0
        self._action = action
        self._args = args
        self._name = name
        self._flag = asyncio.ThreadSafeFlag()
        if name:
            _sources[name] = self
        asyncio.create_task(self._serve())

    def fire(self, _source=None):
        """Note an event; for interrupts."""
        self.count += 1
        self._flag.set()

    async def _serve(self):
        seen = 0
        while True:
            await self._flag.wait()
            count = self.count      # read once: an interrupt may come at any moment
            more = count - seen - 1
            seen = count
            if more < 0:
                continue            # it came between flag and count last time, and was served
            if more and self._name:
                self.merged += more
                errlog_add(self._name + ': comes faster than its commands end, see `system events`', 'WARN')
            try:
                await self._action(*self._args)
            except Exception as e:  # noqa: BLE001 - border: the next event is served all the same
                errlog_add('interrupt_handler error: ' + error_text(e))


def _source(key, name):
    """Return a Source that runs the commands of a configuration key; None if there are none."""
    tasks = literals.split_tasks(ConfigHandler.cfgget(key))
    return Source(pipes.run, name, (tasks, name)) if tasks else None


def _start_timirq():
    source = _source('timirqcbf', 'timirq')
    if source is not None:
        hal.start_timer(_TIMIRQ_TIMER, ConfigHandler.cfgget('timirqseq'), source.fire, 'timirq')


def _start_cron():
    import Scheduler  # cold: only with cron
    cron = Scheduler.Cron()
    hal.start_timer(_CRON_TIMER, ConfigHandler.cfgget('cronseq'), Source(cron.tick).fire, 'cron')


class _Input:
    """An event input; its pin is booked.

    Raises:
        ValueError: the board has no such pin, or a Load Module has it.
    """

    def __init__(self, key):
        gpio = LogicalPins.bind(key, key)
        self._source = _source(key + '_cbf', key)
        if self._source is None:
            return
        self._wanted = _WANTED.get(ConfigHandler.cfgget(key + '_trig').strip().lower(), (1,))
        self._deaf_ms = ConfigHandler.cfgget('irq_prell_ms')
        self._flag = asyncio.ThreadSafeFlag()
        self._edge = 0          # ticks of the last edge
        self._pin = hal.start_irq(gpio, 'both', self._on_edge, key, ConfigHandler.cfgget(key + '_pull').lower())
        asyncio.create_task(self._watch())

    def _on_edge(self, _pin):
        self._edge = time.ticks_ms()
        self._flag.set()

    async def _watch(self):
        level = self._pin.value()
        while True:
            await self._flag.wait()
            level = 1 - level       # here it rested, so this is where the edge led
            self._note(level)
            await self._settle()
            rest = self._pin.value()
            self._flag.clear()
            if self._pin.value() != rest:
                self._flag.set()    # an edge between the two looks: it is the next one
            if rest != level:
                level = rest
                self._note(level)

    def _note(self, level):
        if level in self._wanted:
            self._source.fire()

    async def _settle(self):
        """Wait for the end of the bouncing, twice the deaf time at most."""
        left_ms = self._deaf_ms
        until = time.ticks_add(time.ticks_ms(), 2 * left_ms)
        quiet_ms = min(left_ms, _QUIET_MS)
        while left_ms > 0:
            await asyncio.sleep_ms(left_ms)
            now = time.ticks_ms()
            left_ms = min(quiet_ms - time.ticks_diff(now, self._edge), time.ticks_diff(until, now))
