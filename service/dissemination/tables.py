"""Tables of outputs, the plan, targets, manual figures and snapshots."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from service.db.types import Sealed, json_dict, json_list, moment, row_id


class Output(SQLModel, table=True):
    """Something we make: a book, a chapter, a checklist. `derived_from` names another output's key."""

    __tablename__ = "output"
    id: str = row_id()
    project_id: str = Field(foreign_key="project.id", index=True)
    key: str = Field(max_length=60)
    kind: str = Field(max_length=30)  # publication part chapter checklist case_study
    number: int | None = None
    title: str = Field(max_length=300)
    format: str = Field(default="", max_length=40)
    status: str = Field(default="planned", max_length=20)  # planned published
    derived_from: str | None = Field(default=None, max_length=60)
    languages: list[str] = json_list()
    tags: list[str] = json_list()
    copies: int | None = None
    published_on: date | None = None


class PlanLine(SQLModel, table=True):
    """One activity of the dissemination plan."""

    __tablename__ = "plan_line"
    __table_args__ = (Index("ix_plan_line_project_key", "project_id", "key", unique=True),)
    id: str = row_id()
    project_id: str = Field(foreign_key="project.id")
    key: str = Field(max_length=60)
    title: str = Field(max_length=300)
    audience_key: str | None = Field(default=None, max_length=60)
    channel: str = Field(default="", max_length=60)
    output_key: str | None = Field(default=None, max_length=60)
    event_key: str | None = Field(default=None, max_length=80)
    owner: str = Field(default="", max_length=60)
    due_on: date
    status: str = Field(default="planned", max_length=12)  # planned ongoing delivered postponed cancelled
    delivered_on: date | None = None
    reason: str = Field(default="", max_length=300)
    evidence: str = Field(default="", max_length=500)


class IndicatorTarget(SQLModel, table=True):
    """What the plan promises for one indicator."""

    __tablename__ = "indicator_target"
    project_id: str = Field(foreign_key="project.id", primary_key=True)
    indicator: str = Field(primary_key=True, max_length=4)
    baseline: float = 0
    milestones: list[dict[str, Any]] = json_list()  # {"on": "2027-03-31", "value": 50}, by day
    target: float
    due_on: date
    note: str = Field(default="", max_length=300)
    weight: float | None = None  # of its output in a funder's logframe, in percent
    risk: str = Field(default="", max_length=300)  # what could keep it from being reached


class PlanVersion(SQLModel, table=True):
    """The plan as it was approved: what was promised then, word for word, and its seal."""

    __tablename__ = "plan_version"
    __table_args__ = (Index("ix_plan_version_project_number", "project_id", "number", unique=True),)
    id: str = row_id()
    project_id: str = Field(foreign_key="project.id")
    number: int
    body: dict[str, Any] = json_dict()
    sha256: str = Field(max_length=64)
    approved_by: str = Field(max_length=60)
    approved_at: datetime = moment()


class Shipment(SQLModel, table=True):
    """Print copies that went out, or came back (negative)."""

    __tablename__ = "shipment"
    id: str = row_id()
    project_id: str = Field(foreign_key="project.id", index=True)
    output_key: str = Field(max_length=60)
    shipped_on: date
    copies: int
    audience_key: str | None = Field(default=None, max_length=60)
    note: str = Field(default="", max_length=300)
    country: str | None = Field(default=None, max_length=2)  # that they went to, or came back from


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


class EventTask(SQLModel, table=True):
    """One item of a checklist at work for an event. What is done keeps the day it was due."""

    __tablename__ = "event_task"
    __table_args__ = (Index("ix_event_task_event_item", "event_id", "checklist", "position", unique=True),)
    id: str = row_id()
    event_id: str = Field(foreign_key="event.id")
    checklist: str = Field(max_length=60)
    position: int
    text: str = Field(max_length=300)
    role: str = Field(default="", max_length=60)
    offset_days: int
    evidence: str = Field(default="", max_length=200)  # what to have in hand when it is done
    due_on: date | None = None
    done_on: date | None = None
    done_by: str | None = Field(default=None, max_length=60)


