"""Staff page of what a project and its organisation are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from service.accounts.values import Permission
from service.events import actions
from service.events.values import Project
from service.kernel.errors import Invalid
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.projects import own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/project")


@router.get("")
@rule(Permission.ADMINISTER)
def show(request: Request, session: ReadSession, who: Who, saved: str = "") -> Response:
    """Show what the project is called, in a form."""
    project = own_project(request, session, who)
    words = {"name": project.name, "organisation": project.organisation, "summary": project.summary}
    return _page(request, project, words, saved=saved)


@router.post("")
@rule(Permission.ADMINISTER)
def change(
    request: Request,
    session: WriteSession,
    who: Who,
    now: Now,
    name: Annotated[str, Form()] = "",
    organisation: Annotated[str, Form()] = "",
    summary: Annotated[str, Form()] = "",
) -> Response:
    """Call it something else from now on."""
    project = own_project(request, session, who)
    words = {"name": name, "organisation": organisation, "summary": summary}
    try:
        actions.describe_project(session, project.id, **words, now=now, actor=who.actor)
    except Invalid as error:
        return _page(request, project, words, errors={error.field or "name": error.sentence})
    return RedirectResponse(f"/project?project={project.id}&saved=yes", 303)


def _page(
    request: Request,
    project: Project,
    words: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    saved: str = "",
) -> Response:
    return page(
        request,
        "project.html",
        project=project,
        words=words,
        errors=errors or {},
        saved=saved,
        status=422 if errors else 200,
    )
