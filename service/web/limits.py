"""What is refused before any page is asked: foreign hosts and bodies that are too large; and HEAD.

Plain ASGI, so that a streamed answer stays streamed.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.dissemination.handouts import LARGEST
from service.web.problems import answer
from service.web.routing import API

MEGABYTE = 1_000_000
BODY_LIMIT = 2 * MEGABYTE
MAIL_LIMIT = 25 * MEGABYTE
PEOPLE = re.compile(f"{API}/imports|/people/import")
MATERIALS = re.compile(rf"/materials(/\w+/file)?|{API}/projects/\w+/materials/(files|\w+/file)")
EVIDENCE = re.compile(rf"/plan/evidence/\w+/\w+|{API}/projects/\w+/evidence/\w+/\w+")


class KnownHosts:
    """Refuse a Host that is not ours: a link made of it would lead elsewhere."""

    def __init__(self, app: ASGIApp, *, hosts: Collection[str]) -> None:
        self.app = app
        self.hosts = frozenset(host.casefold() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_ours(scope):
            await self.app(scope, receive, send)
            return
        sentence = "This address does not belong to this installation."
        await answer(Request(scope), 400, "foreign-host", sentence)(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"host"]
        return len(given) == 1 and without_port(given[0].decode("latin-1")) in self.hosts


def without_port(host: str) -> str:
    """Return the name or address of `name:8000` or `[::1]:8000`."""
    name, _, port = host.rpartition(":")
    return (name if name and port.isdigit() else host).casefold()


class BodyLimit:
    """Refuse a body that is larger than its address takes, as soon as that is known."""

    def __init__(self, app: ASGIApp, *, file_bytes: int, evidence_bytes: int) -> None:
        self.app = app
        self.limits = {
            re.compile(f"{API}/intake"): MAIL_LIMIT,
            MATERIALS: LARGEST + MEGABYTE,
            EVIDENCE: evidence_bytes + MEGABYTE,
            PEOPLE: file_bytes + MEGABYTE,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self._limit(scope["path"].rstrip("/"))
        if _announced(scope) > limit:
            sentence = f"This is more than we take: at most {limit // MEGABYTE} MB."
            await answer(Request(scope), 413, "too-large", sentence)(scope, receive, send)
            return
        await self.app(scope, _counting(receive, limit), send)

    def _limit(self, path: str) -> int:
        return next((limit for pattern, limit in self.limits.items() if pattern.fullmatch(path)), BODY_LIMIT)


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


def _counting(receive: Receive, limit: int) -> Receive:
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise HTTPException(413)
        return message

    return counted


class HeadAsGet:
    """Answer HEAD as GET without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def send_no_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        scope["method"] = "GET"
        scope["is_head"] = True  # nothing was read, so nothing is counted
        await self.app(scope, receive, send_no_body)
