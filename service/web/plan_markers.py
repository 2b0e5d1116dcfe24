"""Staff page of progress markers: what each audience is expected to do, and what was seen."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.dissemination import markers
from service.dissemination.proving import Claim
from service.dissemination.store import evidence as files
from service.dissemination.store.markers import read_marker
from service.dissemination.values.plan import Level, Seen
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

router = page_router("/plan/markers")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below


@router.get("")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who, saved: str = "") -> Response:
    """Show the markers of each audience."""
    return _page(request, session, own_project(request, session, who), saved=saved)


@router.post("")
@rule(Permission.EDIT)
def add(form: Typed, request: Request, session: WriteSession, who: Who, now: Now) -> Response:
    """Put in a marker; a form that cannot be used comes back with what was typed."""
    project = own_project(request, session, who)
    try:
        marker = markers.add_marker(session, project.id, form, now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _page(request, session, project, typed={"form": "new", **form}, error=error)
    return RedirectResponse(f"/plan/markers?project={project.id}&saved={marker.id}#marker-{marker.id}", 303)


@router.post("/{marker_id:identifier}")
@rule(Permission.EDIT)
def change(form: Typed, request: Request, session: WriteSession, who: Who, now: Now, marker_id: str) -> Response:
    """Say how much of a marker is seen, or take it away; a form that cannot be used comes back."""
    project = own_project(request, session, who)
    read_marker(session, project.id, marker_id)
    if form.get("remove"):
        markers.remove_marker(session, project.id, marker_id, now=now, actor=who.actor)
        return RedirectResponse(f"/plan/markers?project={project.id}", 303)
    wishes: dict[str, str] = {name: form[name] for name in ("text", "status", "evidence") if name in form}
    try:
        markers.edit_marker(session, project.id, marker_id, wishes, now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _page(request, session, project, typed={**form, "form": marker_id}, error=error)
    return RedirectResponse(f"/plan/markers?project={project.id}&saved={marker_id}#marker-{marker_id}", 303)


def _page(
    request: Request,
    session: Session,
    project: Project,
    *,
    typed: Mapping[str, str] | None = None,
    error: Invalid | None = None,
    saved: str = "",
) -> Response:
    blank = {"form": "", "text": "", "audience_key": "", "level": "", "status": "", "evidence": ""}
    return page(
        request,
        "plan/markers.html",
        project=project,
        audiences=markers.read_audiences(session, project.id),
        files=files.count(session, project.id, Claim.MARKER),
        levels=[level.value for level in Level],
        states=[state.value for state in Seen],
        typed=blank | dict(typed or {}),
        errors={error.field or "text": error.sentence} if error else {},
        saved=saved,
        status=422 if error else 200,
    )
