"""The SQL of stances beyond their drawer: which of a subject's is the current one."""

from __future__ import annotations

from sqlalchemy import func, select, update
from sqlmodel import Session

from service.campaign import tables
from service.campaign.store.drawers import Drawer
from service.campaign.values import Position, Stance
from service.db.types import columns

_S = columns(tables.Stance)
STANCES = Drawer(tables.Stance, Stance, lambda row: Stance(**{**row, "position": Position(row["position"])}))


def settle(session: Session, project_id: str, subject: str) -> None:
    """Make the latest stance of a state or an institution the current one; of one day, the one noted last."""
    theirs = (_S.project_id == project_id, func.coalesce(_S.country, _S.organisation_id) == subject)
    latest = select(_S.id).where(*theirs).order_by(_S.noted_on.desc(), _S.id.desc()).limit(1)
    latest_id = session.execute(latest).scalar_one_or_none()
    session.execute(update(tables.Stance).where(*theirs).values(is_current=_S.id == latest_id))
