"""Floor of the bench ``boot``: an asyncio server that greets and answers ``hello`` with the bytes of a node.

Run as ``python asyncio_server.py PORT``.
"""

from __future__ import annotations

import asyncio
import sys

PROMPT = b"node01 $  "
ANSWER = b"hello:node01:micr240ac4000001OS\n" + PROMPT


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Greet a client, then answer each line."""
    writer.write(PROMPT)
    while await reader.readline():
        writer.write(ANSWER)
        await writer.drain()
    writer.close()


async def serve(port: int) -> None:
    """Listen on loopback for ever."""
    server = await asyncio.start_server(answer, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(serve(int(sys.argv[1])))
    except KeyboardInterrupt:
        sys.exit(0)
