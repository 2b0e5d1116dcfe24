"""The SQL of records of results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, select, update
from sqlmodel import Session

from service.db.rows import insert_row
from service.db.types import columns
from service.dissemination.facts import RecordFact
from service.dissemination.recording import SHAPES, Kind, Record
from service.dissemination.snapshots import Period
from service.dissemination.tables.results import ResultRecord
from service.dissemination.values.figures import NOT_STATED, Dimension
from service.kernel.errors import NotFound
from service.kernel.regions import region_of

_R = columns(ResultRecord)
_RECORD = [_R[name] for name in Record.__dataclass_fields__]


class UnknownRecord(NotFound):
    """The project has no such record."""

    code = "unknown-record"


def add_record(session: Session, project_id: str, record: Record, *, added_by: str) -> None:
    """Insert a record."""
    insert_row(session, ResultRecord, {**asdict(record), "project_id": project_id, "added_by": added_by})


def write_record(session: Session, record: Record) -> None:
    """Write what a record says."""
    values = {name: value for name, value in asdict(record).items() if name != "id"}
    session.execute(update(ResultRecord).where(_R.id == record.id).values(values))


def remove_record(session: Session, record_id: str) -> None:
    """Delete a record."""
    session.execute(delete(ResultRecord).where(_R.id == record_id))


def read_records(session: Session, project_id: str, kind: Kind, *, type: str = "", country: str = "") -> list[Record]:
    """Return the records of a kind, the latest first; those of a type and a country."""
    query = select(*_RECORD).where(_R.project_id == project_id, _R.kind == kind.value)
    for column, wanted in ((_R.type, type), (_R.country, country)):
        if wanted:
            query = query.where(column == wanted)
    return [_record(row) for row in session.execute(query.order_by(_R.on_day.desc(), _R.id.desc())).mappings()]


def read_record(session: Session, project_id: str, record_id: str) -> Record:
    """Return one record, held until the transaction ends.

    Raises:
        UnknownRecord: the project has none of this id.
    """
    query = select(*_RECORD).where(_R.project_id == project_id, _R.id == record_id)
    row = session.execute(query.with_for_update()).mappings().first()
    if row is None:
        raise UnknownRecord("There is no such record.")
    return _record(row)


def read_facts(session: Session, project_id: str, period: Period | None) -> dict[str, tuple[RecordFact, ...]]:
    """Return the records that indicators count, by indicator; those of the days of a period."""
    query = select(_R.kind, _R.type, _R.extent, _R.country, _R.language, _R.amount).where(_R.project_id == project_id)
    if period:
        query = query.where(_R.on_day >= period.starts_on, _R.on_day < period.ends_on)
    found: dict[str, tuple[RecordFact, ...]] = {}
    for row in session.execute(query.order_by(_R.id)):
        if indicator := SHAPES[Kind(row.kind)].indicator:
            found[indicator] = (*found.get(indicator, ()), RecordFact(row.amount, _cells(row)))
    return found


def _cells(row: Any) -> dict[Dimension, str]:
    if row.kind == Kind.INFLUENCE:
        return {Dimension.KIND: row.type, Dimension.EXTENT: row.extent or NOT_STATED}
    where = {Dimension.REGION: region_of(row.country) or NOT_STATED, Dimension.LANGUAGE: row.language or NOT_STATED}
    return {Dimension.KIND: row.type, **where}


def _record(row: Mapping[Any, Any]) -> Record:
    return Record(**{**row, "kind": Kind(row["kind"])})
