"""Misbehaves on request, to show that the node survives it."""

import gc

from Common import socket_stream

_BLOCK_BYTES = 100


@socket_stream
def raise_error(msgobj=None):
    """Raise an exception."""
    msgobj('Raise test exception')
    raise Exception('Test exception')


@socket_stream
def memory_leak(cnt=160, msgobj=None):
    """Allocate cnt blocks of memory, then let them go."""
    start = gc.mem_free()
    blocks = []
    for k in range(cnt):
        blocks.append(bytearray(_BLOCK_BYTES))
        msgobj('[%d] gen: micrOS memory: Free RAM: %s' % (k, _size(gc.mem_free())))
    return '[%d] RAM Alloc.: %s' % (cnt, _size(max(start - gc.mem_free(), 0)))


@socket_stream
def recursion_limit(cnt=14, msgobj=None):
    """Call itself cnt times, through the wrapper that streams."""
    if cnt <= 0:
        return 0
    result = recursion_limit(cnt - 1)
    msgobj('recalled %d' % cnt)
    return result


def _size(count):
    return '%d kB %d byte' % (count // 1024, count % 1024)


def help():
    """Return how to use this module."""
    return ('NOTE: This is a test module to validate system robustness',
            'raise_error', 'memory_leak cnt=160', 'recursion_limit cnt=14')
