"""The SQL of forgetting what someone said that we may print, and of showing it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, or_, select
from sqlmodel import Session

from service.db.types import columns
from service.dissemination.tables.reports import Quote
from service.privacy.values import Subject

_Q = columns(Quote)


def forget_quotes(session: Session, subject: Subject) -> list[str]:
    """Delete the quotes of someone, and those of others that name them, and return their ids.

    Words are not changed in anyone's mouth.
    """
    rows = session.execute(select(_Q.id, _Q.words, _Q.credit, _Q.agreed_how))
    named = [row.id for row in rows if _names(f"{row.words}\n{row.credit}\n{row.agreed_how}", subject)]
    theirs = or_(_Q.person_ref.in_(subject.refs), _Q.id.in_(named))
    return list(session.execute(delete(Quote).where(theirs).returning(_Q.id)).scalars())


def _names(text: str, subject: Subject) -> bool:
    lowered = text.lower()
    return any(mark in lowered for mark in subject.marks)


def read_quotes(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return the quotes of someone with their consent, oldest first."""
    query = select(*(column for column in _Q if column.name != "added_by"))
    return [
        dict(row) for row in session.execute(query.where(_Q.person_ref.in_(subject.refs)).order_by(_Q.id)).mappings()
    ]
