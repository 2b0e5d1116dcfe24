"""The SQL of relays: which rest, for which domain, and when the next letter of a rate is due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from service.db.engine import is_sqlite
from service.db.types import columns
from service.mail import tables
from service.mail.routes import Key

_R, _T = columns(tables.RelayRest), columns(tables.RelayRate)
_RESTS = select(_R.relay, _R.domain).where(_R.until > bindparam("now"))
_RATES_LOCK = 0x4641_5253  # one claim at a time reads and writes the rates


def hold_rates(session: Session) -> None:
    """Let one transaction at a time count letters; SQLite has but one writer anyway."""
    if not is_sqlite(session):
        session.execute(select(func.pg_advisory_xact_lock(_RATES_LOCK)))


def read_rests(session: Session, *, now: datetime) -> set[Key]:
    """Return (relay, domain) of all that rests at an instant."""
    return {(relay, domain) for relay, domain in session.connection().execute(_RESTS, {"now": now})}


def write_rests(session: Session, rests: Mapping[Key, datetime], *, now: datetime) -> None:
    """Let relays rest, each until its instant; rests that are over go."""
    session.execute(delete(tables.RelayRest).where(_R.until <= now))
    rows = [{"relay": relay, "domain": domain, "until": until} for (relay, domain), until in sorted(rests.items())]
    _upsert(session, tables.RelayRest, "until", rows)


def read_due(session: Session, *, now: datetime) -> dict[Key, datetime]:
    """Return when the next letter of each rate is due, where that is still to come."""
    rows = session.execute(select(_T.relay, _T.domain, _T.due_at).where(_T.due_at > now))
    return {(row.relay, row.domain): row.due_at for row in rows}


def write_due(session: Session, due: Mapping[Key, datetime], *, now: datetime) -> None:
    """Note when the next letter of each rate is due; times that are past go."""
    session.execute(delete(tables.RelayRate).where(_T.due_at <= now))
    rows = [{"relay": relay, "domain": domain, "due_at": at} for (relay, domain), at in sorted(due.items())]
    _upsert(session, tables.RelayRate, "due_at", rows)


def forget_routes(session: Session, *, now: datetime) -> None:
    """Delete rests and rates that are over."""
    write_rests(session, {}, now=now)
    write_due(session, {}, now=now)


def _upsert(session: Session, table: Any, value: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    dialect = sqlite if is_sqlite(session) else postgresql
    statement = dialect.insert(table.__table__)
    put = statement.on_conflict_do_update(
        index_elements=["relay", "domain"], set_={value: getattr(statement.excluded, value)}
    )
    session.connection().execute(put, rows)
