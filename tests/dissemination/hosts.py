"""A host that counts, on this machine: it speaks the documented shapes, and every fault there is."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Host:
    """What the server says to each path, and what it was asked."""

    port: int = 0
    bodies: dict[str, Any] = field(default_factory=dict)  # by path without its parameters
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    misdeed: str = ""  # hang drip cut huge
    asked: list[tuple[str, str, Mapping[str, str], str]] = field(default_factory=list)  # method path headers body


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    host: Host

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        host, size = self.host, int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size).decode()
        host.asked.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        if host.headers.get("ETag") and self.headers.get("If-None-Match") == host.headers["ETag"]:
            return self._send(304, b"")
        if host.misdeed == "hang":
            time.sleep(3)
        told = host.bodies.get(self.path.partition("?")[0], {})
        raw = told if isinstance(told, bytes) else json.dumps(told).encode()
        return self._send(host.status, raw)

    def _send(self, status: int, raw: bytes) -> None:
        self.send_response(status)
        for name, value in self.host.headers.items():
            self.send_header(name, value)
        if self.host.misdeed == "huge":
            raw = b" " * 3_000_000
        self.send_header("Content-Length", str(len(raw) + (10 if self.host.misdeed == "cut" else 0)))
        self.end_headers()
        if self.host.misdeed == "drip":
            for at in range(len(raw)):
                self.wfile.write(raw[at : at + 1])
                time.sleep(0.2)
            return
        self.wfile.write(raw)
        self.close_connection = self.host.misdeed == "cut"

    def log_message(self, *_words: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_facts: Any) -> None:
        """A client that went away is no news."""


@contextmanager
def serve(host: Host, tls: ssl.SSLContext | None = None) -> Iterator[Host]:
    """Serve on a port of the loopback address."""
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"host": host}))
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    host.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
