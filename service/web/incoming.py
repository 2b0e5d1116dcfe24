"""Mail that came in and could not be placed: what it says, and one press for what to do."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from service.accounts.values import Permission
from service.letters import unplaced
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.desk import Desk
from service.web.projects import current_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/letters/incoming")


@router.get("")
@rule(Permission.EDIT)
def show(request: Request, session: ReadSession, who: Who, done: str = "") -> Response:
    """Show what waits for a decision."""
    project = current_project(request, session, who)
    mail = unplaced.read_queue(session)
    return page(request, "letters/incoming.html", project=project, mail=mail, done=done)


@router.post("/{intake_id:identifier}/count")
@rule(Permission.EDIT)
def count(session: WriteSession, who: Who, now: Now, desk: Desk, intake_id: str) -> Response:
    """Count the answer as the guest's."""
    invitation_id = unplaced.count(session, intake_id, desk=desk, now=now, actor=who.actor)
    return RedirectResponse(f"/invitations/{invitation_id}", 303)


@router.post("/{intake_id:identifier}/invite")
@rule(Permission.SEND)
def invite(session: WriteSession, who: Who, now: Now, desk: Desk, intake_id: str) -> Response:
    """Invite who answered; the letter waits to be read and sent."""
    done = unplaced.invite(session, intake_id, desk=desk, now=now, actor=who.actor)
    return RedirectResponse(f"/letters/{done.mailing_id}", 303)


@router.post("/{intake_id:identifier}/aside")
@rule(Permission.EDIT)
def set_aside(session: WriteSession, who: Who, now: Now, intake_id: str) -> Response:
    """Do nothing about it; its text goes."""
    unplaced.set_aside(session, intake_id, now=now, actor=who.actor)
    return RedirectResponse("/letters/incoming?done=aside", 303)
