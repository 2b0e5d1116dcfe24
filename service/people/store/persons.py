"""The SQL of persons."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Select, bindparam, exists, func, select, tuple_, update
from sqlmodel import Session

from service.db.types import columns
from service.kernel.text import folded
from service.people import tables
from service.people.bulk import among
from service.people.store.common import (
    UnknownPerson,
    anchor,
    contains,
    insert_into,
    page_of,
)
from service.people.values import (
    Page,
    Person,
    PersonId,
)

_P, _O, _A = columns(tables.Person), columns(tables.Organisation), columns(tables.Audience)
_M = columns(tables.Membership)
_NAMES = {"organisation": _O.name.label("organisation"), "audience": _A.name.label("audience")}
_PERSON = [_NAMES[name] if name in _NAMES else _P[name] for name in Person.__dataclass_fields__]


def _person_query() -> Select[Any]:
    joined = select(*_PERSON).outerjoin(tables.Organisation, _O.id == _P.organisation_id)
    return joined.outerjoin(tables.Audience, _A.id == _P.audience_id)


def _person(row: Mapping[str, Any]) -> Person:
    return Person(**{**row, "other_emails": tuple(row["other_emails"]), "tags": tuple(row["tags"])})


def read_person(session: Session, person_id: str) -> Person:
    """Return one person.

    Raises:
        UnknownPerson: there is none of this id.
    """
    row = session.execute(_person_query().where(_P.id == person_id)).mappings().first()
    if row is None:
        raise UnknownPerson("There is no such person.")
    return _person(dict(row))


def read_these(session: Session, person_ids: Collection[str]) -> dict[str, Person]:
    """Return people by their ids; unknown ids are left out."""
    rows = session.execute(_person_query().where(among(session, _P.id, person_ids))).mappings()
    return {row["id"]: _person(dict(row)) for row in rows}


def lock_person(session: Session, person_id: str) -> Person:
    """Return one person, held until the transaction ends."""
    session.execute(select(_P.id).where(_P.id == person_id).with_for_update())
    return read_person(session, person_id)


def find_person(session: Session, email_key: str) -> PersonId | None:
    """Return the person of an address, or None."""
    found = session.execute(select(_P.id).where(_P.email_key == email_key)).scalar_one_or_none()
    return PersonId(found) if found else None


def read_people(
    session: Session,
    *,
    text: str = "",
    list_id: str | None = None,
    audience_id: str | None = None,
    organisation_id: str | None = None,
    where: Any = None,
    after: str | None = None,
    limit: int = 100,
) -> Page[Person]:
    """Return people in order of their names; all words of `text` must occur in name, address, organisation or tag.

    `where` is one more condition on `person`, as the directory makes of a filter.

    Raises:
        Invalid: `after` is nobody's id.
    """
    query = _person_query().where(*_filters(text, list_id, audience_id, organisation_id, where))
    if after:
        query = query.where(tuple_(_P.folded, _P.id) > anchor(session, _P, after))
    rows = session.execute(query.order_by(_P.folded, _P.id).limit(limit + 1)).mappings()
    return page_of([_person(dict(row)) for row in rows], limit)


def count_people(
    session: Session,
    *,
    text: str = "",
    list_id: str | None = None,
    audience_id: str | None = None,
    organisation_id: str | None = None,
    where: Any = None,
) -> int:
    """Return how many people `read_people` finds."""
    filters = _filters(text, list_id, audience_id, organisation_id, where)
    return int(session.execute(select(func.count()).select_from(tables.Person).where(*filters)).scalar_one())


def _filters(
    text: str, list_id: str | None, audience_id: str | None, organisation_id: str | None, where: Any
) -> list[Any]:
    wanted: list[Any] = [] if where is None else [where]
    wanted += words_of(text)
    if list_id:
        wanted.append(exists().where(_M.person_id == _P.id, _M.list_id == list_id))
    if audience_id:
        wanted.append(_P.audience_id == audience_id)
    if organisation_id:
        wanted.append(_P.organisation_id == organisation_id)
    return wanted


def words_of(text: str) -> list[Any]:
    """Return the conditions that all words of a text occur in what search reads of a person."""
    return [contains(_P.folded, word) for word in folded(text).split()]


def add_person(session: Session, values: Mapping[str, Any]) -> bool:
    """Insert a person; tell whether the address was free."""
    statement = (
        insert_into(session, tables.Person).values(**values).on_conflict_do_nothing(index_elements=["email_key"])
    )
    return session.execute(statement.returning(_P.id)).first() is not None


def write_folded(session: Session, texts: Mapping[str, str]) -> None:
    """Write what search reads of people, by their ids."""
    rows = [{"b_id": person_id, "b_folded": text} for person_id, text in texts.items()]
    if rows:
        statement = update(tables.Person).where(_P.id == bindparam("b_id")).values(folded=bindparam("b_folded"))
        session.connection().execute(statement, rows)


def write_person(session: Session, person_id: str, values: Mapping[str, Any]) -> None:
    """Write columns of a person."""
    session.execute(update(tables.Person).where(_P.id == person_id).values(**values))
