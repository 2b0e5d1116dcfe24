"""Tables of the plan: outputs, lines, targets and their versions, copies sent, progress markers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from service.db.types import json_dict, json_list, moment, row_id


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
