"""Tables of the campaign's records."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from service.db.types import json_list, moment, row_id


class Stance(SQLModel, table=True):
    """What a state or an institution held from a day on; of those of one subject the latest is current."""

    __tablename__ = "stance"
    __table_args__ = (Index("ix_stance_current", "is_current", "position"),)
    id: str = row_id()
    project_id: str = Field(foreign_key="project.id", index=True)
    country: str | None = Field(default=None, max_length=2)
    organisation_id: str | None = Field(default=None, foreign_key="organisation.id", index=True)
    position: str = Field(max_length=12)  # core_group supportive latent reluctant
    noted_on: date
    source: str = Field(max_length=300)
    note: str = Field(default="", max_length=1000)
    is_current: bool = True


class CampaignMessage(SQLModel, table=True):
    """One version of what the campaign says; those of one message share `thread`."""

    __tablename__ = "campaign_message"
    id: str = row_id()
    project_id: str = Field(foreign_key="project.id", index=True)
    thread: str = Field(max_length=26)
    number: int
    title: str = Field(max_length=200)
    text: str = Field(max_length=4000)
    audience_key: str | None = Field(default=None, max_length=60)
    topic: str | None = Field(default=None, max_length=30)
    countries: list[str] = json_list()
    writers: list[str] = json_list()  # actors: none of them signs it off
    written_at: datetime = moment()
    signed_by: str | None = Field(default=None, max_length=60)
    signed_at: datetime | None = moment(default=None)


class SmallGrant(SQLModel, table=True):
    """A small grant. What it comes to is in no report."""

    __tablename__ = "small_grant"
    id: str = row_id()
    project_id: str = Field(foreign_key="project.id", index=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    purpose: str = Field(max_length=300)
    state: str = Field(max_length=10)  # enquiry applied awarded reported declined
    since: date
    currency: str = Field(default="", max_length=3)
    amount: int | None = None
    report_due_on: date | None = None
    note: str = Field(default="", max_length=1000)


class Lesson(SQLModel, table=True):
    """Something learnt, linked to where it was said and to the chapter it is for."""

    __tablename__ = "lesson"
    id: str = row_id()
    project_id: str = Field(foreign_key="project.id", index=True)
    text: str = Field(max_length=2000)
    event_id: str | None = Field(default=None, foreign_key="event.id", index=True)
    chapter_key: str | None = Field(default=None, max_length=60)
    topic: str | None = Field(default=None, max_length=30)
    setting: str | None = Field(default=None, max_length=13)  # national international
    campaigns: list[str] = json_list()


class LobbyMeeting(SQLModel, table=True):
    """What was said with a state or an institution, and the next step."""

    __tablename__ = "lobby_meeting"
    id: str = row_id()
    project_id: str = Field(foreign_key="project.id", index=True)
    country: str | None = Field(default=None, max_length=2)
    organisation_id: str | None = Field(default=None, foreign_key="organisation.id", index=True)
    held_on: date
    place: str = Field(max_length=300)
    said: str = Field(max_length=4000)
    next_step: str = Field(default="", max_length=300)
    next_on: date | None = None
    owner: str = Field(default="", max_length=60)  # a role
    done_on: date | None = None


class Introduction(SQLModel, table=True):
    """That one person was introduced to another. The ids may be those of people who were merged since."""

    __tablename__ = "introduction"
    id: str = row_id()
    project_id: str = Field(foreign_key="project.id", index=True)
    person_id: str = Field(max_length=26, index=True)
    to_person_id: str = Field(max_length=26, index=True)
    made_by: str = Field(max_length=60)
    noted_at: datetime = moment(index=True)
    made_on: date
    about: str = Field(default="", max_length=300)
    follow_up: str = Field(default="", max_length=300)
    follow_up_on: date | None = None
    done_on: date | None = None


class EventQuota(SQLModel, table=True):
    """How many places of an event are meant for an audience, or for the press."""

    __tablename__ = "event_quota"
    event_id: str = Field(foreign_key="event.id", primary_key=True)
    group: str = Field(primary_key=True, max_length=60)  # the key of an audience, or "press"
    places: int


class LocalEvent(SQLModel, table=True):
    """That an event is a local one of an umbrella: they are one coordinated action."""

    __tablename__ = "local_event"
    event_id: str = Field(foreign_key="event.id", primary_key=True)
    umbrella_id: str = Field(foreign_key="event.id", index=True)
