"""Mail that comes in: answers from calendars, bounces, complaints, auto-replies. One function for every way in."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from service.events import store as events
from service.events.rules import EventClosed
from service.ical.replies import CalendarReply, Unreadable, read_reply
from service.ical.values import Address, Method, PartStat
from service.invitations import colleagues
from service.invitations.rules import EventCancelled, InvitationWithdrawn
from service.invitations.store.of_person import current_id
from service.invitations.values import Answer, Source
from service.kernel.errors import Invalid, NotFound
from service.kernel.tokens import Keyring
from service.letters import actions, stopping, store
from service.letters.store import intakes
from service.letters.values import Desk, Taken
from service.mail import actions as mail
from service.mail.addresses import read_bounce_tag, read_rsvp_tag, read_stop_tag
from service.mail.dsn import Incoming, read_incoming
from service.mail.values import DeliveryState, SuppressionReason
from service.people.rules.addresses import address_name

REMEMBERED = timedelta(days=30)
KEPT_BYTES = 262_144


def take_in(session: Session, raw: bytes, *, desk: Desk, keyring: Keyring, now: datetime) -> Taken:
    """Take in one raw message and do what it asks, once.

    Whatever cannot be used is kept for the manager with its reason; nothing is raised for bad mail.
    """
    incoming = read_incoming(raw)
    if known := intakes.find(session, incoming.sha256, since=REMEMBERED, now=now):
        return Taken(known, False, "repeated")
    taken = _dispatch(session, incoming, desk=desk, keyring=keyring, now=now)
    kept = None if taken.applied else raw[:KEPT_BYTES]
    context = taken.facts.get("context")
    intakes.add(
        session,
        at=now,
        sha256=incoming.sha256,
        verdict=taken.verdict,
        applied=taken.applied,
        reason=taken.reason,
        context=context,
        raw=kept,
    )
    return taken


def _dispatch(session: Session, incoming: Incoming, *, desk: Desk, keyring: Keyring, now: datetime) -> Taken:
    stopped = next((d for tag in incoming.plus_tags if (d := read_stop_tag(keyring, tag))), None)
    if stopped and incoming.kind != "dsn":
        return _stop(session, stopped, now=now)
    if incoming.kind == "dsn":
        return _bounce(session, incoming, keyring=keyring, now=now)
    if incoming.kind == "complaint":
        return _complaint(session, incoming, keyring=keyring, now=now)
    if incoming.kind == "calendar":
        return _calendar(session, incoming, desk=desk, keyring=keyring, now=now)
    if incoming.kind == "auto_reply":
        return Taken("auto_reply", False)
    return Taken("unknown", False, "winmail-dat" if incoming.is_tnef else "no-calendar-part")


def _stop(session: Session, delivery_id: str, *, now: datetime) -> Taken:
    """Stop letters, as a mail to the List-Unsubscribe address asks; the address is the proof."""
    try:
        stopping.stop_like(session, delivery_id, now=now, actor="system")
    except NotFound:
        return Taken("unknown", False, "letter-gone")
    return Taken("unknown", True, "unsubscribed")


def _bounce(session: Session, incoming: Incoming, *, keyring: Keyring, now: datetime) -> Taken:
    delivery_id = _delivery_of(incoming, keyring)
    if delivery_id is None:
        return Taken("bounce", False, "not-ours")
    ref = mail.apply_bounce(session, delivery_id, incoming.status, now=now, action=incoming.action)
    if ref is None:
        return Taken("bounce", False, "soft")
    actions.note_deliveries(session, [(ref, DeliveryState.BOUNCED)])
    return Taken("bounce", True)


def _complaint(session: Session, incoming: Incoming, *, keyring: Keyring, now: datetime) -> Taken:
    delivery_id = _delivery_of(incoming, keyring)
    if delivery_id is None:
        return Taken("complaint", False, "not-ours")
    mail.unsubscribe(session, delivery_id, now=now, actor="system", reason=SuppressionReason.COMPLAINED)
    return Taken("complaint", True)


def _delivery_of(incoming: Incoming, keyring: Keyring) -> str | None:
    """Return the delivery whose return address, with its proof, the message was sent to."""
    found = (read_bounce_tag(keyring, tag) for tag in incoming.plus_tags)
    return next((delivery_id for delivery_id in found if delivery_id), None)


def _calendar(session: Session, incoming: Incoming, *, desk: Desk, keyring: Keyring, now: datetime) -> Taken:
    try:
        reply = answer_in(incoming)
    except Unreadable as problem:
        return Taken("unknown", False, problem.code)
    verdict = "counter" if reply.method is Method.COUNTER else "reply"
    invitation_id, reason = _match(session, incoming, reply, keyring)
    if invitation_id is None:
        return Taken(verdict, False, reason)
    context = {"context": f"invitation:{invitation_id}"}
    if _is_of_another_date(session, invitation_id, reply):
        return Taken(verdict, False, "other-date", context)
    if verdict == "counter":
        return Taken(verdict, False, "for-the-manager", context)
    if reply.delegate:
        return _pass_on(session, invitation_id, reply.delegate, now=now)
    if reply.partstat in (PartStat.NEEDS_ACTION, PartStat.DELEGATED):
        return Taken(verdict, False, "for-the-manager", context)
    return _answer(session, invitation_id, reply, desk=desk, now=now)


def _is_of_another_date(session: Session, invitation_id: str, reply: CalendarReply) -> bool:
    """Tell whether RECURRENCE-ID names another moment or day than the event's own: nothing of ours recurs."""
    named = reply.recurrence_id
    event_id = store.find_event_of(session, invitation_id, reply.uid) if named else None
    if event_id is None:
        return False
    event = events.read_event(session, event_id)
    is_day = event.whole_day and not isinstance(named, datetime)
    return named != (event.first_day if is_day else event.starts_at)


