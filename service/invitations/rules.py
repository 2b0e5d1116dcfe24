"""Rules of invitations: who is invited, what an answer does, who sits where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from service.events.rules import EventClosed
from service.events.values import Event, EventState
from service.ical.values import PartStat
from service.invitations.values import (
    Answer,
    Attendance,
    Candidate,
    Decision,
    Invitation,
    InvitationPlan,
    LetterState,
    Seat,
    Seating,
    SkipReason,
    Source,
    Status,
)
from service.kernel.errors import Conflict
from service.kernel.text import clean_block


class NotAnnounced(Conflict):
    """Only an announced event can be invited to."""

    code = "not-announced"


class EventCancelled(Conflict):
    """The event was called off."""

    code = "event-cancelled"


class EventPostponed(Conflict):
    """The event is put off: no letter that says when it is can leave."""

    code = "event-postponed"

    def __init__(self, event_id: str) -> None:
        super().__init__("This event is put off; it has no new date yet.", event_id=event_id)


class InvitationWithdrawn(Conflict):
    """The invitation was taken back, or passed to someone else."""

    code = "invitation-withdrawn"


class NotAttendable(Conflict):
    """Attendance is recorded once the event has begun and until it is closed."""

    code = "not-attendable"


_PARTSTAT_STATUS = {
    PartStat.ACCEPTED: Status.ACCEPTED,
    PartStat.TENTATIVE: Status.TENTATIVE,
    PartStat.DECLINED: Status.DECLINED,
    PartStat.DELEGATED: Status.SUBSTITUTED,
}
_LETTER_STATUS = {
    LetterState.BOUNCED: Status.BOUNCED,
    LetterState.SENT: Status.SENT,
    LetterState.UNKNOWN: Status.SENT,
    LetterState.QUEUED: Status.QUEUED,
    LetterState.NONE: Status.DRAFT,
}


def status(invitation: Invitation) -> Status:
    """Return the one word for an invitation.

    Precedence: withdrawn, substituted, attendance, waiting, the answer, the letter.
    """
    if invitation.withdrawn_at:
        return Status.WITHDRAWN
    if invitation.substituted_by:
        return Status.SUBSTITUTED
    if invitation.attendance is not Attendance.UNKNOWN:
        return Status(invitation.attendance.value)
    if invitation.seat in (Seat.WAITING, Seat.OFFERED):
        return Status.WAITING
    return _PARTSTAT_STATUS.get(invitation.partstat) or _LETTER_STATUS[invitation.letter]


def is_live(invitation: Invitation) -> bool:
    """Tell whether a change of the event concerns this person: invited, not withdrawn, not declined."""
    reached = invitation.letter in (LetterState.QUEUED, LetterState.SENT, LetterState.UNKNOWN)
    gone = invitation.withdrawn_at or invitation.substituted_by or invitation.partstat is PartStat.DECLINED
    return reached and not gone


def plan_invitations(event: Event, roster: Iterable[Candidate], *, now: datetime) -> InvitationPlan:
    """Decide who is invited to an event, and why the others are not.

    Order is kept. Each candidate appears once, in `invite` or in `skip`.

    Raises:
        NotAnnounced: the event is a draft, postponed or cancelled.
        EventClosed: the event has started at `now`.
    """
    if event.state is not EventState.ANNOUNCED:
        raise NotAnnounced("Announce the event before you invite people.", state=event.state.value)
    if now >= event.starts_at:
        raise EventClosed(event.id, event.starts_at)
    invite: list[Candidate] = []
    skip: list[tuple[str, SkipReason]] = []
    seen: set[str] = set()
    for candidate in roster:
        if reason := skip_reason(candidate, seen):
            skip.append((candidate.person_id, reason))
        else:
            invite.append(candidate)
        seen.add(candidate.person_id)
    return InvitationPlan(tuple(invite), tuple(skip))


def skip_reason(candidate: Candidate, seen: set[str]) -> SkipReason | None:
    """Return why a candidate is left out, or None."""
    if candidate.person_id in seen:
        return SkipReason.REPEATED
    if candidate.is_suppressed:
        return SkipReason.SUPPRESSED
    if candidate.basis is None:
        return SkipReason.NO_CONSENT
    if candidate.is_withdrawn:
        return SkipReason.WITHDRAWN
    if candidate.invitation_id:
        return SkipReason.ALREADY_INVITED
    return None


def decide(event: Event, before: Invitation, answer: Answer, seating: Seating, *, now: datetime) -> Decision:
    """Decide what an answer does, by whichever way it came.

    A mailed answer to an old date, an older one, or the same one again is kept and not counted.

    Raises:
        EventCancelled, EventClosed, InvitationWithdrawn: no answer is taken any more.
    """
    refuse_late(event, before, now=now)
    stamp = min(answer.dtstamp or now, now)
    if reason := _not_counted(before, answer, stamp):
        return Decision(False, reason, before, False)
    online = _online(event, before, answer)
    seat, order = _seat(before, answer.partstat, online, seating)
    after = replace(
        before,
        partstat=answer.partstat,
        online=online,
        replied_at=now,
        reply_source=answer.source.value,
        reply_dtstamp=stamp,
        reply_sequence=answer.sequence,
        comment=clean_block(answer.comment)[:1000] or before.comment,
        asked_again=False,
        seat=seat,
        seat_order=order,
    )
    return Decision(True, "", after, _says_another_thing(before, after))


def refuse_late(event: Event, invitation: Invitation, *, now: datetime) -> None:
    """Refuse an answer to an event that is over or off, or from someone no longer invited."""
    if event.state is EventState.CANCELLED:
        raise EventCancelled("This event was cancelled.", event_id=event.id)
    if event.state is EventState.CLOSED or now >= event.starts_at:
        raise EventClosed(event.id, event.starts_at)
    if invitation.withdrawn_at or invitation.substituted_by:
        raise InvitationWithdrawn("This invitation is no longer open.", invitation_id=invitation.id)


def _not_counted(before: Invitation, answer: Answer, stamp: datetime) -> str:
    if answer.source is not Source.MAIL:
        return ""
    if answer.sequence is not None and answer.sequence < (before.sequence_sent or 0):
        return "old-date"
    if before.reply_dtstamp and stamp < before.reply_dtstamp:
        return "stale"
    if before.reply_dtstamp == stamp and before.partstat is answer.partstat:
        return "repeated"
    return ""


def _says_another_thing(before: Invitation, after: Invitation) -> bool:
    first = before.replied_at is None
    return (
        first
        or before.asked_again
        or (before.partstat, before.online, before.seat)
        != (
            after.partstat,
            after.online,
            after.seat,
        )
    )


def _online(event: Event, before: Invitation, answer: Answer) -> bool:
    """A mailed yes says nothing of room or screen: what was said before stays, else the room."""
    if not event.has_room:
        return True
    if not event.has_link:
        return False
    return before.online if answer.online is None else answer.online


def _seat(before: Invitation, partstat: PartStat, online: bool, seating: Seating) -> tuple[Seat, int]:
    if partstat is not PartStat.ACCEPTED or online:
        return Seat.NONE, 0
    if before.seat is Seat.HELD:
        return before.seat, before.seat_order
    if before.seat is Seat.OFFERED or not seating.is_full:
        return Seat.HELD, 0
    if before.seat is Seat.WAITING:
        return before.seat, before.seat_order
    return Seat.WAITING, seating.last_order + 1


def free_seats(capacity: int | None, taken: int, waiting: int) -> int:
    """Return how many of those waiting can be seated now."""
    return waiting if capacity is None else max(0, min(waiting, capacity - taken))


def calendar_partstat(invitation: Invitation) -> PartStat:
    """Return the PARTSTAT our calendar part states: a yes that waits is TENTATIVE there."""
    if invitation.seat in (Seat.WAITING, Seat.OFFERED):
        return PartStat.TENTATIVE
    return PartStat.NEEDS_ACTION if invitation.asked_again else invitation.partstat


def next_sequence(event: Event, invitation: Invitation, *, must_rise: bool) -> int:
    """Return the SEQUENCE of the next calendar part to one person.

    Never lower than the event's or than the last one sent to them; higher when it must be noticed.
    """
    if invitation.sequence_sent is None:
        return event.sequence
    floor = invitation.sequence_sent + 1 if must_rise else invitation.sequence_sent
    return max(event.sequence, floor)


def check_attendable(event: Event, *, now: datetime) -> None:
    """Refuse attendance of an event that has not begun or whose figures are final."""
    if event.state is EventState.CLOSED:
        raise NotAttendable("The event is closed: its attendance is final.", event_id=event.id)
    if event.state is not EventState.ANNOUNCED:
        raise NotAttendable(f"An event that is {event.state} has no attendance.", event_id=event.id)
    if now < event.starts_at:
        raise NotAttendable("The event has not begun.", event_id=event.id)
