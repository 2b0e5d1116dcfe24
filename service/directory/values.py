"""Values that look across people and their history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from service.people.values import Person


@dataclass(frozen=True, slots=True)
class HeldInvitation:
    """One invitation of a person, as they may read it."""

    title: str
    starts_at: datetime
    time_zone: str
    partstat: str


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is held on one person, for that person's own page."""

    person_id: str
    name: str
    email: str
    organisation: str
    language: str
    country: str
    source: str
    sender: str  # the organisation whose project wrote to them
    lists: tuple[tuple[str, datetime], ...]  # name, since
    invitations: tuple[HeldInvitation, ...]
    letters: int


@dataclass(frozen=True, slots=True)
class Undoing:
    """What taking an import back does: people it made who go and who stay, known people who are put back."""

    going: int
    staying: int
    put_back: int


@dataclass(frozen=True, slots=True)
class Found:
    """A page of people in order of their names, how many there are on all pages, and the id to go on after."""

    people: tuple[Person, ...]
    total: int
    next: str | None


class KeyKind(IntEnum):
    """What two people may share that makes them look like one; the strongest first."""

    MAILBOX = 1  # any of their addresses, without what a mailbox does not tell apart
    NAME_AND_ORGANISATION = 2
    NAME_AND_DOMAIN = 3


class Likeness(StrEnum):
    """Why two people may be one; `rules.SENTENCES` says each in words."""

    SAME_ADDRESS = "same-address"
    PLUS_ADDRESS = "plus-address"
    GMAIL_DOTS = "gmail-dots"
    SAME_NAME_AND_ORGANISATION = "same-name-and-organisation"
    SAME_NAME_AND_DOMAIN = "same-name-and-domain"


@dataclass(frozen=True, slots=True)
class Traits:
    """What of a person is compared. `addresses` are keys, the primary one first."""

    person_id: str
    name: str
    addresses: tuple[str, ...]
    organisation_id: str | None
    organisation: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a suggestion stands in the list: what its pair shares, and who they are."""

    kind: KeyKind
    key: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two people who may be one, and why, the strongest reason first. `first` has the smaller id."""

    place: Place
    reasons: tuple[Likeness, ...]

    @property
    def pair(self) -> str:
        """What the list goes on from after this one; ids only, as it stands in addresses of pages."""
        return f"{self.place.first}.{self.place.second}"
