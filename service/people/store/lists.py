"""The SQL of mailing lists, memberships and consent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, insert, select, update
from sqlmodel import Session

from service.db.types import columns
from service.kernel.ids import new_id
from service.people import tables
from service.people.bulk import among, insert_many
from service.people.store.common import (
    KeyTaken,
    UnknownList,
    insert_into,
)
from service.people.values import (
    Basis,
    Consent,
    ListId,
    MailingList,
    Membership,
)

_P, _L, _M = columns(tables.Person), columns(tables.MailingList), columns(tables.Membership)
_C = columns(tables.ConsentRecord)


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
    query = select(_M.list_id, _L.key, _L.name, _L.purpose, _M.basis, _M.source, _M.joined_at)
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
