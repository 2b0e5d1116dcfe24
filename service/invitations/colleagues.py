"""A colleague in an invitee's place: the wish, before staff decide. Inviting them is a floor above."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from service.audit import log
from service.events import store as events
from service.invitations import rules, store
from service.invitations.store import colleagues as wishes
from service.invitations.values import RequestState, SubstituteRequest
from service.kernel.errors import Conflict, Invalid
from service.kernel.text import clean_line
from service.people.rules.addresses import normalise_address


class AlreadyDecided(Conflict):
    """Someone has answered this wish already."""

    code = "already-decided"


def ask(session: Session, invitation_id: str, *, name: str, email: str, now: datetime, actor: str) -> SubstituteRequest:
    """Keep an invitee's wish that a colleague be invited instead; a later wish takes an open one's place.

    Nobody is written to and the invitee's own answer stays as it is until staff decide.

    Raises:
        Invalid: no name, or no address. EventCancelled, EventClosed, InvitationWithdrawn: nothing is stored.
    """
    invitation = store.read(session, invitation_id)
    rules.refuse_late(events.lock_event(session, invitation.event_id), invitation, now=now)
    said = clean_line(name)[:300].strip()
    if not said:
        raise Invalid("Say who it is.", field="name")
    address = normalise_address(email)
    wishes.drop_open_wishes(session, invitation_id)
    made = wishes.add_wish(session, invitation_id, name=said, email=address.display, now=now)
    subject = f"invitation:{invitation_id}"
    log.record(session, actor=actor, action="substitute.asked", subject=subject, now=now)
    return made


def read(session: Session, request_id: str) -> SubstituteRequest:
    """Return one wish.

    Raises:
        UnknownWish: there is none of this id.
    """
    return wishes.read_wish(session, request_id)


def take(session: Session, request_id: str) -> SubstituteRequest:
    """Return an open wish, its event held.

    Raises:
        UnknownWish: there is none. AlreadyDecided: it is not open any more.
    """
    events.lock_event(session, store.read(session, wishes.read_wish(session, request_id).invitation_id).event_id)
    wish = wishes.read_wish(session, request_id)
    if wish.state is not RequestState.OPEN:
        raise AlreadyDecided("This has been decided already.", request_id=request_id)
    return wish


def settle(session: Session, wish: SubstituteRequest, state: RequestState, *, now: datetime, actor: str) -> None:
    """Note what became of a wish, and forget whom it named."""
    wishes.settle_wish(session, wish.id, state, now=now, actor=actor)
    subject = f"invitation:{wish.invitation_id}"
    log.record(session, actor=actor, action=f"substitute.{state}", subject=subject, now=now)
