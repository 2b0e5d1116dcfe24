"""The only SQL of people, organisations, audiences, lists and consent; that of imports is in `store.imports`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, exists, func, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from service.db.engine import is_sqlite
from service.db.types import columns
from service.kernel.errors import Conflict, Invalid, NotFound
from service.kernel.ids import new_id
from service.kernel.text import folded
from service.people import tables
from service.people.bulk import among, insert_many
from service.people.rules import organisation_key
from service.people.values import (
    Audience,
    AudienceId,
    Basis,
    Consent,
    ListId,
    MailingList,
    Membership,
    Organisation,
    OrganisationId,
    Page,
    Person,
    PersonId,
)

_P, _O, _A = columns(tables.Person), columns(tables.Organisation), columns(tables.Audience)
_L, _M, _C = columns(tables.MailingList), columns(tables.Membership), columns(tables.ConsentRecord)
_AUDIENCE = [_A[name] for name in Audience.__dataclass_fields__]
_ORGANISATION = [_O[name] for name in Organisation.__dataclass_fields__]
_NAMES = {"organisation": _O.name.label("organisation"), "audience": _A.name.label("audience")}
_PERSON = [_NAMES[name] if name in _NAMES else _P[name] for name in Person.__dataclass_fields__]


class UnknownPerson(NotFound):
    """There is no such person."""

    code = "unknown-person"


class UnknownOrganisation(NotFound):
    """There is no such organisation."""

    code = "unknown-organisation"


class UnknownAudience(NotFound):
    """There is no such audience."""

    code = "unknown-audience"


class UnknownList(NotFound):
    """There is no such mailing list."""

    code = "unknown-list"


class KeyTaken(Conflict):
    """Another list or audience has this key."""

    code = "key-taken"


def insert_into(session: Session, table: Any) -> Any:
    """Return an insert that can say ON CONFLICT on this database."""
    return (sqlite if is_sqlite(session) else postgresql).insert(table)


# Audiences and organisations


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
        query = query.where(tuple_(_O.folded, _O.id) > _anchor(session, _O, after))
    items = [Organisation(**row) for row in session.execute(query).mappings()]
    return _page(items, limit)


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


# Persons


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
    after: str | None = None,
    limit: int = 100,
) -> Page[Person]:
    """Return people in order of their names; all words of `text` must occur in name, address or organisation.

    Raises:
        Invalid: `after` is nobody's id.
    """
    query = _person_query().where(*_filters(text, list_id, audience_id, organisation_id))
    if after:
        query = query.where(tuple_(_P.folded, _P.id) > _anchor(session, _P, after))
    rows = session.execute(query.order_by(_P.folded, _P.id).limit(limit + 1)).mappings()
    return _page([_person(dict(row)) for row in rows], limit)


def count_people(
    session: Session,
    *,
    text: str = "",
    list_id: str | None = None,
    audience_id: str | None = None,
    organisation_id: str | None = None,
) -> int:
    """Return how many people `read_people` finds."""
    filters = _filters(text, list_id, audience_id, organisation_id)
    return int(session.execute(select(func.count()).select_from(tables.Person).where(*filters)).scalar_one())


def _filters(text: str, list_id: str | None, audience_id: str | None, organisation_id: str | None) -> list[Any]:
    wanted: list[Any] = [_P.folded.contains(word, autoescape=True) for word in folded(text).split()]
    if list_id:
        wanted.append(exists().where(_M.person_id == _P.id, _M.list_id == list_id))
    if audience_id:
        wanted.append(_P.audience_id == audience_id)
    if organisation_id:
        wanted.append(_P.organisation_id == organisation_id)
    return wanted


def _anchor(session: Session, table: Any, after: str) -> Any:
    row = session.execute(select(table.folded, table.id).where(table.id == after)).first()
    if row is None:
        raise Invalid("This list has changed. Begin again from its first page.", field="after")
    return tuple_(bindparam(None, row.folded), bindparam(None, row.id))


def _page(items: list[Any], limit: int) -> Page[Any]:
    more = len(items) > limit
    return Page(tuple(items[:limit]), items[limit - 1].id if more else None)


def add_person(session: Session, values: Mapping[str, Any]) -> bool:
    """Insert a person; tell whether the address was free."""
    statement = (
        insert_into(session, tables.Person).values(**values).on_conflict_do_nothing(index_elements=["email_key"])
    )
    return session.execute(statement.returning(_P.id)).first() is not None


def write_person(session: Session, person_id: str, values: Mapping[str, Any]) -> None:
    """Write columns of a person."""
    session.execute(update(tables.Person).where(_P.id == person_id).values(**values))


# Lists, memberships and consent


def _list_query() -> Select[Any]:
    members = select(func.count()).select_from(tables.Membership).where(_M.list_id == _L.id).scalar_subquery()
    names = [n for n in MailingList.__dataclass_fields__ if n != "members"]
    return select(*(_L[n] for n in names), members.label("members"))


def read_lists(session: Session) -> list[MailingList]:
    """Return all lists by name, with how many people are on each."""
    return [MailingList(**row) for row in session.execute(_list_query().order_by(_L.name, _L.id)).mappings()]


def read_list(session: Session, list_id: str) -> MailingList:
    """Return one list.

    Raises:
        UnknownList: there is none of this id.
    """
    return _one_list(session, _L.id == list_id)


def find_list(session: Session, key: str) -> MailingList:
    """Return the list of a key.

    Raises:
        UnknownList: there is none.
    """
    return _one_list(session, _L.key == key)


def _one_list(session: Session, where: Any) -> MailingList:
    row = session.execute(_list_query().where(where)).mappings().first()
    if row is None:
        raise UnknownList("There is no such list.")
    return MailingList(**row)


def add_list(session: Session, values: Mapping[str, Any]) -> ListId:
    """Insert a list and return its id.

    Raises:
        KeyTaken: the key is another's.
    """
    statement = insert_into(session, tables.MailingList).values(id=new_id(), **values)
    made = session.execute(statement.on_conflict_do_nothing(index_elements=["key"]).returning(_L.id)).first()
    if made is None:
        raise KeyTaken("There is a list with this key.", key=values["key"])
    return ListId(made.id)


def write_list(session: Session, list_id: str, values: Mapping[str, Any]) -> None:
    """Write columns of a list."""
    session.execute(update(tables.MailingList).where(_L.id == list_id).values(**values))


def read_memberships(session: Session, person_id: str) -> list[Membership]:
    """Return the lists a person is on."""
    query = select(_M.list_id, _L.key, _L.name, _M.basis, _M.source, _M.joined_at)
    query = query.join(tables.MailingList, _L.id == _M.list_id).where(_M.person_id == person_id).order_by(_L.key)
    rows = session.execute(query).mappings()
    return [Membership(**{**row, "basis": Basis(row["basis"]) if row["basis"] else None}) for row in rows]


def read_bases(session: Session, list_id: str, person_ids: Iterable[str]) -> dict[str, str | None]:
    """Return those of the people who are on the list, each with the basis."""
    where = (_M.list_id == list_id, among(session, _M.person_id, set(person_ids)))
    return {row[0]: row[1] for row in session.execute(select(_M.person_id, _M.basis).where(*where))}


def read_known_ids(session: Session, person_ids: Iterable[str]) -> set[str]:
    """Return those of the ids that are somebody's."""
    return set(session.execute(select(_P.id).where(among(session, _P.id, set(person_ids)))).scalars())


