"""The survey after an event, as values and rules: who may answer, until when, and what an answer may be. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from service.events.values import Event, EventState
from service.invitations.rules import EventCancelled, EventPostponed, InvitationWithdrawn
from service.invitations.values import Attendance, Invitation
from service.kernel.clock import local_time
from service.kernel.errors import Conflict, Invalid
from service.kernel.text import clean_block

OPEN_DAYS = 30  # after the close of the event
CHECK_DAYS = (60, 180)  # the question what came of it is open between these days
USUAL_DAYS = 90  # of a commitment that names no day
LONGEST_WORDS, LONGEST_PROMISE = 2_000, 1_000
MARKS = (1, 2, 3, 4, 5)


class SurveyClosed(Conflict):
    """The survey is not open, or no more."""

    code = "survey-closed"


class NotThere(Conflict):
    """Only those who were at an event are asked about it."""

    code = "not-there"


class AlreadyAnswered(Conflict):
    """A nameless answer is kept apart from who gave it: it cannot be found to be changed."""

    code = "already-answered"


class NothingSaid(Invalid):
    """An answer in which nothing is said."""

    code = "nothing-said"


class Stand(StrEnum):
    """How the page of a survey stands for one guest."""

    OPEN = "open"
    NOT_YET = "not_yet"
    PAST = "past"
    NOT_THERE = "not_there"
    CANCELLED = "cancelled"
    POSTPONED = "postponed"
    WITHDRAWN = "withdrawn"
    SUBSTITUTED = "substituted"


class Progress(StrEnum):
    """What came of a commitment."""

    OPEN = "open"
    DONE = "done"
    PARTLY = "partly"
    NOT_YET = "not_yet"
    NO_LONGER = "no_longer"


@dataclass(frozen=True, slots=True)
class Plan:
    """What follows one event, as staff want it."""

    event_id: str
    is_anonymous: bool = False
    materials: tuple[Mapping[str, str], ...] = ()
    written_by: str = ""
    approved_at: datetime | None = None
    approved_by: str | None = None
    stopped_at: datetime | None = None

    @property
    def may_send(self) -> bool:
        """Whether its letters may leave on their days."""
        return self.approved_at is not None and self.stopped_at is None


@dataclass(frozen=True, slots=True)
class Return:
    """That a guest has answered, and what they wish to get."""

    invitation_id: str
    answered: bool = False
    next_steps: bool = False
    may_ask: bool = False
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a guest said of an event; `invitation_id` None: nobody knows who."""

    id: str
    event_id: str
    invitation_id: str | None
    on_day: date
    usefulness: int | None = None
    words: str = ""
    used: bool | None = None
    chapter: str = ""


@dataclass(frozen=True, slots=True)
class Commitment:
    """What a guest will do, and what came of it."""

    id: str
    invitation_id: str
    event_id: str
    words: str
    due_on: date
    state: Progress
    outcome: str

    def is_late(self, today: date) -> bool:
        """Whether its day is over and nothing was said of it that settles it."""
        return self.due_on < today and self.state in (Progress.OPEN, Progress.NOT_YET, Progress.PARTLY)


@dataclass(frozen=True, slots=True)
class Said:
    """One survey as a guest sent it in."""

    usefulness: int | None
    words: str
    promise: str
    due_on: date
    may_ask: bool
    next_steps: bool


def stand(event: Event, invitation: Invitation, *, now: datetime) -> Stand:
    """Return how the survey stands for a guest."""
    if found := _not_asked(event, invitation):
        return found
    return Stand.OPEN if now < closes_at(event) else Stand.PAST


def stand_of_check(event: Event, invitation: Invitation, *, now: datetime) -> Stand:
    """Return how the question what came of it stands for a guest."""
    if found := _not_asked(event, invitation):
        return found
    if now < _closed(event) + timedelta(days=CHECK_DAYS[0]):
        return Stand.NOT_YET
    return Stand.OPEN if now < check_closes_at(event) else Stand.PAST


