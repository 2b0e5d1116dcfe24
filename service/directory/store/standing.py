"""The SQL of making the standing invitations of two people one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update
from sqlmodel import Session

from service.db.types import columns
from service.invitations.tables import StandingInvitation

_S = columns(StandingInvitation)


def move_standing(session: Session, taken: str, kept: str) -> None:
    """Give one person's standing invitations to another, who has one to a series at most: the one that stands."""
    own = {row["series_id"]: row for row in _rows(session, kept)}
    for row in _rows(session, taken):
        twin = own.get(row["series_id"])
        if twin is None:
            session.execute(update(StandingInvitation).where(_S.id == row["id"]).values(person_id=kept))
            continue
        session.execute(delete(StandingInvitation).where(_S.id == row["id"]))
        if twin["ended_at"] and not row["ended_at"]:
            values = {name: row[name] for name in ("list_id", "since", "ended_at", "actor", "left_out")}
            session.execute(update(StandingInvitation).where(_S.id == twin["id"]).values(**values))


def _rows(session: Session, person_id: str) -> list[dict[str, Any]]:
    return [dict(row) for row in session.execute(select(*_S).where(_S.person_id == person_id)).mappings()]
