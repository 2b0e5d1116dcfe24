"""Staff page of small grants: asked about, applied for, awarded, reported on."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.campaign import grants, sheets
from service.campaign.store import GRANTS
from service.campaign.store.names import organisation_names
from service.campaign.values import Grant, GrantState
from service.events.values import Project
from service.kernel.errors import Conflict, FarsowError, Invalid
from service.people.store import UnknownOrganisation
from service.web import identifiers
from service.web.csv_files import csv_file
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import Typed
from service.web.projects import own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/plan/campaign/grants")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
FIELDS = ("organisation", "purpose", "amount", "currency", "report_due_on", "note", "state", "on_day")


@router.get("")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who, state: str = "", saved: str = "") -> Response:
    """Show the grants; those in one state."""
    return _page(request, session, own_project(request, session, who), {}, state=state, saved=saved)


@router.get("/grants.csv")
@rule(Permission.READ)
def save(request: Request, session: ReadSession, who: Who) -> Response:
    """Give the grants as a table for the house: it holds amounts."""
    return csv_file(sheets.grants(session, own_project(request, session, who).id))


@router.post("")
@rule(Permission.EDIT)
def add(form: Typed, request: Request, session: WriteSession, who: Who, now: Now) -> Response:
    """Note an enquiry; a form that cannot be used comes back with what was typed."""
    project = own_project(request, session, who)
    try:
        made = grants.add_grant(session, project.id, form, now=now, actor=who.actor)
    except (Invalid, UnknownOrganisation) as error:
        session.rollback()
        return _page(request, session, project, {"form": "new", **form}, error=error)
    return _back(project, made.id)


@router.post("/{grant_id:identifier}")
@rule(Permission.EDIT)
def change(form: Typed, request: Request, session: WriteSession, who: Who, now: Now, grant_id: str) -> Response:
    """Change a grant, let it go on, or take it away; a form that cannot be used comes back."""
    project = own_project(request, session, who)
    if form.get("remove"):
        grants.remove_grant(session, project.id, grant_id, now=now, actor=who.actor)
        return RedirectResponse(f"/plan/campaign/grants?project={project.id}", 303)
    try:
        grants.edit_grant(session, project.id, grant_id, form, now=now, actor=who.actor)
        if state := form.get("state"):
            day = form.get("on_day")
            grants.move_grant(session, project.id, grant_id, state, day, now=now, actor=who.actor)
    except (Invalid, Conflict) as error:
        session.rollback()
        return _page(request, session, project, {**form, "form": grant_id}, error=error)
    return _back(project, grant_id)


def _back(project: Project, grant_id: str) -> Response:
    return RedirectResponse(f"/plan/campaign/grants?project={project.id}&saved={grant_id}#grant-{grant_id}", 303)


def _page(
    request: Request,
    session: Session,
    project: Project,
    typed: Mapping[str, str],
    *,
    state: str = "",
    error: FarsowError | None = None,
    saved: str = "",
) -> Response:
    found = GRANTS.read_all(session, project.id)
    return page(
        request,
        "campaign/grants.html",
        project=project,
        grants=[one for one in found if state in ("", one.state)],
        counts={kind.value: sum(one.state is kind for one in found) for kind in GrantState},
        total=len(found),
        state=state,
        moves={kind.value: [to.value for to in moves] for kind, moves in grants.MOVES.items()},
        names=organisation_names(session, (one.organisation_id for one in found)),
        values={one.id: _typed(one) for one in found},
        blank=dict.fromkeys(FIELDS, ""),
        typed={"form": "", **dict.fromkeys(FIELDS, "")} | dict(typed),
        errors={getattr(error, "field", None) or "state": error.sentence} if error else {},
        saved=saved,
        status=(409 if isinstance(error, Conflict) else 422) if error else 200,
    )


def _typed(grant: Grant) -> dict[str, str]:
    """Return a grant as its form has it."""
    said = ("purpose", "amount", "currency", "report_due_on", "note")
    return dict.fromkeys(FIELDS, "") | {name: str(getattr(grant, name) or "") for name in said}
