"""Taking in what lies in the mailbox, each message once.

How far the mailbox was read is written in the transaction that takes a message in: a crash between two messages, or a
second worker, takes nothing in twice and leaves nothing out. One that we fail on is kept for staff and holds up no
other.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from service.db.engine import writing
from service.kernel.errors import Temporary
from service.kernel.tokens import Keyring
from service.letters.intake import KEPT_BYTES, take_in
from service.letters.store import intakes
from service.letters.store import mailboxes as store
from service.letters.values import NOT_READ, Cursor, Desk, Fetched, Look

log = structlog.get_logger()


def read_cursor(session: Session, key: str) -> Cursor:
    """Return how far a mailbox was read."""
    return store.read_cursor(session, key)


def take_in_all(
    engine: Engine, key: str, look: Look, *, desk: Desk, keyring: Keyring, clock: Callable[[], datetime]
) -> int:
    """Take in what a look into the mailbox found, a transaction for each message; return how many were new."""
    taken = 0
    for message in look.messages:
        with writing(engine) as session:
            taken += _take_in_one(session, key, look.validity, message, desk=desk, keyring=keyring, now=clock())
    with writing(engine) as session:
        store.note_look(session, key, look.trouble, now=clock())
    if look.trouble:
        log.warning("intake.trouble", code=look.trouble)
    return taken


def _take_in_one(
    session: Session, key: str, validity: int, message: Fetched, *, desk: Desk, keyring: Keyring, now: datetime
) -> bool:
    cursor = store.hold_cursor(session, key)
    if cursor.validity == validity and message.uid <= cursor.through:
        return False  # another worker was here
    if message.raw is not None:
        _take_in_safely(session, message.raw, desk=desk, keyring=keyring, now=now)
    store.write_cursor(session, key, Cursor(validity, message.uid))
    return True


def _take_in_safely(session: Session, raw: bytes, *, desk: Desk, keyring: Keyring, now: datetime) -> None:
    """Take a message in; one that we fail on is kept as it is."""
    try:
        with session.begin_nested():
            take_in(session, raw, desk=desk, keyring=keyring, now=now)
    except (DBAPIError, Temporary):
        raise  # the database's trouble, not the message's: it is taken in when that is over
    except Exception as error:
        log.error("intake.failed", error=type(error).__name__)
        kept = {"sha256": sha256(raw).hexdigest(), "raw": raw[:KEPT_BYTES]}
        intakes.add(session, at=now, verdict="unknown", applied=False, reason=NOT_READ, context=None, **kept)
