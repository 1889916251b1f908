"""Cron itself: commands by time, key `crontasks`."""

import ConfigHandler


async def replay():
    """Run what was due last, each entry once, as soon as the clock is right; for `boothook`, after a power cut."""
    if not ConfigHandler.cfgget('cron'):
        raise ValueError('cron is off')
    import Scheduler  # here: only with cron
    Scheduler.ask_replay()
    return 'replay follows when the clock is right'


def help():
    """Return how to use this module."""
    return ('replay',)