def _not_asked(event: Event, invitation: Invitation) -> Stand | None:
    if invitation.withdrawn_at or invitation.substituted_by:
        return Stand.SUBSTITUTED if invitation.substituted_by else Stand.WITHDRAWN
    if event.state in (EventState.CANCELLED, EventState.POSTPONED):
        return Stand(event.state.value)
    if event.state is not EventState.CLOSED:
        return Stand.NOT_YET
    return None if invitation.attendance is Attendance.PRESENT else Stand.NOT_THERE


def closes_at(event: Event) -> datetime:
    """Return when the survey of a closed event closes."""
    return _closed(event) + timedelta(days=OPEN_DAYS)


def check_closes_at(event: Event) -> datetime:
    """Return when the question what came of it closes."""
    return _closed(event) + timedelta(days=CHECK_DAYS[1])


def _closed(event: Event) -> datetime:
    return event.closed_at or event.ends_at


def refuse(where: Stand, event: Event) -> None:
    """Refuse what is sent in while the page is not open.

    Raises:
        EventCancelled, EventPostponed, InvitationWithdrawn, NotThere, SurveyClosed.
    """
    if where is Stand.CANCELLED:
        raise EventCancelled("This event was cancelled.", event_id=event.id)
    if where is Stand.POSTPONED:
        raise EventPostponed(event.id)
    if where in (Stand.WITHDRAWN, Stand.SUBSTITUTED):
        raise InvitationWithdrawn("This invitation is no longer open.")
    if where is Stand.NOT_THERE:
        raise NotThere("These questions are for those who were there.")
    if where is not Stand.OPEN:
        raise SurveyClosed("These questions are not open." if where is Stand.NOT_YET else "These questions are closed.")


def read_form(raw: Mapping[str, str], event: Event, *, now: datetime) -> Said:
    """Return what a guest sent in.

    Raises:
        Invalid: a mark, a day or a length that cannot be. NothingSaid: nothing is in it.
    """
    words = _text(raw.get("words", ""), "words", LONGEST_WORDS)
    promise = _text(raw.get("promise", ""), "promise", LONGEST_PROMISE)
    said = Said(
        usefulness=_mark(raw.get("usefulness", "")),
        words=words,
        promise=promise,
        due_on=_due_on(raw.get("due_on", ""), event, now=now),
        may_ask=bool(raw.get("may_ask")),
        next_steps=bool(raw.get("next_steps")),
    )
    if said.usefulness is None and not (words or promise or said.next_steps):
        raise NothingSaid("Answer at least one of the questions.", field="usefulness")
    return said


def read_chapter(raw: str, chapters: Mapping[str, str]) -> str:
    """Return the key of the resource a guest used, "" for none in particular.

    Raises:
        Invalid: there is none of this key.
    """
    if raw and raw not in chapters:
        raise Invalid("Choose one of the list.", field="chapter")
    return raw


def read_progress(raw: str) -> Progress:
    """Return what came of a commitment.

    Raises:
        Invalid: it is none of the words.
    """
    try:
        return Progress(raw)
    except ValueError:
        raise Invalid("Choose done, partly, not yet or no longer.", field="state") from None


def _mark(raw: str) -> int | None:
    if not raw:
        return None
    if raw not in {str(mark) for mark in MARKS}:
        raise Invalid("Choose a number from 1 to 5.", field="usefulness")
    return int(raw)


def _text(raw: str, field: str, longest: int) -> str:
    cleaned = clean_block(raw)
    if len(cleaned) > longest:
        raise Invalid(f"This is too long: {longest:,} letters at most.", field=field)
    return cleaned


def _due_on(raw: str, event: Event, *, now: datetime) -> date:
    today = local_time(now, event.time_zone).date()
    if not raw.strip():
        return local_time(_closed(event), event.time_zone).date() + timedelta(days=USUAL_DAYS)
    try:
        day = date.fromisoformat(raw.strip())
    except ValueError:
        raise Invalid("Give the day as in 2027-05-31.", field="due_on") from None
    if not today <= day <= today + timedelta(days=1830):
        raise Invalid("Choose a day from today on, within five years.", field="due_on")
    return day
