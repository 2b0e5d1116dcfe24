"""The API of case studies."""

from __future__ import annotations

from fastapi import Response

from service.accounts.values import Permission
from service.dissemination import case_studies
from service.dissemination.store.case_studies import read_studies
from service.dissemination.telling import CaseStudy
from service.events import store as events
from service.web.deps import Now, Principal, ReadSession, WriteSession, require_project
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/projects/{project_id}/case-studies", tag="results")


class StudyIn(ApiModel):
    """What a case study says.

    `status` is draft, agreed or published; the last two need the consent of whom it names.
    """

    title: str | None = None
    campaign: str | None = None
    chapter_key: str | None = None
    status: str | None = None
    text: str | None = None
    names: str | None = None
    consent: str | None = None


class StudyOut(StudyIn):
    """A case study as it is kept."""

    id: str


def _study(study: CaseStudy) -> StudyOut:
    return StudyOut(**{name: getattr(study, name) for name in StudyOut.model_fields})


@router.get("")
@rule(Permission.READ)
def list_studies(session: ReadSession, who: Principal, project_id: str) -> Page[StudyOut]:
    """Return the case studies of a project by title."""
    require_project(who, project_id)
    events.read_project(session, project_id)
    return Page(items=[_study(one) for one in read_studies(session, project_id)])


@router.post("", status_code=201)
@rule(Permission.EDIT)
def add(session: WriteSession, who: Principal, now: Now, project_id: str, body: StudyIn) -> StudyOut:
    """Begin a case study."""
    require_project(who, project_id)
    wishes = body.model_dump(exclude_unset=True)
    return _study(case_studies.add_study(session, project_id, wishes, now=now, actor=who.actor))


@router.patch("/{study_id}")
@rule(Permission.EDIT)
def change(session: WriteSession, who: Principal, now: Now, project_id: str, study_id: str, body: StudyIn) -> StudyOut:
    """Change a case study, or say how far it is."""
    require_project(who, project_id)
    wishes = body.model_dump(exclude_unset=True)
    return _study(case_studies.change_study(session, project_id, study_id, wishes, now=now, actor=who.actor))


@router.delete("/{study_id}", status_code=204)
@rule(Permission.EDIT)
def remove(session: WriteSession, who: Principal, now: Now, project_id: str, study_id: str) -> Response:
    """Take a case study away."""
    require_project(who, project_id)
    case_studies.remove_study(session, project_id, study_id, now=now, actor=who.actor)
    return Response(status_code=204)
