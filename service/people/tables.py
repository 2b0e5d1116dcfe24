"""Tables of people, organisations, audiences, lists, consent and imports."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from service.db.types import Json, Sealed, json_dict, json_list, moment, row_id, sealed


class Audience(SQLModel, table=True):
    """A ranked group the project wants to reach; rank 1 comes first."""

    __tablename__ = "audience"
    id: str = row_id()
    rank: int = Field(index=True)
    key: str = Field(unique=True, max_length=60)
    name: str = Field(max_length=200)
    planned_share: float | None = None  # of distinct attendees, 0..1


class Organisation(SQLModel, table=True):
    """Where people work."""

    __tablename__ = "organisation"
    id: str = row_id()
    name: str = Field(max_length=300)
    folded: str = Field(max_length=300, unique=True)
    type: str | None = Field(default=None, max_length=40)
    country: str | None = Field(default=None, max_length=2)
    audience_id: str | None = Field(default=None, foreign_key="audience.id")
    created_at: datetime = moment()


class OrganisationName(SQLModel, table=True):
    """Another name of an organisation, found as its own is; `folded` belongs to one organisation only."""

    __tablename__ = "organisation_name"
    folded: str = Field(primary_key=True, max_length=300)
    name: str = Field(max_length=300)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)


class Person(SQLModel, table=True):
    """Someone we may write to. `email_key` is the normalised address; one person a key."""

    __tablename__ = "person"
    # What the report reads of a person beside their invitations.
    __table_args__ = (
        Index("ix_person_figures", "id", "audience_id", "region", "at_risk", "country", "organisation_id"),
    )
    id: str = row_id()
    name: str = Field(max_length=300)
    greeting: str | None = Field(default=None, max_length=200)
    email: str = Field(max_length=320)
    email_key: str = Field(max_length=320, unique=True)
    other_emails: list[str] = json_list()
    organisation_id: str | None = Field(default=None, foreign_key="organisation.id", index=True)
    audience_id: str | None = Field(default=None, foreign_key="audience.id", index=True)
    role: str | None = Field(default=None, max_length=200)
    country: str | None = Field(default=None, max_length=2)
    region: str | None = Field(default=None, max_length=3)  # UN M49 sub-region, kept from country
    language: str | None = Field(default=None, max_length=20)
    time_zone: str | None = Field(default=None, max_length=60)
    tags: list[str] = json_list()
    at_risk: bool = False
    pseudonym: str | None = Field(default=None, max_length=60)
    source: str | None = Field(default=None, max_length=300)
    source_on: date | None = None
    notes: bytes | None = sealed()
    phone: bytes | None = sealed()
    folded: str = Field(default="", max_length=1200, index=True)  # name, address, organisation: what search reads
    created_at: datetime = moment()
    updated_at: datetime = moment(index=True)


class MergedId(SQLModel, table=True):
    """An id that leads on since two people were made one: a person's, or that of a second invitation to an event."""

    __tablename__ = "merged_id"
    old_id: str = Field(primary_key=True, max_length=26)
    new_id: str = Field(max_length=26, index=True)


class PersonChange(SQLModel, table=True):
    """One field of a person that changed: `before` and `after` as JSON, or sealed where the field is."""

    __tablename__ = "person_change"
    id: str = row_id()
    person_id: str = Field(foreign_key="person.id", index=True)
    at: datetime = moment()
    actor: str = Field(max_length=60)
    field: str = Field(max_length=40)  # "created" for the person as a whole
    before: Any = Field(default=None, sa_type=Json, nullable=True)
    after: Any = Field(default=None, sa_type=Json, nullable=True)
    before_sealed: bytes | None = sealed()
    after_sealed: bytes | None = sealed()


class BulkEdit(SQLModel, table=True):
    """One change of many people: what was wished for. Whom it changed says their history, by its moment and actor."""

    __tablename__ = "bulk_edit"
    id: str = row_id()
    wish: dict[str, Any] = json_dict()
    people: int
    created_by: str = Field(max_length=60)
    created_at: datetime = moment(index=True)
    undone_at: datetime | None = moment(default=None)


