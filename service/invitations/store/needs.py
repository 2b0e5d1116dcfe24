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
