"""What the stores of people share: errors, upserts, and pages of a listing in order of a folded name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from service.db.engine import is_sqlite
from service.kernel.errors import Conflict, Invalid, NotFound
from service.people.values import (
    Page,
)


class UnknownPerson(NotFound):
    """There is no such person."""

    code = "unknown-person"


class UnknownOrganisation(NotFound):
    """There is no such organisation."""

    code = "unknown-organisation"


class UnknownAudience(NotFound):
    """There is no such audience."""

    code = "unknown-audience"


class UnknownList(NotFound):
    """There is no such mailing list."""

    code = "unknown-list"


class KeyTaken(Conflict):
    """Another list or audience has this key."""

    code = "key-taken"


def insert_into(session: Session, table: Any) -> Any:
    """Return an insert that can say ON CONFLICT on this database."""
    return (sqlite if is_sqlite(session) else postgresql).insert(table)


def contains(column: Any, word: str) -> Any:
    """Return the condition that a folded column holds a word anywhere; no sign of the word means anything else."""
    return column.contains(word, autoescape=True)


def anchor(session: Session, table: Any, after: str) -> Any:
    row = session.execute(select(table.folded, table.id).where(table.id == after)).first()
    if row is None:
        raise Invalid("This list has changed. Begin again from its first page.", field="after")
    return tuple_(bindparam(None, row.folded), bindparam(None, row.id))


def page_of(items: list[Any], limit: int) -> Page[Any]:
    more = len(items) > limit
    return Page(tuple(items[:limit]), items[limit - 1].id if more else None)
