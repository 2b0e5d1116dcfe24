"""The SQL of periods that a manager shortened, and of promised dates."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from service.db.engine import is_sqlite
from service.db.types import columns
from service.events.tables import Event
from service.privacy.retention import Held, Shorter
from service.privacy.tables import RetentionPromise, RetentionRule

_R, _Q, _E = columns(RetentionRule), columns(RetentionPromise), columns(Event)


def read_shorter(session: Session) -> Shorter:
    """Return the periods that someone shortened."""
    return {(Held(row.held), row.kind): row.days for row in session.execute(select(_R.held, _R.kind, _R.days))}


def write_shorter(session: Session, held: Held, kind: str, days: int | None, *, now: datetime, actor: str) -> None:
    """Shorten a period, or with None go back to the usual one."""
    if days is None:
        session.execute(delete(RetentionRule).where(_R.held == held.value, _R.kind == kind))
        return
    row = {"held": held.value, "kind": kind, "days": days, "set_by": actor, "set_at": now}
    _put(session, RetentionRule, row, ["held", "kind"])


def read_promises(session: Session) -> list[tuple[str, str, date]]:
    """Return the promised dates: event, its title, the day; the next first."""
    query = select(_E.id, _E.title, _Q.due_on).join(Event, _E.id == _Q.event_id).order_by(_Q.due_on, _E.id)
    return [(row.id, row.title, row.due_on) for row in session.execute(query)]


def read_promise(session: Session, event_id: str) -> date | None:
    """Return the promised date of an event."""
    return session.execute(select(_Q.due_on).where(_Q.event_id == event_id)).scalar_one_or_none()


def write_promise(session: Session, event_id: str, due_on: date | None, *, now: datetime, actor: str) -> None:
    """Promise a date, or with None take a promise back."""
    if due_on is None:
        session.execute(delete(RetentionPromise).where(_Q.event_id == event_id))
        return
    row = {"event_id": event_id, "due_on": due_on, "set_by": actor, "set_at": now}
    _put(session, RetentionPromise, row, ["event_id"])


def _put(session: Session, table: Any, row: dict[str, Any], keys: list[str]) -> None:
    statement = (sqlite if is_sqlite(session) else postgresql).insert(table).values(**row)
    changed = {name: value for name, value in row.items() if name not in keys}
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))
