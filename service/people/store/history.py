"""The SQL of what changed of a person: which field, when, by whom, from what to what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session

from service.db.types import columns
from service.kernel.errors import NotFound
from service.kernel.ids import new_id
from service.people import tables
from service.people.values import CREATED, MERGED, SEALED, Change, StoredChange

_STORED = tuple(StoredChange.__dataclass_fields__)
_H, _P = columns(tables.PersonChange), columns(tables.Person)


class UnknownChange(NotFound):
    """There is no such change of this person."""

    code = "unknown-change"


def add_changes(session: Session, changes: Iterable[Change]) -> None:
    """Append changes of plain fields, of as many people as there are.

    Raises:
        ValueError: a field is sealed; those go through `add_sealed_changes`.
    """
    rows = [
        {
            "id": new_id(),
            "person_id": change.person_id,
            "at": change.at,
            "actor": change.actor,
            "field": change.field,
            "before": change.before,
            "after": change.after,
        }
        for change in changes
    ]
    if any(row["field"] in SEALED for row in rows):
        raise ValueError("a sealed field must not stand in the open")
    if rows:
        session.execute(insert(tables.PersonChange), rows)


def add_sealed_changes(session: Session, rows: list[dict[str, Any]]) -> None:
    """Append changes of sealed fields: columns of the table, with the id that their cells are bound to."""
    if rows:
        session.execute(insert(tables.PersonChange), rows)


def read_changes(session: Session, person_id: str, *, limit: int = 200) -> list[StoredChange]:
    """Return what changed of a person, newest first."""
    query = select(*(_H[name] for name in _STORED)).where(_H.person_id == person_id)
    rows = session.execute(query.order_by(_H.at.desc(), _H.id.desc()).limit(limit)).mappings()
    return [StoredChange(**row) for row in rows]


def read_changes_at(session: Session, at: datetime, actor: str) -> list[StoredChange]:
    """Return what someone changed of people at one moment."""
    where = (_H.at == at, _H.actor == actor, _H.field != CREATED)
    rows = session.execute(select(*(_H[name] for name in _STORED)).where(*where).order_by(_H.person_id)).mappings()
    return [StoredChange(**row) for row in rows]


def read_merged_since(session: Session, at: datetime) -> set[str]:
    """Return the people who took another person in at or after a moment."""
    return set(session.execute(select(_H.person_id).where(_H.field == MERGED, _H.at >= at)).scalars())


def read_change(session: Session, person_id: str, change_id: str) -> StoredChange:
    """Return one change of a person.

    Raises:
        UnknownChange: this person has none of this id.
    """
    query = select(*(_H[name] for name in _STORED)).where(_H.person_id == person_id, _H.id == change_id)
    row = session.execute(query).mappings().first()
    if row is None:
        raise UnknownChange("There is no such change.")
    return StoredChange(**row)


def read_cells(session: Session, person_id: str) -> dict[str, bytes | None]:
    """Return the sealed cells of a person, none when there is no such person."""
    row = session.execute(select(*(_P[name] for name in SEALED)).where(_P.id == person_id)).mappings().first()
    return dict(row) if row else {}


def write_cells(session: Session, person_id: str, cells: Mapping[str, bytes | None]) -> None:
    """Write sealed cells of a person."""
    session.execute(update(tables.Person).where(_P.id == person_id).values(**cells))


def write_many_cells(session: Session, cells: Iterable[tuple[str, str, bytes | None]]) -> None:
    """Write sealed cells of many people: person's id, field, cell."""
    by_field: dict[str, list[dict[str, Any]]] = {}
    for person_id, name, cell in cells:
        by_field.setdefault(name, []).append({"b_id": person_id, "b_cell": cell})
    for name, rows in by_field.items():
        statement = update(tables.Person).where(_P.id == bindparam("b_id")).values({name: bindparam("b_cell")})
        session.connection().execute(statement, rows)
