"""`Idempotency-Key`: the same POST twice has one effect and one answer.

The key is claimed in the transaction of the effect, before it, and the answer is kept in it,
after it. So there is never an effect without its record: a double waits for the first to end,
then gets its answer. A refusal (an error) rolls back and keeps nothing: the next try is fresh.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request, Response
from sqlmodel import Session

from service.accounts import store
from service.accounts.values import Principal
from service.kernel.errors import Conflict, Invalid

HEADER = "idempotency-key"
LONGEST_KEY = 200


class Mismatch(Conflict):
    """The key was used for another request."""

    code = "idempotency-mismatch"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request. Take a new key for a new request.")


class BadKey(Invalid):
    """The key cannot be used."""

    code = "idempotency-key"

    def __init__(self) -> None:
        super().__init__(f"An Idempotency-Key has 1 to {LONGEST_KEY} visible ASCII characters.", field=HEADER)


class Replay(Exception):
    """This request was answered before; here is that answer."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


@dataclass(slots=True)
class Repeatable:
    """A request that carries a key, and the transaction that claimed it."""

    key: str
    sha256: str
    principal: str = ""
    session: Session | None = None


async def read_key(request: Request) -> Repeatable | None:
    """Return the key of a request and the hash of all that it asks for.

    Raises:
        BadKey: empty, too long or not ASCII.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise BadKey
    return Repeatable(key, _fingerprint(request, await request.body()))


def asked_of(request: Request) -> Repeatable | None:
    """Return the key that `read_key` found, inside the endpoint's dependencies."""
    return getattr(request.state, "repeatable", None)


def claim(asked: Repeatable, who: Principal, session: Session, now: datetime) -> None:
    """Claim a key in this transaction.

    Raises:
        Replay: it was answered before.
        Mismatch: the key belongs to another request.
    """
    asked.principal, asked.session = who.actor, session
    if store.claim_request(session, asked.principal, asked.key, asked.sha256, now):
        return
    kept = store.read_answer(session, asked.principal, asked.key)
    if kept.request_sha256 != asked.sha256:
        raise Mismatch
    headers = {"Idempotency-Replayed": "true"}
    raise Replay(Response(kept.body, kept.status, headers, media_type=kept.media_type))


def keep(asked: Repeatable, answer: Response) -> None:
    """Keep the answer in the transaction that claimed the key."""
    if asked.session is not None:
        media_type = answer.headers.get("content-type", "application/json")
        body = bytes(answer.body)
        store.keep_answer(
            asked.session, asked.principal, asked.key, status=answer.status_code, media_type=media_type, body=body
        )


def _fingerprint(request: Request, body: bytes) -> str:
    # A client that tries again writes the same parts between other boundaries.
    _, _, boundary = request.headers.get("content-type", "").partition("boundary=")
    if boundary:
        body = body.replace(boundary.strip('"').encode(), b"")
    asked = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    return hashlib.sha256(asked + body).hexdigest()
