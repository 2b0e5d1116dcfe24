"""Values of letters: the kinds there are, what an invitation or a change will do, who is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from service.events.values import Event, EventEdit
from service.ical.replies import CalendarReply
from service.mail.values import Words


class Kind(StrEnum):
    """A kind of letter; each is one template."""

    INVITATION = "invitation"
    REMINDER = "reminder"
    UPDATE = "update"
    CANCELLATION = "cancellation"
    POSTPONEMENT = "postponement"
    CONFIRMATION = "confirmation"
    JOINING = "joining"
    THANK_YOU = "thank_you"
    MISSED_YOU = "missed_you"
    SURVEY = "survey"
    SURVEY_REMINDER = "survey_reminder"
    NEXT_STEPS = "next_steps"
    COMMITMENT_CHECK = "commitment_check"
    MESSAGE = "message"
    READDRESSED = "readdressed"
    NEWSLETTER = "newsletter"
    PRESS_RELEASE = "press_release"
    ACTION_ALERT = "action_alert"
    DAILY_BRIEFING = "daily_briefing"
    SAVE_THE_DATE = "save_the_date"


AUTOMATIC = frozenset({Kind.CONFIRMATION})  # one person each; kept out of the outbox's list

# Written to whole lists.
TO_LISTS = (Kind.NEWSLETTER, Kind.PRESS_RELEASE, Kind.ACTION_ALERT, Kind.DAILY_BRIEFING, Kind.SAVE_THE_DATE)


# What an organisation may word itself: kinds whose facts, links and legal lines stand beside the words.
WORDED = (
    Kind.SAVE_THE_DATE,
    Kind.INVITATION,
    Kind.REMINDER,
    Kind.JOINING,
    Kind.UPDATE,
    Kind.POSTPONEMENT,
    Kind.CANCELLATION,
    Kind.THANK_YOU,
    Kind.MISSED_YOU,
    Kind.SURVEY,
    Kind.SURVEY_REMINDER,
    Kind.NEXT_STEPS,
    Kind.COMMITMENT_CHECK,
)
WRITTEN_IN = ("en", "fr", "es", "ar")


class TemplateState(StrEnum):
    """Where a version of a wording stands; one of a kind and language is in use, or none, and then ours is."""

    DRAFT = "draft"
    IN_USE = "in_use"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Template:
    """A version of the organisation's own wording for a kind of letter in a language."""

    id: str
    kind: Kind
    language: str
    version: int
    words: Words
    state: TemplateState
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Desk:
    """What the letter desk needs to know of the installation."""

    address_key: bytes
    undo_seconds: int
    domain: str
    four_eyes: bool = False  # who wrote a letter does not send it


@dataclass(frozen=True, slots=True)
class Recipient:
    """One reader as a letter sees them: the address and what the slots hold."""

    invitation_id: str  # "" of who gets the letter as one of a list
    person_id: str
    name: str
    greeting: str
    address: str
    address_key: str
    language: str
    time_zone: str | None
    source: str
    at_risk: bool


@dataclass(frozen=True, slots=True)
class Invited:
    """What inviting did: the draft mailing, how many letters, who was left out and why."""

    mailing_id: str | None
    queued: int
    skipped: tuple[tuple[str, str], ...]

    def counts(self) -> dict[str, int]:
        """Return how many are skipped for each reason, the most frequent first."""
        numbers: dict[str, int] = {}
        for _person, reason in self.skipped:
            numbers[reason] = numbers.get(reason, 0) + 1
        return dict(sorted(numbers.items(), key=lambda item: -item[1]))


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a date made of those who stand invited to its series: how many letters, in which drafts, who not and why."""

    event_id: str
    queued: int
    skipped: tuple[tuple[str, str], ...]
    mailing_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stood:
    """What inviting to a series did: who stands invited from now on, who not and why, and the dates."""

    added: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    dates: tuple[Enrolled, ...]

    def reasons(self) -> dict[str, int]:
        """Return how many do not stand invited for each reason."""
        return Invited(None, 0, self.skipped).counts()


@dataclass(frozen=True, slots=True)
class Ended:
    """What ending a standing invitation did: dates taken back before anything was sent, and dates that stay."""

    taken_back: int
    kept: int


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a change preview: who, how many, what they get, what becomes of their answer."""

    status: str
    people: int
    gets: str  # letter-and-calendar, nothing, phone
    answer: str  # asked-again, kept, open, none


@dataclass(frozen=True, slots=True)
class MovedLetter:
    """A planned letter that moves with the event."""

    kind: str
    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class ChangePreview:
    """What an edit would do, before anything is stored."""

    edit: EventEdit
    told: tuple[Told, ...]
    tell_count: int
    moved: tuple[MovedLetter, ...]
    tells_link: bool = False  # someone told has the link to join that changes


@dataclass(frozen=True, slots=True)
class ChangeResult:
    """An edit carried out: the mailing that tells people of it, if any."""

    edit: EventEdit
    mailing_id: str | None
    told: int


@dataclass(frozen=True, slots=True)
class PlannedLetter:
    """A letter the event will send on its day."""

    id: str
    event_id: str
    kind: Kind
    offset_minutes: int
    due_at: datetime
    held: bool
    mailing_id: str | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was made of a mail that came in."""

    verdict: str  # reply counter bounce complaint auto_reply unknown
    applied: bool
    reason: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


NOT_READ = "not-read"  # why a message is kept: we failed on it


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a mailbox was read: the last UID of a UIDVALIDITY (RFC 9051 §2.3.1.1)."""

    validity: int = 0
    through: int = 0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A message of a mailbox; `raw` None: it was gone when we asked for it."""

    uid: int
    raw: bytes | None


@dataclass(frozen=True, slots=True)
class Look:
    """What a look into a mailbox found, in order; `trouble` says why it found nothing."""

    validity: int = 0
    messages: tuple[Fetched, ...] = ()
    trouble: str = ""


class Settled(StrEnum):
    """What staff made of a message that could not be placed."""

    COUNTED = "counted"
    INVITED = "invited"
    ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A message that waits for a decision: who wrote, what it says, and which guest or event it is about."""

    id: str
    at: datetime
    verdict: str  # reply counter correction unknown
    reason: str
    sender: str
    subject: str
    text: str
    reply: CalendarReply | None
    invitation_id: str  # empty when no guest of ours is meant
    person_id: str  # whose page it was written on, or empty
    event: Event | None
    at_risk: bool
