"""Mail that came in and changed nothing: what it says, and what staff make of it in one press.

Each message is settled once; its text goes with that, and after 30 days by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.events import store as events
from service.ical.replies import CalendarReply, Unreadable
from service.invitations.values import Answer, Source
from service.kernel.errors import Conflict, Invalid
from service.letters import actions, store
from service.letters.intake import answer_in
from service.letters.store import intakes
from service.letters.values import NOT_READ, Desk, Invited, Settled, Unplaced
from service.mail.dsn import Incoming, read_incoming
from service.mail.written import read_written
from service.people import actions as people

SOURCE = "Answered an invitation that was passed on"
UNVERIFIED, NOT_INVITED, OTHER_DATE = "unverified", "not-invited", "other-date"


class NotForThat(Conflict):
    """The message allows another decision only."""

    code = "not-for-that"

    def __init__(self) -> None:
        super().__init__("This message does not allow that.")


class NotCounted(Conflict):
    """The answer would change nothing: it is old, or was given before."""

    code = "not-counted"

    def __init__(self, reason: str) -> None:
        super().__init__("This answer is not counted: it is older than what we know, or to an old date.", reason=reason)


def read_queue(session: Session) -> list[Unplaced]:
    """Return what waits for a decision, newest first."""
    return [_told(session, row) for row in intakes.read_waiting(session)]


def _told(session: Session, row: Mapping[str, Any]) -> Unplaced:
    if row["reason"] == NOT_READ:
        return Unplaced(row["id"], row["at"], row["verdict"], NOT_READ, "", "", "", None, "", "", None, False)
    incoming, written = read_incoming(row["raw"]), read_written(row["raw"])
    reply = _reply(incoming)
    about, _, identifier = (row["context"] or "").partition(":")
    invitation_id = identifier if about == "invitation" else ""
    person_id = identifier if about == "person" else ""
    if not invitation_id and row["reason"] == UNVERIFIED and reply:
        invitation_id = store.find_by_address(session, reply.uid, reply.attendee_email.casefold()) or ""
    event_id = store.find_event_of(session, invitation_id, reply.uid if reply else "")
    return Unplaced(
        id=row["id"],
        at=row["at"],
        verdict=row["verdict"],
        reason=row["reason"],
        sender=incoming.from_address,
        subject=written.subject,
        text=written.text,
        reply=reply,
        invitation_id=invitation_id,
        person_id=person_id,
        event=events.read_event(session, event_id) if event_id else None,
        at_risk=store.is_at_risk(session, invitation_id) or store.is_person_at_risk(session, person_id),
    )


def _reply(incoming: Incoming) -> CalendarReply | None:
    try:
        return answer_in(incoming) if incoming.calendar else None
    except Unreadable:
        return None


def read(session: Session, intake_id: str) -> Unplaced:
    """Return one message that waits.

    Raises:
        UnknownIntake: there is none. AlreadySettled: someone decided before.
    """
    return _told(session, intakes.take(session, intake_id))


def count(session: Session, intake_id: str, *, desk: Desk, now: datetime, actor: str) -> str:
    """Count an answer that came from another address than the invited one, or for another date.

    Returns the invitation's id.

    Raises:
        NotForThat: it is no such answer. NotCounted, EventClosed, EventCancelled, InvitationWithdrawn: nothing changes.
    """
    waiting = read(session, intake_id)
    if waiting.reason not in (UNVERIFIED, OTHER_DATE) or waiting.reply is None or not waiting.invitation_id:
        raise NotForThat
    said = waiting.reply
    answer = Answer(said.partstat, Source.MAIL, comment=said.comment, dtstamp=said.dtstamp, sequence=said.sequence)
    outcome = actions.take_answer(session, waiting.invitation_id, answer, desk=desk, now=now, actor=actor)
    if not outcome.applied:
        raise NotCounted(outcome.reason)
    _settle(session, waiting, Settled.COUNTED, now=now, actor=actor)
    return waiting.invitation_id


def invite(session: Session, intake_id: str, *, desk: Desk, now: datetime, actor: str) -> Invited:
    """Invite someone who answered without having been invited; the letter waits to be read and sent.

    Raises:
        NotForThat: the message names nobody, or no event of ours.
        Conflict: they want no letters, or are invited already.
    """
    waiting = read(session, intake_id)
    if waiting.reason != NOT_INVITED or waiting.reply is None or waiting.event is None:
        raise NotForThat
    said = waiting.reply
    try:
        person_id = people.find_or_create(
            session, name=said.attendee_name, email=said.attendee_email, source=SOURCE, now=now, actor=actor
        )
    except Invalid as problem:
        raise NotForThat from problem
    done = actions.invite_people(session, waiting.event.id, [person_id], desk=desk, now=now, actor=actor)
    if not done.queued:
        raise Conflict("This person cannot be invited.", skipped=[reason for _person, reason in done.skipped])
    _settle(session, waiting, Settled.INVITED, now=now, actor=actor)
    return done


def set_aside(session: Session, intake_id: str, *, now: datetime, actor: str) -> None:
    """Note that nothing is to be done about a message."""
    _settle(session, read(session, intake_id), Settled.ASIDE, now=now, actor=actor)


def _settle(session: Session, waiting: Unplaced, settled: Settled, *, now: datetime, actor: str) -> None:
    intakes.settle(session, waiting.id, settled, now=now, actor=actor)
    log.record(session, actor=actor, action=f"intake.{settled}", subject=f"intake:{waiting.id}", now=now)
