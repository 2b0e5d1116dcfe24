"""TXT records from the resolver of this machine (RFC 1035), for `farsow doctor --dns`: one question, one answer.

Over TCP, because a DKIM record does not fit a plain UDP answer.
"""

from __future__ import annotations

import secrets
import socket
import struct
from pathlib import Path

_TXT, _IN, _RECURSE = 16, 1, 0x0100
_NO_ERROR, _NO_SUCH_NAME = 0, 3


class SystemResolver:
    """Asks a name server; by default the first one of `/etc/resolv.conf`."""

    def __init__(self, server: tuple[str, int] | None = None, *, seconds: float = 5.0) -> None:
        self._server, self._seconds = server or _first_server(), seconds

    def texts(self, name: str) -> list[str] | None:
        """Return the TXT records of a name, each in one piece; none when there are none, None without an answer."""
        query_id = secrets.randbits(16)
        try:
            with socket.create_connection(self._server, self._seconds) as line:
                line.settimeout(self._seconds)
                question = _question(query_id, name)
                line.sendall(struct.pack("!H", len(question)) + question)
                answer = _read(line, struct.unpack("!H", _read(line, 2))[0])
            return _texts(answer, query_id)
        except (OSError, ValueError, IndexError, struct.error):
            return None


def _first_server() -> tuple[str, int]:
    try:
        lines = Path("/etc/resolv.conf").read_text().splitlines()
    except OSError:
        lines = []
    found = [line.split()[1] for line in lines if line.startswith("nameserver ")]
    return (found or ["127.0.0.1"])[0], 53


def _question(query_id: int, name: str) -> bytes:
    labels = [label.encode("idna") for label in name.rstrip(".").split(".")]
    asked = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
    return struct.pack("!6H", query_id, _RECURSE, 1, 0, 0, 0) + asked + struct.pack("!2H", _TXT, _IN)


def _read(line: socket.socket, count: int) -> bytes:
    got = b""
    while len(got) < count:
        part = line.recv(count - len(got))
        if not part:
            raise ValueError("the answer ends early")
        got += part
    return got


def _texts(answer: bytes, query_id: int) -> list[str]:
    answer_id, flags, questions, count = struct.unpack("!4H", answer[:8])
    code = flags & 0xF
    if answer_id != query_id or code not in (_NO_ERROR, _NO_SUCH_NAME):
        raise ValueError("no answer to our question")
    at, found = 12, []
    for _ in range(questions):
        at = _past_name(answer, at) + 4
    for _ in range(count):
        at = _past_name(answer, at)
        kind, _class, _ttl, length = struct.unpack("!HHIH", answer[at : at + 10])
        at += 10
        if kind == _TXT:
            found.append(_joined(answer[at : at + length]))
        at += length
    return found


def _past_name(answer: bytes, at: int) -> int:
    for _ in range(128):
        length = answer[at]
        if length >= 0xC0:  # a pointer ends a name
            return at + 2
        at += 1 + length
        if not length:
            return at
    raise ValueError("a name without an end")


def _joined(data: bytes) -> str:
    parts, at = [], 0
    while at < len(data):
        parts.append(data[at + 1 : at + 1 + data[at]])
        at += 1 + data[at]
    return b"".join(parts).decode("utf-8", "replace")
