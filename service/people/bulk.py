"""Many rows and long lists of keys, straight to the driver: what an import of 100,000 rows needs.

SQLAlchemy binds each value of each row anew; here each column's own conversion is looked up once,
and a value that is the same object as in the row before is converted once.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Insert, Integer, String, any_, bindparam, func, select
from sqlmodel import Session

from service.db.engine import is_sqlite

_UNSEEN = object()


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the cyclic collector from running: it would walk 100,000 fresh rows again and again, and find nothing.

    Counted references free what is let go as always.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def insert_many(session: Session, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
    """Execute an insert (with its ON CONFLICT, if any) for rows that all have the same names."""
    if not rows:
        return
    connection = session.connection()
    compiled = statement.compile(dialect=connection.dialect, column_keys=list(rows[0]))
    names = list(compiled.positiontup or rows[0])
    processors = _processors(statement, names, connection.dialect)
    bound: Iterable[Any] = _bound(map(itemgetter(*names), rows), processors, len(names))
    if not compiled.positiontup:
        bound = (dict(zip(names, values, strict=True)) for values in bound)
    connection.exec_driver_sql(str(compiled), list(bound))


def _processors(statement: Insert, names: Sequence[str], dialect: Any) -> list[tuple[int, Callable[[Any], Any]]]:
    kinds = [statement.table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
    return [(index, process) for index, process in enumerate(kinds) if process is not None]


def _bound(
    rows: Iterable[tuple[Any, ...]], processors: Sequence[tuple[int, Callable[[Any], Any]]], width: int
) -> Iterator[tuple[Any, ...]]:
    seen, made = [_UNSEEN] * width, [None] * width
    for row in rows:
        values = list(row)
        for index, process in processors:
            value = values[index]
            if value is not seen[index]:
                seen[index], made[index] = value, process(value)
            values[index] = made[index]
        yield tuple(values)


def among(session: Session, column: Any, values: Collection[str] | Collection[int]) -> ColumnElement[bool]:
    """Return the condition that a column of texts or numbers is one of many values, as one parameter for all."""
    if is_sqlite(session):
        each = func.json_each(json.dumps(list(values))).table_valued("value")
        is_one: ColumnElement[bool] = column.in_(select(each.c.value))
        return is_one
    kind = Integer if any(isinstance(value, int) for value in values) else String
    is_any: ColumnElement[bool] = column == any_(bindparam(None, list(values), ARRAY(kind)))
    return is_any
