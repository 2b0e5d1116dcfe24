"""The SQL of progress markers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, select, update
from sqlmodel import Session

from service.db.rows import insert_row
from service.db.types import columns
from service.dissemination.tables.plan import ProgressMarker
from service.dissemination.values.plan import Level, Marker, Seen
from service.kernel.errors import NotFound

_M = columns(ProgressMarker)
_MARKER = [_M[name] for name in Marker.__dataclass_fields__]


class UnknownMarker(NotFound):
    """The project has no such marker."""

    code = "unknown-marker"


def add_marker(session: Session, project_id: str, marker: Marker) -> None:
    """Insert a marker."""
    insert_row(session, ProgressMarker, {**asdict(marker), "project_id": project_id})


def write_marker(session: Session, marker: Marker) -> None:
    """Write what a marker says and how it stands."""
    values = {name: value for name, value in asdict(marker).items() if name != "id"}
    session.execute(update(ProgressMarker).where(_M.id == marker.id).values(values))


def remove_marker(session: Session, marker_id: str) -> None:
    """Delete a marker."""
    session.execute(delete(ProgressMarker).where(_M.id == marker_id))


def read_markers(session: Session, project_id: str) -> list[Marker]:
    """Return the markers of a project in the order they were put in."""
    query = select(*_MARKER).where(_M.project_id == project_id).order_by(_M.id)
    return [_marker(row) for row in session.execute(query).mappings()]


def read_marker(session: Session, project_id: str, marker_id: str) -> Marker:
    """Return one marker.

    Raises:
        UnknownMarker: the project has none of this id.
    """
    row = session.execute(select(*_MARKER).where(_M.project_id == project_id, _M.id == marker_id)).mappings().first()
    if row is None:
        raise UnknownMarker("There is no such marker.")
    return _marker(row)


def _marker(row: Mapping[Any, Any]) -> Marker:
    return Marker(**{**row, "level": Level(row["level"]), "status": Seen(row["status"])})
