"""Values of an invitation: one person, one event, four axes kept apart.

letter: did our mail go out; reply: what they said (PARTSTAT); seat: a chair in the room;
attendance: were they there. `Status` is one precedence over the four, for lists and filters.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.events.values import Event
from service.ical.values import PartStat


class LetterState(StrEnum):
    """What became of the last invitation letter."""

    NONE = "none"
    QUEUED = "queued"
    SENT = "sent"
    BOUNCED = "bounced"
    UNKNOWN = "unknown"


class Seat(StrEnum):
    """A chair in the room. Online answers take none."""

    NONE = "none"
    HELD = "held"
    WAITING = "waiting"
    OFFERED = "offered"


class Attendance(StrEnum):
    """Whether the person was there, in the room or online."""

    UNKNOWN = "unknown"
    PRESENT = "present"
    ABSENT = "absent"
    EXCUSED = "excused"


class Source(StrEnum):
    """How we know of an answer."""

    LINK = "link"
    MAIL = "mail"
    PHONE = "phone"
    LETTER = "letter"
    STAFF = "staff"


class Status(StrEnum):
    """The one word for an invitation; see `rules.status` for the precedence."""

    WITHDRAWN = "withdrawn"
    SUBSTITUTED = "substituted"
    PRESENT = "present"
    ABSENT = "absent"
    EXCUSED = "excused"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"
    BOUNCED = "bounced"
    SENT = "sent"
    QUEUED = "queued"
    DRAFT = "draft"


class SkipReason(StrEnum):
    """Why someone on a list is not invited. Shown to staff and counted."""

    SUPPRESSED = "suppressed"
    NO_CONSENT = "no-consent"
    ALREADY_INVITED = "already-invited"
    WITHDRAWN = "withdrawn-before"
    REPEATED = "named-twice"


@dataclass(frozen=True, slots=True)
class Invitation:
    """One person and one event, as stored."""

    id: str
    event_id: str
    person_id: str
    list_id: str | None
    basis: str
    created_at: datetime
    created_by: str
    walk_in: bool
    withdrawn_at: datetime | None
    letter: LetterState
    partstat: PartStat
    online: bool
    replied_at: datetime | None
    reply_source: str | None
    reply_dtstamp: datetime | None
    reply_sequence: int | None
    comment: str
    asked_again: bool
    seat: Seat
    seat_order: int
    attendance: Attendance
    revision_told: int
    sequence_sent: int | None
    token_version: int
    substituted_by: str | None
    substitute_for: str | None
    unsubscribed: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What someone says, and how it came. `dtstamp` and `sequence` are those of a calendar reply."""

    partstat: PartStat
    source: Source
    online: bool | None = None
    comment: str = ""
    dtstamp: datetime | None = None
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Seating:
    """What the room looks like without this person: chairs, how many are taken, the end of the queue."""

    capacity: int | None
    taken: int
    last_order: int

    @property
    def is_full(self) -> bool:
        """Whether nobody more fits in."""
        return self.capacity is not None and self.taken >= self.capacity


@dataclass(frozen=True, slots=True)
class Decision:
    """What an answer does: counted or not and why, and the invitation as it then is."""

    applied: bool
    reason: str
    after: Invitation
    changed: bool


@dataclass(frozen=True, slots=True)
class ReplyOutcome:
    """An answer carried out. `promoted` are invitations that got a seat because of it."""

    event: Event
    before: Invitation
    after: Invitation
    applied: bool
    reason: str
    changed: bool
    promoted: tuple[Invitation, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One member of a list, or one person named, seen from an event."""

    person_id: str
    address: str
    basis: str | None
    address_hash: str = ""
    is_suppressed: bool = False
    invitation_id: str | None = None
    is_withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class InvitationPlan:
    """Who is invited, and why the others are not; order is kept."""

    invite: tuple[Candidate, ...]
    skip: tuple[tuple[str, SkipReason], ...]

    def counts(self) -> dict[str, int]:
        """Return how many are skipped for each reason."""
        numbers: dict[str, int] = {}
        for _person, reason in self.skip:
            numbers[reason.value] = numbers.get(reason.value, 0) + 1
        return numbers


class RequestState(StrEnum):
    """What became of a colleague whom an invitee named."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class SubstituteRequest:
    """A colleague whom an invitee asks us to invite instead; name and address are gone once it is decided."""

    id: str
    invitation_id: str
    at: datetime
    name: str
    email: str
    state: RequestState


@dataclass(frozen=True, slots=True)
class Standing:
    """One person invited to a whole series: every date gets them an invitation, but those `left_out` names."""

    id: str
    series_id: str
    person_id: str
    list_id: str | None  # the list they came by: its consent counts, date by date
    since: datetime
    ended_at: datetime | None
    actor: str
    left_out: tuple[str, ...]

    def stands_for(self, event_id: str) -> bool:
        """Tell whether it invites to one date."""
        return self.ended_at is None and event_id not in self.left_out


@dataclass(frozen=True, slots=True)
class Guest:
    """One invitee at the answer page: the invitation, the event, and how to address them."""

    invitation: Invitation
    event: Event
    name: str
    greeting: str
    language: str
    time_zone: str | None
    at_risk: bool
    organisation: str  # who invites
