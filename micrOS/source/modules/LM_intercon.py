"""Commands to other nodes."""

import InterConnect
from Debug import errlog_add


def sendcmd(*args, host=None, cmd=None):
    """Have another node execute a command; returns the lines of its reply, [] if it cannot be reached."""
    words = list(args)
    if host is None:
        if not words:
            raise ValueError('host is missing')
        host = words.pop(0)
    if cmd is None:
        cmd = ' '.join([str(word) for word in words])
    try:
        return InterConnect.send_cmd(host, cmd)
    except OSError as e:
        errlog_add('[intercon] sendcmd: %s: %s' % (host, e), 'WARN')
        return []


def dump():
    """Return the addresses that were used, {name: address or None}."""
    return InterConnect.dump_cache()


def help():
    """Return how to use this module."""
    return 'sendcmd "node01.local" "system rssi"', 'sendcmd host="node01.local" cmd="system rssi"', 'dump'
