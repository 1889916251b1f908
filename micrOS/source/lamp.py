"""What lamps share: the remembered colour, fades, brightness, timed transitions. A Load Module has one `Lamp`.

    outputs = PwmOutputs('rgb', ('redgb', 'rgreenb', 'rgbue'))
    lamp = Lamp('rgb', (197, 35, 10), TOP, outputs)
    await lamp.set(lamp.checked('rgb', (100, None, 300)))

A lamp that is off keeps the colour that it comes back with, which is never all dark. A timed transition changes what
is shown; what is remembered is its goal or, if that is dark, the colour before it.
"""

import asyncio

import ConfigHandler
import hal
import LogicalPins
from Common import transition
from micropython import const
from pds import Store

TOP = 1000      # full scale of PWM outputs
_FREQ_HZ = const(20480)
_FULL_U16 = const(65535)
_FADE_S = 0.3
_FADE_STEP_MS = const(2)
_NOTHING = 'Nothing to run.'


def in_range(name, value, top):
    """Return an argument as int.

    Raises:
        ValueError: it is no number of 0 to top.
    """
    if not isinstance(value, (int, float)) or not 0 <= value <= top:
        raise ValueError('%s: %s is not in 0-%d' % (name, value, top))
    return round(value)


def _path(start, goal, step_ms, sec):
    """Yield the colours of a transition, both ends included."""
    channels = [transition(start[i], goal[i], step_ms, sec) for i in range(len(goal))]
    for first in channels[0]:
        yield [first] + [next(channel) for channel in channels[1:]]


