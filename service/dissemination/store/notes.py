"""The SQL of the notes of events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session

from service.db.rows import insert_row
from service.db.types import columns
from service.dissemination.tables.events import EventNotes
from service.kernel.ids import new_id

_N = columns(EventNotes)


def read_notes(session: Session, event_id: str) -> dict[str, str] | None:
    """Return the lists of an event's notes, None when there are none."""
    query = select(_N.decisions, _N.asks, _N.owners, _N.links).where(_N.event_id == event_id)
    row = session.execute(query).mappings().first()
    return dict(row) if row else None


def write_notes(session: Session, event_id: str, lists: Mapping[str, Any]) -> None:
    """Write the lists of an event's notes."""
    written = session.connection().execute(update(EventNotes).where(_N.event_id == event_id).values(**lists))
    if not written.rowcount:
        insert_row(session, EventNotes, {"id": new_id(), "event_id": event_id, **lists})
