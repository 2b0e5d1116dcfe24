"""Staff page of a project: what it and its organisation are called, its days, its time zone."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from service.accounts.values import Permission
from service.events import actions
from service.events.rules import PROJECT_FIELDS
from service.events.values import Project
from service.kernel.clock import parse_day, zone_names
from service.kernel.errors import Invalid
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import Typed
from service.web.projects import own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/project")
DAYS = ("starts_on", "ends_on")


@router.get("")
@rule(Permission.ADMINISTER)
def show(request: Request, session: ReadSession, who: Who, saved: str = "") -> Response:
    """Show the project in a form."""
    project = own_project(request, session, who)
    return _page(request, project, {name: str(getattr(project, name)) for name in PROJECT_FIELDS}, saved=saved)


@router.post("")
@rule(Permission.ADMINISTER)
def change(request: Request, form: Typed, session: WriteSession, who: Who, now: Now) -> Response:
    """Change it from now on; a form that cannot be used comes back as it was typed."""
    project = own_project(request, session, who)
    typed = {name: form[name] for name in PROJECT_FIELDS if name in form}
    try:
        days = {name: parse_day(typed[name], name) for name in DAYS if name in typed}
        actions.change_project(session, project.id, {**typed, **days}, now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        shown = {name: str(getattr(project, name)) for name in PROJECT_FIELDS} | typed
        return _page(request, project, shown, errors={error.field or "name": error.sentence})
    return RedirectResponse(f"/project?project={project.id}&saved=yes", 303)


def _page(
    request: Request,
    project: Project,
    values: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    saved: str = "",
) -> Response:
    return page(
        request,
        "project.html",
        project=project,
        values=values,
        zones=zone_names(),
        errors=errors or {},
        saved=saved,
        status=422 if errors else 200,
    )
