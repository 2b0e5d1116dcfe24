"""The SQL of forgetting and of showing standing invitations to series."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Session

from service.db.types import columns
from service.events.tables import Series
from service.invitations.tables import StandingInvitation
from service.privacy.values import Subject

_S = columns(StandingInvitation)


def forget_standing(session: Session, subject: Subject) -> int:
    """Delete someone's standing invitations; return how many."""
    where = _S.person_id.in_(subject.person_ids)
    return int(session.connection().execute(delete(StandingInvitation).where(where)).rowcount)


def read_standing(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return someone's standing invitations with the title of the series, oldest first."""
    series = columns(Series)
    query = select(series.title.label("series"), _S.since, _S.ended_at, _S.left_out)
    query = query.join(Series, series.id == _S.series_id).where(_S.person_id.in_(subject.person_ids))
    return [dict(row) for row in session.execute(query.order_by(_S.since, _S.id)).mappings()]
