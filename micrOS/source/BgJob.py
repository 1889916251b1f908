"""The background job: one command that runs while the shell goes on, once or again and again.

The last word of a shell command starts it: `&` once, `&N` once after N seconds, `&&` for ever, `&&N` for
ever with N seconds before each run. Loaded when the first job is started or asked for.
"""

import asyncio

import InterpreterCore
import literals
from Debug import errlog_add

_MAX_OUT = 80           # characters of output that are kept, the newest
_MAX_ID = 20            # ids count 1..20, then 0, 1, ...
_MIN_PAUSE_MS = 20      # between two runs of `&&`: a job leaves the loop to others
_MAX_DELAY_S = 86400 * 7


class _Job:
    """What runs now, or ran last."""

    def __init__(self):
        self.is_busy = False
        self.number = 0
        self.name = 'none'
        self.out = ''
        self.stop = None          # asyncio.Event, set when the job is to end

    def __str__(self):
        return "(%d, '%s')" % (self.number, self.name)


_job = _Job()


def start(line):
    """Start a command that ends in a background suffix; returns the reply, a list of lines."""
    line, suffix = _split(line)
    words = literals.split_command(line)[0]
    if len(words) < 2:
        from results import HINTS
        return HINTS
    if _job.is_busy:
        return ['[BgJob][%d] %s is Busy' % (_job.number, _job.name)]
    _job.is_busy = True
    _job.number = _job.number + 1 if _job.number < _MAX_ID else 0
    _job.name = '.'.join(words)
    _job.out = ''
    _job.stop = asyncio.Event()
    asyncio.create_task(_run(line, suffix.startswith('&&'), _delay_s(suffix)))
    return ['[BgJob][%d] Start %s' % (_job.number, _job.name)]


def stop():
    """End the job after its present run; returns the reply."""
    if not _job.is_busy or _job.stop.is_set():
        return '[BgJob] Already stopped %s' % _job
    _job.stop.set()
    return '[BgJob] Stop %s' % _job


def show(as_json=False):
    """Return how the job stands; with as_json the text of a Python dict, which is what clients look for."""
    if as_json:
        return str({'isbusy': _job.is_busy, 'taskid': (_job.number, _job.name), 'out': _job.out})
    return ' isbusy: %s\n taskid: %s\n out: %s' % (_job.is_busy, _job, _job.out)


def reply(words):
    """Return the reply of the shell command `bgjob <words>`, or None if it is none of its commands."""
    as_json = words[1:] == ['>json']
    if words[:1] == ['show'] and (as_json or len(words) == 1):
        return show(as_json)
    if words[:1] == ['stop'] and (as_json or len(words) == 1):
        return stop()
    return None


async def _run(line, is_loop, delay_s):
    job, pause_ms = _job, delay_s * 1000
    try:
        while not await _is_stopped(job, pause_ms):
            call = InterpreterCore.start(line)
            before = job.out
            while not call.is_done:
                await call.changed()
                _keep(job, call)
            _keep(job, call)
            if call.failure:
                job.out = before + call.failure
            job.out = (job.out + ' [%s]' % (call.failure is None))[-_MAX_OUT:]
            if call.failure is not None:
                errlog_add('bgjob: ' + call.failure)
            if not is_loop:
                break
            pause_ms = pause_ms or _MIN_PAUSE_MS
    finally:
        job.is_busy = False


def _keep(job, call):
    """Add the lines that came to the output, as soon as they come: a call whose lines nobody takes is slowed down."""
    for text in call.take():
        job.out = (job.out + ('' if job.out.endswith(']') or not job.out else '\n') + text)[-_MAX_OUT:]


async def _is_stopped(job, pause_ms):
    """Wait; True at once when the job is to end."""
    try:
        await asyncio.wait_for_ms(job.stop.wait(), pause_ms)
    except asyncio.TimeoutError:
        return job.stop.is_set()
    return True


def _split(line):
    """Return the command without its suffix (and a `>json` before it, which jobs ignore), and the suffix."""
    line = line.strip()
    suffix = line.split()[-1]
    command = line[:-len(suffix)].strip()
    if command.endswith('>json'):
        command = command[:-5].strip()
    return command, suffix


def _delay_s(suffix):
    digits = suffix.lstrip('&')
    if not digits or len(digits) > 9 or not all(c in '0123456789' for c in digits):
        return 0
    return min(int(digits), _MAX_DELAY_S)