def answer_in(incoming: Incoming) -> CalendarReply:
    """Return the answer in a mail's calendar part; where it says less than it must, the mail around it may say it.

    Raises:
        Unreadable: there is none.
    """
    return read_reply(incoming.calendar or b"", method=incoming.method, sender=incoming.from_address)


def _pass_on(session: Session, invitation_id: str, delegate: Address, *, now: datetime) -> Taken:
    """Keep a delegation as the wish that a colleague be invited instead: staff decide, nobody is written to."""
    context = {"context": f"invitation:{invitation_id}"}
    actor = f"guest:{invitation_id}"
    name = delegate.name or address_name(delegate.email)
    try:
        colleagues.ask(session, invitation_id, name=name, email=delegate.email, now=now, actor=actor)
    except (EventClosed, EventCancelled, InvitationWithdrawn) as refused:
        return Taken("reply", False, refused.code, context)
    except Invalid:
        return Taken("reply", False, "for-the-manager", context)
    return Taken("reply", True, "delegated", context)


def _match(session: Session, incoming: Incoming, reply: CalendarReply, keyring: Keyring) -> tuple[str | None, str]:
    """Return the invitation meant, or the reason there is none.

    The tag in the address we were written to proves it; else UID and ATTENDEE name it, and the
    sender must be that attendee. An address that was not invited is never added.
    """
    for tag in incoming.plus_tags:
        tagged = read_rsvp_tag(keyring, tag)
        if tagged and _is_of(session, current := current_id(session, tagged), reply.uid):
            return current, ""
    found = store.find_by_address(session, reply.uid, reply.attendee_email.casefold())
    if found is None:
        return None, "not-invited"
    if incoming.from_address.casefold() != reply.attendee_email.casefold():
        return None, "unverified"
    return found, ""


def _is_of(session: Session, invitation_id: str, uid: str) -> bool:
    return store.find_event_uid(session, invitation_id) == uid


def _answer(session: Session, invitation_id: str, reply: CalendarReply, *, desk: Desk, now: datetime) -> Taken:
    context = {"context": f"invitation:{invitation_id}"}
    answer = Answer(
        partstat=reply.partstat,
        source=Source.MAIL,
        comment=reply.comment,
        dtstamp=reply.dtstamp,
        sequence=reply.sequence,
    )
    try:
        outcome = actions.take_answer(
            session, invitation_id, answer, desk=desk, now=now, actor=f"guest:{invitation_id}"
        )
    except (EventClosed, EventCancelled, InvitationWithdrawn) as refused:
        return Taken("reply", False, refused.code, context)
    return Taken("reply", outcome.applied, outcome.reason, context)
