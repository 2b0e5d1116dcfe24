"""Tables of what is done about one event: tasks, costs, notes."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from service.db.types import row_id


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
