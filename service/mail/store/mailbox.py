"""The SQL of the local mailbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlmodel import Session

from service.db.types import columns
from service.kernel.ids import new_id
from service.mail import tables
from service.mail.values import LocalLetter, Outgoing

_B = columns(tables.MailboxLetter)


def keep_letters(session: Session, letters: Sequence[Outgoing], *, now: datetime) -> None:
    """Put letters into the local mailbox."""
    rows = [
        {
            "id": new_id(),
            "delivery_id": outgoing.delivery_id,
            "to": outgoing.letter.envelope.rcpt_to,
            "subject": outgoing.letter.subject[:1000],
            "kind": outgoing.kind,
            "at": now,
            "raw": outgoing.letter.raw,
        }
        for outgoing in letters
    ]
    if rows:
        session.connection().execute(insert(tables.MailboxLetter), rows)


def read_local_letters(session: Session, *, to: str | None = None, limit: int = 100) -> list[LocalLetter]:
    """Return letters in the local mailbox, newest first, to one address when given."""
    query = select(_B.id, _B.delivery_id, _B.to, _B.subject, _B.kind, _B.at)
    if to is not None:
        query = query.where(func.lower(_B.to) == to.lower())
    return [LocalLetter(**row._mapping) for row in session.execute(query.order_by(_B.id.desc()).limit(limit))]


def read_local_letter(session: Session, letter_id: str) -> bytes | None:
    """Return the bytes of one letter in the local mailbox, or None."""
    return session.execute(select(_B.raw).where(_B.id == letter_id)).scalar()
