"""The SQL of files that may name anyone: they lie sealed, so nobody can be looked for in them."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlmodel import Session

from service.db.types import columns
from service.dissemination.tables import EvidenceFile
from service.events.tables import Project
from service.privacy.values import Unsearched

_F, _P = columns(EvidenceFile), columns(Project)


def read_unsearched(session: Session) -> list[Unsearched]:
    """Return how many files of evidence are marked as naming people, by project."""
    query = select(_P.id, _P.name, func.count()).join(EvidenceFile, _F.project_id == _P.id)
    query = query.where(_F.names_people.is_(True)).group_by(_P.id, _P.name).order_by(_P.name, _P.id)
    return [Unsearched(*row) for row in session.execute(query)]
