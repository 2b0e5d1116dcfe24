"""The SQL of carrying out a stretch of rows.

The people it makes go from their rows into `person` by one statement inside the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Date, String, and_, bindparam, delete, exists, func, insert, literal, or_, select, update
from sqlmodel import Session

from service.db.types import Instant, columns
from service.kernel.ids import new_id
from service.people import tables
from service.people.store import insert_into
from service.people.store.import_rows import within
from service.people.values import Consent, MailingList, Verdict

_M, _R, _K = columns(tables.Membership), columns(tables.ImportRow), columns(tables.ImportChunk)
_N, _P, _O = columns(tables.OrganisationName), columns(tables.Person), columns(tables.Organisation)
_TIME = 10  # letters of an id that tell its time
_ORGANISATION_KEY = _R.fields["organisation_key"].as_string()


def add_chunk(session: Session, import_id: str, rows: range, *, now: datetime) -> None:
    """Note that a stretch of rows was carried out."""
    session.execute(insert(tables.ImportChunk).values(batch_id=import_id, through=rows.stop - 1, at=now))


def last_chunk(session: Session, import_id: str) -> tuple[range, datetime] | None:
    """Return the stretch that was carried out last and when, None when there is none."""
    query = select(_K.through, _K.at).where(_K.batch_id == import_id).order_by(_K.through.desc()).limit(2)
    found = session.execute(query).all()
    if not found:
        return None
    before = found[1].through if len(found) > 1 else 0
    return range(before + 1, found[0].through + 1), found[0].at


def drop_chunk(session: Session, import_id: str, rows: range) -> None:
    """Forget that a stretch of rows was carried out."""
    session.execute(delete(tables.ImportChunk).where(_K.batch_id == import_id, _K.through == rows.stop - 1))


def read_missing_organisations(session: Session, import_id: str, rows: range) -> list[str]:
    """Return the names of organisations that the people to be made belong to and that are not there yet."""
    query = select(func.min(_R.fields["organisation"].as_string()))
    query = query.outerjoin(tables.Organisation, _O.folded == _ORGANISATION_KEY).where(~_has_other_name())
    where = (*within(import_id, rows, [Verdict.CREATE.value]), _O.id.is_(None), _ORGANISATION_KEY.is_not(None))
    return list(session.execute(query.where(*where).group_by(_ORGANISATION_KEY)).scalars())


def _has_other_name() -> Any:
    return exists().where(_N.folded == _ORGANISATION_KEY).correlate(tables.ImportRow)


def make_people(session: Session, import_id: str, rows: range, *, source: str | None, now: datetime) -> None:
    """Insert the people that a stretch of rows makes; `source` says where the file is from."""
    at = literal(now, Instant)
    plain = ("name", "greeting", "email", "email_key", "audience_id", "role", "country", "region", "language")
    made = {
        "id": _R.person_id,
        **{name: _R.fields[name].as_string() for name in (*plain, "pseudonym", "folded")},
        "other_emails": _R.fields["other_emails"],
        "organisation_id": func.coalesce(_O.id, _N.organisation_id),
        "time_zone": func.coalesce(_R.fields["time_zone"].as_string(), _R.fields["zone"].as_string()),
        "tags": _R.fields["tags"],
        "at_risk": _R.fields["at_risk"].as_boolean(),
        "source": func.coalesce(_R.fields["source"].as_string(), source),
        "source_on": literal(now.date(), Date),
        "created_at": at,
        "updated_at": at,
    }
    query = select(*made.values()).select_from(tables.ImportRow)
    query = query.outerjoin(tables.Organisation, _O.folded == _ORGANISATION_KEY)
    query = query.outerjoin(tables.OrganisationName, _N.folded == _ORGANISATION_KEY)
    query = query.where(*within(import_id, rows, [Verdict.CREATE.value]))
    # Past the ORM, which would look at each of them.
    session.connection().execute(insert_into(session, tables.Person).from_select(list(made), query))


def write_people(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write many people; every row has an `id` and the same columns."""
    keyed = [{"b_id": row["id"], **{name: row[name] for name in row if name != "id"}} for row in rows]
    if keyed:
        session.connection().execute(update(tables.Person).where(_P.id == bindparam("b_id")), keyed)


def join_list(
    session: Session, import_id: str, rows: range, target: MailingList, consent: Consent | None, *, now: datetime
) -> None:
    """Put the made and changed on a list, or give those on it without a basis the stated one; remember the consent.

    A consent's id is of this moment, with the chance that lies in its person's.
    """
    at = literal(now, Instant)
    basis, source = (consent.basis.value, consent.source) if consent else (None, None)
    joined = {"list_id": literal(target.id), "person_id": _R.person_id, "basis": literal(basis, String)}
    joined |= {"source": literal(source, String), "joined_at": at}
    statement = insert_into(session, tables.Membership).from_select(
        list(joined), _joining(import_id, rows, target, joined, stated=consent is not None)
    )
    keys, connection = ["list_id", "person_id"], session.connection()  # past the ORM, as above
    if consent is None:
        connection.execute(statement.on_conflict_do_nothing(index_elements=keys))
        return
    agreed = {
        "id": literal(new_id()[:_TIME]) + func.substr(_R.person_id, _TIME + 1),
        "person_id": _R.person_id,
        "list_id": literal(target.id),
        "purpose": literal(target.purpose),
        "basis": literal(basis),
        "source": literal(source, String),
        "withdrawn": literal(False),
        "at": at,
    }
    query = _joining(import_id, rows, target, agreed, stated=True)
    connection.execute(insert(tables.ConsentRecord).from_select(list(agreed), query))
    stated = {"basis": statement.excluded.basis, "source": statement.excluded.source}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=stated))


def _joining(import_id: str, rows: range, target: MailingList, wanted: Mapping[str, Any], *, stated: bool) -> Any:
    """Select something of who is not on the list yet, or on it without a basis when one is `stated` now."""
    member = and_(_M.person_id == _R.person_id, _M.list_id == target.id)
    is_new = or_(_M.person_id.is_(None), _M.basis.is_(None)) if stated else _M.person_id.is_(None)
    query = select(*wanted.values()).select_from(tables.ImportRow).outerjoin(tables.Membership, member)
    return query.where(*within(import_id, rows), is_new)
