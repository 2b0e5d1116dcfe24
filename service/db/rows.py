"""One row in, one row out, by statements made once; and a word to the planner.

Making a statement anew costs as much as running it on SQLite. What a guest's answer runs goes
through these two; for the rest a plain `insert` or `select` where it is needed reads better.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Insert, Select, case, insert, true
from sqlmodel import Session, SQLModel


def insert_row(session: Session, table: type[SQLModel], values: Mapping[str, Any]) -> None:
    """Insert one row; columns without a value get their default."""
    session.connection().execute(_insert(table), dict(values))


@cache
def _insert(table: type[SQLModel]) -> Insert:
    return insert(table.__table__)  # type: ignore[attr-defined]


def read_row(session: Session, statement: Select[Any], **values: Any) -> dict[str, Any] | None:
    """Return the first row of a kept statement with bind parameters, by column name, or None."""
    row = session.connection().execute(statement, values).mappings().first()
    return dict(row) if row else None


def unsought(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return a condition that is looked at row by row, and by which no index is chosen.

    SQLite keeps no statistics here and takes ten rows for each value of an IN: for a project's
    events, with thousands each, it would leave the order of a better index for this one.
    """
    return case((condition, true()))
