"""SMTP servers that misbehave, each as a script of what it answers at which stage; and certificates for them.

A stage is BANNER, a command, or DOT. Its answer is a line, bytes as they stand, or something
to do; a list is used up from the front, and what is not said is said well.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Line = asyncio.StreamWriter
Act = Callable[[Line], Awaitable[str | None]]  # what it said, where that matters
Answer = str | bytes | Act
WELL: Mapping[str, Answer] = {
    "BANNER": "220 peer.example.org",
    "EHLO": "250-peer.example.org\r\n250 8BITMIME",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go on",
    "DOT": "250 2.0.0 taken",
    "RSET": "250 ok",
    "NOOP": "250 ok",
    "STARTTLS": "502 not here",
    "AUTH": "235 2.7.0 welcome",
    "QUIT": "221 bye",
}


async def hang(_line: Line) -> None:
    """Say nothing, and keep the line."""
    await asyncio.sleep(30)


async def drop(line: Line) -> None:
    """Cut the line."""
    line.transport.abort()
    raise ConnectionError


def drip(text: str, seconds: float = 0.1) -> Act:
    """Say something a byte at a time, too slowly unless told otherwise."""

    async def act(line: Line) -> str:
        for byte in text.encode():
            line.write(bytes((byte,)))
            await line.drain()
            await asyncio.sleep(seconds)
        return text

    return act


async def flood(line: Line) -> None:
    """Go on and on with one reply."""
    while True:
        line.write(b"250-and another thing\r\n" * 100)
        await line.drain()


def late(text: str, seconds: float) -> Act:
    """Say something well, after a while."""

    async def act(line: Line) -> None:
        await asyncio.sleep(seconds)
        line.write(f"{text}\r\n".encode())

    return act


def once(happened: threading.Event, text: str) -> Act:
    """Say something well, once something has happened."""

    async def act(line: Line) -> None:
        while not happened.is_set():
            await asyncio.sleep(0.01)
        line.write(f"{text}\r\n".encode())

    return act


@dataclass
class Peer:
    """One server: its script, its certificate, and what it took. `over_tls` tells of each letter how it came.

    One that `is_lax` takes a bare LF or CR for the end of a line, so that a dot between two ends a message.
    """

    script: Mapping[str, Answer | list[Answer]] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    is_smtps: bool = False
    is_lax: bool = False
    forgets: bool = False  # whatever came along with a command
    injects: bytes = b""  # said in the clear right after the yes to STARTTLS
    taken: list[bytes] = field(default_factory=list)
    over_tls: list[bool] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    port: int = 0

    def answer(self, stage: str) -> Answer:
        """Return what to say at a stage."""
        wish = self.script.get(stage, WELL.get(stage, "500 what?"))
        if isinstance(wish, list):
            return wish.pop(0) if wish else WELL[stage]
        return wish

    async def say(self, stage: str, line: Line) -> str:
        """Say or do it; return what was said."""
        answer = self.answer(stage)
        if isinstance(answer, str):
            answer = f"{answer}\r\n".encode()
        if isinstance(answer, bytes):
            line.write(answer)
            await line.drain()
            return answer.decode(errors="replace")
        return await answer(line) or ""

    async def serve(self, reader: asyncio.StreamReader, line: Line) -> None:
        """Hold one conversation."""
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.LimitOverrunError):
            await self.say("BANNER", line)
            while heard := (await reader.readline()).decode(errors="replace").strip():
                self.heard.append(heard)
                if self.forgets:
                    reader._buffer.clear()  # type: ignore[attr-defined]
                command = heard.split()[0].split(":")[0].upper()
                if command == "STARTTLS" and self.tls and "STARTTLS" not in self.script:
                    line.write(b"220 go on\r\n" + self.injects)
                    await line.start_tls(self.tls)
                    continue
                said = await self.say(command, line)
                if command == "DATA" and "354" in said:
                    ends = _LAX_END if self.is_lax else _END
                    self.taken.append(await _message(reader, ends))
                    self.over_tls.append(line.get_extra_info("ssl_object") is not None)
                    await self.say("DOT", line)
        line.transport.abort()


_END, _LAX_END = re.compile(rb"\r\n\.\r\n$"), re.compile(rb"(\r\n|\n|\r)\.(\r\n|\n)$")


async def _message(reader: asyncio.StreamReader, end: re.Pattern[bytes]) -> bytes:
    """Read a message up to the dot that ends it, as it came, without the dot."""
    read = b"\r\n"
    while not end.search(read[-5:]):
        read += await reader.readexactly(1)
    return end.sub(b"\r\n", read)[2:]


@contextmanager
def listening(peer: Peer) -> Iterator[Peer]:
    """Let a peer listen on loopback, in a thread of its own."""
    ready, loop = threading.Event(), asyncio.new_event_loop()

    async def begin() -> None:
        context = peer.tls if peer.is_smtps else None
        server = await asyncio.start_server(peer.serve, "127.0.0.1", 0, limit=10_000_000, ssl=context)
        peer.port = server.sockets[0].getsockname()[1]
        ready.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.set_exception_handler(lambda *_: None)  # a handshake that fails is what is wanted
        loop.run_until_complete(begin())
        loop.run_forever()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(5)
    try:
        yield peer
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


def certificate(folder: Path, *, host: str = "127.0.0.1", days: int = 1) -> tuple[ssl.SSLContext, Path]:
    """Return a server's context with a certificate of its own for a host, and the file to trust it by.

    Negative `days` make one that has run out.
    """
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "peer")])
    start, end = sorted((now - timedelta(hours=1), now + timedelta(days=days)))
    names: list[x509.GeneralName] = (
        [x509.IPAddress(ipaddress.ip_address(host))] if host[0].isdigit() else [x509.DNSName(host)]
    )
    public = key.public_key()
    builder = x509.CertificateBuilder(name, name, public, x509.random_serial_number(), start, end)
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    made = builder.sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    pem, key_file = folder / f"{host}-{days}.pem", folder / f"{host}-{days}.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key_file)
    return context, pem
