"""Shadow of the frozen `ntptime`: its names `host` and `timeout` are the program's to set."""

import _link

host = 'pool.ntp.org'
timeout = 1


def time():
    import socket
    import struct
    query = bytearray(48)
    query[0] = 0x1b
    address = socket.getaddrinfo(host, 123)[0][-1]
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        link.settimeout(timeout)
        link.sendto(query, address)
        answer = link.recv(48)
    finally:
        link.close()
    seconds = struct.unpack('!I', answer[40:44])[0]
    return seconds - 3155673600 if seconds >= 3913056000 else seconds + 1139293696


def settime():
    import machine
    now = _link.call('time.gmtime', (time(),))
    machine.RTC().datetime((now[0], now[1], now[2], now[6] + 1, now[3], now[4], now[5], 0))
