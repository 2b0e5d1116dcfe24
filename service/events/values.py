"""Values of projects and events: kinds, states, and the event itself.

A gathering has a local time and a zone; the instant is derived. A research kind is held in
confidence: it stays out of public figures and feeds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, NewType

EventId = NewType("EventId", str)
ProjectId = NewType("ProjectId", str)


class EventKind(StrEnum):
    """What sort of gathering it is."""

    LAUNCH = "launch"
    SEMINAR = "seminar"
    BRIEFING = "briefing"
    CONFERENCE = "conference"
    MEETING = "meeting"
    INCEPTION = "inception"
    BRAINSTORM = "brainstorm"
    FACILITATED_MEETING = "facilitated_meeting"
    FOCUS_GROUP = "focus_group"
    INTERVIEW = "interview"
    RECALL_SESSION = "recall_session"


RESEARCH_KINDS = frozenset(
    {
        EventKind.INCEPTION,
        EventKind.BRAINSTORM,
        EventKind.FACILITATED_MEETING,
        EventKind.FOCUS_GROUP,
        EventKind.INTERVIEW,
        EventKind.RECALL_SESSION,
    }
)


class EventState(StrEnum):
    """Where the event stands; only an announced one takes invitations."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    POSTPONED = "postponed"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Mode(StrEnum):
    """How one can take part."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    HYBRID = "hybrid"
    EMAIL = "email"


class Privacy(StrEnum):
    """Who may know of it: everyone, those invited, those invited and in neutral words."""

    OPEN = "open"
    INVITED = "invited"
    CONFIDENTIAL = "confidential"


class Change(StrEnum):
    """What an edit means to people: nothing, a spelling, or a reason to be told."""

    NONE = "none"
    COSMETIC = "cosmetic"
    MATERIAL = "material"


@dataclass(frozen=True, slots=True)
class Project:
    """The frame of outputs, events and a plan."""

    id: ProjectId
    slug: str
    name: str
    summary: str
    organisation: str
    time_zone: str
    locale: str
    starts_on: date
    ends_on: date
    is_sample: bool


@dataclass(frozen=True, slots=True)
class Event:
    """One gathering as it stands. `starts_at` and `ends_at` are UTC instants.

    One of whole days has midnights for local times, `ends_local` that after its last day.
    """

    id: EventId
    project_id: ProjectId
    series_id: str | None
    slug: str
    kind: EventKind
    state: EventState
    mode: Mode
    privacy: Privacy
    title: str
    summary: str
    language: str
    whole_day: bool
    starts_local: str
    ends_local: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    place: str
    online_url: str
    capacity: int | None
    offer_freed_seats: bool
    reply_by: datetime | None
    topics: tuple[str, ...]
    uid: str
    sequence: int
    revision: int
    changed_at: datetime
    announced_at: datetime | None
    closed_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str
    head_count: int | None

    @property
    def first_day(self) -> date:
        """The day it starts, at the venue."""
        return date.fromisoformat(self.starts_local[:10])

    @property
    def last_day(self) -> date:
        """The day of its last moment, at the venue; of whole days, the last of them."""
        return (datetime.fromisoformat(self.ends_local) - timedelta(minutes=1)).date()

    @property
    def has_room(self) -> bool:
        """Whether one can be there in person."""
        return self.mode in (Mode.IN_PERSON, Mode.HYBRID)

    @property
    def has_link(self) -> bool:
        """Whether one can take part online."""
        return self.mode in (Mode.ONLINE, Mode.HYBRID)

    @property
    def is_discreet(self) -> bool:
        """Whether letters stay neutral until the guest has said yes."""
        return self.privacy is Privacy.CONFIDENTIAL


class Entry(NamedTuple):
    """What a calendar is told of an event: a feed of hundreds reads no more than this."""

    uid: str
    slug: str
    state: str
    whole_day: bool
    starts_local: str
    ends_local: str
    time_zone: str
    title: str
    summary: str
    place: str
    sequence: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class EventDraft:
    """What someone wants an event to be; `rules.plan_event` checks it.

    Of whole days `starts_at` and `ends_at` are the first day and the last, such as 2027-03-04.
    """

    project_id: str
    kind: str
    title: str
    starts_at: str  # local, 2027-03-04T18:00
    time_zone: str
    ends_at: str | None = None
    duration_minutes: int | None = None
    whole_day: bool = False
    summary: str = ""
    mode: str | None = None
    place: str = ""
    online_url: str = ""
    capacity: int | None = None
    language: str = "en"
    series_id: str | None = None
    privacy: str | None = None
    reply_by: str | None = None
    offer_freed_seats: bool = False
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preset:
    """What a kind of event usually looks like: the template behind "new seminar"."""

    kind: EventKind
    duration_minutes: int
    mode: Mode
    privacy: Privacy
    capacity: int | None
    starts: str = "14:00"


PRESETS: dict[EventKind, Preset] = {
    preset.kind: preset
    for preset in (
        Preset(EventKind.LAUNCH, 120, Mode.HYBRID, Privacy.OPEN, 120, "18:00"),
        Preset(EventKind.SEMINAR, 120, Mode.HYBRID, Privacy.INVITED, 40),
        Preset(EventKind.BRIEFING, 60, Mode.IN_PERSON, Privacy.INVITED, 20, "12:30"),
        Preset(EventKind.CONFERENCE, 480, Mode.HYBRID, Privacy.OPEN, 200, "09:00"),
        Preset(EventKind.MEETING, 60, Mode.HYBRID, Privacy.INVITED, None, "10:00"),
        Preset(EventKind.INCEPTION, 120, Mode.HYBRID, Privacy.CONFIDENTIAL, 20, "10:00"),
        Preset(EventKind.BRAINSTORM, 180, Mode.IN_PERSON, Privacy.CONFIDENTIAL, 20, "10:00"),
        Preset(EventKind.FACILITATED_MEETING, 180, Mode.IN_PERSON, Privacy.CONFIDENTIAL, 20, "10:00"),
        Preset(EventKind.FOCUS_GROUP, 90, Mode.IN_PERSON, Privacy.CONFIDENTIAL, 10, "10:00"),
        Preset(EventKind.INTERVIEW, 60, Mode.ONLINE, Privacy.CONFIDENTIAL, 1, "10:00"),
        Preset(EventKind.RECALL_SESSION, 90, Mode.ONLINE, Privacy.CONFIDENTIAL, 10, "10:00"),
    )
}


@dataclass(frozen=True, slots=True)
class EventDiff:
    """What an edit does: how much it matters, and each field's before and after.

    `whole_days`: the event has whole days before and after.
    """

    change: Change
    fields: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    whole_days: bool = False

    @property
    def moves_time(self) -> bool:
        """Whether the start or the end becomes another instant or another wall clock; of whole days, another day."""
        of_clocks = set() if self.whole_days else {"time_zone", "starts_at"}
        return bool(({"whole_day", "starts_local", "ends_local"} | of_clocks) & self.fields.keys())


@dataclass(frozen=True, slots=True)
class EventEdit:
    """An edit carried out: the event before and after, and the difference."""

    before: Event
    after: Event
    diff: EventDiff
