"""Tables of projects, series and events."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, SQLModel

from service.db.types import json_dict, json_list, moment, row_id


class Project(SQLModel, table=True):
    """The frame: a publication and the events that carry it."""

    __tablename__ = "project"
    id: str = row_id()
    slug: str = Field(unique=True, max_length=80)
    name: str = Field(max_length=300)
    summary: str = Field(default="", max_length=4000)
    organisation: str = Field(default="", max_length=200)  # the name letters go out under
    time_zone: str = Field(max_length=60)
    locale: str = Field(default="en", max_length=20)
    starts_on: date
    ends_on: date
    is_sample: bool = False  # seeded: sends nothing by itself
    created_at: datetime = moment()


class Series(SQLModel, table=True):
    """Events that belong together, such as six seminars."""

    __tablename__ = "series"
    id: str = row_id()
    project_id: str = Field(foreign_key="project.id", index=True)
    slug: str = Field(unique=True, max_length=80)
    title: str = Field(max_length=300)


class Event(SQLModel, table=True):
    """One gathering. Local time and zone are the truth; `starts_at` is derived from them."""

    __tablename__ = "event"
    id: str = row_id()
    project_id: str = Field(foreign_key="project.id", index=True)
    series_id: str | None = Field(default=None, foreign_key="series.id", index=True)
    slug: str = Field(unique=True, max_length=80)
    kind: str = Field(max_length=30)
    state: str = Field(max_length=20, index=True)
    mode: str = Field(max_length=20)
    privacy: str = Field(max_length=20)
    title: str = Field(max_length=300)
    summary: str = Field(default="", max_length=4000)
    language: str = Field(default="en", max_length=20)
    whole_day: bool = False  # one day or several, without hours
    starts_local: str = Field(max_length=16)  # 2027-03-04T18:00; of whole days, midnight
    ends_local: str = Field(max_length=16)  # of whole days, the midnight after the last
    time_zone: str = Field(max_length=60)
    starts_at: datetime = moment(index=True)
    ends_at: datetime = moment()
    place: str = Field(default="", max_length=500)
    online_url: str = Field(default="", max_length=1000)
    capacity: int | None = None  # of the room; None: no limit
    offer_freed_seats: bool = False
    reply_by: datetime | None = moment(default=None)
    topics: list[str] = json_list()
    uid: str = Field(unique=True, max_length=255)
    sequence: int = 0
    revision: int = 1
    changed_at: datetime = moment()
    created_at: datetime = moment()
    announced_at: datetime | None = moment(default=None)
    closed_at: datetime | None = moment(default=None)
    cancelled_at: datetime | None = moment(default=None)
    cancel_reason: str = Field(default="", max_length=500)
    head_count: int | None = None  # anonymous count on the day


class EventChange(SQLModel, table=True):
    """One edit: what moved, whether it mattered, who was told."""

    __tablename__ = "event_change"
    id: str = row_id()
    event_id: str = Field(foreign_key="event.id", index=True)
    at: datetime = moment()
    actor: str = Field(max_length=60)
    revision: int
    change: str = Field(max_length=10)  # material cosmetic
    fields: dict[str, Any] = json_dict()  # name -> [before, after]
    told: bool
    reason: str = Field(default="", max_length=500)
