"""The SQL of the rows of an imported file with their verdicts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, or_, select, update
from sqlmodel import Session

from service.db.types import columns
from service.people import tables
from service.people.bulk import among, insert_many
from service.people.values import Reason, Ruling, Verdict

_R = columns(tables.ImportRow)
_RULING = [_R[name] for name in Ruling.__dataclass_fields__]
TO_DO = (Verdict.CREATE.value, Verdict.UPDATE.value)
KEY = _R.fields["email_key"].as_string()


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


def within(import_id: str, rows: range, verdicts: Sequence[str] = TO_DO) -> tuple[Any, ...]:
    return _R.batch_id == import_id, _R.row >= rows.start, _R.row < rows.stop, _R.verdict.in_(verdicts)


def next_rows(session: Session, import_id: str, *, after: int, limit: int) -> range | None:
    """Return the stretch that holds the next rows to do, at most `limit` of them; None when all are done."""
    todo = select(_R.row).where(_R.batch_id == import_id, _R.row > after, _R.verdict.in_(TO_DO))
    chosen = todo.order_by(_R.row).limit(limit).subquery()
    last = session.execute(select(func.max(chosen.c.row))).scalar_one()
    return range(after + 1, last + 1) if last else None


def read_keys(session: Session, import_id: str, rows: range) -> list[str]:
    """Return the address keys of the rows to do."""
    return list(session.execute(select(KEY).where(*within(import_id, rows))).scalars())


def read_open_rulings(session: Session, import_id: str, rows: range, keys: Collection[str]) -> list[Ruling]:
    """Return the rows to do that need judging again: updates, and those of the given addresses."""
    needed = or_(_R.verdict == Verdict.UPDATE.value, among(session, KEY, keys))
    query = select(*_RULING).where(*within(import_id, rows), needed).order_by(_R.row)
    return [_ruling(*row) for row in session.execute(query)]


def read_sealed(session: Session, import_id: str, rows: range) -> list[Any]:
    """Return the rows to do that hold something sealed: row, verdict, before, person_id, sealed."""
    query = select(_R.row, _R.verdict, _R.before, _R.person_id, _R.sealed).where(_R.sealed.is_not(None))
    return list(session.execute(query.where(*within(import_id, rows)).order_by(_R.row)))
