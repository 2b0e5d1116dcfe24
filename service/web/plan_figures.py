"""Staff page of figures given by hand: put one in, take one back."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.dissemination import manual
from service.dissemination.indicators import REGISTRY
from service.dissemination.proving import Claim
from service.dissemination.store import evidence as files
from service.dissemination.store.manual import read_figures
from service.dissemination.values.given import Basis
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

router = page_router("/plan/figures")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
FIELDS = ("indicator", "on_day", "amount", "out_of", "basis", "evidence")


@router.get("")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who, saved: str = "") -> Response:
    """Show the figures given by hand."""
    return _page(request, session, own_project(request, session, who), {}, saved=saved)


@router.post("")
@rule(Permission.EDIT)
def give(form: Typed, request: Request, session: WriteSession, who: Who, now: Now) -> Response:
    """Put in a figure; a form that cannot be used comes back with what was typed."""
    project = own_project(request, session, who)
    try:
        manual.give(session, project.id, form, now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _page(request, session, project, form, error=error)
    return RedirectResponse(f"/plan/figures?project={project.id}&saved=yes", 303)


@router.post("/{figure_id:identifier}/take-back")
@rule(Permission.EDIT)
def take_back(request: Request, session: WriteSession, who: Who, now: Now, figure_id: str) -> Response:
    """Take a figure away that was wrong."""
    project = own_project(request, session, who)
    manual.take_back(session, project.id, figure_id, now=now, actor=who.actor)
    return RedirectResponse(f"/plan/figures?project={project.id}", 303)


def _page(
    request: Request,
    session: Session,
    project: Project,
    values: Mapping[str, str],
    *,
    error: Invalid | None = None,
    saved: str = "",
) -> Response:
    return page(
        request,
        "plan/figures.html",
        project=project,
        figures=read_figures(session, project.id),
        files=files.count(session, project.id, Claim.FIGURE),
        registry=REGISTRY,
        offered=manual.indicators(),
        bases=[basis.value for basis in Basis],
        values=dict.fromkeys(FIELDS, "") | dict(values),
        errors={error.field or "amount": error.sentence} if error else {},
        saved=saved,
        status=422 if error else 200,
    )
