"""Values of the campaign's records. Each is one row of one project; what it names lies on lower floors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Position(StrEnum):
    """How a state or an institution stands to what the campaign asks for."""

    CORE_GROUP = "core_group"
    SUPPORTIVE = "supportive"
    LATENT = "latent"  # would support, and has not been asked or has not said so
    RELUCTANT = "reluctant"


@dataclass(frozen=True, slots=True)
class Stance:
    """What a state (`country`) or an institution (`organisation_id`) was known to hold from a day on.

    It stays when a later one follows: together they are the history. Never about a person.
    """

    id: str
    country: str | None
    organisation_id: str | None
    position: Position
    noted_on: date
    source: str
    note: str
    is_current: bool = True

    @property
    def subject(self) -> str:
        """Whose stance it is, the same in every one of them."""
        return self.country or self.organisation_id or ""


class Topic(StrEnum):
    """What coalitions succeed or fail on: one taxonomy for messages, lessons and chapters."""

    GOVERNANCE = "governance"
    COMMUNICATION_CULTURE = "communication_culture"
    DECISION_MAKING = "decision_making"
    FINANCE_ADMIN = "finance_admin"
    CONFERENCE_LOGISTICS = "conference_logistics"
    PUBLIC_MESSAGING = "public_messaging"
    GOVERNMENT_RELATIONS = "government_relations"
    PARTNERS = "partners"


@dataclass(frozen=True, slots=True)
class Message:
    """One version of what the campaign says. `thread` is the id of the first version, `writers` who worked on it.

    Without `audience_key` it is for everyone, without `countries` for everywhere.
    """

    id: str
    thread: str
    number: int
    title: str
    text: str
    audience_key: str | None
    topic: Topic | None
    countries: tuple[str, ...]
    writers: tuple[str, ...]
    written_at: datetime
    signed_by: str | None = None
    signed_at: datetime | None = None

    @property
    def is_signed_off(self) -> bool:
        """Whether letters may say it."""
        return self.signed_by is not None


class GrantState(StrEnum):
    """How far a small grant is."""

    ENQUIRY = "enquiry"
    APPLIED = "applied"
    AWARDED = "awarded"
    REPORTED = "reported"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Grant:
    """A small grant to an organisation. `amount`: whole units of the currency; `since`: when it came to its state."""

    id: str
    organisation_id: str
    purpose: str
    state: GrantState
    since: date
    currency: str
    amount: int | None
    report_due_on: date | None
    note: str


class Setting(StrEnum):
    """Where a lesson holds."""

    NATIONAL = "national"
    INTERNATIONAL = "international"


class Campaign(StrEnum):
    """The campaigns that lessons are drawn from, by what they were about."""

    LANDMINES = "landmines"
    CLUSTER_MUNITIONS = "cluster_munitions"
    CHILD_SOLDIERS = "child_soldiers"
    INTERNATIONAL_CRIMINAL_COURT = "international_criminal_court"
    CONFLICT_DIAMONDS = "conflict_diamonds"


@dataclass(frozen=True, slots=True)
class Lesson:
    """Something learnt: at which event, for which chapter (an output's key). It names nobody who said it."""

    id: str
    text: str
    event_id: str | None
    chapter_key: str | None
    topic: Topic | None
    setting: Setting | None
    campaigns: tuple[Campaign, ...]


@dataclass(frozen=True, slots=True)
class LobbyMeeting:
    """What was said with a state (`country`) or an institution, by an office and not by a name, and what follows."""

    id: str
    country: str | None
    organisation_id: str | None
    held_on: date
    place: str
    said: str
    next_step: str
    next_on: date | None
    owner: str
    done_on: date | None


@dataclass(frozen=True, slots=True)
class Introduction:
    """That staff introduced one person to another. Ids of people who were merged since lead on."""

    id: str
    person_id: str
    to_person_id: str
    made_by: str
    noted_at: datetime
    made_on: date
    about: str
    follow_up: str
    follow_up_on: date | None
    done_on: date | None
