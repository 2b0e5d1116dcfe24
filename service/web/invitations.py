"""Staff page of one invitation: the four axes, the answers as they came, the letters as they left."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.rules import may
from service.accounts.values import Permission, Principal
from service.events import store as events
from service.ical.values import PartStat
from service.invitations import colleagues, rules, store
from service.invitations.needs import read_needs, write_needs
from service.invitations.store import replies
from service.invitations.values import Answer, Invitation, Seat, Source
from service.kernel.errors import Invalid
from service.kernel.sealing import CannotOpen, SealRing
from service.letters import actions as letters
from service.letters import store as letter_store
from service.letters import substitutes
from service.mail.rules import relay_words
from service.people import store as people
from service.web.deps import House, Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.desk import Desk
from service.web.events import own_event
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/invitations")

SAID = {
    "yes": (PartStat.ACCEPTED, False),
    "yes_online": (PartStat.ACCEPTED, True),
    "maybe": (PartStat.TENTATIVE, None),
    "no": (PartStat.DECLINED, None),
}


def own_invitation(session: Session, who: Principal, invitation_id: str) -> Invitation:
    """Return an invitation this person may see."""
    invitation = store.read(session, invitation_id)
    own_event(session, who, invitation.event_id)
    return invitation


@router.get("/{invitation_id}")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who, house: House, invitation_id: str) -> Response:
    """Show one invitation with its history; what they need only to those who may edit."""
    invitation = own_invitation(session, who, invitation_id)
    needs, fault = _needs(session, invitation_id, house.ring) if may(who.role, Permission.EDIT) else ("", "")
    event = events.read_event(session, invitation.event_id)
    return page(
        request,
        "events/invitation.html",
        project=events.read_project(session, event.project_id),
        event=event,
        invitation=invitation,
        status_word=rules.status(invitation),
        person=(person := people.read_person(session, invitation.person_id)),
        replies=replies.read_replies(session, invitation_id),
        deliveries=_told(letter_store.read_letters_of(session, invitation_id), discreet=person.at_risk),
        waits=invitation.seat is Seat.WAITING,
        needs=needs,
        needs_fault=fault,
    )


def _told(letters: list[dict[str, Any]], *, discreet: bool) -> list[dict[str, Any]]:
    """Return letters with what the relay said of each."""
    said = [relay_words(letter["smtp_code"], letter["smtp_text"], discreet=discreet) for letter in letters]
    return [letter | {"words": words} for letter, words in zip(letters, said, strict=True)]


def _needs(session: Session, invitation_id: str, ring: SealRing) -> tuple[str, str]:
    """Return what they need, and the sentence that says why it does not open."""
    try:
        return read_needs(session, invitation_id, ring=ring), ""
    except CannotOpen as error:
        return "", error.sentence


@router.post("/{invitation_id}/needs")
@rule(Permission.EDIT)
def note_needs(
    session: WriteSession,
    who: Who,
    now: Now,
    house: House,
    invitation_id: str,
    needs: Annotated[str, Form()] = "",
) -> Response:
    """Note what someone needs to take part."""
    own_invitation(session, who, invitation_id)
    write_needs(session, invitation_id, needs, ring=house.ring, now=now, actor=who.actor)
    return RedirectResponse(f"/invitations/{invitation_id}", 303)


@router.post("/{invitation_id}/reply")
@rule(Permission.EDIT)
def type_in(
    session: WriteSession,
    who: Who,
    now: Now,
    desk: Desk,
    invitation_id: str,
    answer: Annotated[str, Form()] = "",
    via: Annotated[str, Form()] = "phone",
    comment: Annotated[str, Form()] = "",
) -> Response:
    """Type in an answer that came by phone, letter or in person."""
    own_invitation(session, who, invitation_id)
    if answer not in SAID or via not in (Source.PHONE, Source.LETTER, Source.STAFF):
        raise Invalid("Choose the answer, and how it came.", field="answer")
    partstat, online = SAID[answer]
    said = Answer(partstat, Source(via), online=online, comment=comment)
    letters.take_answer(session, invitation_id, said, desk=desk, now=now, actor=who.actor)
    return RedirectResponse(f"/invitations/{invitation_id}", 303)


@router.post("/{invitation_id}/withdraw")
@rule(Permission.SEND)
def withdraw(session: WriteSession, who: Who, now: Now, desk: Desk, invitation_id: str) -> Response:
    """Take the invitation back."""
    own_invitation(session, who, invitation_id)
    letters.withdraw(session, invitation_id, desk=desk, now=now, actor=who.actor)
    return RedirectResponse(f"/invitations/{invitation_id}", 303)


@router.post("/{invitation_id}/substitute")
@rule(Permission.SEND)
def substitute(
    session: WriteSession,
    who: Who,
    now: Now,
    desk: Desk,
    invitation_id: str,
    name: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
) -> Response:
    """Invite someone else in their place; the letters leave after the undo window."""
    own_invitation(session, who, invitation_id)
    wish = colleagues.ask(session, invitation_id, name=name, email=email, now=now, actor=who.actor)
    done = substitutes.accept(session, wish.id, desk=desk, now=now, actor=who.actor)
    return RedirectResponse(f"/letters/{done.mailing_id}", 303)


@router.post("/{invitation_id}/seat")
@rule(Permission.EDIT)
def give_seat(session: WriteSession, who: Who, now: Now, desk: Desk, invitation_id: str) -> Response:
    """Give a free seat to someone who waits."""
    own_invitation(session, who, invitation_id)
    letters.give_seat(session, invitation_id, desk=desk, now=now, actor=who.actor)
    return RedirectResponse(f"/invitations/{invitation_id}", 303)
