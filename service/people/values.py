"""Values of people: persons, organisations, audiences, lists, consent, and the import of a file.

An address has two forms: as it is shown and written to, and its `key`, by which one person is
one address. An import gives each row of a file one verdict before anything is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Generic, NewType, TypedDict, TypeVar

PersonId = NewType("PersonId", str)
OrganisationId = NewType("OrganisationId", str)
AudienceId = NewType("AudienceId", str)
ListId = NewType("ListId", str)
ImportId = NewType("ImportId", str)

Item = TypeVar("Item")
NOTHING: dict[str, Any] = {}  # one for all rows, so that writing them is quick
Note = tuple[str, str]  # a reason's code, and the detail it is about


class Basis(StrEnum):
    """Why we may write to someone on a list (GDPR, Article 6)."""

    CONSENT = "consent"
    LEGITIMATE_INTEREST = "legitimate_interest"
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True)
class Address:
    """An e-mail address: `display` to show and write to, `key` to compare (case folded, domain in IDNA)."""

    display: str
    key: str


@dataclass(frozen=True, slots=True)
class Audience:
    """A ranked group the project wants to reach; rank 1 comes first."""

    id: AudienceId
    rank: int
    key: str
    name: str
    planned_share: float | None


class OrganisationType(StrEnum):
    """What kind of body an organisation is."""

    COALITION = "coalition"
    INTERNATIONAL_NGO = "international_ngo"
    NATIONAL_NGO = "national_ngo"
    GRASSROOTS_GROUP = "grassroots_group"
    SURVIVOR_ORGANISATION = "survivor_organisation"
    INTERGOVERNMENTAL = "intergovernmental"
    MINISTRY = "ministry"
    PARLIAMENT = "parliament"
    DONOR = "donor"
    UNIVERSITY = "university"
    THINK_TANK = "think_tank"
    MEDIA = "media"


@dataclass(frozen=True, slots=True)
class Organisation:
    """Where people work; the type is one of `OrganisationType`."""

    id: OrganisationId
    name: str
    type: str | None
    country: str | None
    audience_id: AudienceId | None


@dataclass(frozen=True, slots=True)
class Person:
    """Someone we may write to, with the names of organisation and audience."""

    id: PersonId
    name: str
    greeting: str | None
    email: str
    email_key: str
    other_emails: tuple[str, ...]
    organisation_id: OrganisationId | None
    organisation: str | None
    audience_id: AudienceId | None
    audience: str | None
    role: str | None
    country: str | None
    region: str | None
    language: str | None
    time_zone: str | None
    tags: tuple[str, ...]
    at_risk: bool
    pseudonym: str | None
    source: str | None
    source_on: date | None
    created_at: datetime
    updated_at: datetime


CREATED = "created"  # the change that made the person
MERGED = "merged"  # the change that took another person in; its value is the other's id
SEALED = ("notes", "phone")  # columns of a person that lie sealed; no listing, search or log has them


@dataclass(frozen=True, slots=True)
class Private:
    """What of a person lies sealed, opened."""

    notes: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a person that changed; the field “created” is the person as a whole. Values are as JSON has them."""

    person_id: str
    at: datetime
    actor: str
    field: str
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class StoredChange:
    """A change as it is kept: the values of a sealed field are sealed too."""

    id: str
    person_id: str
    at: datetime
    actor: str
    field: str
    before: Any
    after: Any
    before_sealed: bytes | None
    after_sealed: bytes | None

    @property
    def is_sealed(self) -> bool:
        """Whether its values have to be opened to be read."""
        return self.field in SEALED


