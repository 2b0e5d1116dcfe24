"""Many values by one parameter: the statement's text stays the same however many there are.

An expanding IN is written anew for each number of values, and rows given one by one are bound one by
one: for the handful that a commit of the ledger has, both cost more than the database's own work.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Dialect,
    FromClause,
    Integer,
    String,
    Text,
    bindparam,
    cast,
    column,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class _Texts(TypeDecorator[Collection[str]]):
    """Texts: a JSON array on SQLite, an array on PostgreSQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(String()))

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> Any:
        texts = list(value or ())
        return json.dumps(texts) if dialect.name == "sqlite" else texts


class _Rows(TypeDecorator[Sequence[Mapping[str, Any]]]):
    """Rows as a JSON array of arrays, moments in it as the database writes them."""

    impl = Text
    cache_ok = True

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.names = names

    def process_bind_param(self, value: Sequence[Mapping[str, Any]] | None, dialect: Dialect) -> Any:
        rows = [[row[name] for name in self.names] for row in value or ()]
        return json.dumps(rows, default=_stored if dialect.name == "sqlite" else str)


def _stored(at: datetime) -> str:
    """Return a moment as `Instant` is stored on SQLite, so that the two compare."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def among(of: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """Return whether a column of texts has one of those in the parameter `name`."""
    return _Among(of, bindparam(name, type_=_Texts()))


class _Among(FunctionElement[bool]):
    inherit_cache = True
    type = Boolean()

    def self_group(self, against: Any = None) -> _Among:  # noqa: ARG002
        return self  # SQLAlchemy would ask whether it is 1, and SQLite would then go by no index


@compiles(_Among, "sqlite")
def _among_on_sqlite(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    of, texts = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{of} IN (SELECT value FROM json_each({texts}))"  # noqa: S608 - clauses of ours


@compiles(_Among, "postgresql")
def _among_on_postgresql(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    of, texts = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{of} = ANY({texts})"


def given_rows(name: str, columns: Mapping[str, TypeEngine[Any]], *, on_sqlite: bool) -> FromClause:
    """Return the rows of the parameter `name`, a list of dicts, as a table to select or update from."""
    rows = bindparam(name, type_=_Rows(*columns))
    if on_sqlite:
        value = func.json_each(rows).table_valued("value").c.value
        return select(*(value.op("->>")(at).label(key) for at, key in enumerate(columns))).subquery(name)
    value = func.jsonb_array_elements(cast(rows, JSONB)).table_valued(column("value", JSONB)).c.value
    picked = ((key, value.op("->>")(literal(at, Integer)), kind) for at, (key, kind) in enumerate(columns.items()))
    return select(*(cast(text, kind).label(key) for key, text, kind in picked)).subquery(name)
