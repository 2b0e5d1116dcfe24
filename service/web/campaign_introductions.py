"""Staff page of introductions: who was introduced to whom, and what is to follow."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.campaign import introductions
from service.campaign.store import INTRODUCTIONS
from service.campaign.store.names import people_now
from service.events.values import Project
from service.kernel.clock import local_time
from service.kernel.errors import Invalid
from service.people import store as people
from service.people.rules.addresses import BadAddress, normalise_address
from service.web import identifiers
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import Typed
from service.web.person import staff_names
from service.web.projects import own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/plan/campaign/introductions")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
FIELDS = ("first", "second", "made_on", "about", "follow_up", "follow_up_on")


@router.get("")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who, open_only: str = "", saved: str = "") -> Response:
    """Show who was introduced to whom; those at risk by pseudonym."""
    project = own_project(request, session, who)
    return _page(request, session, project, {}, open_only=bool(open_only), saved=saved)


@router.post("")
@rule(Permission.EDIT)
def add(form: Typed, request: Request, session: WriteSession, who: Who, now: Now) -> Response:
    """Note an introduction of two people by their addresses; a form that cannot be used comes back."""
    project = own_project(request, session, who)
    try:
        both = {"person_id": _person(session, form, "first"), "to_person_id": _person(session, form, "second")}
        introductions.add_introduction(session, project.id, {**form, **both}, now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _page(request, session, project, form, error=error)
    return RedirectResponse(f"/plan/campaign/introductions?project={project.id}&saved=yes", 303)


@router.post("/{introduction_id:identifier}")
@rule(Permission.EDIT)
def change(form: Typed, request: Request, session: WriteSession, who: Who, now: Now, introduction_id: str) -> Response:
    """Say that what was to follow is done, or forget that the two were introduced."""
    project = own_project(request, session, who)
    if form.get("remove"):
        introductions.remove_introduction(session, project.id, introduction_id, now=now, actor=who.actor)
        return RedirectResponse(f"/plan/campaign/introductions?project={project.id}", 303)
    wishes = {"done_on": local_time(now, project.time_zone).date()}
    introductions.edit_introduction(session, project.id, introduction_id, wishes, now=now, actor=who.actor)
    return RedirectResponse(f"/plan/campaign/introductions?project={project.id}&saved=yes", 303)


def _person(session: Session, form: Mapping[str, str], field: str) -> str:
    """Return the id of the person of an address.

    Raises:
        Invalid: it is no address, or nobody here has it.
    """
    try:
        found = people.find_person(session, normalise_address(form.get(field, "")).key)
    except BadAddress as error:
        raise Invalid(error.sentence, field=field) from None
    if found is None:
        raise Invalid("Nobody here has this address. Add them under People first.", field=field)
    return found


def _page(
    request: Request,
    session: Session,
    project: Project,
    typed: Mapping[str, str],
    *,
    open_only: bool = False,
    error: Invalid | None = None,
    saved: str = "",
) -> Response:
    found = INTRODUCTIONS.read_all(session, project.id)
    shown = [one for one in reversed(found) if not open_only or introductions.is_open(one)]
    return page(
        request,
        "campaign/introductions.html",
        project=project,
        introductions=shown,
        total=len(found),
        waiting=sum(map(introductions.is_open, found)),
        open_only=open_only,
        people=people_now(session, (one for each in shown for one in (each.person_id, each.to_person_id))),
        names=staff_names(session, (one.made_by for one in shown)),
        typed=dict.fromkeys(FIELDS, "") | dict(typed),
        errors={error.field or "first": error.sentence} if error else {},
        saved=saved,
        status=422 if error else 200,
    )
