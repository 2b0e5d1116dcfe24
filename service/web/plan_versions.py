"""Staff page of the plan's versions: what is approved, what differs between two, and approving the draft."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts import store as accounts
from service.accounts.values import Permission
from service.dissemination import planning
from service.dissemination.store import planning as plan_store
from service.dissemination.versions import Draft, Version, compare
from service.events.values import Project
from service.kernel.errors import Conflict, Invalid
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.projects import own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/plan/versions")


@router.get("")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who, older: str = "", newer: str = "") -> Response:
    """Show what differs between two versions: the draft and the last approved one, unless others are asked for."""
    return _page(request, session, own_project(request, session, who), older=older, newer=newer)


@router.post("")
@rule(Permission.ADMINISTER)
def approve(request: Request, session: WriteSession, who: Who, now: Now, seen: Annotated[str, Form()] = "") -> Response:
    """Approve the draft that was read."""
    project = own_project(request, session, who)
    try:
        planning.approve(session, project.id, seen=seen, now=now, actor=who.actor)
    except (Invalid, Conflict) as error:
        session.rollback()
        return _page(request, session, project, error=error)
    return RedirectResponse(f"/plan/versions?project={project.id}", 303)


def _page(
    request: Request,
    session: Session,
    project: Project,
    *,
    older: str = "",
    newer: str = "",
    error: Invalid | Conflict | None = None,
) -> Response:
    versions = plan_store.read_versions(session, project.id)
    draft = planning.read_draft(session, project.id)
    before, after = _pair(versions, draft, older, newer)
    return page(
        request,
        "plan/versions.html",
        project=project,
        draft=draft,
        versions=versions,
        names=_names(session, versions),
        before=before,
        after=after,
        differences=compare(_body(before), draft.body if after is None else after.body),
        error=error.sentence if error else "",
        status=200 if error is None else 422 if isinstance(error, Invalid) else 409,
    )


def _pair(versions: list[Version], draft: Draft, older: str, newer: str) -> tuple[Version | None, Version | None]:
    """Return the two versions to compare; None for nothing at all before, and for the draft after."""
    known = {str(version.number): version for version in versions}
    after = known.get(newer)
    if older in known:
        return known[older], after
    return (known.get(str(after.number - 1)) if after else draft.last), after


def _body(version: Version | None) -> dict[str, Any]:
    return version.body if version else {"lines": {}, "targets": {}}


def _names(session: Session, versions: list[Version]) -> dict[str, str]:
    """Return who approved, by actor; a key has no name here."""
    found = {one.approved_by: one.approved_by.removeprefix("staff:") for one in versions}
    people = {actor: accounts.read_staff(session, id_) for actor, id_ in found.items()}
    return {actor: staff.name for actor, staff in people.items() if staff}
