"""Staff pages of the day itself: who was there, who came uninvited."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from service.accounts.values import Permission
from service.dissemination.proving import Claim
from service.dissemination.store import evidence
from service.events import store
from service.invitations import actions
from service.invitations import rules as invitation_rules
from service.invitations import store as invitations
from service.invitations.store import funnels
from service.invitations.store import guests as invitation_guests
from service.invitations.values import Attendance, Status
from service.kernel.errors import Invalid
from service.people import actions as people_actions
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import Typed, own_event
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/events")
NOT_EXPECTED = (Status.WITHDRAWN, Status.SUBSTITUTED)


@router.get("/{event_id:identifier}/attendance")
@rule(Permission.CHECK_IN)
def show(request: Request, session: ReadSession, who: Who, event_id: str, error: str = "") -> Response:
    """Show everyone invited, those who said yes first, with present, absent and excused to tick."""
    event = own_event(session, who, event_id)
    guests = invitation_guests.read_guests(session, event_id)
    for guest in guests:
        guest["status"] = invitation_rules.status(guest["invitation"])
    expected = [g for g in guests if g["status"] not in NOT_EXPECTED]
    expected.sort(key=lambda g: (g["invitation"].partstat != "ACCEPTED", g["name"]))
    return page(
        request,
        "events/attendance.html",
        project=store.read_project(session, event.project_id),
        event=event,
        guests=expected,
        counts=funnels.funnel(session, event_id),
        files=evidence.count(session, event.project_id, Claim.EVENT).get(event_id, 0),
        error=error,
    )


@router.post("/{event_id:identifier}/attendance")
@rule(Permission.CHECK_IN)
def record(form: Typed, session: WriteSession, who: Who, now: Now, event_id: str) -> Response:
    """Record what was ticked; only what changed is written."""
    own_event(session, who, event_id)
    known = {i.id: i for i in invitations.read_of_event(session, event_id)}
    for name, status in form.items():
        invitation = known.get(name.removeprefix("guest-"))
        if name.startswith("guest-") and invitation and status and invitation.attendance != status:
            actions.record_attendance(session, invitation.id, status, now=now, actor=who.actor)
    if form.get("rest") == "absent":
        _mark_rest_absent(session, event_id, now=now, actor=who.actor)
    return RedirectResponse(f"/events/{event_id}/attendance", 303)


def _mark_rest_absent(session: WriteSession, event_id: str, *, now: Now, actor: str) -> None:
    for invitation in invitations.read_of_event(session, event_id):
        is_open = invitation.attendance is Attendance.UNKNOWN
        if is_open and invitation_rules.status(invitation) not in NOT_EXPECTED:
            actions.record_attendance(session, invitation.id, Attendance.ABSENT, now=now, actor=actor)


@router.post("/{event_id:identifier}/walk-in")
@rule(Permission.CHECK_IN)
def add_walk_in(
    session: WriteSession,
    who: Who,
    now: Now,
    event_id: str,
    name: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
) -> Response:
    """Note someone who came without an invitation; a new address makes a new person."""
    own_event(session, who, event_id)
    try:
        person_id = people_actions.find_or_create(
            session, name=name, email=email, source="came to the event", now=now, actor=who.actor
        )
    except Invalid:
        session.rollback()
        return RedirectResponse(f"/events/{event_id}/attendance?error=address", 303)
    actions.add_walk_in(session, event_id, person_id, now=now, actor=who.actor)
    return RedirectResponse(f"/events/{event_id}/attendance", 303)
