"""The SQL of letters an event will send by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, insert, or_, select, update
from sqlmodel import Session

from service.db.types import columns
from service.events.tables import Event
from service.events.values import EventState
from service.invitations.tables import FollowUp
from service.kernel.errors import NotFound
from service.kernel.ids import new_id
from service.letters.rules import AFTER_EVENT, ONCE
from service.letters.tables import PlannedLetter as PlannedRow
from service.letters.values import Kind, PlannedLetter
from service.mail.tables import Delivery, Mailing
from service.mail.values import DeliveryState

_L, _E, _F = columns(PlannedRow), columns(Event), columns(FollowUp)
_D, _G = columns(Delivery), columns(Mailing)
_HAS_DATE = _E.state != EventState.POSTPONED.value
# What follows an event leaves once staff have said yes to it, and what reports has something to report.
_IS_AFTER = _L.kind.in_([kind.value for kind in AFTER_EVENT])
_IS_WANTED = and_(_F.approved_at.is_not(None), _F.stopped_at.is_(None))
_SAYS_SOMETHING = or_(_L.kind != Kind.NEXT_STEPS.value, _L.note != "")
_WILL_LEAVE = or_(~_IS_AFTER, and_(_IS_WANTED, _SAYS_SOMETHING))


class UnknownPlannedLetter(NotFound):
    """There is no such planned letter."""

    code = "unknown-planned-letter"


def add(session: Session, event_id: str, plans: Sequence[tuple[Kind, int, datetime]], *, held: bool) -> None:
    """Insert the letters an event will send by itself."""
    rows = [
        {
            "id": new_id(),
            "event_id": event_id,
            "kind": k.value,
            "offset_minutes": o,
            "due_at": d,
            "held": held,
            "note": "",
        }
        for k, o, d in plans
    ]
    if rows:
        session.execute(insert(PlannedRow), rows)


def read(session: Session, event_id: str) -> list[PlannedLetter]:
    """Return an event's planned letters in order of their day."""
    query = select(*_planned_columns()).where(_L.event_id == event_id).order_by(_L.due_at, _L.kind)
    return [planned_of(dict(row)) for row in session.execute(query).mappings()]


def read_due(session: Session, *, now: datetime, limit: int = 50) -> list[PlannedLetter]:
    """Return planned letters whose time has come and that became no mailing yet.

    Those of an event that was put off wait for its new date; what follows an event waits for its close and for a yes.
    """
    is_due = and_(_L.due_at <= now, _L.mailing_id.is_(None), _L.held.is_(False))
    is_time = or_(~_IS_AFTER, _E.state == EventState.CLOSED.value)
    query = _planned_query().where(is_due, _HAS_DATE, _WILL_LEAVE, is_time).order_by(_L.due_at).limit(limit)
    return [planned_of(dict(row)) for row in session.execute(query).mappings()]


def find_without_yes(session: Session, project_id: str, *, since: datetime) -> list[str]:
    """Return the events closed since an instant whose next letters wait for a yes."""
    waits = and_(_IS_AFTER, _L.mailing_id.is_(None), _L.held.is_(False), _F.approved_at.is_(None))
    is_new = and_(_E.project_id == project_id, _E.state == EventState.CLOSED.value, _E.closed_at >= since)
    query = select(_E.id).join(PlannedRow, _L.event_id == _E.id).outerjoin(FollowUp, _F.event_id == _E.id)
    return list(session.execute(query.where(waits, is_new, _F.stopped_at.is_(None)).distinct()).scalars())


def read_one(session: Session, planned_id: str) -> PlannedLetter | None:
    """Return one planned letter as it is now."""
    row = session.execute(select(*_planned_columns()).where(_L.id == planned_id)).mappings().first()
    return planned_of(dict(row)) if row else None


def read_had(session: Session, event_id: str) -> dict[Kind, frozenset[str]]:
    """Return who has or had a letter of each kind that a guest of an event gets once, called-off ones aside."""
    is_step = and_(_G.context == f"event:{event_id}", _G.kind.in_([kind.value for kind in ONCE]))
    query = select(_G.kind, _D.recipient_ref).join(Mailing, _G.id == _D.mailing_id)
    found: dict[Kind, set[str]] = {}
    for kind, ref in session.execute(query.where(is_step, _D.state != DeliveryState.CANCELLED.value)):
        found.setdefault(Kind(kind), set()).add(ref)
    return {kind: frozenset(refs) for kind, refs in found.items()}


def read_next(session: Session, project_id: str, *, after: datetime, limit: int | None = None) -> list[PlannedLetter]:
    """Return a project's planned letters still to come, the nearest first."""
    is_ahead = and_(_E.project_id == project_id, _L.due_at > after, _L.mailing_id.is_(None))
    query = _planned_query().where(is_ahead, _HAS_DATE, _WILL_LEAVE).order_by(_L.due_at).limit(limit)
    return [planned_of(dict(row)) for row in session.execute(query).mappings()]


def _planned_query() -> Select[Any]:
    query = select(*_planned_columns()).join(Event, _E.id == _L.event_id)
    return query.outerjoin(FollowUp, _F.event_id == _L.event_id)


def _planned_columns() -> list[Any]:
    return [_L[name] for name in PlannedLetter.__dataclass_fields__]


def planned_of(row: dict[str, Any]) -> PlannedLetter:
    """Return the value of a planned letter's row."""
    return PlannedLetter(**{**row, "kind": Kind(row["kind"])})


def write(session: Session, planned_id: str, **values: Any) -> None:
    """Change one planned letter.

    Raises:
        UnknownPlannedLetter: there is none of this id.
    """
    done = session.execute(update(PlannedRow).where(_L.id == planned_id).values(**values).returning(_L.id))
    if done.first() is None:
        raise UnknownPlannedLetter("There is no such planned letter.")


def hold_all(session: Session, event_id: str) -> None:
    """Hold every letter that an event has not sent yet."""
    where = and_(_L.event_id == event_id, _L.mailing_id.is_(None))
    session.execute(update(PlannedRow).where(where).values(held=True))


def hold_due(session: Session, *, now: datetime) -> int:
    """Hold the letters whose day has come and that became no mailing; return how many."""
    is_due = and_(_L.due_at <= now, _L.mailing_id.is_(None), _L.held.is_(False))
    held = session.execute(update(PlannedRow).where(is_due).values(held=True).returning(_L.id))
    return len(held.all())
