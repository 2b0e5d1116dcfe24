"""Staff pages of case studies: the list, and one to be written."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.dissemination import case_studies
from service.dissemination.formats import records_csv
from service.dissemination.store import case_studies as store
from service.dissemination.telling import FIELDS, CaseStudy, StudyStatus
from service.events.values import Project
from service.kernel.errors import Invalid
from service.web import identifiers
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import Typed
from service.web.files import csv_file
from service.web.projects import own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/plan/case-studies")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
COLUMNS = ("id", "title", "campaign", "chapter_key", "status", "text")


@router.get("")
@rule(Permission.READ)
def show(
    request: Request, session: ReadSession, who: Who, status: str = "", change: str = "", saved: str = ""
) -> Response:
    """Show the case studies of one status; `change` names one that stands in the form."""
    project = own_project(request, session, who)
    study = store.read_study(session, project.id, change) if change else None
    values = {name: str(getattr(study, name) or "") for name in FIELDS} if study else {}
    return _page(request, session, project, values, study=study, status=status, saved=saved)


@router.get("/case-studies.csv")
@rule(Permission.EXPORT)
def download(request: Request, session: ReadSession, who: Who) -> Response:
    """Give the case studies as a file, without whom they name beyond what they say."""
    project = own_project(request, session, who)
    rows = ([getattr(one, name) for name in COLUMNS] for one in store.read_studies(session, project.id))
    return csv_file(records_csv.written(COLUMNS, rows), f"case-studies-{project.slug}.csv")


@router.post("")
@rule(Permission.EDIT)
def add(form: Typed, request: Request, session: WriteSession, who: Who, now: Now) -> Response:
    """Begin a case study; a form that cannot be used comes back with what was typed."""
    project = own_project(request, session, who)
    try:
        case_studies.add_study(session, project.id, form, now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _page(request, session, project, form, error=error)
    return RedirectResponse(f"/plan/case-studies?project={project.id}&saved=yes", 303)


@router.post("/{study_id:identifier}")
@rule(Permission.EDIT)
def change(form: Typed, request: Request, session: WriteSession, who: Who, now: Now, study_id: str) -> Response:
    """Change a case study or take it away; a form that cannot be used comes back."""
    project = own_project(request, session, who)
    study = store.read_study(session, project.id, study_id)
    try:
        if form.get("remove"):
            case_studies.remove_study(session, project.id, study_id, now=now, actor=who.actor)
        else:
            case_studies.change_study(session, project.id, study_id, form, now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _page(request, session, project, form, study=study, error=error)
    return RedirectResponse(f"/plan/case-studies?project={project.id}&saved=yes", 303)


def _page(
    request: Request,
    session: Session,
    project: Project,
    values: Mapping[str, str],
    *,
    study: CaseStudy | None = None,
    status: str = "",
    error: Invalid | None = None,
    saved: str = "",
) -> Response:
    every = store.read_studies(session, project.id)
    counted = {one.value: sum(study.status is one for study in every) for one in StudyStatus}
    return page(
        request,
        "plan/case_studies.html",
        project=project,
        studies=[one for one in every if status in ("", one.status)],
        counted=[("", len(every)), *counted.items()],
        status_shown=status,
        chapters=case_studies.read_chapters(session, project.id),
        study=study,
        values=dict.fromkeys(FIELDS, "") | dict(values),
        errors={error.field or "title": error.sentence} if error else {},
        saved=saved,
        status=422 if error else 200,
    )
