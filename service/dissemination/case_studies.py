"""What one does with case studies: write one, agree it, publish it, take it away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.dissemination.store import case_studies as store
from service.dissemination.store import planning
from service.dissemination.telling import CaseStudy, edit_study
from service.events.store import read_project
from service.kernel.ids import new_id


def add_study(session: Session, project_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str) -> CaseStudy:
    """Begin a case study.

    Raises:
        UnknownProject, TitleMissing, UnknownReference, TextMissing, ConsentMissing.
    """
    read_project(session, project_id)
    study = edit_study(CaseStudy(new_id(), ""), wishes, read_chapters(session, project_id))
    store.add_study(session, project_id, study)
    log.record(session, actor=actor, action="case-study.added", subject=f"case-study:{study.id}", now=now)
    return study


def change_study(
    session: Session, project_id: str, study_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str
) -> CaseStudy:
    """Change a case study, or say how far it is.

    Raises:
        UnknownCaseStudy, TitleMissing, UnknownReference, TextMissing, ConsentMissing.
    """
    before = store.read_study(session, project_id, study_id)
    after = edit_study(before, wishes, read_chapters(session, project_id))
    if after != before:
        store.write_study(session, after)
        facts = {"before": before.status.value, "after": after.status.value}
        log.record(
            session, actor=actor, action="case-study.changed", subject=f"case-study:{study_id}", now=now, **facts
        )
    return after


def remove_study(session: Session, project_id: str, study_id: str, *, now: datetime, actor: str) -> None:
    """Take a case study away.

    Raises:
        UnknownCaseStudy: the project has none of this id.
    """
    store.read_study(session, project_id, study_id)
    store.remove_study(session, study_id)
    log.record(session, actor=actor, action="case-study.removed", subject=f"case-study:{study_id}", now=now)


def read_chapters(session: Session, project_id: str) -> dict[str, str]:
    """Return the titles of the chapters that a case study may belong to, by key."""
    return {one.key: one.title for one in planning.read_outputs(session, project_id) if one.kind == "chapter"}
