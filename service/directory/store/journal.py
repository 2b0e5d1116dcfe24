"""The SQL of undoing: rows as they were and as they became, and putting them back.

A journal is the difference of two pictures of all rows about two people. It knows no table by
name: what is written between the pictures is written by whoever does it.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Date, LargeBinary, Table, and_, delete, insert, select, update
from sqlmodel import Session, SQLModel

from service.db.types import Instant, Sealed
from service.directory.values import Entry
from service.kernel.sealing import SealRing

Row = dict[str, Any]
Picture = dict[tuple[str, tuple[Any, ...]], Row]


def take(session: Session, scope: Mapping[Table, Any]) -> Picture:
    """Return all rows of some tables under their conditions, by table and primary key."""
    found: Picture = {}
    for table, where in scope.items():
        for row in session.execute(select(table).where(where)).mappings():
            found[table.name, _key_of(table, row)] = dict(row)
    return found


def _key_of(table: Table, row: Any) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key)


def difference(before: Picture, after: Picture, *, ring: SealRing) -> list[Entry]:
    """Return what became of each row that is not as it was; sealed cells opened."""
    found = []
    for table, key in dict.fromkeys([*before, *after]):
        one, other = before.get((table, key)), after.get((table, key))
        if one and other:
            changed = [name for name in one if one[name] != other[name]]
            one, other = {n: one[n] for n in changed}, {n: other[n] for n in changed}
        if one or other:
            found.append(Entry(table, key, _plain(ring, table, key, one), _plain(ring, table, key, other)))
    return found


def read_row(session: Session, entry: Entry, *, ring: SealRing) -> Row | None:
    """Return the row of an entry as it is now, sealed cells opened; None when it is gone."""
    table = table_of(entry)
    row = session.execute(select(table).where(_is(table, entry.key))).mappings().first()
    return _plain(ring, entry.table, entry.key, dict(row)) if row else None


def _plain(ring: SealRing, table: str, key: Sequence[Any], row: Row | None) -> Row | None:
    """Return a row with its sealed cells opened: the keys they lie under may be gone when it is put back."""
    if row is None:
        return None
    return {n: _opened(ring, column, key, row[n]) for n, column in _columns(table, row)}


def _opened(ring: SealRing, column: Column[Any], key: Sequence[Any], value: Any) -> Any:
    if value is None or not isinstance(column.type, Sealed):
        return value
    return ring.open(value, table=column.table.name, row_id=_row_id(key), column=column.name)


def _columns(table: str, names: Collection[str]) -> Iterator[tuple[str, Column[Any]]]:
    columns = SQLModel.metadata.tables[table].c
    return ((name, columns[name]) for name in names)


def _row_id(key: Sequence[Any]) -> str:
    return ":".join(str(part) for part in key)


def table_of(entry: Entry) -> Table:
    """Return the table of an entry."""
    return SQLModel.metadata.tables[entry.table]


def _is(table: Table, key: Sequence[Any]) -> Any:
    return and_(*(column == part for column, part in zip(table.primary_key, key, strict=True)))


# Putting back


def insert_row(session: Session, entry: Entry, *, ring: SealRing) -> None:
    """Insert a row that was removed, unless what it cannot be without is gone; without what it can."""
    row = entry.before or {}
    gone = _gone(session, entry, row)
    if all(column.nullable for column in gone):
        values = {**row, **{column.name: None for column in gone}}
        session.execute(insert(table_of(entry)).values(**_sealed(ring, entry, values)))


def _gone(session: Session, entry: Entry, row: Mapping[str, Any]) -> list[Column[Any]]:
    """Return the columns of a row that point at something which was deleted since."""
    pointing = ((column, key.column) for name, column in _columns(entry.table, row) for key in column.foreign_keys)
    return [
        column
        for column, target in pointing
        if row[column.name] is not None
        and session.execute(select(target).where(target == row[column.name])).first() is None
    ]


def update_row(session: Session, entry: Entry, values: Row, *, ring: SealRing) -> None:
    """Write some columns of a row back, but those that would point at what was deleted since."""
    table, gone = table_of(entry), {column.name for column in _gone(session, entry, values)}
    kept = {name: value for name, value in values.items() if name not in gone}
    if kept:
        session.execute(update(table).where(_is(table, entry.key)).values(**_sealed(ring, entry, kept)))


def delete_row(session: Session, entry: Entry) -> None:
    """Delete a row that was added."""
    table = table_of(entry)
    session.execute(delete(table).where(_is(table, entry.key)))


def _sealed(ring: SealRing, entry: Entry, row: Mapping[str, Any]) -> Row:
    return {n: _closed(ring, column, entry.key, row[n]) for n, column in _columns(entry.table, row)}


def _closed(ring: SealRing, column: Column[Any], key: Sequence[Any], value: Any) -> Any:
    if value is None or not isinstance(column.type, Sealed):
        return value
    return ring.seal(value, table=column.table.name, row_id=_row_id(key), column=column.name)


# As JSON


def dump(entry: Entry) -> list[Any]:
    """Return an entry as JSON has it."""
    return [entry.table, list(entry.key), _dumped(entry.before), _dumped(entry.after)]


def load(said: Sequence[Any]) -> Entry:
    """Return the entry of its JSON."""
    table, key, before, after = said
    return Entry(table, tuple(key), _loaded(table, before), _loaded(table, after))


def _dumped(row: Mapping[str, Any] | None) -> Row | None:
    return None if row is None else {name: _as_json(value) for name, value in row.items()}


def _as_json(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return b64encode(value).decode() if isinstance(value, bytes) else value


def _loaded(table: str, row: Row | None) -> Row | None:
    return None if row is None else {n: _from_json(column, row[n]) for n, column in _columns(table, row)}


def _from_json(column: Column[Any], value: Any) -> Any:
    if value is None or isinstance(column.type, Sealed):
        return value
    if isinstance(column.type, Instant):
        return datetime.fromisoformat(value)
    if isinstance(column.type, Date):
        return date.fromisoformat(value)
    return b64decode(value) if isinstance(column.type, LargeBinary) else value
