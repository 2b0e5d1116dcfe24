"""The SQL of possible duplicates: keys of people, pairs that share one, pairs said to be two."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from service.db.engine import is_sqlite
from service.db.types import columns
from service.directory.tables import DifferentPeople, PersonKey
from service.directory.values import KeyKind, Place, Traits
from service.people.bulk import among
from service.people.rules.addresses import BadAddress, normalise_address
from service.people.tables import Organisation, Person

_P, _O, _K, _X = columns(Person), columns(Organisation), columns(PersonKey), columns(DifferentPeople)
_KEYS = PersonKey.__table__  # type: ignore[attr-defined]
_TRAITS = [_P.id, _P.name, _P.email_key, _P.other_emails, _P.organisation_id, _O.name.label("organisation")]
# Of a key that more people share than this nothing can be said: “Office” at a coalition, a template's name.
MOST = 20
# No transaction that writes people takes longer; what commits later than its instant is found all the same.
_LOOK_BACK = timedelta(minutes=5)


def read_stale(session: Session, *, now: datetime, limit: int) -> dict[str, datetime]:
    """Return people whose keys are missing or of before their last change, with that change; the oldest first."""
    is_keyed = exists().where(_K.person_id == _P.id, _K.of == _P.updated_at)
    query = select(_P.id, _P.updated_at).where(~is_keyed).order_by(_P.updated_at, _P.id).limit(limit)
    if latest := session.execute(select(func.max(_K.of))).scalar_one():
        is_fresh = latest > now - _LOOK_BACK
        query = query.where(_P.updated_at >= (latest - _LOOK_BACK if is_fresh else latest))
    return {row.id: row.updated_at for row in session.execute(query)}


def read_traits(session: Session, person_ids: Collection[str]) -> dict[str, Traits]:
    """Return what is compared of people, by their ids."""
    query = select(*_TRAITS).outerjoin(Organisation, _O.id == _P.organisation_id)
    rows = session.execute(query.where(among(session, _P.id, person_ids))).mappings()
    return {row["id"]: _traits(dict(row)) for row in rows}


def _traits(row: Mapping[str, Any]) -> Traits:
    keys = [row["email_key"], *filter(None, map(_key, row["other_emails"]))]
    return Traits(row["id"], row["name"], tuple(dict.fromkeys(keys)), row["organisation_id"], row["organisation"])


def _key(address: str) -> str | None:
    try:
        return normalise_address(address).key
    except BadAddress:  # taken before today's rule: it leads to no mailbox
        return None


def write_keys(session: Session, keys: Mapping[str, Collection[tuple[KeyKind, str]]], of: Mapping[str, Any]) -> None:
    """Put keys of people in the place of those they had. `of`: what they were worked out from."""
    theirs = among(session, _K.person_id, keys)
    touched = set(session.execute(select(_K.key).where(theirs)).scalars())
    session.execute(delete(PersonKey).where(theirs))
    rows = [
        {"kind": int(kind), "key": key, "person_id": person_id, "of": of[person_id], "shared": False}
        for person_id, own in keys.items()
        for kind, key in own
    ]
    if rows:
        session.execute(insert(PersonKey), rows)
    _note_shared(session, touched | {str(row["key"]) for row in rows})


def _note_shared(session: Session, keys: Collection[str]) -> None:
    """Note for all who have one of some keys whether a few have it."""
    are_these = and_(_K.kind.in_([int(kind) for kind in KeyKind]), among(session, _K.key, keys))
    counted = select(_K.kind, _K.key).where(are_these).group_by(_K.kind, _K.key)
    few = set(map(tuple, session.execute(counted.having(func.count().between(2, MOST)))))
    marked = set(map(tuple, session.execute(select(_K.kind, _K.key).where(are_these, _K.shared).distinct())))
    for changed, is_shared in ((few, True), (marked - few, False)):
        hit = and_(are_these, among(session, _K.key, {key for _kind, key in changed}), _K.shared.is_(not is_shared))
        if changed:
            session.execute(update(PersonKey).where(hit).values(shared=is_shared))


def read_pairs(session: Session, *, after: Place | None, limit: int) -> list[Place]:
    """Return pairs of people who share a key and were not said to be two, the strongest keys first.

    A pair stands once, at the strongest key.
    """
    one, other = (_KEYS.alias(name) for name in ("one", "other"))
    place = (one.c.kind, one.c.key, one.c.person_id, other.c.person_id)
    same = and_(other.c.kind == one.c.kind, other.c.key == one.c.key, other.c.person_id > one.c.person_id)
    query = select(*place).select_from(one).join(other, and_(same, other.c.shared))
    query = query.where(one.c.shared, ~_is_different(one.c.person_id, other.c.person_id), ~_share_stronger(one, other))
    if after:
        query = query.where(tuple_(*place[:2]) >= tuple_(int(after.kind), after.key))
        query = query.where(tuple_(*place) > tuple_(int(after.kind), after.key, after.first, after.second))
    rows = session.execute(query.order_by(*place).limit(limit))
    return [Place(KeyKind(row[0]), row[1], row[2], row[3]) for row in rows]


def _share_stronger(one: Any, other: Any) -> ColumnElement[bool]:
    """Return the condition that two people share a key that stands before the one they are joined by."""
    a, b = (_KEYS.alias(name) for name in ("stronger", "same"))
    is_before = tuple_(a.c.kind, a.c.key) < tuple_(one.c.kind, one.c.key)
    same = and_(b.c.kind == a.c.kind, b.c.key == a.c.key, b.c.person_id == other.c.person_id)
    return exists().where(a.c.person_id == one.c.person_id, a.c.shared, is_before, same)


def find_place(session: Session, first: str, second: str) -> Place | None:
    """Return where a pair stands in the list, or stood before it was told apart; None when it never does."""
    a, b = (_KEYS.alias(name) for name in ("a", "b"))
    same = and_(b.c.kind == a.c.kind, b.c.key == a.c.key, b.c.person_id == second)
    query = select(a.c.kind, a.c.key).join(b, same).where(a.c.person_id == first, a.c.shared)
    row = session.execute(query.order_by(a.c.kind, a.c.key).limit(1)).first() if first < second else None
    return Place(KeyKind(row.kind), row.key, first, second) if row else None


def _is_different(first: Any, second: Any) -> ColumnElement[bool]:
    return exists().where(_X.first_id == first, _X.second_id == second)


def add_different(session: Session, pair: Sequence[str], *, now: datetime, actor: str) -> bool:
    """Remember that two people, in order, are two; tell whether that is news."""
    values = {"first_id": pair[0], "second_id": pair[1], "at": now, "by": actor}
    statement = (sqlite if is_sqlite(session) else postgresql).insert(DifferentPeople).values(**values)
    return session.execute(statement.on_conflict_do_nothing().returning(_X.first_id)).first() is not None