class ProgressMarker(SQLModel, table=True):
    """What one would see an audience do, and whether one has."""

    __tablename__ = "progress_marker"
    id: str = row_id()
    project_id: str = Field(foreign_key="project.id", index=True)
    audience_key: str = Field(max_length=60)
    level: str = Field(max_length=10)  # expect like love
    text: str = Field(max_length=300)
    status: str = Field(default="not_yet", max_length=10)  # not_yet some seen
    evidence: str = Field(default="", max_length=500)
    noted_on: date | None = None


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


class EventCost(SQLModel, table=True):
    """What was spent on an event, in hundredths of a currency; one currency a project."""

    __tablename__ = "event_cost"
    id: str = row_id()
    event_id: str = Field(foreign_key="event.id", index=True)
    on_day: date
    hundredths: int = Field(sa_type=BigInteger)
    currency: str = Field(max_length=3)
    what: str = Field(max_length=300)
    booked_by: str = Field(max_length=60)


class Asset(SQLModel, table=True):
    """A material that is handed out: a file kept here, or an address elsewhere."""

    __tablename__ = "asset"
    id: str = row_id()
    project_id: str = Field(foreign_key="project.id", index=True)
    output_key: str | None = Field(default=None, max_length=60)
    title: str = Field(max_length=300)
    language: str = Field(default="", max_length=12)
    kind: str = Field(max_length=4)  # file link
    address: str = Field(default="", max_length=2000)  # of a link
    filename: str = Field(default="", max_length=120)
    media_type: str = Field(default="", max_length=100)
    size: int = 0
    sha256: str = Field(default="", max_length=64)
    content: bytes | None = None
    version: int = 1
    restricted: bool = False  # handed out by signed links only, which run out
    link_version: int = 1  # raised to end all of those
    added_by: str = Field(max_length=60)
    added_at: datetime = moment()
    retired_at: datetime | None = moment(default=None)


class AssetVersion(SQLModel, table=True):
    """That a file was at a material's address once: its hash, for whoever has it. The bytes are gone."""

    __tablename__ = "asset_version"
    asset_id: str = Field(foreign_key="asset.id", primary_key=True)
    number: int = Field(primary_key=True)
    filename: str = Field(max_length=120)
    size: int
    sha256: str = Field(max_length=64)
    replaced_by: str = Field(max_length=60)
    replaced_at: datetime = moment()


class AssetHitDaily(SQLModel, table=True):
    """How often a material was asked for on one day (UTC) by one channel. Of nobody in particular."""

    __tablename__ = "asset_hit_daily"
    __table_args__ = (
        Index("ix_asset_hit_daily_day", "day", "asset_id", "requests", "sessions"),  # months, in one pass
        {"sqlite_with_rowid": False},  # the key and its numbers lie together: one pass adds them up
    )
    asset_id: str = Field(foreign_key="asset.id", primary_key=True)
    channel: str = Field(primary_key=True, max_length=20)
    day: date = Field(primary_key=True)
    requests: int = 0
    sessions: int = 0
    robots: int = 0


class AssetHour(SQLModel, table=True):
    """The secret of this hour (mark "") and who asked within it, as keyed hashes. Destroyed when the hour ends."""

    __tablename__ = "asset_hour"
    hour: str = Field(primary_key=True, max_length=13)  # 2027-01-12T10, UTC
    mark: str = Field(primary_key=True, max_length=64)
    secret: bytes | None = None
    last_at: datetime = moment()


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


class GuestTask(SQLModel, table=True):
    """What someone of staff is to do for one guest after an event. Goes with the person, and with the invitation."""

    __tablename__ = "guest_task"
    id: str = row_id()
    event_id: str = Field(foreign_key="event.id", index=True)
    person_ref: str = Field(max_length=26, index=True)  # leads on since a merge
    kind: str = Field(max_length=12)  # call send_copy introduce small_grant media
    note: str = Field(default="", max_length=300)
    owner: str = Field(max_length=60)
    due_on: date
    done_on: date | None = None
    done_by: str | None = Field(default=None, max_length=60)
    added_by: str = Field(max_length=60)


class EventNotes(SQLModel, table=True):
    """What was agreed at an event, as lists of one line a point."""

    __tablename__ = "event_notes"
    id: str = row_id()
    event_id: str = Field(foreign_key="event.id", unique=True)
    decisions: str = Field(default="", max_length=2000)
    asks: str = Field(default="", max_length=2000)
    owners: str = Field(default="", max_length=2000)
    links: str = Field(default="", max_length=2000)


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
