"""Parent process of virtual machines: imports the interpreter once and forks a child for each.

Runs as a program of its own, ``python -I -S _parent.py <folder of micropython_run> [again]``, with a Unix socket as
standard input. One message per child: a JSON list of arguments, with two file descriptors for the child's wire and
flash image and one for its output. The answer is the child's process id in decimal, and a newline.

It imports nothing of this package, so that it stays small: a child costs 0.7 MB.
"""

import array
import ctypes
import json
import os
import signal
import socket
import sys

_NO_RANDOM_ADDRESSES = 0x0040000
_DEATH_SIGNAL = 1
_FIRST_FD = 3


def _fix_addresses() -> None:
    """Have memory laid out alike in each run, since MicroPython's order of some dicts depends on addresses."""
    if sys.argv[-1] == "again" or not sys.platform.startswith("linux"):
        return
    if ctypes.CDLL(None).personality(_NO_RANDOM_ADDRESSES) >= 0:
        os.execv(sys.executable, [sys.executable, "-I", "-S", *sys.argv, "again"])


def _receive(line: socket.socket) -> "tuple[list[str], list[int]] | None":
    data, ancillary, _flags, _address = line.recvmsg(65_536, socket.CMSG_SPACE(3 * array.array("i").itemsize))
    if not data:
        return None
    fds = array.array("i")
    for _level, _kind, content in ancillary:
        fds.frombytes(content)
    return json.loads(data), list(fds)


def _become(arguments: "list[str]", fds: "list[int]", parent_pid: int) -> None:
    """The child: take its descriptors and run the interpreter."""
    import micropython_run

    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent_pid:  # it died before the signal was asked for
        return
    wire, image, output = fds
    nothing = os.open(os.devnull, os.O_RDONLY)
    high = [os.dup2(fd, 100 + index) for index, fd in enumerate((nothing, output, output, wire, image))]
    for target, fd in enumerate(high):
        os.dup2(fd, target)
    os.closerange(_FIRST_FD + 2, 256)
    os._exit(micropython_run.run_main(arguments) & 0xFF)


def main() -> None:
    """Fork children until the other side goes."""
    _fix_addresses()
    sys.path.append(sys.argv[1])
    import micropython_run  # noqa: F401 - once, for all children

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = socket.socket(fileno=0)
    while (message := _receive(line)) is not None:
        arguments, fds = message
        own_pid = os.getpid()
        pid = os.fork()
        if not pid:
            try:
                _become(arguments, fds, own_pid)
            finally:
                os._exit(70)
        for fd in fds:
            os.close(fd)
        line.sendall(b"%d\n" % pid)
    if not sys.platform.startswith("linux"):  # there the children have their signal
        os.killpg(os.getpgrp(), signal.SIGKILL)  # a session of our own: the children and this process


if __name__ == "__main__":
    main()
