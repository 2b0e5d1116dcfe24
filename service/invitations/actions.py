"""What happens to one invitation: an answer, a seat, attendance. Letters about it are a floor above."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from service.audit import log
from service.events import store as events
from service.events.values import Event
from service.invitations import rules, store
from service.invitations.store import replies, seats
from service.invitations.values import Answer, Attendance, Invitation, ReplyOutcome, Seat
from service.kernel.errors import Conflict, Invalid
from service.people import store as people

_ANSWER_COLUMNS = (
    "partstat",
    "online",
    "replied_at",
    "reply_source",
    "reply_dtstamp",
    "reply_sequence",
    "comment",
    "asked_again",
    "seat",
    "seat_order",
)


class NotWaiting(Conflict):
    """Only someone who waits can be given a seat."""

    code = "not-waiting"


def reply(session: Session, invitation_id: str, answer: Answer, *, now: datetime, actor: str) -> ReplyOutcome:
    """Take an answer, by link, mail, phone, letter or staff: one rule for all of them.

    The event's row is held meanwhile, so the room is never oversold. A freed seat goes to the
    first who waits, unless the event says that staff offer it.

    Raises:
        EventCancelled, EventClosed, InvitationWithdrawn: nothing is stored.
    """
    event = events.lock_event(session, store.read_event_id(session, invitation_id))
    before = store.read(session, invitation_id)
    seating = seats.seating(session, event.id, event.capacity, without=invitation_id)
    decision = rules.decide(event, before, answer, seating, now=now)
    replies.add_reply(session, invitation_id, answer, decision, actor=actor, now=now)
    if not decision.applied:
        return ReplyOutcome(event, before, before, False, decision.reason, False)
    store.write(session, decision.after, _ANSWER_COLUMNS)
    freed = before.seat is Seat.HELD and decision.after.seat is not Seat.HELD
    promoted = fill_seats(session, event) if freed and not event.offer_freed_seats else ()
    return ReplyOutcome(event, before, decision.after, True, "", decision.changed, promoted)


def fill_seats(session: Session, event: Event) -> tuple[Invitation, ...]:
    """Seat as many of those waiting as the room holds, first come first; return who was seated."""
    waiting = seats.read_waiting(session, event.id)
    taken = seats.seating(session, event.id, event.capacity).taken
    seated = waiting[: rules.free_seats(event.capacity, taken, len(waiting))]
    store.write_all(session, [i.id for i in seated], seat=Seat.HELD, seat_order=0)
    return tuple(replace(i, seat=Seat.HELD, seat_order=0) for i in seated)


def give_seat(session: Session, invitation_id: str, *, now: datetime, actor: str) -> Invitation:
    """Give a free seat to one person who waits, out of turn if staff wish.

    Raises:
        NotWaiting: the person does not wait, or no seat is free.
    """
    event = events.lock_event(session, store.read(session, invitation_id).event_id)
    before = store.read(session, invitation_id)
    if before.seat not in (Seat.WAITING, Seat.OFFERED):
        raise NotWaiting("This person is not waiting for a seat.")
    if seats.seating(session, event.id, event.capacity, without=invitation_id).is_full:
        raise NotWaiting("No seat is free.")
    after = replace(before, seat=Seat.HELD, seat_order=0)
    store.write(session, after, ("seat", "seat_order"))
    log.record(session, actor=actor, action="seat.given", subject=f"invitation:{invitation_id}", now=now)
    return after


def record_attendance(session: Session, invitation_id: str, status: str, *, now: datetime, actor: str) -> Invitation:
    """Note whether someone was there: present, absent, excused, or unknown to take it back."""
    before = store.read(session, invitation_id)
    rules.check_attendable(events.read_event(session, before.event_id), now=now)
    try:
        after = replace(before, attendance=Attendance(status))
    except ValueError:
        raise Invalid("Attendance is present, absent, excused or unknown.", field="status") from None
    store.write(session, after, ("attendance",))
    log.record(
        session, actor=actor, action="attendance.recorded", subject=f"invitation:{invitation_id}", now=now, to=status
    )
    return after


def add_walk_in(session: Session, event_id: str, person_id: str, *, now: datetime, actor: str) -> Invitation:
    """Note someone who came uninvited, or without having said yes: present.

    Raises:
        UnknownPerson: they were forgotten, or made one with another, since the list was shown.
    """
    rules.check_attendable(events.read_event(session, event_id), now=now)
    if known := store.find(session, event_id, person_id):
        return record_attendance(session, known.id, Attendance.PRESENT, now=now, actor=actor)
    people.read_person(session, person_id)
    invitation_id = store.add_walk_in(session, event_id, person_id, now=now, actor=actor)
    log.record(session, actor=actor, action="walk-in.added", subject=f"invitation:{invitation_id}", now=now)
    return store.read(session, invitation_id)


def withdraw(session: Session, invitation_id: str, *, now: datetime, actor: str) -> Invitation:
    """Take an invitation back: its link stops working, its seat is free. Twice changes nothing."""
    event = events.lock_event(session, store.read(session, invitation_id).event_id)
    before = store.read(session, invitation_id)
    if before.withdrawn_at:
        return before
    after = replace(before, withdrawn_at=now, seat=Seat.NONE, seat_order=0)
    store.write(session, after, ("withdrawn_at", "seat", "seat_order"))
    if before.seat is Seat.HELD and not event.offer_freed_seats:
        fill_seats(session, event)
    log.record(session, actor=actor, action="invitation.withdrawn", subject=f"invitation:{invitation_id}", now=now)
    return after
