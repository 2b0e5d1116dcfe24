"""The SQL of forgetting standing invitations to series, of showing them, and of letting them go with time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, or_, select
from sqlmodel import Session

from service.db.types import columns
from service.events.tables import Event, Series
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


def delete_old_standing(session: Session, *, before: datetime) -> int:
    """Delete the standing invitations that ended before an instant, or whose series has had no date since."""
    event = columns(Event)
    goes_on = exists().where(event.series_id == _S.series_id, event.ends_at >= before)
    is_over = or_(_S.ended_at < before, and_(_S.since < before, ~goes_on))
    return int(session.connection().execute(delete(StandingInvitation).where(is_over)).rowcount)
