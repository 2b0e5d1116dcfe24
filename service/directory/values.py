"""Values that look across people and their history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Any

from service.invitations.values import Invitation
from service.people.values import Person, Private


@dataclass(frozen=True, slots=True)
class HeldInvitation:
    """One invitation of a person, as they may read it."""

    title: str
    starts_at: datetime
    time_zone: str
    partstat: str
    days: tuple[date, date] | None = None  # the first and the last, of whole days


class ChoiceState(StrEnum):
    """How letters of one scope stand with a person."""

    ON = "on"
    OFF = "off"  # by their own wish, or never agreed: they may switch it on
    BARRED = "barred"  # an objection, a complaint or a dead mailbox: only staff may lift it
    COVERED = "covered"  # a wider stop holds


@dataclass(frozen=True, slots=True)
class Choice:
    """Letters that a person may stop or let come again; a list has a `name`."""

    scope: str  # all, purpose:events or list:<id>
    name: str
    since: datetime | None
    state: ChoiceState


@dataclass(frozen=True, slots=True)
class HeldLetter:
    """A letter that was sent to a person."""

    delivery_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HeldConsent:
    """One line of the consent log, as the person may read it. `list_name` may be empty."""

    at: datetime
    list_name: str
    purpose: str
    basis: str
    source: str
    text_version: str
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class HeldExport:
    """A file that people were saved to, in which the person may be."""

    at: datetime
    actor: str
    format: str


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is held on one person, for that person's own page."""

    person_id: str
    name: str
    greeting: str
    email: str
    organisation: str
    language: str
    country: str
    time_zone: str
    source: str
    sender: str  # the organisation whose project wrote to them
    invitations: tuple[HeldInvitation, ...]
    letters: int
    newest_letters: tuple[HeldLetter, ...]
    consents: tuple[HeldConsent, ...]
    exports: tuple[HeldExport, ...]


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


class Side(StrEnum):
    """Of two people who are made one: who stays, who is taken in, or what both say."""

    KEPT = "kept"
    TAKEN = "taken"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Facts:
    """A person as they are merged: the columns, what lies sealed opened, and all their addresses by key."""

    person: Person
    private: Private
    addresses: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """One field of two people: what each says, which one stays, and what there is to choose between."""

    field: str
    kept: str
    taken: str
    chosen: Side

    @property
    def differs(self) -> bool:
        """Whether there is anything to choose."""
        return bool(self.kept and self.taken and self.kept != self.taken)

    @property
    def sides(self) -> tuple[Side, ...]:
        """What may be chosen; only notes can be kept both."""
        return tuple(Side) if self.field == "notes" else (Side.KEPT, Side.TAKEN)


@dataclass(frozen=True, slots=True)
class OnList:
    """A membership as it is stored."""

    list_id: str
    basis: str | None
    source: str | None
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Doubled:
    """Two invitations of one person to one event: what becomes of the one that stays, and the one that goes."""

    stays: Invitation
    goes: Invitation


@dataclass(frozen=True, slots=True)
class Moved:
    """An invitation whose letters went to an address that is not the main one any more.

    `was`: as it stood there. `invitation_id`: the one it is now. `cancels`: nothing of the event is to
    stay in the calendar there. `asks`: nothing of it is at the main address yet.
    """

    was: Invitation
    invitation_id: str
    address: str
    language: str
    cancels: bool = True
    asks: bool = True


@dataclass(frozen=True, slots=True)
class MergePlan:
    """What merging two people would do."""

    kept: Facts
    taken: Facts
    fields: tuple[FieldChoice, ...]
    columns: Mapping[str, Any]  # of the person who stays
    private: Mapping[str, str | None]
    lists: tuple[OnList, ...]
    moved: tuple[Invitation, ...]  # the taken person's, to events the other is not invited to
    doubled: tuple[Doubled, ...]
    leaving: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class MergeView:
    """A merge that can still be undone. `letters`: what it set off, as the letters' floor wrote it down."""

    id: str
    kept_id: str
    taken_id: str
    at: datetime
    by: str
    letters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one row: before None, it was added; after None, it was removed; else only what changed."""

    table: str
    key: tuple[Any, ...]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing a merge did: whose two they are again, and the fields that were newer and stayed."""

    kept_id: str
    taken_id: str
    newer: tuple[str, ...]
    moved: tuple[Moved, ...] = ()
