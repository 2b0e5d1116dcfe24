"""What became of the letters of a mailing: each with the relay's words, and those of unknown fate to settle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission, Principal
from service.events import store as events
from service.events.values import Event
from service.kernel.errors import Invalid
from service.letters import actions as letters
from service.letters import store as letter_store
from service.letters import to_lists
from service.letters.values import Recipient
from service.mail import actions as mail
from service.mail.rules import relay_words
from service.mail.values import WAITING, DeliveryLine, DeliveryState, MailingView
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import own_event
from service.web.projects import current_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("")
ROWS = 100
LEFT = (DeliveryState.SENT, DeliveryState.BOUNCED, DeliveryState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one letter, as staff see it; `person` is None when they were forgotten or deleted."""

    line: DeliveryLine
    person: Recipient | None
    words: str


def own_mailing(session: Session, who: Principal, mailing_id: str) -> tuple[MailingView, Event | None]:
    """Return a mailing this person may see, and its event."""
    mailing = mail.read_mailing(session, mailing_id)
    event_id = letters.event_of(mailing)
    return mailing, own_event(session, who, event_id) if event_id else None


def read_names(session: Session, mailing: MailingView, lines: Iterable[DeliveryLine]) -> dict[str, Recipient]:
    """Return who the letters of a mailing are for, by their reference."""
    refs = [line.recipient_ref for line in lines]
    read = letter_store.read_readers if to_lists.list_of(mailing) else letter_store.read_recipients
    return read(session, refs)


def fates_of(lines: Iterable[DeliveryLine], names: Mapping[str, Recipient]) -> list[Fate]:
    """Return letters with their readers and the relay's words, which for those at risk are its codes alone."""
    return [_fate(line, names.get(line.recipient_ref)) for line in lines]


def _fate(line: DeliveryLine, person: Recipient | None) -> Fate:
    discreet = person is None or person.at_risk
    return Fate(line, person, relay_words(line.smtp_code, line.smtp_text, discreet=discreet))


@router.get("/letters/{mailing_id:identifier}/people")
@rule(Permission.READ)
def people(
    request: Request,
    session: ReadSession,
    who: Who,
    mailing_id: str,
    state: DeliveryState | None = None,
    after: Annotated[str, Query(max_length=26)] = "",
) -> Response:
    """List what became of each letter of a mailing, those in one state if asked."""
    mailing, event = own_mailing(session, who, mailing_id)
    states = (state,) if state else tuple(DeliveryState)
    lines = mail.read_deliveries(session, mailing_id, after=after, limit=ROWS + 1, states=states)
    shown = lines[:ROWS]
    return page(
        request,
        "letters/people.html",
        project=event and events.read_project(session, event.project_id),
        mailing=mailing,
        event=event,
        list_id=to_lists.list_of(mailing),
        state=state,
        total=sum(mailing.counts.values()),
        fates=fates_of(shown, read_names(session, mailing, shown)),
        more=shown[-1].id if len(lines) > ROWS else "",
        after=after,
    )


@router.get("/letters/{mailing_id:identifier}/progress")
@rule(Permission.READ)
def progress(request: Request, session: ReadSession, who: Who, mailing_id: str) -> Response:
    """Show how far a mailing is."""
    mailing, event = own_mailing(session, who, mailing_id)
    project = event and events.read_project(session, event.project_id)
    return page(request, "letters/progress.html", project=project, mailing=mailing)


@router.get("/letters/{mailing_id:identifier}/cancel")
@rule(Permission.SEND)
def ask_to_cancel(request: Request, session: ReadSession, who: Who, mailing_id: str) -> Response:
    """Ask before a mailing is cancelled: how many letters have left, and how many will not."""
    mailing, event = own_mailing(session, who, mailing_id)
    return page(
        request,
        "letters/cancel.html",
        project=events.read_project(session, event.project_id) if event else current_project(request, session, who),
        mailing=mailing,
        event=event,
        left=sum(mailing.counts[state] for state in LEFT),
        in_hand=mailing.counts[DeliveryState.SENDING],
        waiting=sum(mailing.counts[state] for state in WAITING),
    )


@router.post("/deliveries/{delivery_id}/{wish}")
@rule(Permission.SEND)
def settle(session: WriteSession, who: Who, now: Now, delivery_id: str, wish: str) -> Response:
    """Settle a letter of unknown fate: send it again, or note that it arrived."""
    mailing_id = mail.read_delivery(session, delivery_id).mailing_id
    own_mailing(session, who, mailing_id)
    if wish == "resend":
        mail.resend(session, delivery_id, now=now, actor=who.actor)
    elif wish == "received":
        letters.mark_received(session, delivery_id, now=now, actor=who.actor)
    else:
        raise Invalid("That cannot be done to a letter.", field="wish")
    return RedirectResponse(f"/letters/{mailing_id}", 303)


@router.post("/letters/{mailing_id:identifier}/unsure/{wish}")
@rule(Permission.SEND)
def settle_all(session: WriteSession, who: Who, now: Now, mailing_id: str, wish: str) -> Response:
    """Settle all letters of unknown fate of a mailing: send them again, or note that they arrived."""
    own_mailing(session, who, mailing_id)
    if wish == "resend":
        mail.resend_unsure(session, mailing_id, now=now, actor=who.actor)
    elif wish == "received":
        letters.mark_unsure_received(session, mailing_id, now=now, actor=who.actor)
    else:
        raise Invalid("That cannot be done to a letter.", field="wish")
    return RedirectResponse(f"/letters/{mailing_id}", 303)
