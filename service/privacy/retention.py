"""What is kept, how long, from when, and why: the one table, and the few rules that read it.

A period counts in whole days, so that what is due changes once a day. A manager may shorten it for
all events or for one kind; one event may have a promised date of its own. The shortest wins, and
nothing makes a period longer than this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from service.events.values import RESEARCH_KINDS, EventKind
from service.kernel.clock import zone
from service.kernel.errors import Invalid

YEAR = 365


class Held(StrEnum):
    """A class of data that time deletes."""

    NEEDS = "needs"
    ANSWERS = "answers"
    PROMISE = "promise"
    SLOTS = "slots"
    ADDRESSES = "addresses"
    MAILBOX = "mailbox"
    RECEIVED = "received"
    IMPORTS = "imports"
    AUDIT = "audit"
    HISTORY = "history"
    QUOTES = "quotes"
    EVIDENCE = "evidence"
    NAMING = "naming"
    PEOPLE = "people"
    INTRODUCTIONS = "introductions"


class Start(StrEnum):
    """The instant from which a period runs."""

    EVENT_ENDED = "event ended"
    PROMISED_DAY = "promised day"
    LETTER_LEFT = "letter left"
    CAME_IN = "came in"
    WRITTEN = "written"
    CONSENT_ENDED = "consent ended"
    LAST_TOUCHED = "last touched"


@dataclass(frozen=True, slots=True)
class Period:
    """How long one class of data is kept. `research_days`: of research kinds, when that is shorter."""

    held: Held
    days: int
    start: Start
    note: str
    research_days: int | None = None

    @property
    def is_by_event(self) -> bool:
        """Whether it runs from the end of each event, so that kinds of events may differ."""
        return self.start is Start.EVENT_ENDED


_LIMIT = "storage limitation (GDPR Art. 5(1)(e))"
PERIODS: Mapping[Held, Period] = {
    period.held: period
    for period in (
        Period(Held.NEEDS, 14, Start.EVENT_ENDED, f"may speak of health or belief (Art. 9); {_LIMIT}"),
        Period(Held.ANSWERS, YEAR, Start.EVENT_ENDED, f"proof to funders until the year's report; {_LIMIT}", 90),
        Period(Held.PROMISE, 0, Start.PROMISED_DAY, "the word given to those who took part (Art. 5(1)(a))"),
        Period(Held.SLOTS, 90, Start.LETTER_LEFT, f"needed only to send the same letter again; {_LIMIT}"),
        Period(Held.ADDRESSES, YEAR, Start.LETTER_LEFT, f"needed to correct what was sent; {_LIMIT}"),
        Period(Held.MAILBOX, 90, Start.LETTER_LEFT, f"copies for trying things out; {_LIMIT}"),
        Period(Held.RECEIVED, 30, Start.CAME_IN, f"needed until staff have looked; {_LIMIT}"),
        Period(Held.IMPORTS, 30, Start.CAME_IN, f"needed to undo an import; {_LIMIT}"),
        Period(Held.HISTORY, 2 * YEAR, Start.WRITTEN, f"needed to see where a mistake came from; {_LIMIT}"),
        Period(Held.INTRODUCTIONS, 2 * YEAR, Start.WRITTEN, f"needed to follow up; {_LIMIT}"),
        Period(Held.QUOTES, 90, Start.CONSENT_ENDED, f"needed to ask again; {_LIMIT}"),
        Period(Held.EVIDENCE, 5 * YEAR, Start.WRITTEN, f"proof to funders, who ask for years; {_LIMIT}"),
        Period(Held.NAMING, YEAR, Start.WRITTEN, f"evidence that names people: until the year's report; {_LIMIT}"),
        Period(Held.AUDIT, 2 * YEAR, Start.WRITTEN, "accountability (Art. 5(2)), by opaque id"),
        Period(Held.PEOPLE, 2 * YEAR, Start.LAST_TOUCHED, f"proposed to staff, never deleted unasked; {_LIMIT}"),
    )
}

Shorter = Mapping[tuple[Held, str], int]  # (class, kind of event or "") -> days


class NotShorter(Invalid):
    """A period can be made shorter than the usual one, never longer."""

    code = "not-shorter"

    def __init__(self, usual: int) -> None:
        super().__init__(f"At most {usual} days: a period can only be made shorter.", field="days", usual=usual)


def usual_days(period: Period, kind: str) -> int:
    """Return the period of a kind of event, before anyone shortened it."""
    is_shorter = period.research_days is not None and kind in {one.value for one in RESEARCH_KINDS}
    return period.research_days if is_shorter and period.research_days is not None else period.days


def days_of(period: Period, kind: str, shorter: Shorter) -> int:
    """Return the period that holds for a kind of event ("": no event): the shortest there is."""
    wished = (shorter[key] for key in ((period.held, ""), (period.held, kind)) if key in shorter)
    return min((usual_days(period, kind), *wished))


def check_shorter(period: Period, kind: str, days: int) -> None:
    """Refuse a period that is none, is for another kind than there is, or is longer than the usual one.

    Raises:
        Invalid: `kind` is no kind of event, or the class does not run from an event.
        NotShorter: the usual one is shorter.
    """
    if period.held is Held.PROMISE or (kind and not period.is_by_event):
        raise Invalid("This period is the same for all events.", field="kind")
    if kind and kind not in {one.value for one in EventKind}:
        raise Invalid("There is no such kind of event.", field="kind")
    if days < 1:
        raise Invalid("A period is at least one day.", field="days")
    if days > (usual := usual_days(period, kind)):
        raise NotShorter(usual)


def due_at(period: Period, kind: str, start: datetime, shorter: Shorter) -> datetime:
    """Return when what began at an instant is due: the end of the last day it is kept, in UTC."""
    last = (start.astimezone(UTC) + timedelta(days=days_of(period, kind, shorter))).date()
    return datetime.combine(last + timedelta(days=1), time(), UTC)


def cutoff(period: Period, kind: str, now: datetime, shorter: Shorter) -> datetime:
    """Return the instant before which something began that is due at `now`; it moves once a day."""
    today = datetime.combine(now.astimezone(UTC).date(), time(), UTC)
    return today - timedelta(days=days_of(period, kind, shorter))


def promised_at(due_on: date, time_zone: str) -> datetime:
    """Return the instant of a promise: the end of its day where the event is."""
    return datetime.combine(due_on + timedelta(days=1), time(), zone(time_zone)).astimezone(UTC)


def event_start(ends_at: datetime, changed_at: datetime, state: str) -> datetime:
    """Return from when an event's periods run; a postponed one still waits for its new date."""
    return max(ends_at, changed_at) if state == "postponed" else ends_at
