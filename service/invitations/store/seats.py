"""The SQL of seats: how many are taken, and who waits for one."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, func, select
from sqlmodel import Session

from service.db.types import columns
from service.invitations.store import COLUMNS, invitation_of
from service.invitations.tables import Invitation as InvitationRow
from service.invitations.values import Invitation, Seat, Seating

_I = columns(InvitationRow)
IN_USE = (Seat.HELD.value, Seat.OFFERED.value)
_SEATING = select(
    func.count().filter(_I.seat.in_(IN_USE), _I.id != bindparam("without")), func.coalesce(func.max(_I.seat_order), 0)
).where(_I.event_id == bindparam("event_id"))


def seating(session: Session, event_id: str, capacity: int | None, *, without: str = "") -> Seating:
    """Count the chairs of an event, leaving one invitation out of the count."""
    row = session.connection().execute(_SEATING, {"event_id": event_id, "without": without}).one()
    return Seating(capacity, row[0], row[1])


def read_waiting(session: Session, event_id: str) -> list[Invitation]:
    """Return those who wait for a seat, first in the queue first."""
    where = and_(_I.event_id == event_id, _I.seat == Seat.WAITING.value)
    query = select(*COLUMNS).where(where).order_by(_I.seat_order, _I.replied_at, _I.id)
    return [invitation_of(dict(row)) for row in session.execute(query).mappings()]


def place_in_queue(session: Session, invitation: Invitation) -> int:
    """Return 1 for the first who waits."""
    ahead = select(func.count()).where(
        _I.event_id == invitation.event_id, _I.seat == Seat.WAITING.value, _I.seat_order < invitation.seat_order
    )
    return int(session.execute(ahead).scalar_one()) + 1
