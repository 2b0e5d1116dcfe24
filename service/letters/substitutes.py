"""A colleague in an invitee's place: staff say yes in one press, and the invitation changes hands."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from service.events import store as events
from service.invitations import colleagues
from service.invitations import store as invitations
from service.invitations.values import RequestState
from service.letters import actions
from service.letters.values import Desk, Invited
from service.people import actions as people

SOURCE = "Named by a colleague we invited"


def accept(session: Session, request_id: str, *, desk: Desk, now: datetime, actor: str) -> Invited:
    """Invite the colleague an invitee named: CANCEL to the one, REQUEST to the other. It leaves after the undo window.

    Raises:
        AlreadyDecided; EventClosed, EventCancelled, InvitationWithdrawn; Conflict when the colleague cannot be
        invited (already is, or wants no letters): nothing is stored.
    """
    wish = colleagues.take(session, request_id)
    person_id = people.find_or_create(session, name=wish.name, email=wish.email, source=SOURCE, now=now, actor=actor)
    done = actions.substitute(session, wish.invitation_id, person_id, desk=desk, now=now, actor=actor)
    if done.mailing_id:
        actions.approve(session, done.mailing_id, desk=desk, now=now, actor=actor)
    colleagues.settle(session, wish, RequestState.ACCEPTED, now=now, actor=actor)
    return done


def refuse(session: Session, request_id: str, *, now: datetime, actor: str) -> str:
    """Leave the invitation where it is; return its id. The invitee reads it on their page."""
    wish = colleagues.take(session, request_id)
    colleagues.settle(session, wish, RequestState.REFUSED, now=now, actor=actor)
    return wish.invitation_id


def event_of(session: Session, request_id: str) -> str:
    """Return the event a wish is about."""
    wish = colleagues.read(session, request_id)
    return events.read_event(session, invitations.read(session, wish.invitation_id).event_id).id
