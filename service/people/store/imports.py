"""The SQL of imports: what is held on addresses, the rows of a file with their verdicts, and carrying them out.

The people a chunk makes go from their rows into `person` by one statement inside the database.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Date, String, and_, bindparam, delete, exists, func, insert, literal, or_, select, update
from sqlmodel import Session

from service.db.scheduler import Work, make_due
from service.db.types import Instant, columns
from service.kernel.errors import NotFound
from service.kernel.ids import new_id
from service.kernel.sealing import SealRing
from service.mail.tables import Suppression
from service.people import tables
from service.people.bulk import among, insert_many
from service.people.store import insert_into
from service.people.values import (
    SEALED,
    Basis,
    Consent,
    ImportId,
    ImportState,
    ImportView,
    Known,
    MailingList,
    Reason,
    Ruling,
    Suppressed,
    Verdict,
)

_N = columns(tables.OrganisationName)
_P, _O, _M = columns(tables.Person), columns(tables.Organisation), columns(tables.Membership)
_B, _R, _S = columns(tables.ImportBatch), columns(tables.ImportRow), columns(Suppression)
_F, _K = columns(tables.ImportOriginal), columns(tables.ImportChunk)
_ORIGINAL = {"table": "import_original", "column": "data"}
_IMPORT = [_B[name] for name in ImportView.__dataclass_fields__]
_RULING = [_R[name] for name in Ruling.__dataclass_fields__]
_HELD = ("name", "greeting", "role", "audience_id", "country", "language", "time_zone", "tags", "other_emails")
_HELD_TOO = ("at_risk", "pseudonym", "source", "email", *SEALED)
_KNOWN = [_P.id, _P.email_key, *(_P[name] for name in (*_HELD, *_HELD_TOO)), _O.name.label("organisation")]
_TIME = 10  # letters of an id that tell its time
_TO_DO = (Verdict.CREATE.value, Verdict.UPDATE.value)
_KEY = _R.fields["email_key"].as_string()
_ORGANISATION_KEY = _R.fields["organisation_key"].as_string()
_WORK = {
    ImportState.READING: Work.READING,
    ImportState.APPLYING: Work.APPLYING,
    ImportState.UNDOING: Work.UNDOING,
}


class UnknownImport(NotFound):
    """There is no such import."""

    code = "unknown-import"


# What is held on addresses


def read_known(session: Session, keys: Collection[str], list_id: str | None) -> dict[str, Known]:
    """Return what is held on addresses, by key."""
    return _known(session, select(*_KNOWN).where(among(session, _P.email_key, keys)), list_id)


def lock_known(session: Session, import_id: str, rows: range, list_id: str | None) -> dict[str, Known]:
    """Return what is held on the addresses of some rows to do, by key; it stays so until the transaction ends."""
    query = select(*_KNOWN).join(tables.ImportRow, _P.email_key == _KEY).where(*_within(import_id, rows))
    return _known(session, query.with_for_update(of=tables.Person), list_id)


def _known(session: Session, query: Any, list_id: str | None) -> dict[str, Known]:
    query = query.add_columns(_M.person_id.label("member"), _M.basis)
    query = query.outerjoin(tables.Organisation, _O.id == _P.organisation_id)
    query = query.outerjoin(tables.Membership, and_(_M.person_id == _P.id, _M.list_id == list_id))
    rows = session.execute(query).mappings()
    return {r["email_key"]: Known(r["id"], dict(r), r["member"] is not None, r["basis"]) for r in rows}


def is_anyone_suppressed(session: Session) -> bool:
    """Tell whether any address is suppressed at all."""
    return session.execute(select(_S.id).limit(1)).first() is not None


def read_suppressed(session: Session, hashes: Collection[str], scopes: Iterable[str]) -> dict[str, Suppressed]:
    """Return why and since when addresses are not to be written to, by hash; erased comes before other reasons."""
    where = (among(session, _S.address_hash, hashes), _S.scope.in_(list(scopes)))
    found: dict[str, Suppressed] = {}
    for hashed, reason, at in session.execute(select(_S.address_hash, _S.reason, _S.at).where(*where).order_by(_S.at)):
        if hashed not in found or reason == Reason.ERASED:
            found[hashed] = Suppressed(Reason(reason), at)
    return found


# Imports


def add_import(session: Session, values: Mapping[str, Any]) -> ImportId:
    """Insert an import and return its id."""
    import_id = new_id()
    session.execute(insert(tables.ImportBatch).values(id=import_id, **values))
    _tell(session, values)
    return ImportId(import_id)


def write_import(session: Session, import_id: str, **values: Any) -> None:
    """Write columns of an import."""
    session.execute(update(tables.ImportBatch).where(_B.id == import_id).values(**values))
    _tell(session, values)


def _tell(session: Session, values: Mapping[str, Any]) -> None:
    """Let the workers hear of an import that they must go on with."""
    if (state := values.get("state")) and (work := _WORK.get(state)):
        make_due(session, work)


def read_import(session: Session, import_id: str, *, lock: bool = False) -> ImportView:
    """Return one import, held until the transaction ends when asked.

    Raises:
        UnknownImport: there is none of this id.
    """
    query = select(*_IMPORT).where(_B.id == import_id)
    row = session.execute(query.with_for_update() if lock else query).mappings().first()
    if row is None:
        raise UnknownImport("There is no such import.")
    return _import(dict(row))


def read_imports(session: Session, states: Iterable[ImportState] = (), *, limit: int = 50) -> list[ImportView]:
    """Return imports, newest first, in some states or in any."""
    query = select(*_IMPORT).order_by(_B.id.desc()).limit(limit)
    if wanted := list(states):
        query = query.where(_B.state.in_(wanted))
    return [_import(dict(row)) for row in session.execute(query).mappings()]


def _import(row: Mapping[str, Any]) -> ImportView:
    basis = Basis(row["consent_basis"]) if row["consent_basis"] else None
    return ImportView(**{**row, "state": ImportState(row["state"]), "consent_basis": basis})


# The file of a preview


def keep_original(session: Session, import_id: str, pieces: Iterable[bytes], *, ring: SealRing) -> None:
    """Keep the file that an import is read from, sealed a piece at a time."""
    for part, piece in enumerate(pieces):
        cell = ring.seal_bytes(piece, row_id=f"{import_id}:{part}", **_ORIGINAL)
        session.execute(insert(tables.ImportOriginal).values(batch_id=import_id, part=part, data=cell))


def read_original(session: Session, import_id: str, *, ring: SealRing) -> Iterator[bytes]:
    """Give the pieces of the file that an import was read from; none when it is kept no more.

    Raises:
        CannotOpen: it lies under a key that is not here.
    """
    for part in session.execute(select(_F.part).where(_F.batch_id == import_id).order_by(_F.part)).scalars().all():
        piece = (_F.batch_id == import_id, _F.part == part)
        cell = session.execute(select(_F.data).where(*piece)).scalar_one()
        yield ring.open_bytes(cell, row_id=f"{import_id}:{part}", **_ORIGINAL)


def has_original(session: Session, import_id: str) -> bool:
    """Tell whether the file is still kept."""
    return session.execute(select(_F.part).where(_F.batch_id == import_id).limit(1)).first() is not None


def drop_original(session: Session, import_id: str) -> None:
    """Delete the file that an import was read from."""
    session.execute(delete(tables.ImportOriginal).where(_F.batch_id == import_id))


# Rows with their verdicts


def add_rulings(
    session: Session, import_id: str, rulings: Iterable[Ruling], cells: Mapping[int, bytes] = MappingProxyType({})
) -> None:
    """Insert the rows of an import, with what lies sealed of them."""
    rows = [{"batch_id": import_id, **_ruling_columns(ruling), "sealed": cells.get(ruling.row)} for ruling in rulings]
    insert_many(session, insert(tables.ImportRow), rows)


def write_rulings(
    session: Session, import_id: str, rulings: Sequence[Ruling], cells: Mapping[int, bytes] = MappingProxyType({})
) -> None:
    """Write rows whose verdict is another than before, and what lies sealed of them where that is given."""
    key = (_R.batch_id == bindparam("b_batch"), _R.row == bindparam("b_row"))
    rows = [{"b_batch": import_id, "b_row": r.row, **_ruling_columns(r)} for r in rulings]
    if rows:
        session.connection().execute(update(tables.ImportRow).where(*key), rows)
    if sealed := [{"b_batch": import_id, "b_row": r.row, "b_cell": cells[r.row]} for r in rulings if r.row in cells]:
        session.connection().execute(update(tables.ImportRow).where(*key).values(sealed=bindparam("b_cell")), sealed)
    if bare := [r.row for r in rulings if not r.fields]:
        is_bare = (_R.batch_id == import_id, _R.row.in_(bare))
        session.execute(update(tables.ImportRow).where(*is_bare).values(sealed=None))


def _ruling_columns(ruling: Ruling) -> dict[str, Any]:
    return {
        "row": ruling.row,
        "verdict": ruling.verdict.value,
        "reason": ruling.reason,
        "look": ruling.look,
        "fields": ruling.fields,
        "before": ruling.before,
        "notes": ruling.notes,
        "person_id": ruling.person_id,
    }


def read_rulings(
    session: Session,
    import_id: str,
    verdicts: Iterable[Verdict] = (),
    *,
    look: bool = False,
    after_row: int = 0,
    limit: int = 100,
) -> list[Ruling]:
    """Return rows of an import in order: of some verdicts or of any, those to look at when asked."""
    where = [_R.batch_id == import_id, _R.row > after_row]
    if wanted := list(verdicts):
        where.append(_R.verdict.in_(wanted))
    if look:
        where.append(_R.look)
    return select_rulings(session, *where, limit=limit)


def select_rulings(session: Session, *where: Any, limit: int) -> list[Ruling]:
    """Return the first rows that meet some conditions, in order."""
    query = select(*_RULING).where(*where).order_by(_R.row).limit(limit)
    return [_ruling(*row) for row in session.execute(query)]


def _ruling(
    row: int, verdict: str, reason: str | None, fields: Any, before: Any, notes: Any, person_id: str | None
) -> Ruling:
    why = Reason(reason) if reason else None
    return Ruling(row, Verdict(verdict), why, fields, before, tuple(map(tuple, notes)), person_id)


def read_rows(session: Session, import_id: str, rows: Sequence[int]) -> list[Ruling]:
    """Return rows of an import by their numbers, in order."""
    if not rows:
        return []
    return select_rulings(session, _R.batch_id == import_id, among(session, _R.row, rows), limit=len(rows))


def read_cells(session: Session, import_id: str, rows: Sequence[int]) -> dict[int, bytes]:
    """Return what lies sealed of rows, by row."""
    if not rows:
        return {}
    where = (_R.batch_id == import_id, among(session, _R.row, rows), _R.sealed.is_not(None))
    return {row.row: row.sealed for row in session.execute(select(_R.row, _R.sealed).where(*where))}


def count_rulings(session: Session, import_id: str) -> tuple[dict[str, int], int]:
    """Return how many rows have each verdict, and how many ask for a look."""
    query = select(_R.verdict, func.count(), func.sum(_R.look.cast(_R.row.type))).where(_R.batch_id == import_id)
    counts, looks = {verdict.value: 0 for verdict in Verdict}, 0
    for verdict, count, look in session.execute(query.group_by(_R.verdict)):
        counts[verdict], looks = count, looks + int(look)
    return counts, looks


def drop_rulings(session: Session, import_id: str) -> None:
    """Delete the rows of an import."""
    session.execute(delete(tables.ImportRow).where(_R.batch_id == import_id))


# Carrying out a stretch of rows


def _within(import_id: str, rows: range, verdicts: Sequence[str] = _TO_DO) -> tuple[Any, ...]:
    return _R.batch_id == import_id, _R.row >= rows.start, _R.row < rows.stop, _R.verdict.in_(verdicts)


def next_rows(session: Session, import_id: str, *, after: int, limit: int) -> range | None:
    """Return the stretch that holds the next rows to do, at most `limit` of them; None when all are done."""
    todo = select(_R.row).where(_R.batch_id == import_id, _R.row > after, _R.verdict.in_(_TO_DO))
    chosen = todo.order_by(_R.row).limit(limit).subquery()
    last = session.execute(select(func.max(chosen.c.row))).scalar_one()
    return range(after + 1, last + 1) if last else None


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


def read_keys(session: Session, import_id: str, rows: range) -> list[str]:
    """Return the address keys of the rows to do."""
    return list(session.execute(select(_KEY).where(*_within(import_id, rows))).scalars())


def read_open_rulings(session: Session, import_id: str, rows: range, keys: Collection[str]) -> list[Ruling]:
    """Return the rows to do that need judging again: updates, and those of the given addresses."""
    needed = or_(_R.verdict == Verdict.UPDATE.value, among(session, _KEY, keys))
    query = select(*_RULING).where(*_within(import_id, rows), needed).order_by(_R.row)
    return [_ruling(*row) for row in session.execute(query)]


def read_missing_organisations(session: Session, import_id: str, rows: range) -> list[str]:
    """Return the names of organisations that the people to be made belong to and that are not there yet."""
    query = select(func.min(_R.fields["organisation"].as_string()))
    query = query.outerjoin(tables.Organisation, _O.folded == _ORGANISATION_KEY).where(~_has_other_name())
    where = (*_within(import_id, rows, [Verdict.CREATE.value]), _O.id.is_(None), _ORGANISATION_KEY.is_not(None))
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
    query = query.where(*_within(import_id, rows, [Verdict.CREATE.value]))
    # Past the ORM, which would look at each of them.
    session.connection().execute(insert_into(session, tables.Person).from_select(list(made), query))


def read_sealed(session: Session, import_id: str, rows: range) -> list[Any]:
    """Return the rows to do that hold something sealed: row, verdict, before, person_id, sealed."""
    query = select(_R.row, _R.verdict, _R.before, _R.person_id, _R.sealed).where(_R.sealed.is_not(None))
    return list(session.execute(query.where(*_within(import_id, rows)).order_by(_R.row)))


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
    return query.where(*_within(import_id, rows), is_new)
