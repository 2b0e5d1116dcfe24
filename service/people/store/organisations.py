"""The SQL of audiences and organisations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, func, insert, or_, select, tuple_, update
from sqlmodel import Session

from service.db.types import columns
from service.kernel.ids import new_id
from service.kernel.text import folded
from service.people import tables
from service.people.bulk import among, insert_many
from service.people.rules.organisations import organisation_key
from service.people.store.common import (
    KeyTaken,
    UnknownAudience,
    UnknownOrganisation,
    anchor,
    insert_into,
    page_of,
)
from service.people.values import (
    Audience,
    AudienceId,
    Organisation,
    OrganisationId,
    Page,
)

_O, _A = columns(tables.Organisation), columns(tables.Audience)
_N, _P = columns(tables.OrganisationName), columns(tables.Person)
_AUDIENCE = [_A[name] for name in Audience.__dataclass_fields__]
_ORGANISATION = [_O[name] for name in Organisation.__dataclass_fields__]


def add_audience(session: Session, *, rank: int, key: str, name: str, planned_share: float | None) -> Audience:
    """Insert an audience.

    Raises:
        KeyTaken: the key is another's.
    """
    made = Audience(AudienceId(new_id()), rank, key, name, planned_share)
    statement = insert_into(session, tables.Audience).values(asdict(made))
    if session.execute(statement.on_conflict_do_nothing(index_elements=["key"]).returning(_A.id)).first() is None:
        raise KeyTaken("There is an audience with this key.", key=key)
    return made


def write_audience(session: Session, audience_id: str, values: Mapping[str, Any]) -> None:
    """Write columns of an audience."""
    session.execute(update(tables.Audience).where(_A.id == audience_id).values(**values))


def read_audiences(session: Session) -> list[Audience]:
    """Return all audiences, rank 1 first."""
    rows = session.execute(select(*_AUDIENCE).order_by(_A.rank, _A.key)).mappings()
    return [Audience(**row) for row in rows]


def read_audience(session: Session, audience_id: str) -> Audience:
    """Return one audience.

    Raises:
        UnknownAudience: there is none of this id.
    """
    row = session.execute(select(*_AUDIENCE).where(_A.id == audience_id)).mappings().first()
    if row is None:
        raise UnknownAudience("There is no such audience.", field="audience_id")
    return Audience(**row)


def read_organisation(session: Session, organisation_id: str) -> Organisation:
    """Return one organisation.

    Raises:
        UnknownOrganisation: there is none of this id.
    """
    row = session.execute(select(*_ORGANISATION).where(_O.id == organisation_id)).mappings().first()
    if row is None:
        raise UnknownOrganisation("There is no such organisation.", field="organisation_id")
    return Organisation(**row)


def lock_organisation(session: Session, organisation_id: str) -> Organisation:
    """Return one organisation, held until the transaction ends."""
    session.execute(select(_O.id).where(_O.id == organisation_id).with_for_update())
    return read_organisation(session, organisation_id)


def read_organisations(
    session: Session, *, text: str = "", kind: str | None = None, after: str | None = None, limit: int = 100
) -> Page[Organisation]:
    """Return organisations by name; all words of `text` must occur in its name, or all in one of its other names."""
    query = select(*_ORGANISATION).order_by(_O.folded, _O.id).limit(limit + 1)
    if words := folded(text).split():
        other = exists().where(_N.organisation_id == _O.id, *(_N.folded.contains(w, autoescape=True) for w in words))
        query = query.where(or_(and_(*(_O.folded.contains(word, autoescape=True) for word in words)), other))
    if kind:
        query = query.where(_O.type == kind)
    if after:
        query = query.where(tuple_(_O.folded, _O.id) > anchor(session, _O, after))
    items = [Organisation(**row) for row in session.execute(query).mappings()]
    return page_of(items, limit)


def find_organisations(session: Session, names: Iterable[str]) -> dict[str, OrganisationId]:
    """Return the organisations known by these folded names, their own or other ones."""
    wanted = set(names)
    others = select(_N.folded, _N.organisation_id).where(among(session, _N.folded, wanted))
    own = select(_O.folded, _O.id).where(among(session, _O.folded, wanted))
    return {name: OrganisationId(found) for query in (others, own) for name, found in session.execute(query)}


def read_other_names(session: Session, organisation_ids: Iterable[str]) -> dict[str, list[str]]:
    """Return the other names of organisations, by their ids; those without any are left out."""
    query = select(_N.organisation_id, _N.name).where(_N.organisation_id.in_(list(organisation_ids)))
    found: dict[str, list[str]] = {}
    for organisation_id, name in session.execute(query.order_by(_N.folded)):
        found.setdefault(organisation_id, []).append(name)
    return found


def read_own_names(session: Session) -> dict[str, str]:
    """Return the own name of organisations by each of their other names, folded."""
    query = select(_N.folded, _O.name).join(tables.Organisation, _O.id == _N.organisation_id)
    return {row.folded: row.name for row in session.execute(query)}


def write_other_names(session: Session, organisation_id: str, names: Mapping[str, str]) -> None:
    """Write the other names of an organisation in place of those before. `names`: folded -> as written."""
    session.execute(delete(tables.OrganisationName).where(_N.organisation_id == organisation_id))
    rows = [{"folded": key, "name": name, "organisation_id": organisation_id} for key, name in names.items()]
    if rows:
        session.execute(insert(tables.OrganisationName), rows)


def count_members(session: Session, organisation_ids: Iterable[str]) -> dict[str, int]:
    """Return how many people belong to organisations, by their ids; those without anyone are left out."""
    query = select(_P.organisation_id, func.count()).where(_P.organisation_id.in_(list(organisation_ids)))
    rows = session.execute(query.group_by(_P.organisation_id))
    return {str(organisation_id): int(count) for organisation_id, count in rows}


def ensure_organisations(session: Session, names: Iterable[str], *, now: datetime) -> dict[str, OrganisationId]:
    """Return organisations by folded name, making those that are missing under the first spelling given."""
    spelled: dict[str, str] = {}
    for name in dict.fromkeys(names):
        spelled.setdefault(organisation_key(name), name)
    found = find_organisations(session, spelled)
    missing = [
        {"id": new_id(), "name": name, "folded": key, "created_at": now}
        for key, name in spelled.items()
        if key not in found
    ]
    statement = insert_into(session, tables.Organisation).on_conflict_do_nothing(index_elements=["folded"])
    insert_many(session, statement, missing)
    return found | find_organisations(session, [str(row["folded"]) for row in missing])


def write_organisation(session: Session, organisation_id: str, values: Mapping[str, Any]) -> None:
    """Write columns of an organisation."""
    session.execute(update(tables.Organisation).where(_O.id == organisation_id).values(**values))
