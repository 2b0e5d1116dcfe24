"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from service.kernel.ids import LENGTH, new_id

Json = JSON().with_variant(JSONB(), "postgresql")


class Instant(TypeDecorator[datetime]):
    """A UTC instant: aware on the way in and on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its zone")
        at = value.astimezone(UTC)
        return at.replace(tzinfo=None) if dialect.name == "sqlite" else at

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Sealed(LargeBinary):
    """A cell of `kernel.sealing`, bound to its table, its row and its column; key rotation finds them by this type."""


# Alembic must be able to name what it alters, on both databases.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


def row_id() -> Any:
    """A primary key that is made when the row is."""
    return Field(default_factory=new_id, primary_key=True, max_length=LENGTH)


def json_list() -> Any:
    """A JSON column, an empty list to begin with."""
    return Field(default_factory=list, sa_type=Json, nullable=False)


def json_dict() -> Any:
    """A JSON column, an empty object to begin with."""
    return Field(default_factory=dict, sa_type=Json, nullable=False)


def moment(**options: Any) -> Any:
    """A column for an instant."""
    return Field(sa_type=Instant, **options)


def sealed() -> Any:
    """A column for a sealed text, empty to begin with."""
    return Field(default=None, sa_type=Sealed)


def columns(table: type[SQLModel]) -> Any:
    """Return the columns of a table for Core statements: plain rows, no objects."""
    return table.__table__.c  # type: ignore[attr-defined]
