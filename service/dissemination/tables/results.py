"""Tables of what came of it: outcomes, records of results, case studies, and the files that show it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from service.db.types import Sealed, moment, row_id


class Outcome(SQLModel, table=True):
    """A change in others to which the project contributed. One dismissed keeps only what proposed it."""

    __tablename__ = "outcome"
    __table_args__ = (Index("ix_outcome_project_source", "project_id", "source", unique=True),)
    id: str = row_id()
    project_id: str = Field(foreign_key="project.id")
    state: str = Field(max_length=14)  # proposed drafted agreed substantiated dismissed
    what: str = Field(default="", max_length=1000)
    who: str = Field(default="", max_length=300)
    changed_on: date | None = None
    place: str = Field(default="", max_length=200)
    kind: str | None = Field(default=None, max_length=12)  # discursive procedural content attitudinal behavioural
    audience_key: str | None = Field(default=None, max_length=60)
    significance: str = Field(default="", max_length=1000)
    contribution: str = Field(default="", max_length=1000)
    evidence: str = Field(default="", max_length=500)
    substantiator: str = Field(default="", max_length=300)
    source: str | None = Field(default=None, max_length=60)  # what proposed it: commitment:ID


class ResultRecord(SQLModel, table=True):
    """One thing that came of the work: a mention, a re-use, an influence, an activity of others."""

    __tablename__ = "result_record"
    __table_args__ = (Index("ix_result_record_project_kind", "project_id", "kind", "on_day"),)
    id: str = row_id()
    project_id: str = Field(foreign_key="project.id")
    kind: str = Field(max_length=10)  # mention reuse influence activity
    type: str = Field(max_length=30)
    title: str = Field(max_length=300)
    on_day: date
    by_whom: str = Field(default="", max_length=200)
    country: str | None = Field(default=None, max_length=2)
    language: str = Field(default="", max_length=12)
    extent: str = Field(default="", max_length=14)  # local national regional international
    audience_key: str | None = Field(default=None, max_length=60)
    output_key: str | None = Field(default=None, max_length=60)
    amount: int = 1
    reach: int | None = None
    basis: str = Field(max_length=12)  # of the reach: counted estimated third_party
    reference: str = Field(default="", max_length=500)
    archived: str = Field(default="", max_length=500)
    note: str = Field(default="", max_length=500)
    added_by: str = Field(max_length=60)


class CaseStudy(SQLModel, table=True):
    """What one campaign shows, told at length. `names` is whom it names, `consent` how they agreed."""

    __tablename__ = "case_study"
    id: str = row_id()
    project_id: str = Field(foreign_key="project.id", index=True)
    title: str = Field(max_length=300)
    campaign: str = Field(default="", max_length=60)
    chapter_key: str | None = Field(default=None, max_length=60)
    status: str = Field(max_length=10)  # draft agreed published
    text: str = Field(default="", max_length=20_000)
    names: str = Field(default="", max_length=300)
    consent: str = Field(default="", max_length=300)


class EvidenceFile(SQLModel, table=True):
    """A file that shows what a record claims. It may name people: its content lies sealed, and it goes with its time.

    It hangs on one record by what that is and its id, and goes with it.
    """

    __tablename__ = "evidence_file"
    __table_args__ = (Index("ix_evidence_file_record", "project_id", "kind", "record_id"),)
    id: str = row_id()
    project_id: str = Field(foreign_key="project.id")
    kind: str = Field(max_length=10)  # line figure marker outcome record shipment commitment
    record_id: str = Field(max_length=26)
    ending: str = Field(max_length=4)
    size: int
    sha256: str = Field(max_length=64)
    content: bytes = Field(sa_type=Sealed)
    note: str = Field(default="", max_length=300)
    names_people: bool = True
    added_by: str = Field(max_length=60)
    added_at: datetime = moment()
