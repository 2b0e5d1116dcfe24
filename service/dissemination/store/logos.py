"""The SQL of organisations' marks, one a project."""

from __future__ import annotations

import base64
from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import Session

from service.db.rows import insert_row
from service.db.types import columns
from service.dissemination.logos import Logo
from service.dissemination.tables.reports import ProjectLogo

_L = columns(ProjectLogo)


def read(session: Session, project_id: str) -> Logo | None:
    """Return the mark of a project, or None."""
    query = select(_L.picture, _L.width, _L.height, _L.alt).where(_L.project_id == project_id)
    row = session.execute(query).first()
    return Logo(base64.b64encode(row.picture).decode("ascii"), row.width, row.height, row.alt) if row else None


def write(
    session: Session, project_id: str, picture: bytes, size: tuple[int, int], alt: str, *, by: str, now: datetime
) -> None:
    """Put a mark in the place of the one that was there."""
    remove(session, project_id)
    row = {"project_id": project_id, "picture": picture, "width": size[0], "height": size[1], "alt": alt}
    insert_row(session, ProjectLogo, row | {"set_by": by, "set_at": now})


def remove(session: Session, project_id: str) -> None:
    """Delete the mark of a project."""
    session.execute(delete(ProjectLogo).where(_L.project_id == project_id))
