"""The SQL of what guests need: one sealed cell an invitation."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlmodel import Session

from service.db.types import columns
from service.invitations.tables import Invitation

_I = columns(Invitation)


def read_cell(session: Session, invitation_id: str) -> bytes | None:
    """Return the sealed needs of an invitation; None when there are none or no such invitation."""
    return session.execute(select(_I.needs).where(_I.id == invitation_id)).scalar_one_or_none()


def write_cell(session: Session, invitation_id: str, cell: bytes | None) -> None:
    """Write the sealed needs of an invitation."""
    session.execute(update(Invitation).where(_I.id == invitation_id).values(needs=cell))


def read_cells(session: Session, event_id: str) -> dict[str, bytes]:
    """Return the sealed needs of an event's guests, by invitation."""
    query = select(_I.id, _I.needs).where(_I.event_id == event_id, _I.needs.is_not(None))
    return {row.id: row.needs for row in session.execute(query)}
