"""Rows of one kind of record, each of one project: put in, written, read, removed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import delete, select, update
from sqlmodel import Session, SQLModel

from service.db.rows import insert_row
from service.db.types import columns
from service.kernel.errors import NotFound

Record = TypeVar("Record", bound=Any)


class UnknownRecord(NotFound):
    """The project has no such record."""

    code = "unknown-record"


@dataclass(frozen=True, slots=True)
class Drawer(Generic[Record]):
    """The rows of one kind. A record is a frozen dataclass whose fields are columns of the table."""

    table: type[SQLModel]
    record: type[Record]
    make: Callable[[Mapping[Any, Any]], Record]  # a row's columns -> the record

    def add(self, session: Session, project_id: str, record: Record) -> None:
        """Insert a record."""
        insert_row(session, self.table, {**asdict(record), "project_id": project_id})

    def write(self, session: Session, record: Record) -> None:
        """Write all of a record."""
        values = {name: value for name, value in asdict(record).items() if name != "id"}
        session.execute(update(self.table).where(columns(self.table).id == record.id).values(values))

    def remove(self, session: Session, record_id: str) -> None:
        """Delete a record."""
        session.execute(delete(self.table).where(columns(self.table).id == record_id))

    def read_all(self, session: Session, project_id: str) -> list[Record]:
        """Return the records of a project in the order they were put in."""
        c = columns(self.table)
        query = select(*self._wanted()).where(c.project_id == project_id).order_by(c.id)
        return [self.make(row) for row in session.execute(query).mappings()]

    def read(self, session: Session, project_id: str, record_id: str) -> Record:
        """Return one record.

        Raises:
            UnknownRecord: the project has none of this id.
        """
        c = columns(self.table)
        query = select(*self._wanted()).where(c.project_id == project_id, c.id == record_id)
        row = session.execute(query).mappings().first()
        if row is None:
            raise UnknownRecord("There is no such record.")
        return self.make(row)

    def _wanted(self) -> list[Any]:
        return [columns(self.table)[name] for name in self.record.__dataclass_fields__]
