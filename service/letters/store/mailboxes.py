"""The SQL of the mailboxes that answers come to: how far each was read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import Session

from service.db.types import columns
from service.letters.tables import IntakeMailbox
from service.letters.values import Cursor
from service.people.store.common import insert_into

_B = columns(IntakeMailbox)


def read_cursor(session: Session, key: str) -> Cursor:
    """Return how far a mailbox was read; not at all where it is new."""
    row = session.execute(select(_B.validity, _B.through).where(_B.key == key)).first()
    return Cursor(*row) if row else Cursor()


def hold_cursor(session: Session, key: str) -> Cursor:
    """Return how far a mailbox was read, held until the transaction ends."""
    new = {"key": key, "validity": 0, "through": 0, "trouble": ""}
    session.execute(insert_into(session, IntakeMailbox).values(**new).on_conflict_do_nothing(index_elements=["key"]))
    row = session.execute(select(_B.validity, _B.through).where(_B.key == key).with_for_update()).one()
    return Cursor(*row)


def write_cursor(session: Session, key: str, cursor: Cursor) -> None:
    """Write how far a mailbox was read."""
    values = {"validity": cursor.validity, "through": cursor.through}
    session.execute(update(IntakeMailbox).where(_B.key == key).values(**values))


def note_look(session: Session, key: str, trouble: str, *, now: datetime) -> None:
    """Note that a mailbox was looked into and what was wrong; since when is kept while it stays so."""
    hold_cursor(session, key)
    session.execute(
        update(IntakeMailbox).where(_B.key == key, _B.trouble != trouble).values(trouble=trouble, since=now)
    )
    if not trouble:
        session.execute(update(IntakeMailbox).where(_B.key == key).values(looked_at=now))


def read_trouble(session: Session) -> tuple[str, datetime] | None:
    """Return what is wrong with taking in mail, and since when; None when all is well or nothing is taken in."""
    row = session.execute(select(_B.trouble, _B.since).where(_B.trouble != "").order_by(_B.since).limit(1)).first()
    return (row.trouble, row.since) if row else None