class MailingList(SQLModel, table=True):
    """A list people are on for a purpose."""

    __tablename__ = "mailing_list"
    id: str = row_id()
    key: str = Field(unique=True, max_length=60)
    name: str = Field(max_length=200)
    purpose: str = Field(default="events", max_length=60)
    language: str | None = Field(default=None, max_length=20)
    public: bool = False
    double_opt_in: bool = True
    owner: str = Field(default="", max_length=200)  # who looks after it, in words
    filter: Any = Field(default=None, sa_type=Json, nullable=True)  # of a segment: whoever matches is in it
    ground: str | None = Field(default=None, max_length=30)  # of a segment: why its people may be written to
    created_at: datetime = moment()


class Membership(SQLModel, table=True):
    """One person on one list, and on what lawful basis. `basis` None: on the list, not to be written to."""

    __tablename__ = "membership"
    list_id: str = Field(foreign_key="mailing_list.id", primary_key=True)
    person_id: str = Field(foreign_key="person.id", primary_key=True, index=True)
    basis: str | None = Field(default=None, max_length=30)
    source: str | None = Field(default=None, max_length=300)
    joined_at: datetime = moment()


class ConsentRecord(SQLModel, table=True):
    """Append-only: who agreed to what, when, how, on which basis."""

    __tablename__ = "consent_record"
    id: str = row_id()
    person_id: str = Field(foreign_key="person.id", index=True)
    list_id: str | None = Field(default=None, foreign_key="mailing_list.id")
    purpose: str = Field(max_length=60)
    basis: str = Field(max_length=30)
    source: str | None = Field(default=None, max_length=300)
    text_version: str | None = Field(default=None, max_length=60)
    withdrawn: bool = False
    at: datetime = moment()


class ImportBatch(SQLModel, table=True):
    """One file given to us: how it was read, what it will do, what it did."""

    __tablename__ = "import_batch"
    id: str = row_id()
    filename: str = Field(max_length=300)
    state: str = Field(max_length=20, index=True)  # ImportState
    list_id: str | None = Field(default=None, foreign_key="mailing_list.id")
    consent_basis: str | None = Field(default=None, max_length=30)
    consent_source: str | None = Field(default=None, max_length=300)
    reading: dict[str, Any] = json_dict()  # encoding, delimiter, has_header, columns, left_out, countries
    counts: dict[str, Any] = json_dict()  # verdict -> rows
    applied_through: int = 0  # the last row carried out; what comes after it is still to do
    created_by: str = Field(max_length=60)
    created_at: datetime = moment()
    applied_at: datetime | None = moment(default=None)


class ImportOriginal(SQLModel, table=True):
    """A piece of the file of a preview, sealed, so that it can be read (again); gone once it is carried out."""

    __tablename__ = "import_original"
    batch_id: str = Field(foreign_key="import_batch.id", primary_key=True)
    part: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    data: bytes = Field(sa_type=Sealed)


class ImportShape(SQLModel, table=True):
    """The fields staff chose for the columns of files with the same headings; the headings only as a hash."""

    __tablename__ = "import_shape"
    fingerprint: str = Field(primary_key=True, max_length=64)
    fields: list[Any] = json_list()  # by column: the field it fills, or null
    chosen_at: datetime = moment()


class ImportChunk(SQLModel, table=True):
    """A stretch of rows that was carried out, up to `through`, and when: what undoing it needs to know."""

    __tablename__ = "import_chunk"
    batch_id: str = Field(foreign_key="import_batch.id", primary_key=True)
    through: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = moment()


class ImportRow(SQLModel, table=True):
    """One row of the file with its verdict. `row` counts as a spreadsheet does, the heading being row 1."""

    __tablename__ = "import_row"
    batch_id: str = Field(foreign_key="import_batch.id", primary_key=True)
    row: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    verdict: str = Field(max_length=10)  # create update merge skip refuse
    reason: str | None = Field(default=None, max_length=60)
    look: bool = False  # staff should look at it before it is applied
    fields: dict[str, Any] = json_dict()  # what the file says, cleaned
    before: dict[str, Any] = json_dict()  # update: what the changing fields hold now
    notes: list[Any] = json_list()  # [code, detail] each
    person_id: str | None = Field(default=None, max_length=26)  # known, or to be made
    sealed: bytes | None = sealed()  # notes and telephone of the file, as JSON; `fields` only says that they are there
