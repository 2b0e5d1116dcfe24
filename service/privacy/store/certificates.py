"""The SQL of deletion certificates: opened by the first rows deleted, sealed by the last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, literal, select, update
from sqlmodel import Session

from service.db.engine import is_sqlite
from service.db.types import columns
from service.events.tables import Event
from service.kernel.ids import new_id
from service.privacy.certifying import chained, sealed_sha256
from service.privacy.tables import DeletionCertificate
from service.privacy.values import Deletion

_C, _E = columns(DeletionCertificate), columns(Event)
CHUNK = 500  # bind parameters a statement, well under SQLite's limit
_CERTIFICATES_LOCK = 710_331  # any number, the same in every process


def add(
    session: Session,
    rule: str,
    event_id: str | None,
    counts: Mapping[str, int],
    ids: Iterable[str],
    *,
    now: datetime,
    certificate_id: str | None = None,
) -> str:
    """Add deleted rows, by what they were, to the open certificate of a rule; return its id.

    With an id a certificate of its own is opened.
    """
    is_same = (_C.rule == rule, _C.event_id == event_id, _C.sealed_at.is_(None), literal(certificate_id is None))
    row = session.execute(select(_C.id, _C.counts, _C.ids_sha256).where(*is_same).with_for_update()).first()
    found, so_far, chain = (row.id, row.counts, row.ids_sha256) if row else (certificate_id or new_id(), {}, "")
    if row is None:
        empty: dict[str, Any] = {"id": found, "rule": rule, "event_id": event_id, "opened_at": now, "counts": {}}
        session.execute(insert(DeletionCertificate).values(**empty))
    total = Counter[str](so_far) + Counter(dict(counts))
    changed = {"counts": dict(total), "ids_sha256": chained(chain, ids)}
    session.execute(update(DeletionCertificate).where(_C.id == found).values(**changed))
    return str(found)


def seal(session: Session, certificate_id: str, *, now: datetime) -> Deletion:
    """Give a certificate its number and its place in the chain; nothing is added to it from now on."""
    if not is_sqlite(session):
        session.execute(select(func.pg_advisory_xact_lock(_CERTIFICATES_LOCK)))
    last = session.execute(_sealed().order_by(_C.number.desc()).limit(1)).first()
    number, previous = (last.number + 1, last.sha256) if last else (1, "")
    change = {"number": number, "sealed_at": now, "previous_sha256": previous}
    session.execute(update(DeletionCertificate).where(_C.id == certificate_id).values(**change))
    done = _read(session, certificate_id)
    session.execute(update(DeletionCertificate).where(_C.id == done.id).values(sha256=sealed_sha256(done)))
    return _read(session, certificate_id)


def known(session: Session, ids: Sequence[str]) -> set[str]:
    """Return which of some certificates there are."""
    found: set[str] = set()
    for start in range(0, len(ids), CHUNK):
        found.update(session.execute(select(_C.id).where(_C.id.in_(ids[start : start + CHUNK]))).scalars())
    return found


def read_open(session: Session) -> list[tuple[str, str]]:
    """Return the certificates that are open, each with its rule."""
    rows = session.execute(select(_C.id, _C.rule).where(_C.sealed_at.is_(None)).order_by(_C.id))
    return [(row.id, row.rule) for row in rows]


def read_sealed(session: Session, *, before: int | None = None, limit: int = 100) -> list[Deletion]:
    """Return sealed certificates, newest first; `before` a number, for the next page."""
    query = _sealed() if before is None else _sealed().where(_C.number < before)
    return [_deletion(row) for row in session.execute(query.order_by(_C.number.desc()).limit(limit))]


def read_chain(session: Session) -> list[Deletion]:
    """Return every sealed certificate, oldest first."""
    return [_deletion(row) for row in session.execute(_sealed().order_by(_C.number))]


def find(session: Session, certificate_id: str) -> Deletion | None:
    """Return one sealed certificate."""
    row = session.execute(_sealed().where(_C.id == certificate_id)).first()
    return _deletion(row) if row else None


def _sealed() -> Select[Any]:
    return select(*_C, _E.title).outerjoin(Event, _E.id == _C.event_id).where(_C.sealed_at.is_not(None))


def _read(session: Session, certificate_id: str) -> Deletion:
    return _deletion(session.execute(_sealed().where(_C.id == certificate_id)).one())


def _deletion(row: Any) -> Deletion:
    return Deletion(
        id=row.id,
        number=row.number,
        rule=row.rule,
        event_id=row.event_id,
        event_title=row.title or "",
        opened_at=row.opened_at,
        sealed_at=row.sealed_at,
        counts=dict(row.counts),
        ids_sha256=row.ids_sha256,
        previous_sha256=row.previous_sha256,
        sha256=row.sha256,
    )
