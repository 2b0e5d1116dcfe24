"""Tables of reports: snapshots, who may see them, what people said in them, the logo."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, SQLModel

from service.db.types import json_dict, json_list, moment, row_id


class Snapshot(SQLModel, table=True):
    """A report: aggregates only, protected by the profile's rule, and what staff wrote beside them."""

    __tablename__ = "snapshot"
    id: str = row_id()
    project_id: str = Field(foreign_key="project.id", index=True)
    profile: str = Field(max_length=10)
    state: str = Field(default="draft", max_length=10)  # draft reviewed issued superseded
    k: int
    period_from: date
    period_to: date
    cutoff: datetime = moment()
    definitions_version: int
    body: dict[str, Any] = json_dict()
    sha256: str = Field(max_length=64)
    created_by: str = Field(max_length=60)
    created_at: datetime = moment()
    written_by: str = Field(max_length=60)
    before_id: str | None = Field(default=None, max_length=26)
    reviewed_by: str | None = Field(default=None, max_length=60)
    reviewed_at: datetime | None = moment(default=None)
    issued_by: str | None = Field(default=None, max_length=60)
    issued_at: datetime | None = moment(default=None)
    superseded_at: datetime | None = moment(default=None)
    superseded_by: str | None = Field(default=None, max_length=26)
    forgotten_in: str = Field(default="", max_length=200)  # parts whose words name someone who was forgotten since


class ReportShare(SQLModel, table=True):
    """A secret address at which someone outside may read one frozen report, until a day or until it is ended."""

    __tablename__ = "report_share"
    id: str = row_id()
    snapshot_id: str = Field(foreign_key="snapshot.id", index=True)
    token_hash: str = Field(max_length=64, unique=True)
    made_by: str = Field(max_length=60)
    made_at: datetime = moment()
    ends_at: datetime = moment()
    ended_at: datetime | None = moment(default=None)


class Quote(SQLModel, table=True):
    """What someone said, and their consent to print it. Withdrawn: the words are gone, the row says when."""

    __tablename__ = "quote"
    id: str = row_id()
    project_id: str = Field(foreign_key="project.id", index=True)
    person_ref: str | None = Field(default=None, max_length=26, index=True)  # leads on since a merge
    event_id: str | None = Field(default=None, foreign_key="event.id")
    words: str = Field(max_length=1000)
    attribution: str = Field(max_length=10)  # anonymous role name
    credit: str = Field(default="", max_length=200)
    uses: list[str] = json_list()  # internal donor public site
    once: bool = False
    agreed_on: date
    agreed_how: str = Field(max_length=300)
    ends_at: datetime = moment()
    withdrawn_at: datetime | None = moment(default=None)
    added_by: str = Field(max_length=60)


class SnapshotQuote(SQLModel, table=True):
    """That a frozen report holds a quote. It stays when the quote is forgotten: the report needs a newer one then."""

    __tablename__ = "snapshot_quote"
    snapshot_id: str = Field(foreign_key="snapshot.id", primary_key=True)
    quote_id: str = Field(primary_key=True, max_length=26, index=True)


class ProjectLogo(SQLModel, table=True):
    """The organisation's mark on the reports of a project, drawn anew as PNG. A frozen report holds its own copy."""

    __tablename__ = "project_logo"
    project_id: str = Field(foreign_key="project.id", primary_key=True)
    picture: bytes
    width: int
    height: int
    alt: str = Field(max_length=200)
    set_by: str = Field(max_length=60)
    set_at: datetime = moment()
