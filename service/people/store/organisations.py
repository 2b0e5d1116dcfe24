"""The SQL of audiences and organisations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_, update
from sqlmodel import Session

from service.db.types import columns
from service.kernel.ids import new_id
from service.people import tables
from service.people.bulk import among, insert_many
from service.people.rules import organisation_key
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


def read_organisations(session: Session, *, after: str | None = None, limit: int = 100) -> Page[Organisation]:
    """Return organisations by name."""
    query = select(*_ORGANISATION).order_by(_O.folded, _O.id).limit(limit + 1)
    if after:
        query = query.where(tuple_(_O.folded, _O.id) > anchor(session, _O, after))
    items = [Organisation(**row) for row in session.execute(query).mappings()]
    return page_of(items, limit)


def find_organisations(session: Session, names: Iterable[str]) -> dict[str, OrganisationId]:
    """Return the organisations known by these folded names."""
    rows = session.execute(select(_O.folded, _O.id).where(among(session, _O.folded, set(names))))
    return {name: OrganisationId(found) for name, found in rows}


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