def join(
    session: Session, target: MailingList, person_ids: Sequence[str], consent: Consent | None, *, now: datetime
) -> None:
    """Put people on a list, or give those on it the stated basis, and remember the consent."""
    basis, source = (consent.basis, consent.source) if consent else (None, None)
    rows = [
        {"list_id": target.id, "person_id": p, "basis": basis, "source": source, "joined_at": now} for p in person_ids
    ]
    statement = insert_into(session, tables.Membership)
    stated = {"basis": statement.excluded.basis, "source": statement.excluded.source}
    keys = ["list_id", "person_id"]
    if consent:
        upsert = statement.on_conflict_do_update(index_elements=keys, set_=stated)
    else:
        upsert = statement.on_conflict_do_nothing(index_elements=keys)
    insert_many(session, upsert, rows)
    if consent:
        add_consents(session, target, person_ids, consent, now=now)


def leave(session: Session, list_id: str, person_ids: Iterable[str]) -> None:
    """Take people off a list."""
    chosen = among(session, _M.person_id, set(person_ids))
    session.execute(delete(tables.Membership).where(_M.list_id == list_id, chosen))


def add_consents(
    session: Session,
    target: MailingList,
    person_ids: Iterable[str],
    consent: Consent,
    *,
    now: datetime,
    withdrawn: bool = False,
) -> None:
    """Append a consent record for each person."""
    same = {
        "list_id": target.id,
        "purpose": target.purpose,
        "basis": consent.basis,
        "source": consent.source,
        "text_version": consent.text_version,
        "withdrawn": withdrawn,
        "at": now,
    }
    rows = [{"id": new_id(), "person_id": person_id, **same} for person_id in person_ids]
    insert_many(session, insert(tables.ConsentRecord), rows)


def read_consents(session: Session, person_id: str) -> list[dict[str, Any]]:
    """Return a person's consent records, oldest first."""
    query = select(*_C).where(_C.person_id == person_id).order_by(_C.at, _C.id)
    return [dict(row) for row in session.execute(query).mappings()]
