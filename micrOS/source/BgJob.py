"""Background jobs: commands that run while the shell goes on, once or again and again.

The last word of a command starts one: `&` once, `&N` once after N seconds, `&&` for ever, `&&N` for ever with N
seconds before each run. A few run at once, each function in one job only. A job is told by its tag, its number or
`module.function`; `*` is all of them; without a tag `bgjob show` and `bgjob stop` mean the one that was started last.
Loaded when the first job is started or asked for.
"""

import asyncio

import InterpreterCore
import literals
from Debug import errlog_add
from micropython import const

_MAX_JOBS = const(4)        # that are known, running ones and those whose output is kept
_MAX_OUT = const(80)        # characters of output that are kept, the newest
_MAX_ID = const(20)         # ids count 1..20, then 0, 1, ...
_MIN_PAUSE_MS = const(20)   # between two runs of `&&`: a job leaves the node to others
_MAX_DELAY_S = const(86400 * 6)     # ticks cannot tell more


class _Job:
    """A command that runs in the background, or ran last under its name."""

    def __init__(self, number=0, name='none'):
        self.number = number
        self.name = name
        self.is_busy = False
        self.out = ''
        self.stop = asyncio.Event()     # set when the job is to end

    def __str__(self):
        return "(%d, '%s')" % (self.number, self.name)

    def show(self, as_json):
        if as_json:
            return str({'isbusy': self.is_busy, 'taskid': (self.number, self.name), 'out': self.out})
        return ' isbusy: %s\n taskid: %s\n out: %s' % (self.is_busy, self, self.out)

    def end(self):
        if not self.is_busy or self.stop.is_set():
            return '[BgJob] Already stopped %s' % self
        self.stop.set()
        return '[BgJob] Stop %s' % self


_jobs = []      # in the order of their start
_last_id = 0


def start(line):
    """Start a command that ends in a background suffix.

    Returns:
        (bool, list of str): whether it was started, and the reply.
    """
    line, suffix = _split(line)
    words = literals.split_command(line)[0]
    if len(words) < 2:
        from results import HINTS
        return False, HINTS
    name = '.'.join(words)
    busy = [job for job in _jobs if job.is_busy]
    same = [job for job in busy if job.name == name]
    if same or len(busy) >= _MAX_JOBS:
        job = (same or busy)[-1]
        return False, ['[BgJob][%d] %s is Busy' % (job.number, job.name)]
    _make_room(name)
    job = _Job(_next_id(), name)
    job.is_busy = True
    _jobs.append(job)
    asyncio.create_task(_run(job, line, suffix.startswith('&&'), _delay_s(suffix)))
    return True, ['[BgJob][%d] Start %s' % (job.number, name)]


def execute(line, words):
    """Execute a shell command line that may be about jobs.

    Args:
        words: list of str, those of the line.

    Returns:
        list of str, the reply; None if the line is no such command.
    """
    as_json = words[-1] == '>json'
    tags = words[2:len(words) - as_json]
    if words[0] == 'bgjob' and len(tags) < 2 and words[1:2] in (['show'], ['stop']):
        jobs = _find(tags[0]) if tags else [_current()]
        if not jobs:
            return ['[BgJob] No job ' + tags[0]]
        return [job.show(as_json) if words[1] == 'show' else job.end() for job in jobs]
    return start(line)[1] if literals.is_background(line) else None


def _find(tag):
    return [job for job in _jobs if tag in (str(job.number), job.name, '*')]


def _current():
    """Return the newest job that goes on, else the newest one, else what stands for none."""
    lasting = [job for job in _jobs if job.is_busy and not job.stop.is_set()]
    return (lasting or _jobs or [_Job()])[-1]


def _make_room(name):
    """Forget the last job of this name and, if too many are known, the oldest that has ended."""
    ended = [job for job in _jobs if job.name == name] or [job for job in _jobs if not job.is_busy]
    if ended and (ended[0].name == name or len(_jobs) >= _MAX_JOBS):
        _jobs.remove(ended[0])


def _next_id():
    """Return the id after the last one that no known job has."""
    global _last_id
    while True:
        _last_id = _last_id + 1 if _last_id < _MAX_ID else 0
        if not [job for job in _jobs if job.number == _last_id]:
            return _last_id


async def _run(job, line, is_loop, delay_s):
    pause_ms = delay_s * 1000
    try:
        while not await _is_stopped(job, pause_ms):
            call = InterpreterCore.start(line, True)
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
    if len(digits) > 9 or not literals.is_digits(digits):
        return 0
    return min(int(digits), _MAX_DELAY_S)
