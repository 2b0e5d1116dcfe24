"""The SQL of changes of many people at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlmodel import Session

from service.db.types import columns
from service.kernel.errors import NotFound
from service.kernel.ids import new_id
from service.people import tables
from service.people.values import BulkEdit

_E = columns(tables.BulkEdit)


class UnknownBulkEdit(NotFound):
    """There is no such change of many."""

    code = "unknown-bulk-edit"

    def __init__(self) -> None:
        super().__init__("There is no such change.")


def add(session: Session, wish: dict[str, Any], people: int, *, now: datetime, actor: str) -> str:
    """Note a change of many and return its id."""
    edit_id = new_id()
    values = {"wish": wish, "people": people, "created_at": now, "created_by": actor, "undone_at": None}
    session.execute(insert(tables.BulkEdit).values(id=edit_id, **values))
    return edit_id


def read(session: Session, edit_id: str, *, lock: bool = False) -> BulkEdit:
    """Return one change of many, held until the transaction ends when asked.

    Raises:
        UnknownBulkEdit: there is none of this id.
    """
    query = select(*(_E[name] for name in BulkEdit.__dataclass_fields__)).where(_E.id == edit_id)
    row = session.execute(query.with_for_update() if lock else query).mappings().first()
    if row is None:
        raise UnknownBulkEdit
    return BulkEdit(**row)


def write_undone(session: Session, edit_id: str, *, now: datetime) -> None:
    """Note that it was undone."""
    session.execute(update(tables.BulkEdit).where(_E.id == edit_id).values(undone_at=now))
