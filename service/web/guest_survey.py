"""What guests say after an event, on their own pages: `/r/{token}/survey`, and `/r/{token}/check` after three months.

GET shows, POST keeps. The link is that of the invitation; no account, no cookie, no script.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.dissemination.store import planning
from service.invitations import survey_form, surveys
from service.invitations.store import surveys as store
from service.invitations.survey_form import MARKS, Progress, Stand
from service.invitations.values import Guest
from service.kernel.errors import Invalid
from service.web.deps import House, Now, ReadSession, WriteSession
from service.web.events import Typed
from service.web.guest import event_words, find_guest, gone, links_of
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import Open, rule

router = page_router("/r")


@router.get("/{token}/survey")
@rule(Open.GUEST)
def show(
    request: Request, session: ReadSession, house: House, now: Now, token: str, a: str = "", noted: bool = False
) -> Response:
    """Show the questions, or thanks; `a=change` shows them with what was said."""
    guest = find_guest(request, session, house, token)
    if guest is None:
        return gone(request)
    where = survey_form.stand(guest.event, guest.invitation, now=now)
    context = _context(session, guest, house, token, where, noted=noted)
    if where is Stand.OPEN and context["answered"] and (context["is_anonymous"] or a != "change"):
        context["state"] = "answered"
    return page(request, "guest/survey.html", language=guest.language, values=_said(session, guest), **context)


@router.post("/{token}/survey")
@rule(Open.GUEST)
def keep(form: Typed, request: Request, session: WriteSession, house: House, now: Now, token: str) -> Response:
    """Keep what the guest says; a form that cannot be used comes back with what was typed."""
    guest = find_guest(request, session, house, token)
    if guest is None:
        return gone(request)
    try:
        surveys.answer(session, guest.invitation.id, form, now=now)
    except Invalid as problem:
        session.rollback()
        where = survey_form.stand(guest.event, guest.invitation, now=now)
        context = _context(session, guest, house, token, where, error=_fault(problem))
        return page(request, "guest/survey.html", status=422, language=guest.language, values=form, **context)
    return RedirectResponse(f"/r/{token}/survey?noted=true", 303)


def _context(
    session: Session, guest: Guest, house: House, token: str, where: Stand, *, noted: bool = False, error: str = ""
) -> dict[str, Any]:
    """Return what both pages show; `error` is the field that cannot be used, "nothing" when all are empty, or ""."""
    return {
        "action": f"/r/{token}",
        "sender": guest.organisation,
        "guest": {"name": guest.name, "first_name": guest.greeting},
        "event": event_words(guest),
        "state": where.value,
        "marks": MARKS,
        "is_anonymous": store.read_plan(session, guest.event.id).is_anonymous,
        "answered": store.read_return(session, guest.invitation.id).answered,
        "closes_at": survey_form.closes_at(guest.event),
        "zone": guest.event.time_zone,
        "noted": noted,
        "error": error,
        "links": links_of(guest, house),
    }


def _fault(problem: Invalid) -> str:
    """Return which question to put right, in a word that the page knows a sentence for."""
    return "nothing" if isinstance(problem, survey_form.NothingSaid) else problem.field or "nothing"


def _said(session: Session, guest: Guest) -> dict[str, Any]:
    """Return what a guest said under their name, as the form has it."""
    invitation_id = guest.invitation.id
    before, promised = store.read_answer(session, invitation_id), store.find_commitment(session, invitation_id)
    wishes = store.read_return(session, invitation_id)
    return {
        "usefulness": str(before.usefulness or "") if before else "",
        "words": before.words if before else "",
        "promise": promised.words if promised else "",
        "due_on": promised.due_on.isoformat() if promised else "",
        "may_ask": "yes" if wishes.may_ask else "",
        "next_steps": "yes" if wishes.next_steps else "",
    }


@router.get("/{token}/check")
@rule(Open.GUEST)
def show_check(
    request: Request, session: ReadSession, house: House, now: Now, token: str, noted: bool = False
) -> Response:
    """Show the question what came of it, with what was said before."""
    guest = find_guest(request, session, house, token)
    if guest is None:
        return gone(request)
    return _check_page(request, session, guest, house, token, {}, now=now, noted=noted)


@router.post("/{token}/check")
@rule(Open.GUEST)
def keep_check(form: Typed, request: Request, session: WriteSession, house: House, now: Now, token: str) -> Response:
    """Keep what came of it; a form that cannot be used comes back with what was typed."""
    guest = find_guest(request, session, house, token)
    if guest is None:
        return gone(request)
    try:
        surveys.check(session, guest.invitation.id, form, _chapters(session, guest), now=now)
    except Invalid as problem:
        session.rollback()
        return _check_page(request, session, guest, house, token, form, now=now, error=_fault(problem))
    return RedirectResponse(f"/r/{token}/check?noted=true", 303)


def _check_page(
    request: Request,
    session: Session,
    guest: Guest,
    house: House,
    token: str,
    typed: dict[str, str],
    *,
    now: datetime,
    noted: bool = False,
    error: str = "",
) -> Response:
    where = survey_form.stand_of_check(guest.event, guest.invitation, now=now)
    before = store.read_answer(session, guest.invitation.id)
    commitment = store.find_commitment(session, guest.invitation.id)
    used = {True: "yes", False: "no", None: ""}[before.used if before else None]
    state = commitment.state.value if commitment and commitment.state is not Progress.OPEN else ""
    known = {"state": state, "used": used, "chapter": before.chapter if before else ""}
    context = _context(session, guest, house, token, where, noted=noted, error=error)
    context |= {"commitment": commitment, "values": {**known, **typed}, "chapters": _chapters(session, guest)}
    context["checked"] = store.read_return(session, guest.invitation.id).checked
    status = 422 if error else 200
    return page(request, "guest/check.html", status=status, language=guest.language, **context)


def _chapters(session: Session, guest: Guest) -> dict[str, str]:
    """Return the chapters a guest may have used, by key."""
    outputs = planning.read_outputs(session, guest.event.project_id)
    return {one.key: one.title for one in outputs if one.kind == "chapter"}
