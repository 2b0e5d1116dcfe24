"""Staff page of the dissemination plan: what is late first, how each line stands."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission, Principal
from service.dissemination import actions, store
from service.dissemination.progress import rows
from service.dissemination.values import LineStatus
from service.events.values import Project
from service.kernel.clock import local_time
from service.kernel.errors import Invalid
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.projects import current_project
from service.web.render import page
from service.web.reports import voice
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/plan")


@router.get("")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who, now: Now) -> Response:
    """Show the plan."""
    project = current_project(request, session, who)
    if project is None:
        return RedirectResponse("/", 303)
    return _page(request, session, who, project, now=now, error="")


def _page(
    request: Request, session: Session, who: Principal, project: Project, *, now: Now, error: str, status: int = 200
) -> Response:
    today = local_time(now, project.time_zone).date()
    lines = actions.read_plan(session, project.id)
    view = actions.live_figures(session, project.id, "internal", now)
    return page(
        request,
        "plan/show.html",
        project=project,
        lines=lines,
        late={line.id for line in lines if line.is_late(today)},
        rows=rows(view, voice(who.locale)),
        statuses=[s.value for s in LineStatus],
        error=error,
        status=status,
    )


@router.post("/{line_id}")
@rule(Permission.EDIT)
def change(
    request: Request,
    session: WriteSession,
    who: Who,
    now: Now,
    line_id: str,
    status: Annotated[str, Form()] = "",
    evidence: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Say how a line stands."""
    project = current_project(request, session, who)
    if project is None or line_id not in {line.id for line in actions.read_plan(session, project.id)}:
        raise store.UnknownPlanLine("There is no such line in the plan.")
    try:
        actions.set_plan_line(session, line_id, status, evidence, reason, now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _page(request, session, who, project, now=now, error=error.sentence, status=422)
    return RedirectResponse("/plan", 303)
