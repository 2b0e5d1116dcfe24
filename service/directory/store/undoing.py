"""The SQL of taking an import back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel

from service.db.types import columns
from service.directory.tables import PersonKey
from service.kernel.ids import new_id
from service.mail.tables import Delivery
from service.people.bulk import among
from service.people.tables import (
    ConsentRecord,
    ImportBatch,
    ImportRow,
    Membership,
    Organisation,
    OrganisationName,
    Person,
    PersonChange,
)
from service.people.values import SEALED, ImportView, StoredChange, Verdict

_P, _O, _M, _C = columns(Person), columns(Organisation), columns(Membership), columns(ConsentRecord)
_B, _R, _H = columns(ImportBatch), columns(ImportRow), columns(PersonChange)
_N, _D, _K = columns(OrganisationName), columns(Delivery), columns(PersonKey)
_FIELDS = ("name", "greeting", "role", "audience_id", "country", "language", "time_zone", "tags", "other_emails")
_HELD = [_P[name] for name in ("id", "email", *_FIELDS, "at_risk", "pseudonym", "source")]
_STORED = [_H[name] for name in StoredChange.__dataclass_fields__]
# What an import writes of a person, or follows from it; whatever else points at them says that they are in use.
_OWN = frozenset(one.__tablename__ for one in (Membership, ConsentRecord, PersonChange, PersonKey))
UNDONE = "import taken back"


def _rows(import_id: str, rows: range, verdict: Verdict) -> ColumnElement[bool]:
    return and_(_R.batch_id == import_id, _R.row >= rows.start, _R.row < rows.stop, _R.verdict == verdict.value)


def count_made(session: Session, import_id: str, rows: range) -> int:
    """Return how many of the people that some rows made are still there."""
    query = select(func.count()).select_from(Person).join(ImportRow, _R.person_id == _P.id)
    return int(session.execute(query.where(_rows(import_id, rows, Verdict.CREATE))).scalar_one())


def read_untouched(session: Session, import_id: str, rows: range) -> list[str]:
    """Return the people that some rows made whom nobody changed, invited, wrote to or put anywhere since."""
    batch_list = select(_B.list_id).where(_B.id == import_id).scalar_subquery()
    elsewhere = exists().where(_M.person_id == _P.id, func.coalesce(_M.list_id != batch_list, True))
    withdrew = exists().where(_C.person_id == _P.id, or_(_C.withdrawn, func.coalesce(_C.list_id != batch_list, True)))
    written = exists().where(_D.recipient_ref == _P.id)
    query = select(_P.id).join(ImportRow, _R.person_id == _P.id).where(_rows(import_id, rows, Verdict.CREATE))
    query = query.where(_P.updated_at == _P.created_at, ~elsewhere, ~withdrew, ~written)
    return list(session.execute(query.where(*(~used for used in _uses()))).scalars())


def _uses() -> Iterator[ColumnElement[bool]]:
    """Give, for each table that points at a person, the condition that it does; a new table is never forgotten."""
    for table in SQLModel.metadata.tables.values():
        for column in table.c:
            if table.name not in _OWN and any(key.column is _P.id for key in column.foreign_keys):
                yield exists().where(column == _P.id)


def remove_people(session: Session, person_ids: Collection[str]) -> None:
    """Delete people with what the import wrote of them."""
    for table, c in ((Membership, _M), (ConsentRecord, _C), (PersonChange, _H), (PersonKey, _K)):
        session.execute(delete(table).where(among(session, c.person_id, person_ids)))
    session.execute(delete(Person).where(among(session, _P.id, person_ids)))


def remove_organisations(session: Session, *, made_at: datetime) -> None:
    """Delete the organisations of one instant that nobody belongs to and nobody described."""
    is_bare = and_(_O.type.is_(None), _O.country.is_(None), _O.audience_id.is_(None))
    is_used = or_(exists().where(_P.organisation_id == _O.id), exists().where(_N.organisation_id == _O.id))
    session.execute(delete(Organisation).where(_O.created_at == made_at, is_bare, ~is_used))


def read_changes(session: Session, import_id: str, rows: range) -> list[StoredChange]:
    """Return what some rows changed of people who were known, the oldest first; of sealed fields see `read_filled`."""
    query = select(*_STORED).join(ImportRow, _R.person_id == _H.person_id)
    where = (_rows(import_id, rows, Verdict.UPDATE), _H.actor == f"import:{import_id}", _H.field.not_in(SEALED))
    return [StoredChange(**row) for row in session.execute(query.where(*where).order_by(_H.id)).mappings()]


def read_filled(session: Session, import_id: str, rows: range) -> list[tuple[str, str]]:
    """Return (person, sealed field) that some rows filled for people who were known, and nobody wrote to since."""
    later = aliased(PersonChange)
    is_later = and_(later.person_id == _H.person_id, later.field == _H.field, later.id > _H.id)
    query = select(_H.person_id, _H.field).join(ImportRow, _R.person_id == _H.person_id)
    where = (_rows(import_id, rows, Verdict.UPDATE), _H.actor == f"import:{import_id}", _H.field.in_(SEALED))
    return [(row[0], row[1]) for row in session.execute(query.where(*where, ~exists().where(is_later)))]


def lock_people(session: Session, person_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Return what is held on people, by id, the organisation by name; it stays so until the transaction ends."""
    query = select(*_HELD, _O.name.label("organisation")).outerjoin(Organisation, _O.id == _P.organisation_id)
    query = query.where(among(session, _P.id, person_ids)).with_for_update(of=Person)
    return {row["id"]: dict(row) for row in session.execute(query).mappings()}


def write_person(session: Session, person_id: str, values: Mapping[str, Any]) -> None:
    """Write columns of one person."""
    session.execute(update(Person).where(_P.id == person_id).values(**values))


def leave_list(session: Session, batch: ImportView, rows: range, at: datetime, *, now: datetime) -> None:
    """Take the known people whom some rows put on a list off it, and say in the consent log that it was a mistake.

    `at`: when these rows were carried out. Who was on the list before stays on it, on the ground they had.
    """
    known = select(_R.person_id).where(_rows(batch.id, rows, Verdict.UPDATE))
    agreed = and_(_C.list_id == batch.list_id, _C.at == at, _C.person_id.in_(known), _C.withdrawn.is_(False))
    told = session.execute(select(_C.person_id, _C.purpose, _C.basis).where(agreed)).all()
    theirs = and_(_M.list_id == batch.list_id, _M.person_id.in_(known))
    session.execute(delete(Membership).where(theirs, _M.joined_at == at))
    # Only those without a ground were given one: whoever had one has no consent of this instant.
    given = among(session, _M.person_id, [row.person_id for row in told])
    session.execute(update(Membership).where(theirs, given).values(basis=None, source=None))
    _withdraw(session, batch, told, now=now)


def _withdraw(session: Session, batch: ImportView, told: Sequence[Any], *, now: datetime) -> None:
    common = {"list_id": batch.list_id, "source": UNDONE, "withdrawn": True, "at": now}
    rows = [
        {"id": new_id(), "person_id": row.person_id, "purpose": row.purpose, "basis": row.basis, **common}
        for row in told
    ]
    if rows:
        session.execute(insert(ConsentRecord), rows)
