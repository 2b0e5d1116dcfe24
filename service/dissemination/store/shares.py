"""The SQL of secret addresses of reports: only their hashes are kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlmodel import Session

from service.db.types import columns
from service.dissemination.sharing import Share
from service.dissemination.tables.reports import ReportShare
from service.kernel.ids import new_id
from service.kernel.tokens import digest

_R = columns(ReportShare)
_SHARE = [_R[name] for name in Share.__dataclass_fields__]


def add_share(session: Session, snapshot_id: str, secret: str, *, ends_at: datetime, now: datetime, actor: str) -> str:
    """Keep the hash of a secret address, and return the share's id."""
    row = {"id": new_id(), "snapshot_id": snapshot_id, "token_hash": digest(secret), "made_by": actor}
    session.execute(insert(ReportShare).values(**row, made_at=now, ends_at=ends_at))
    return row["id"]


def read_shares(session: Session, snapshot_id: str) -> list[Share]:
    """Return the shares of a report, newest first, also those that are over."""
    query = select(*_SHARE).where(_R.snapshot_id == snapshot_id).order_by(_R.made_at.desc(), _R.id.desc())
    return [Share(*row) for row in session.execute(query)]


def find_share(session: Session, secret: str) -> Share | None:
    """Return the share of a secret, or None when nobody made it."""
    row = session.execute(select(*_SHARE).where(_R.token_hash == digest(secret))).one_or_none()
    return Share(*row) if row else None


def read_share(session: Session, share_id: str) -> Share | None:
    """Return a share, held until the transaction ends, or None."""
    row = session.execute(select(*_SHARE).where(_R.id == share_id).with_for_update()).one_or_none()
    return Share(*row) if row else None


def end_share(session: Session, share_id: str, *, now: datetime) -> None:
    """Note that a share is over."""
    session.execute(update(ReportShare).where(_R.id == share_id).values(ended_at=now))
