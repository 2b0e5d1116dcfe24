"""The SQL of case studies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, select, update
from sqlmodel import Session

from service.db.rows import insert_row
from service.db.types import columns
from service.dissemination.tables.results import CaseStudy as StudyRow
from service.dissemination.telling import CaseStudy, StudyStatus
from service.kernel.errors import NotFound

_C = columns(StudyRow)
_STUDY = [_C[name] for name in CaseStudy.__dataclass_fields__]


class UnknownCaseStudy(NotFound):
    """The project has no such case study."""

    code = "unknown-case-study"


def add_study(session: Session, project_id: str, study: CaseStudy) -> None:
    """Insert a case study."""
    insert_row(session, StudyRow, {**asdict(study), "project_id": project_id})


def write_study(session: Session, study: CaseStudy) -> None:
    """Write what a case study says and how far it is."""
    values = {name: value for name, value in asdict(study).items() if name != "id"}
    session.execute(update(StudyRow).where(_C.id == study.id).values(values))


def remove_study(session: Session, study_id: str) -> None:
    """Delete a case study."""
    session.execute(delete(StudyRow).where(_C.id == study_id))


def read_studies(session: Session, project_id: str) -> list[CaseStudy]:
    """Return the case studies of a project by title."""
    query = select(*_STUDY).where(_C.project_id == project_id).order_by(_C.title, _C.id)
    return [_study(row) for row in session.execute(query).mappings()]


def read_published(session: Session, project_id: str) -> list[CaseStudy]:
    """Return the case studies of a project that are published, by title."""
    return [one for one in read_studies(session, project_id) if one.status is StudyStatus.PUBLISHED]


def read_study(session: Session, project_id: str, study_id: str) -> CaseStudy:
    """Return one case study, held until the transaction ends.

    Raises:
        UnknownCaseStudy: the project has none of this id.
    """
    query = select(*_STUDY).where(_C.project_id == project_id, _C.id == study_id).with_for_update()
    row = session.execute(query).mappings().first()
    if row is None:
        raise UnknownCaseStudy("There is no such case study.")
    return _study(row)


def _study(row: Mapping[Any, Any]) -> CaseStudy:
    return CaseStudy(**{**row, "status": StudyStatus(row["status"])})