class PersonFields(TypedDict, total=False):
    """What staff or a program may say of a person; a field left out is left alone, None empties it.

    `organisation` is a name, found or made; `audience` a key, a name or a rank. Country takes
    ISO 3166-1 alpha-2 or a name, language BCP 47 or a name.
    """

    name: str
    greeting: str | None
    email: str
    other_emails: list[str]
    organisation_id: str | None
    organisation: str | None
    audience_id: str | None
    audience: str | None
    role: str | None
    country: str | None
    language: str | None
    time_zone: str | None
    tags: list[str]
    at_risk: bool
    pseudonym: str | None
    source: str | None
    source_on: date | None
    notes: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class BulkEdit:
    """A change of many people at once, and whether it was undone."""

    id: str
    wish: Mapping[str, Any]
    people: int
    created_by: str
    created_at: datetime
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class MailingList:
    """A list people are on for a purpose; `members` counts them.

    A segment has a `filter` in place of members: whoever matches it is in it, and may be written to on its `ground`.
    """

    id: ListId
    key: str
    name: str
    purpose: str
    language: str | None
    public: bool
    double_opt_in: bool
    members: int
    owner: str = ""
    filter: Mapping[str, Any] | None = None
    ground: str | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """One list a person is on. `basis` None: on the list, not to be written to."""

    list_id: ListId
    key: str
    name: str
    purpose: str
    basis: Basis | None
    source: str | None
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Consent:
    """The ground on which people join a list, as the person adding them states it."""

    basis: Basis
    source: str | None = None
    text_version: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Part of a listing, and the id to ask for the rest with; None at the end."""

    items: tuple[Item, ...]
    next: str | None


# Imports


class ImportState(StrEnum):
    """The life of an import; `rules` holds the moves."""

    READING = "reading"  # a large file, by the worker
    PREVIEW = "preview"
    APPLYING = "applying"
    STOPPED = "stopped"  # in the middle, by staff; may go on
    APPLIED = "applied"
    DISCARDED = "discarded"
    UNDOING = "undoing"
    UNDONE = "undone"


class Verdict(StrEnum):
    """What becomes of one row."""

    CREATE = "create"
    UPDATE = "update"
    MERGE = "merge"
    SKIP = "skip"
    REFUSE = "refuse"


class Reason(StrEnum):
    """Why a row has its verdict, or a note on it; `importing.SENTENCES` says each in words."""

    NO_ADDRESS = "no-address"
    BAD_ADDRESS = "bad-address"
    SHARED_MAILBOX = "shared-mailbox"
    NOTHING_NEW = "nothing-new"
    ERASED = "erased"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    OBJECTED = "objected"
    SAME_ADDRESS = "same-address"
    JOINS_LIST = "joins-list"
    TWO_ADDRESSES = "two-addresses"
    NAME_FROM_ADDRESS = "name-from-address"
    NAMES_DIFFER = "names-differ"
    UNKNOWN_COUNTRY = "unknown-country"
    UNKNOWN_LANGUAGE = "unknown-language"
    UNKNOWN_TIME_ZONE = "unknown-time-zone"
    UNKNOWN_AUDIENCE = "unknown-audience"
    AT_RISK = "at-risk"
    TURNED = "turned"
    LIKE_KNOWN = "like-known"
    MIXED_LETTERS = "mixed-letters"
    BROKEN_CARD = "broken-card"
    FORMULA = "formula"
    MORE_WORDS = "more-words"
    LEFT_OUT = "left-out"


# Worked out from a row's other fields when it makes someone; nothing that the file says.
DERIVED = frozenset({"email_key", "organisation_key", "region", "zone", "folded"})


@dataclass(frozen=True, slots=True)
class Draft:
    """One row of a file as understood: what it says of a person, or why it cannot be used."""

    row: int
    fields: Mapping[str, Any]
    notes: tuple[Note, ...] = ()
    refusal: Reason | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is held on an address already, and how the person stands to the list imported into."""

    person_id: str
    held: Mapping[str, Any]
    is_member: bool = False
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class Suppressed:
    """An address that is not to be written to: why, and since when."""

    reason: Reason
    since: datetime


@dataclass(frozen=True, slots=True)
class Ruling:
    """A row with its verdict. `before` names the fields that change, with what they hold now."""

    row: int
    verdict: Verdict
    reason: Reason | None
    fields: Mapping[str, Any]
    before: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    notes: tuple[Note, ...] = ()
    person_id: str | None = None

    @property
    def look(self) -> bool:
        """Whether staff should look at the row."""
        return bool(self.notes) and any(code in LOOK for code, _detail in self.notes)


# Notes that ask staff for a look before the import is carried out.
LOOK = frozenset(
    {
        Reason.TWO_ADDRESSES,
        Reason.MORE_WORDS,
        Reason.NAME_FROM_ADDRESS,
        Reason.NAMES_DIFFER,
        Reason.UNKNOWN_COUNTRY,
        Reason.UNKNOWN_LANGUAGE,
        Reason.UNKNOWN_TIME_ZONE,
        Reason.UNKNOWN_AUDIENCE,
        Reason.TURNED,
        Reason.LIKE_KNOWN,
        Reason.MIXED_LETTERS,
    }
)


@dataclass(frozen=True, slots=True)
class ImportView:
    """One import: how the file was read, what it will do or did. `people` are those made or changed."""

    id: ImportId
    filename: str
    state: ImportState
    list_id: ListId | None
    consent_basis: Basis | None
    consent_source: str | None
    reading: Mapping[str, Any]
    counts: Mapping[str, int]
    applied_through: int
    created_by: str
    created_at: datetime
    applied_at: datetime | None

    @property
    def rows(self) -> int:
        """How many rows have a verdict."""
        return sum(self.counts.values())

    @property
    def people(self) -> int:
        """How many people are made or changed."""
        return self.counts.get("create", 0) + self.counts.get("update", 0)
