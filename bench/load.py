"""A bounded load over loopback: some connections, some seconds, then it stops by itself."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Load:
    """What a load measured."""

    requests: int
    seconds: float
    errors: int
    p50_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds

    def line(self, name: str) -> str:
        """Return the figures as one line."""
        return (
            f"{name:<34} {self.rate:>9.0f} req/s   p50 {self.p50_ms:6.1f} ms   p99 {self.p99_ms:6.1f} ms"
            f"   {self.errors} errors"
        )


def run(port: int, request: Callable[[int], bytes], *, seconds: float = 4, expect: tuple[bytes, ...]) -> Load:
    """Send requests from 16 kept connections; `request(n)` gives the n-th one's bytes."""
    return asyncio.run(_run(port, request, seconds, expect))


async def _run(port: int, request: Callable[[int], bytes], seconds: float, expect: tuple[bytes, ...]) -> Load:
    times: list[float] = []
    errors = [0]
    counter = iter(range(10_000_000))
    start = time.perf_counter()
    workers = [_client(port, request, counter, start + seconds, times, errors, expect) for _ in range(CONNECTIONS)]
    await asyncio.gather(*workers)
    spent = time.perf_counter() - start
    ordered = sorted(times) or [0.0]
    at = lambda share: ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000  # noqa: E731
    return Load(len(times), spent, errors[0], at(0.5), at(0.99))


async def _client(
    port: int,
    request: Callable[[int], bytes],
    counter: Iterator[int],
    until: float,
    times: list[float],
    errors: list[int],
    expect: tuple[bytes, ...],
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < until:
        began = time.perf_counter()
        writer.write(request(next(counter)))
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(x.split(b":")[1]) for x in head.split(b"\r\n") if x.lower().startswith(b"content-length")), 0
        )
        await reader.readexactly(length)
        times.append(time.perf_counter() - began)
        errors[0] += not head.startswith(tuple(b"HTTP/1.1 " + code for code in expect))
    writer.close()


def _length(head: bytes) -> int:
    lines = (line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
    return int(next(lines, b":0").split(b":")[1])


def get(path: str) -> bytes:
    """Return a GET."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def post(path: str, body: str) -> bytes:
    """Return a form's POST."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(application: str, environment: dict[str, str]) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Serve an application factory on loopback while the block runs."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", application, "--factory", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--no-access-log", "--log-level", "warning"], env={**os.environ, **environment}
    )
    try:
        wait_for(port)
        yield port, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)


def wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The server did not come up.")