class PwmOutputs:
    """PWM outputs, made when they are first used; they start dark.

    Args:
        owner: str, the Load Module.
        pins: logical names.
    """

    def __init__(self, owner, pins):
        self._owner = owner
        self._pins = pins
        self._outputs = []

    def open(self):
        """Make the outputs if they are not there.

        Raises:
            ValueError: a pin is unknown or in use.
        """
        if not self._outputs:
            try:
                gpios = [LogicalPins.bind(name, self._owner) for name in self._pins]
            except ValueError:
                LogicalPins.release(self._owner)
                raise
            self._outputs = [hal.pwm(gpio, _FREQ_HZ) for gpio in gpios]

    def show(self, values):
        """Put 0..TOP on each output."""
        self.open()
        for i in range(len(values)):
            self._outputs[i].duty_u16(values[i] * _FULL_U16 // TOP)

    def pinmap(self):
        """Return {logical name: GPIO or None}."""
        return {name: LogicalPins.physical_pin(name) for name in self._pins}

    def deinit(self):
        """Stop, and free the pins; the lamp goes dark."""
        while self._outputs:
            self._outputs.pop().deinit()
        LogicalPins.release(self._owner)


class Lamp:
    """One lamp of several channels.

    Args:
        name: str, of its state file.
        defaults: values of the channels before any was set.
        top: full scale of a channel.
        output: has `show(values)`, and `open()`, which raises if it cannot; then the lamp stays what it was.
        pause_ms: between two samples of a fade, of which there are 151.
        is_state_first: the state file begins with the state, which else stands at its end.

    Attributes:
        is_on: bool.
    """

    def __init__(self, name, defaults, top, output, pause_ms=_FADE_STEP_MS, is_state_first=False):
        self._first = int(is_state_first)
        limits = ((0, top),) * len(defaults)
        defaults = list(defaults)
        self._store = Store(name, [0] + defaults if is_state_first else defaults + [0],
                            ((0, 1),) + limits if is_state_first else limits + ((0, 1),))
        self._top = top
        self._output = output
        self._pause_ms = pause_ms
        self.is_on = False
        self._colour = defaults         # that it comes back with
        self._hue = defaults            # that `brightness` scales, so that a dim one loses nothing
        self._shown = [0] * len(defaults)
        self._path = None               # generator of the rest of a timed transition
        self._goal = self._at = None    # its end, and where it is

    def checked(self, names, values):
        """Return the colour that arguments of these names mean; None leaves a channel as it is.

        Raises:
            ValueError: a value is out of range.
        """
        colour = list(self.colour())
        for i in range(len(values)):
            if values[i] is not None:
                colour[i] = in_range(names[i], values[i], self._top)
        return colour

    def colour(self):
        """Return the values of the channels: of a lamp that is off, those it comes back with."""
        return self._shown if self._path and self.is_on else self._colour

    def status(self, keys):
        """Return {key: value of a channel, 'S': 0 or 1}."""
        colour = self.colour()
        found = {keys[i]: colour[i] for i in range(len(colour))}
        found['S'] = int(self.is_on)
        return found

    async def load(self, cache):
        """Restore the state, if `pds` is to keep it, and show it; True if it is kept."""
        self._output.open()
        is_kept = self._store.load(cache)
        state = self._store.values
        first = self._first
        colour = state[first:len(state) - 1 + first]
        if any(colour):
            self._colour = self._hue = colour
        self.is_on = bool(state[0 if first else -1])
        self._path = None
        await self._go(self._colour if self.is_on else [0] * len(colour), self.is_on)
        return is_kept

    async def set(self, colour, smooth=True, force=True, hue=None):
        """Show a colour; a dark one switches off.

        Args:
            force: False lets a timed transition go on.
            hue: what `brightness` scales later, if it is not the colour.
        """
        self._output.open()
        if force:
            self._path = None
        self.is_on = any(colour)
        self.remember(colour, hue)
        await self._go(colour, smooth)

    async def toggle(self, state, smooth=True, always=False):
        """Switch on or off, or over if state is None.

        Args:
            always: True writes the output also if the lamp is so already.
        """
        is_on = not self.is_on if state is None else bool(state)
        if is_on != self.is_on or always:
            self._output.open()
            self.is_on = is_on
            self._save()
            colour = (self._at if self._path else self._colour) if is_on else [0] * len(self._shown)
            await self._go(colour, smooth)

    async def brightness(self, percent, smooth):
        """Give the strongest channel so many percent, or tell what it has if percent is None.

        Returns:
            str, or None if it was set.
        """
        if percent is None:
            most = max(self.colour()) if self.is_on else 0
            return '%d %%' % (most and max(1, round(most * 100 / self._top)))
        if not isinstance(percent, (int, float)) or not 0 <= percent <= 100:
            return 'Percent is out of range: 0-100'
        hue = self._hue
        await self.set([round(value * self._top * percent / (100 * max(hue))) for value in hue], smooth, hue=hue)
        return None

    def plan(self, colour, sec):
        """Begin a timed transition, which `step` carries out.

        Raises:
            ValueError: sec is no number, or negative; a pin is in use.
        """
        if not isinstance(sec, (int, float)) or not sec >= 0:
            raise ValueError('sec: %s is not 0 or more' % sec)
        self._output.open()
        self._goal, self._at = colour, self._shown
        self._path = _path(self._shown, colour, ConfigHandler.cfgget('timirqseq'), sec)
        self.is_on = True
        self.remember(colour)
        return 'Settings was applied... wait for: run_transition'

    def step(self, shown, off, done):
        """Show the next value of the timed transition, unless the lamp was switched off meanwhile.

        Args:
            shown, off, done: replies; the first one with a `%d` for each channel.
        """
        if self._path is None:
            return _NOTHING
        try:
            self._at = next(self._path)
        except StopIteration:
            self._path = None
            self.remember(self._goal)
            return done
        if not self.is_on:
            return off
        self._put(self._at)
        if not any(self._at) and not any(self._goal):
            self.is_on = False      # it is dark, so it is off; without a rest that would darken it again
            self._save()
            self._path = iter(())
        return shown % tuple(self._at)

    def remember(self, colour, hue=None):
        """Remember a colour and whether the lamp is on; of a dark one only that."""
        if any(colour):
            self._colour = colour
            self._hue = hue or colour
        self._save()

    def light(self):
        """Note that somebody else has put light on the output, so that it can be switched off."""
        if not self.is_on:
            self.is_on = True
            self._save()

    def close(self):
        """Write the state file now if it is not up to date; without its output the lamp is off."""
        self._store.flush()
        self.is_on = False
        self._path = None
        self._shown = [0] * len(self._shown)

    def _save(self):
        state = [int(self.is_on)]
        self._store.keep(state + self._colour if self._first else self._colour + state)

    async def _go(self, colour, smooth):
        if smooth and colour != self._shown:
            for values in _path(self._shown, colour, _FADE_STEP_MS, _FADE_S):
                self._put(values)
                await asyncio.sleep_ms(self._pause_ms)
        else:
            self._put(colour)

    def _put(self, values):
        self._output.show(values)
        self._shown = values
