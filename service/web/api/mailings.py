"""The API of mailings: letters to write, read, approve, stop, and what became of each."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import Field

from service.accounts.values import Permission
from service.events import store as events
from service.kernel.errors import Invalid
from service.letters import actions as letters
from service.letters import added_later, files
from service.mail import actions as mail
from service.mail.values import DeliveryState, MailingView
from service.web.api.events import own_event
from service.web.deps import After, House, Limit, Now, Principal, ReadSession, WriteSession, require_project
from service.web.desk import Desk
from service.web.fates import fates_of, read_names
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("", tag="mailings")


class Recipients(ApiModel):
    """Which invitees, by status."""

    status: list[str] = Field(default_factory=list)


class LetterIn(ApiModel):
    """A letter to the invitees of an event."""

    kind: str
    to: Recipients = Recipients()
    note: str = Field(default="", max_length=1000)
    subject: str = Field(default="", max_length=200)
    body: str = Field(default="", max_length=20_000)
    send_at: datetime | None = None


class MailingOut(ApiModel):
    """A mailing as it stands; `counts` has every state of a letter."""

    id: str
    context: str
    kind: str
    state: str
    semantics: str
    counts: dict[str, int]
    skipped: dict[str, int]
    created_at: datetime
    approved_at: datetime | None
    send_at: datetime | None
    done_at: datetime | None
    pause_reason: str


class ApproveIn(ApiModel):
    """When it shall leave; at once after the undo window when not given."""

    send_at: datetime | None = None


class PreviewOut(ApiModel):
    """One letter exactly as one person will get it."""

    subject: str
    text: str
    html: str
    headers: dict[str, str]
    ics: str | None


class AddedOut(ApiModel):
    """Who was added since a mailing left and would get it now; `skipped` counts by reason who of them would not."""

    person_ids: list[str]
    skipped: dict[str, int]


class DeliveryOut(ApiModel):
    """What became of one letter. `repeats`: how often it left again although it may have arrived.

    `words` are the relay's; of people at risk its codes alone.
    """

    id: str
    recipient_ref: str
    state: str
    attempts: int
    repeats: int
    smtp_code: int | None
    words: str
    message_id: str
    at: datetime


def mailing_out(view: MailingView) -> MailingOut:
    """Return a mailing as the API shows it."""
    fields = {name: getattr(view, name) for name in MailingOut.model_fields}
    return MailingOut(**{**fields, "counts": {state.value: n for state, n in view.counts.items()}})


def own_mailing(session: ReadSession, who: Principal, mailing_id: str) -> MailingView:
    """Return a mailing this caller may see.

    Raises:
        NotFound: there is none, or it belongs to another project.
    """
    view = mail.read_mailing(session, mailing_id)
    if event_id := letters.event_of(view):
        require_project(who, events.read_event(session, event_id).project_id)
    elif project_id := view.facts.get("project_id"):
        require_project(who, project_id)
    return view


@router.post("/events/{event_id}/letters", status_code=201)
@rule(Permission.SEND)
def write_letter(
    session: WriteSession, who: Principal, now: Now, desk: Desk, event_id: str, body: LetterIn
) -> MailingOut:
    """Write a letter to the invitees of some statuses: a draft, or scheduled with `send_at`."""
    own_event(session, who, event_id)
    done = letters.write_letter(
        session,
        event_id,
        body.kind,
        statuses=body.to.status,
        note=body.note,
        subject=body.subject,
        body=body.body,
        desk=desk,
        now=now,
        actor=who.actor,
    )
    mailing_id = done.mailing_id or ""
    if body.send_at:
        at = _future(body.send_at, now)
        letters.approve(session, mailing_id, desk=desk, send_at=at, now=now, actor=who.actor)
    return mailing_out(mail.read_mailing(session, mailing_id))


def _future(at: datetime, now: datetime) -> datetime:
    if at.tzinfo is None:
        raise Invalid("Give the instant with its offset, such as 2027-03-04T18:00:00Z.", field="send_at")
    if at < now:
        raise Invalid("This instant has passed.", field="send_at")
    return at


@router.get("/mailings")
@rule(Permission.READ)
def list_mailings(session: ReadSession, who: Principal, event_id: str, limit: Limit = 100) -> Page[MailingOut]:
    """Return the mailings of one event, newest first."""
    own_event(session, who, event_id)
    views = mail.read_mailings(session, context=f"event:{event_id}")[:limit]
    return Page(items=[mailing_out(view) for view in views])


@router.get("/mailings/{mailing_id}")
@rule(Permission.READ)
def read_mailing(session: ReadSession, who: Principal, mailing_id: str) -> MailingOut:
    """Return one mailing."""
    return mailing_out(own_mailing(session, who, mailing_id))


@router.post("/mailings/{mailing_id}/approve")
@rule(Permission.SEND)
def approve(
    session: WriteSession, who: Principal, now: Now, desk: Desk, mailing_id: str, body: ApproveIn | None = None
) -> MailingOut:
    """Let a mailing leave."""
    own_mailing(session, who, mailing_id)
    at = _future(body.send_at, now) if body and body.send_at else None
    return mailing_out(letters.approve(session, mailing_id, desk=desk, send_at=at, now=now, actor=who.actor))


@router.post("/mailings/{mailing_id}/undo")
@rule(Permission.SEND)
def undo(session: WriteSession, who: Principal, now: Now, mailing_id: str) -> MailingOut:
    """Take an approval back while nothing has left."""
    own_mailing(session, who, mailing_id)
    mail.undo(session, mailing_id, now=now, actor=who.actor)
    return mailing_out(mail.read_mailing(session, mailing_id))


@router.post("/mailings/{mailing_id}/pause")
@rule(Permission.SEND)
def pause(session: WriteSession, who: Principal, now: Now, mailing_id: str) -> MailingOut:
    """Stop a mailing for now."""
    own_mailing(session, who, mailing_id)
    mail.pause(session, mailing_id, now=now, actor=who.actor)
    return mailing_out(mail.read_mailing(session, mailing_id))


@router.post("/mailings/{mailing_id}/resume")
@rule(Permission.SEND)
def resume(session: WriteSession, who: Principal, now: Now, mailing_id: str) -> MailingOut:
    """Let a paused mailing go on."""
    own_mailing(session, who, mailing_id)
    mail.resume(session, mailing_id, now=now, actor=who.actor)
    return mailing_out(mail.read_mailing(session, mailing_id))


@router.post("/mailings/{mailing_id}/cancel")
@rule(Permission.SEND)
def cancel(session: WriteSession, who: Principal, now: Now, mailing_id: str) -> MailingOut:
    """Drop what has not left."""
    own_mailing(session, who, mailing_id)
    letters.discard(session, mailing_id, now=now, actor=who.actor)
    return mailing_out(mail.read_mailing(session, mailing_id))


@router.post("/mailings/{mailing_id}/resend-unsure")
@rule(Permission.SEND)
def resend_unsure(session: WriteSession, who: Principal, now: Now, mailing_id: str) -> MailingOut:
    """Send all letters of unknown fate again, byte for byte."""
    own_mailing(session, who, mailing_id)
    mail.resend_unsure(session, mailing_id, now=now, actor=who.actor)
    return mailing_out(mail.read_mailing(session, mailing_id))


@router.post("/mailings/{mailing_id}/mark-unsure-received")
@rule(Permission.SEND)
def mark_unsure_received(session: WriteSession, who: Principal, now: Now, mailing_id: str) -> MailingOut:
    """Note that all letters of unknown fate have arrived."""
    own_mailing(session, who, mailing_id)
    letters.mark_unsure_received(session, mailing_id, now=now, actor=who.actor)
    return mailing_out(mail.read_mailing(session, mailing_id))


@router.get("/mailings/{mailing_id}/added-later")
@rule(Permission.SEND)
def read_added(session: ReadSession, who: Principal, now: Now, desk: Desk, mailing_id: str) -> AddedOut:
    """Return who was added since a mailing left and would get it now."""
    added = added_later.find(session, own_mailing(session, who, mailing_id), desk=desk, now=now)
    return AddedOut(person_ids=[one.person_id for one in added.people], skipped=added.reasons())


@router.post("/mailings/{mailing_id}/added-later", status_code=201)
@rule(Permission.SEND)
def write_to_added(session: WriteSession, who: Principal, now: Now, desk: Desk, mailing_id: str) -> MailingOut:
    """Write a mailing that has left to those who were added since: a draft of the same words."""
    own_mailing(session, who, mailing_id)
    done = added_later.write(session, mailing_id, desk=desk, now=now, actor=who.actor)
    return mailing_out(mail.read_mailing(session, done.mailing_id or ""))


@router.get("/mailings/{mailing_id}/preview")
@rule(Permission.READ)
def preview(session: ReadSession, who: Principal, house: House, mailing_id: str, person_id: str) -> PreviewOut:
    """Return the letter exactly as one person will get it, its personal links included."""
    view = own_mailing(session, who, mailing_id)
    letter = files.preview(session, view, person_id, composer=house.composer)
    ics = letter.ics.decode() if letter.ics else None
    return PreviewOut(subject=letter.subject, text=letter.text, html=letter.html, headers=dict(letter.headers), ics=ics)


@router.get("/mailings/{mailing_id}/deliveries")
@rule(Permission.READ)
def list_deliveries(
    session: ReadSession,
    who: Principal,
    house: House,
    mailing_id: str,
    limit: Limit = 100,
    after: After = None,
    state: DeliveryState | None = None,
) -> Page[DeliveryOut]:
    """Return what became of each letter, those in one state if asked."""
    view = own_mailing(session, who, mailing_id)
    states = (state,) if state else tuple(DeliveryState)
    lines = mail.read_deliveries(session, mailing_id, after=after or "", limit=limit + 1, states=states)
    shown = fates_of(lines[:limit], read_names(session, view, lines[:limit]))
    more = lines[limit - 1].id if len(lines) > limit else None
    return Page(items=[_delivery(asdict(fate.line), fate.words, house) for fate in shown], next=more)


def _delivery(line: dict[str, Any], words: str, house: House) -> DeliveryOut:
    shown = {name: line[name] for name in DeliveryOut.model_fields if name in line}
    return DeliveryOut(**shown, words=words, message_id=house.composer.addresses.message_id(line["id"]))


@router.post("/deliveries/{delivery_id}/resend")
@rule(Permission.SEND)
def resend(session: WriteSession, who: Principal, now: Now, delivery_id: str) -> dict[str, str]:
    """Send a letter of unknown fate again, byte for byte."""
    own_mailing(session, who, mail.read_delivery(session, delivery_id).mailing_id)
    mail.resend(session, delivery_id, now=now, actor=who.actor)
    return {"id": delivery_id, "state": mail.read_delivery(session, delivery_id).state.value}


@router.post("/deliveries/{delivery_id}/mark-received")
@rule(Permission.SEND)
def mark_received(session: WriteSession, who: Principal, now: Now, delivery_id: str) -> dict[str, str]:
    """Note that a letter of unknown fate has arrived."""
    own_mailing(session, who, mail.read_delivery(session, delivery_id).mailing_id)
    letters.mark_received(session, delivery_id, now=now, actor=who.actor)
    return {"id": delivery_id, "state": mail.read_delivery(session, delivery_id).state.value}
