"""Staff page of stances: how states and institutions stand, and how each stood before."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.campaign import sheets, stances
from service.campaign.store import STANCES
from service.campaign.store.names import organisation_names
from service.campaign.values import Position
from service.events.values import Project
from service.kernel.errors import Invalid
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

router = page_router("/plan/campaign/stances")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
FIELDS = ("country", "organisation", "position", "noted_on", "source", "note")


@router.get("")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who, position: str = "", saved: str = "") -> Response:
    """Show how states and institutions stand; those of one stance."""
    return _page(request, session, own_project(request, session, who), {}, position=position, saved=saved)


@router.get("/stances.csv")
@rule(Permission.READ)
def save(request: Request, session: ReadSession, who: Who) -> Response:
    """Give every stance as a table, the earlier ones too."""
    return csv_file(sheets.stances(session, own_project(request, session, who).id))


@router.post("")
@rule(Permission.EDIT)
def note(form: Typed, request: Request, session: WriteSession, who: Who, now: Now) -> Response:
    """Note a stance; a form that cannot be used comes back with what was typed."""
    project = own_project(request, session, who)
    try:
        stances.note_stance(session, project.id, form, now=now, actor=who.actor)
    except (Invalid, UnknownOrganisation) as error:
        session.rollback()
        return _page(request, session, project, form, error=error)
    return RedirectResponse(f"/plan/campaign/stances?project={project.id}&saved=yes", 303)


@router.post("/{stance_id:identifier}/take-back")
@rule(Permission.EDIT)
def take_back(request: Request, session: WriteSession, who: Who, now: Now, stance_id: str) -> Response:
    """Take away a stance that was noted by mistake."""
    project = own_project(request, session, who)
    stances.take_back(session, project.id, stance_id, now=now, actor=who.actor)
    return RedirectResponse(f"/plan/campaign/stances?project={project.id}", 303)


def _page(
    request: Request,
    session: Session,
    project: Project,
    typed: Mapping[str, str],
    *,
    position: str = "",
    error: Invalid | UnknownOrganisation | None = None,
    saved: str = "",
) -> Response:
    found = STANCES.read_all(session, project.id)
    subjects = list(stances.history(found).values())
    return page(
        request,
        "campaign/stances.html",
        project=project,
        subjects=[one for one in subjects if position in ("", one[0].position)],
        counts={kind.value: sum(one[0].position is kind for one in subjects) for kind in Position},
        total=len(subjects),
        position=position,
        names=organisation_names(session, (one.organisation_id for one in found)),
        typed=dict.fromkeys(FIELDS, "") | dict(typed),
        errors={getattr(error, "field", None) or "country": error.sentence} if error else {},
        saved=saved,
        status=422 if error else 200,
    )
