"""Streams of `asyncio`, which imports this file last."""

import asyncio


class Stream:
    def __init__(self, s, e={}):
        self.s = s
        self.e = e
        self.out_buf = b''

    def get_extra_info(self, v):
        return self.e[v]

    def close(self):
        pass

    async def wait_closed(self):
        self.s.close()

    async def read(self, n=-1):
        data = b''
        while True:
            await asyncio._io_queue.queue_read(self.s)
            piece = self.s.read(n)
            if piece is None:
                continue
            if n >= 0 or not piece:
                return data or piece
            data += piece

    async def readinto(self, buf):
        await asyncio._io_queue.queue_read(self.s)
        return self.s.readinto(buf)

    async def readexactly(self, n):
        data = b''
        while n:
            await asyncio._io_queue.queue_read(self.s)
            piece = self.s.read(n)
            if piece is None:
                continue
            if not piece:
                raise EOFError
            data += piece
            n -= len(piece)
        return data

    async def readline(self):
        line = b''
        while True:
            await asyncio._io_queue.queue_read(self.s)
            piece = self.s.readline()
            if piece is None:
                continue
            line += piece
            if not piece or line[-1] == 10:
                return line

    def write(self, buf):
        if not self.out_buf:
            sent = self.s.write(buf)
            if sent == len(buf):
                return
            if sent is not None:
                buf = buf[sent:]
        self.out_buf += buf

    async def drain(self):
        if not self.out_buf:
            return await asyncio.sleep_ms(0)
        data = memoryview(self.out_buf)
        self.out_buf = b''
        at = 0
        while at < len(data):
            await asyncio._io_queue.queue_write(self.s)
            sent = self.s.write(data[at:])
            if sent is not None:
                at += sent


StreamReader = StreamWriter = Stream


async def open_connection(host, port, ssl=None, server_hostname=None):
    import socket
    if ssl:
        raise NotImplementedError('ssl')
    info = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0]
    s = socket.socket(info[0], info[1], info[2])
    s.setblocking(False)
    try:
        s.connect(info[-1])
    except OSError as e:
        if e.errno != 119:      # in progress
            raise e
    await asyncio._io_queue.queue_write(s)
    stream = Stream(s)
    return stream, stream


class Server:
    async def __aenter__(self):
        return self

    async def __aexit__(self, exc_type, exc, tb):
        self.close()
        await self.wait_closed()

    def close(self):
        self.state = True
        self.task.cancel()

    async def wait_closed(self):
        await self.task

    async def _serve(self, s, cb):
        self.state = False
        try:
            while True:
                await asyncio._io_queue.queue_read(s)
                try:
                    connection, address = s.accept()
                except OSError:
                    continue
                connection.setblocking(False)
                stream = Stream(connection, {'peername': address})
                asyncio.create_task(cb(stream, stream))
        except asyncio.CancelledError as e:
            if not self.state:
                raise e
        finally:
            s.close()


async def start_server(cb, host, port, backlog=5, ssl=None):
    import socket
    if ssl:
        raise NotImplementedError('ssl')
    address = socket.getaddrinfo(host, port)[0][-1]
    s = socket.socket()
    s.setblocking(False)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(address)
    s.listen(backlog)
    server = Server()
    server.task = asyncio.create_task(server._serve(s, cb))
    try:
        await asyncio.sleep_ms(0)       # so that it has begun when this one goes on
    except asyncio.CancelledError as e:
        server.task.cancel()
        raise e
    return server
