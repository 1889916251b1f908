"""Floor of the bench ``shell``: an asyncio server that sends back each line that it gets.

Run as ``python asyncio_echo.py PORT``. It is asyncio's own example of an echo server, on streams, line by line as a
shell reads. An ``asyncio.Protocol``, which knows no lines, answers in about 80 % of the time on one CPU.
"""

from __future__ import annotations

import asyncio
import sys


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send every line back until the client is gone."""
    while line := await reader.readline():
        writer.write(line)
        await writer.drain()
    writer.close()


async def serve(port: int) -> None:
    """Listen on loopback for ever."""
    server = await asyncio.start_server(echo, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(serve(int(sys.argv[1])))
    except KeyboardInterrupt:
        sys.exit(0)
