"""An SMTP sink in a process of its own. Every letter it accepts is on disk before it says so.

It may kill the sender that speaks to it, whose process id is in the name of its EHLO: when it
has read a final dot ("after dot") or when it has accepted but not answered ("accepted").
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import signal
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Accepted:
    """One letter that the sink took."""

    recipient: str
    message_id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Plan:
    """How the sink behaves: where it kills the sender, at which letter, and how long it thinks before 250."""

    point: str = ""
    nth: int = 1
    delay: float = 0.003


class _Sink:
    def __init__(self, log: Path, plan: Plan) -> None:
        self._log, self._plan, self._count = log.open("ab"), plan, 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak just enough SMTP to take everything."""
        writer.write(b"220 sink\r\n")
        sender, recipient = 0, ""
        try:
            while line := await reader.readline():
                command = line[:4].upper()
                if command == b"EHLO":
                    sender = int((re.findall(rb"pid-(\d+)", line) or [0])[0])
                    writer.write(b"250-sink\r\n250 8BITMIME\r\n")
                elif command == b"DATA":
                    writer.write(b"354 go on\r\n")
                    await self._take(recipient, await reader.readuntil(b"\r\n.\r\n"), sender)
                    writer.write(b"250 2.0.0 ok\r\n")
                elif command == b"QUIT":
                    writer.write(b"221 bye\r\n")
                    break
                else:
                    recipient = line.decode().partition("<")[2].partition(">")[0]
                    writer.write(b"250 2.0.0 ok\r\n")
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the sender was killed
        writer.close()

    async def _take(self, recipient: str, raw: bytes, sender: int) -> None:
        self._count += 1
        if self._plan.point == "after dot" and self._count == self._plan.nth:
            os.kill(sender, signal.SIGKILL)
            raise ConnectionError
        message_id = raw.partition(b"Message-ID: ")[2].partition(b"\r\n")[0].decode()
        entry = {"recipient": recipient, "message_id": message_id, "sha256": hashlib.sha256(raw).hexdigest()}
        self._log.write(json.dumps(entry).encode() + b"\n")
        self._log.flush()
        os.fsync(self._log.fileno())
        if self._plan.point == "accepted" and self._count == self._plan.nth:
            os.kill(sender, signal.SIGKILL)
            raise ConnectionError
        await asyncio.sleep(self._plan.delay)


def run(log: Path, plan: Plan, line: Connection) -> None:
    """Listen on loopback, say the port, and take letters until killed."""

    async def serve() -> None:
        server = await asyncio.start_server(_Sink(log, plan).serve, "127.0.0.1", 0, limit=10_000_000)
        line.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


def read_log(log: Path) -> list[Accepted]:
    """Return what a sink accepted, in its order; a line it is still writing is none yet."""
    *whole, _ = log.read_bytes().split(b"\n")
    return [Accepted(**json.loads(line)) for line in whole]
