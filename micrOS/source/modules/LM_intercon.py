"""Commands to other nodes."""

import InterConnect
import InterpreterCore
from Debug import errlog_add
from results import error_text


async def sendcmd(*args, host=None, cmd=None):
    """Have a node execute a command; returns the lines of its reply, [] if it cannot be reached."""
    words = list(args)
    if host is None:
        if not words:
            raise ValueError('host is missing')
        host = words.pop(0)
    host = str(host)
    if cmd is None:
        cmd = ' '.join([str(word) for word in words])
    if InterConnect.is_self(host):
        return await InterConnect.run_here(host, cmd)
    call = InterpreterCore.current_call()
    try:
        return await call.run_blocking(InterConnect.send_cmd, (host, cmd), {})
    except OSError as e:
        text = '[intercon] sendcmd: %s: %s' % (host, error_text(e))
        call.write(text)
        errlog_add(text, 'WARN')
        return []


async def send_cmd(*args, host=None, cmd=None):
    """The same as sendcmd."""
    return await sendcmd(*args, host=host, cmd=cmd)


def dump():
    """Return the addresses that were used, {name: address or None}."""
    return InterConnect.dump_cache()


def help():
    """Return how to use this module."""
    return ('sendcmd "hello" host="IP/hostname") OR sendcmd host="IP/hostname" cmd="system rssi")',
            'example: intercon sendcmd "10.0.1.84" "system rssi" OR intercon sendcmd "system rssi" host="node01.local"',
            'dump (dump host cache)')
