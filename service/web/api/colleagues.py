"""The API of colleagues whom invitees name in their place."""

from __future__ import annotations

from datetime import datetime

from service.accounts.values import Permission
from service.invitations.store.colleagues import read_open_wishes
from service.letters import substitutes
from service.web.api.events import own_event
from service.web.api.invitations import InvitedOut
from service.web.deps import Now, Principal, ReadSession, WriteSession
from service.web.desk import Desk
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("", tag="invitations")


class SubstituteRequestOut(ApiModel):
    """A colleague an invitee asks us to invite instead, waiting for a decision."""

    id: str
    invitation_id: str
    at: datetime
    name: str
    email: str


@router.get("/events/{event_id}/substitute-requests")
@rule(Permission.EDIT)
def list_requests(session: ReadSession, who: Principal, event_id: str) -> Page[SubstituteRequestOut]:
    """List what waits for a decision, oldest first."""
    own_event(session, who, event_id)
    wishes = [wish for _event_id, wish in read_open_wishes(session, [event_id])]
    items = [
        SubstituteRequestOut(id=w.id, invitation_id=w.invitation_id, at=w.at, name=w.name, email=w.email)
        for w in wishes
    ]
    return Page(items=items, next=None)


@router.post("/substitute-requests/{request_id}/accept")
@rule(Permission.SEND)
def accept(session: WriteSession, who: Principal, now: Now, desk: Desk, request_id: str) -> InvitedOut:
    """Invite the colleague instead; both letters leave after the undo window."""
    own_event(session, who, substitutes.event_of(session, request_id))
    done = substitutes.accept(session, request_id, desk=desk, now=now, actor=who.actor)
    return InvitedOut(mailing_id=done.mailing_id, queued=done.queued, skipped=[])


@router.post("/substitute-requests/{request_id}/refuse", status_code=204)
@rule(Permission.EDIT)
def refuse(session: WriteSession, who: Principal, now: Now, request_id: str) -> None:
    """Leave the invitation where it is."""
    own_event(session, who, substitutes.event_of(session, request_id))
    substitutes.refuse(session, request_id, now=now, actor=who.actor)
