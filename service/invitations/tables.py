"""Tables of invitations and answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from service.db.types import json_list, moment, row_id, sealed

IS_ONLINE: dict[str, Any] = {"sqlite_where": text("online = 1"), "postgresql_where": text("online")}
# A partial index serves a query that says the same words; few stop letters.
IS_UNSUBSCRIBED: dict[str, Any] = {
    "sqlite_where": text("unsubscribed = 1"),
    "postgresql_where": text("unsubscribed"),
}


class Invitation(SQLModel, table=True):
    """One person and one event; four axes kept apart."""

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("event_id", "person_id"),
        Index("ix_invitation_event_seat", "event_id", "seat", "seat_order"),
        # What the report reads, and nothing else: one pass over each counts a project.
        Index(
            "ix_invitation_by_person",
            *("person_id", "event_id", "letter", "partstat", "attendance", "walk_in", "withdrawn_at"),
        ),
        Index(
            "ix_invitation_by_event",
            *("event_id", "letter", "partstat", "attendance", "walk_in", "withdrawn_at"),
        ),
        Index("ix_invitation_unsubscribed", "event_id", **IS_UNSUBSCRIBED),
        Index("ix_invitation_online", "event_id", **IS_ONLINE),
    )
    id: str = row_id()
    event_id: str = Field(foreign_key="event.id")
    person_id: str = Field(foreign_key="person.id")
    list_id: str | None = Field(default=None, foreign_key="mailing_list.id")
    basis: str = Field(max_length=30)
    created_at: datetime = moment()
    created_by: str = Field(max_length=60)
    walk_in: bool = False
    withdrawn_at: datetime | None = moment(default=None)
    letter: str = Field(default="none", max_length=10)  # none queued sent bounced unknown
    partstat: str = Field(default="NEEDS-ACTION", max_length=12)
    online: bool = False
    replied_at: datetime | None = moment(default=None)
    reply_source: str | None = Field(default=None, max_length=10)  # link mail phone letter staff
    reply_dtstamp: datetime | None = moment(default=None)
    reply_sequence: int | None = None
    comment: str = Field(default="", max_length=1000)
    needs: bytes | None = sealed()  # access, food, travel
    asked_again: bool = False  # yes, to the old time
    seat: str = Field(default="none", max_length=10)  # none held waiting offered
    seat_order: int = 0
    attendance: str = Field(default="unknown", max_length=10)  # unknown present absent excused
    revision_told: int = 0
    sequence_sent: int | None = None
    token_version: int = 1
    substituted_by: str | None = Field(default=None, max_length=26)
    substitute_for: str | None = Field(default=None, max_length=26)
    unsubscribed: bool = False  # by a letter about the event, within 30 days


class Reply(SQLModel, table=True):
    """One answer as it came, counted or not: the history."""

    __tablename__ = "reply"
    id: str = row_id()
    invitation_id: str = Field(foreign_key="invitation.id", index=True)
    at: datetime = moment()
    partstat: str = Field(max_length=12)
    online: bool = False
    source: str = Field(max_length=10)
    actor: str = Field(max_length=60)
    comment: str = Field(default="", max_length=1000)
    dtstamp: datetime | None = moment(default=None)
    sequence: int | None = None
    applied: bool = True
    reason: str = Field(default="", max_length=60)


class SubstituteRequest(SQLModel, table=True):
    """A colleague whom an invitee asks us to invite instead. Name and address go once it is decided."""

    __tablename__ = "substitute_request"
    id: str = row_id()
    invitation_id: str = Field(foreign_key="invitation.id", index=True)
    at: datetime = moment()
    name: str = Field(default="", max_length=300)
    email: str = Field(default="", max_length=320)
    state: str = Field(max_length=10, index=True)  # open accepted refused
    decided_at: datetime | None = moment(default=None)
    decided_by: str | None = Field(default=None, max_length=60)


class StandingInvitation(SQLModel, table=True):
    """One person and one series: each date of it invites them, but those in `left_out`."""

    __tablename__ = "standing_invitation"
    __table_args__ = (UniqueConstraint("series_id", "person_id"),)
    id: str = row_id()
    series_id: str = Field(foreign_key="series.id")
    person_id: str = Field(foreign_key="person.id", index=True)
    list_id: str | None = Field(default=None, foreign_key="mailing_list.id")  # whose consent counts, date by date
    since: datetime = moment()
    ended_at: datetime | None = moment(default=None)
    actor: str = Field(max_length=60)
    left_out: list[str] = json_list()  # events


class FollowUp(SQLModel, table=True):
    """What follows one event: whether staff said yes to its letters, and how its survey is kept."""

    __tablename__ = "follow_up"
    event_id: str = Field(primary_key=True, foreign_key="event.id", max_length=26)
    is_anonymous: bool = False
    materials: list[dict[str, str]] = json_list()  # {"title", "path"}, for those who came or were missed
    written_by: str = Field(default="", max_length=60)  # who last changed what leaves
    approved_at: datetime | None = moment(default=None)
    approved_by: str | None = Field(default=None, max_length=60)
    stopped_at: datetime | None = moment(default=None)


class SurveyReturn(SQLModel, table=True):
    """That a guest has answered, and what they wish to get. It has no time, and does not lead to what they said."""

    __tablename__ = "survey_return"
    invitation_id: str = Field(primary_key=True, foreign_key="invitation.id", max_length=26)
    answered: bool = False
    next_steps: bool = False  # may we send you the next steps?
    may_ask: bool = False  # may we ask you after three months?
    checked: bool = False  # has answered the question after three months


class SurveyAnswer(SQLModel, table=True):
    """What a guest said of an event. A nameless one has no invitation, and an id of pure chance."""

    __tablename__ = "survey_answer"
    id: str = Field(primary_key=True, max_length=26)
    event_id: str = Field(foreign_key="event.id", index=True)
    invitation_id: str | None = Field(default=None, foreign_key="invitation.id", unique=True)
    on_day: date
    usefulness: int | None = None  # 1 to 5
    words: str = Field(default="", max_length=2000)
    used: bool | None = None  # in their work, after three months
    chapter: str = Field(default="", max_length=60)  # the key of the output they used


class Commitment(SQLModel, table=True):
    """What a guest will do, in their own words, and what came of it. One an invitation; its id has no time either."""

    __tablename__ = "commitment"
    id: str = Field(primary_key=True, max_length=26)
    invitation_id: str = Field(foreign_key="invitation.id", unique=True)
    event_id: str = Field(foreign_key="event.id", index=True)
    words: str = Field(max_length=1000)
    due_on: date
    state: str = Field(default="open", max_length=10)  # open done partly not_yet no_longer
    outcome: str = Field(default="", max_length=10)  # proposed accepted dismissed
