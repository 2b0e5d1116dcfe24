"""The SQL of suppression: addresses not to be written to, known by their hashes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from service.db.engine import is_sqlite
from service.db.many import among
from service.db.types import columns
from service.kernel.ids import new_id
from service.mail import tables
from service.mail.values import Stop, SuppressionReason

_S, _D, _M = columns(tables.Suppression), columns(tables.Delivery), columns(tables.Mailing)
_CHUNK = 5_000
_PAIRS = select(_S.address_hash, _S.scope).where(among(_S.address_hash, "hashes"))


def add_suppression(session: Session, address_hash: str, scope: str, reason: str, *, now: datetime) -> bool:
    """Remember not to write to an address; tell whether this is news. Said again, it is noted that it was."""
    dialect = sqlite if is_sqlite(session) else postgresql
    row = {"id": new_id(), "address_hash": address_hash, "scope": scope, "reason": reason, "at": now}
    statement = dialect.insert(tables.Suppression).values(row)
    done = session.execute(statement.on_conflict_do_nothing(index_elements=["address_hash", "scope"]).returning(_S.id))
    is_news = done.first() is not None
    if not is_news:
        same = (_S.address_hash == address_hash, _S.scope == scope)
        session.execute(update(tables.Suppression).where(*same).values(at=now))
    return is_news


def remove_suppressions(session: Session, address_hash: str, scopes: Sequence[str], reason: str) -> list[str]:
    """Delete what stops letters to an address for one reason in some scopes; return those scopes."""
    where = (_S.address_hash == address_hash, _S.scope.in_(list(scopes)), _S.reason == reason)
    return list(session.execute(delete(tables.Suppression).where(*where).returning(_S.scope)).scalars())


def read_suppressions(session: Session, address_hash: str) -> list[Stop]:
    """Return what stops letters to an address, by scope."""
    query = select(_S.scope, _S.reason, _S.at).where(_S.address_hash == address_hash).order_by(_S.scope)
    return [Stop(row.scope, SuppressionReason(row.reason), row.at) for row in session.execute(query)]


def count_left(session: Session, list_id: str, wider: Sequence[str], reasons: Iterable[str]) -> int:
    """Return how many addresses want no more of a list's letters, for one of the reasons.

    They said so of the list, or of a wider scope once they had a letter of it.
    """
    mailings = select(_M.id).where(_M.list_id == list_id)
    had = select(_D.id).where(_D.address_hash == _S.address_hash, _D.mailing_id.in_(mailings)).exists()
    where = or_(_S.scope == f"list:{list_id}", and_(_S.scope.in_(list(wider)), had))
    number = select(func.count(_S.address_hash.distinct())).where(where, _S.reason.in_(sorted(reasons)))
    return int(session.execute(number).scalar_one())


def suppressed(session: Session, address_hashes: Iterable[str], scopes: Iterable[str]) -> set[str]:
    """Return those of the hashes that are suppressed in any of the scopes."""
    hashes, wanted = list(set(address_hashes)), list(scopes)
    found: set[str] = set()
    for at in range(0, len(hashes), _CHUNK):  # PostgreSQL takes 65,535 parameters
        part = _S.address_hash.in_(hashes[at : at + _CHUNK])
        found.update(session.execute(select(_S.address_hash).where(part, _S.scope.in_(wanted))).scalars())
    return found


def suppressed_pairs(session: Session, address_hashes: Iterable[str]) -> set[tuple[str, str]]:
    """Return (hash, scope) of every suppression of the given addresses."""
    rows = session.connection().execute(_PAIRS, {"hashes": list(address_hashes)})
    return {(row.address_hash, row.scope) for row in rows}
