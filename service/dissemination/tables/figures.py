"""Tables of figures that are not counted live: kept of deleted invitations, given by hand, read elsewhere."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from service.db.types import moment, row_id


class InvitationTally(SQLModel, table=True):
    """How many deleted invitations of an event a tally counted, by audience and region; "" where not stated."""

    __tablename__ = "invitation_tally"
    event_id: str = Field(foreign_key="event.id", primary_key=True)
    audience_id: str = Field(primary_key=True, max_length=26)
    region: str = Field(primary_key=True, max_length=3)
    name: str = Field(primary_key=True, max_length=30)
    n: int


class PlaceTally(SQLModel, table=True):
    """That someone of an organisation, or from a country, came to an event whose invitations are deleted."""

    __tablename__ = "place_tally"
    event_id: str = Field(foreign_key="event.id", primary_key=True)
    kind: str = Field(primary_key=True, max_length=12)  # organisation country
    key: str = Field(primary_key=True, max_length=26)


class ManualFigure(SQLModel, table=True):
    """A number that nobody else here counts: given by hand, with how it is known and where one can see it."""

    __tablename__ = "manual_figure"
    id: str = row_id()
    project_id: str = Field(foreign_key="project.id", index=True)
    indicator: str = Field(max_length=4)
    on_day: date
    amount: int
    out_of: int | None = None
    basis: str = Field(max_length=12)  # counted estimated third_party
    evidence: str = Field(max_length=500)
    given_by: str = Field(max_length=60)


class ExternalSource(SQLModel, table=True):
    """A work or a site that somebody else counts. What was asked is not asked again before `next_at`."""

    __tablename__ = "external_source"
    __table_args__ = (Index("ix_external_source_next_at", "next_at"),)
    id: str = row_id()
    project_id: str = Field(foreign_key="project.id", index=True)
    provider: str = Field(max_length=12)  # datacite openalex crossref inveniordm dspace matomo plausible file
    host: str = Field(default="", max_length=253)
    reference: str = Field(default="", max_length=260)
    label: str = Field(max_length=120)
    etag: str = Field(default="", max_length=200)
    failures: int = 0
    trouble: str = Field(default="", max_length=20)
    asked_at: datetime | None = moment(default=None)
    next_at: datetime | None = moment(default=None)  # None: nobody can be asked
    added_by: str = Field(max_length=60)


class ExternalFigure(SQLModel, table=True):
    """A number of a source as it stood on a day. Kept by day, so that a report can be made again."""

    __tablename__ = "external_figure"
    source_id: str = Field(foreign_key="external_source.id", primary_key=True)
    metric: str = Field(primary_key=True, max_length=10)  # views visitors downloads citations
    as_of: date = Field(primary_key=True)
    value: int = Field(sa_type=BigInteger)
