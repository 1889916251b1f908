"""Commands of a shell session: configuration mode, help, bgjob, and everything else as a Load Module call.

A session is any object with `send(line)`, `flush()`, `stream(call)`, `is_configuring` and
`is_logged_in`; see SocketServer.Session.
"""

import cold
import InterpreterCore
import literals


async def execute(session, line):
    """Execute one command line.

    Returns:
        bool: False if memory ran out; the caller should recover some.
    """
    words = line.split()
    first = words[0]
    if first in ('conf', 'config', 'configure'):
        session.is_configuring = True
    elif first == 'noconf':
        session.is_configuring = False
    elif first == 'help':
        await cold.load('helptext').execute(session, words)
    elif session.is_configuring:
        await cold.load('conf_mode').execute(session, words)
    elif not _background(session, line, words):
        call = InterpreterCore.start(line)
        await session.stream(call)
        return call.is_ok
    return True


def _background(session, line, words):
    """Start, show or stop a background job; False if the line is about none."""
    if words[0] != 'bgjob' and not literals.is_background(line):
        return False
    import BgJob  # not before somebody wants a job; it stays, for it knows the job
    replies = BgJob.execute(line, words)
    for text in replies or ():
        session.send(text)
    return replies is not None
