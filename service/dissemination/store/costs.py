"""The SQL of what was spent on events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import delete, func, select
from sqlmodel import Session

from service.db.rows import insert_row
from service.db.types import columns
from service.dissemination.tables.events import EventCost
from service.dissemination.values.given import Cost
from service.events.tables import Event
from service.kernel.errors import NotFound

_C, _E = columns(EventCost), columns(Event)
_COST = [_C[name] for name in Cost.__dataclass_fields__]


class UnknownCost(NotFound):
    """The event has no such cost."""

    code = "unknown-cost"


def add(session: Session, cost: Cost, *, booked_by: str) -> None:
    """Insert a cost."""
    insert_row(session, EventCost, asdict(cost) | {"booked_by": booked_by})


def remove(session: Session, event_id: str, cost_id: str) -> None:
    """Delete a cost.

    Raises:
        UnknownCost: the event has none of this id.
    """
    mine = (_C.event_id == event_id, _C.id == cost_id)
    if not session.execute(delete(EventCost).where(*mine)).rowcount:  # type: ignore[attr-defined]
        raise UnknownCost("There is no such cost.")


def read_of_event(session: Session, event_id: str) -> list[Cost]:
    """Return the costs of an event, the latest day first."""
    query = select(*_COST).where(_C.event_id == event_id).order_by(_C.on_day.desc(), _C.id)
    return [Cost(*row) for row in session.execute(query)]


def read_currency(session: Session, project_id: str) -> str:
    """Return the currency that a project's costs are in; empty while nothing is booked."""
    query = select(_C.currency).join(Event, _E.id == _C.event_id).where(_E.project_id == project_id).limit(1)
    return session.execute(query).scalar() or ""


def sum_up(session: Session, event_ids: Sequence[str]) -> dict[str, int]:
    """Return what was spent on each of some events, in hundredths."""
    query = select(_C.event_id, func.sum(_C.hundredths)).where(_C.event_id.in_(event_ids)).group_by(_C.event_id)
    return {event_id: int(spent) for event_id, spent in session.execute(query)}
