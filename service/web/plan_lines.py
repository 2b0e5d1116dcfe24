"""Staff pages of one line of the plan: put one in, change what it says."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.dissemination import editing, planning, store
from service.dissemination.store import planning as plan_store
from service.dissemination.values.plan import PlanLine
from service.events.values import Project
from service.kernel.errors import Invalid
from service.web import identifiers
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import Typed
from service.web.projects import own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/plan")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below


@router.get("/lines/new")
@rule(Permission.EDIT)
def new(request: Request, session: ReadSession, who: Who) -> Response:
    """Show an empty line."""
    return _form(request, session, own_project(request, session, who), None, {})


@router.post("/lines/new")
@rule(Permission.EDIT)
def create(form: Typed, request: Request, session: WriteSession, who: Who, now: Now) -> Response:
    """Put a line into the plan; a form that cannot be used comes back with what was typed."""
    project = own_project(request, session, who)
    try:
        line = planning.add_line(session, project.id, _wishes(form), now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _form(request, session, project, None, form, error=error)
    return RedirectResponse(f"/plan?project={project.id}&saved={line.id}#line-{line.id}", 303)


@router.get("/lines/{line_id:identifier}")
@rule(Permission.EDIT)
def edit(request: Request, session: ReadSession, who: Who, line_id: str) -> Response:
    """Show a line in a form."""
    project = own_project(request, session, who)
    line = planning.read_line(session, project.id, line_id)
    values = {name: str(getattr(line, name) or "") for name in editing.LINE_FIELDS}
    return _form(request, session, project, line, values)


@router.post("/lines/{line_id:identifier}")
@rule(Permission.EDIT)
def change(form: Typed, request: Request, session: WriteSession, who: Who, now: Now, line_id: str) -> Response:
    """Change what a line says; a form that cannot be used comes back with what was typed."""
    project = own_project(request, session, who)
    line = planning.read_line(session, project.id, line_id)
    try:
        planning.edit_line(session, project.id, line_id, _wishes(form), now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _form(request, session, project, line, form, error=error)
    return RedirectResponse(f"/plan?project={project.id}&saved={line_id}#line-{line_id}", 303)


def _wishes(form: Mapping[str, str]) -> dict[str, str]:
    return {name: form[name] for name in editing.LINE_FIELDS if name in form}


def _form(
    request: Request,
    session: Session,
    project: Project,
    line: PlanLine | None,
    values: Mapping[str, str],
    *,
    error: Invalid | None = None,
) -> Response:
    return page(
        request,
        "plan/line.html",
        project=project,
        line=line,
        values=dict.fromkeys(editing.LINE_FIELDS, "") | dict(values),
        errors={error.field or "title": error.sentence} if error else {},
        audiences=[(audience.key, audience.name) for audience in store.read_audiences(session)],
        outputs=[(output.key, output.title) for output in plan_store.read_outputs(session, project.id)],
        events=list(plan_store.read_event_keys(session, project.id).items()),
        status=422 if error else 200,
    )
