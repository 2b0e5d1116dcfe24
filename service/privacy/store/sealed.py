"""The SQL of sealed cells, whatever table they stand in: found by their column type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, LargeBinary, and_, bindparam, func, select, tuple_, update
from sqlmodel import Session, SQLModel

from service.db.types import Sealed


@dataclass(frozen=True, slots=True)
class Cell:
    """One sealed cell and where it stands; `row_id` joins the parts of a longer key by a colon."""

    table: str
    column: str
    key: tuple[Any, ...]
    content: bytes

    @property
    def row_id(self) -> str:
        """What the cell is bound to beside its table and column."""
        return ":".join(str(part) for part in self.key)


def sealed_columns() -> Iterator[Column[Any]]:
    """Give every column of sealed cells, table by table."""
    for table in SQLModel.metadata.sorted_tables:
        yield from (column for column in table.columns if isinstance(column.type, Sealed))


def count_elsewhere(session: Session, prefix: bytes) -> int:
    """Count the cells that do not begin with the header of a key."""
    return count_outside(session, [prefix])


def count_outside(session: Session, prefixes: Iterable[bytes]) -> int:
    """Count the cells that begin with none of these headers."""
    wanted = list(prefixes)
    counts = (
        select(func.count()).where(*(_is_elsewhere(column, prefix) for prefix in wanted)) for column in sealed_columns()
    )
    return sum(int(session.execute(count).scalar_one()) for count in counts)


def keys_elsewhere(session: Session, column: Column[Any], prefix: bytes) -> list[tuple[Any, ...]]:
    """Return the rows, by their primary keys, whose cell does not begin with the header of a key."""
    parts = list(column.table.primary_key)
    return [tuple(row) for row in session.execute(select(*parts).where(_is_elsewhere(column, prefix)).order_by(*parts))]


def lock_cells(session: Session, column: Column[Any], keys: Sequence[tuple[Any, ...]]) -> list[Cell]:
    """Return the cells of some rows, held until the transaction ends; rows that are gone fall away."""
    parts = list(column.table.primary_key)
    wanted = tuple_(*parts).in_(keys)
    query = select(*parts, column).where(wanted, column.is_not(None)).order_by(*parts).with_for_update()
    return [Cell(column.table.name, column.name, tuple(key), content) for *key, content in session.execute(query)]


def write_cells(session: Session, column: Column[Any], cells: Sequence[Cell]) -> None:
    """Write the contents of cells."""
    parts = list(column.table.primary_key)
    names = [f"key_{number}" for number in range(len(parts))]
    is_row = and_(*(part == bindparam(name) for part, name in zip(parts, names, strict=True)))
    rows = [{**dict(zip(names, cell.key, strict=True)), "content": cell.content} for cell in cells]
    if rows:
        session.connection().execute(
            update(column.table).where(is_row).values({column.name: bindparam("content")}), rows
        )


def _is_elsewhere(column: Column[Any], prefix: bytes) -> Any:
    header = func.substr(column, 1, len(prefix), type_=LargeBinary())
    return and_(column.is_not(None), header != bindparam(None, prefix, LargeBinary()))
