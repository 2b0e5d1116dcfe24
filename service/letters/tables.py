"""Tables of letters that an event will send on their day, and of the mailboxes that answers come to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from service.db.types import moment, row_id


class PlannedLetter(SQLModel, table=True):
    """A letter kind due at a distance from the event's start; it moves when the event moves."""

    __tablename__ = "planned_letter"
    __table_args__ = (UniqueConstraint("event_id", "kind"),)
    id: str = row_id()
    event_id: str = Field(foreign_key="event.id")
    kind: str = Field(max_length=30)
    offset_minutes: int  # from the start, in the event's zone; negative: before
    due_at: datetime = moment(index=True)
    held: bool = False
    mailing_id: str | None = Field(default=None, max_length=26)  # set once it became a mailing
    note: str = Field(default="", max_length=4000)  # one paragraph of staff


class LetterTemplate(SQLModel, table=True):
    """A version of the organisation's own wording for a kind of letter in a language; no part names a person."""

    __tablename__ = "letter_template"
    __table_args__ = (
        UniqueConstraint("kind", "language", "version"),
        Index(
            "ix_letter_template_in_use",
            *("kind", "language"),
            unique=True,
            sqlite_where=text("state = 'in_use'"),
            postgresql_where=text("state = 'in_use'"),
        ),
    )
    id: str = row_id()
    kind: str = Field(max_length=30)
    language: str = Field(max_length=8)
    version: int
    subject: str = Field(max_length=200)  # an empty part leaves it to the built-in wording
    opening: str = Field(max_length=4000)
    closing: str = Field(max_length=4000)
    state: str = Field(max_length=10)  # draft in_use retired
    made_by: str = Field(max_length=60)
    made_at: datetime = moment()


class IntakeMailbox(SQLModel, table=True):
    """How far a mailbox was read, and what is wrong with it. `key` is a hash: it says whose mailbox it is to nobody."""

    __tablename__ = "intake_mailbox"
    key: str = Field(primary_key=True, max_length=64)
    validity: int = Field(default=0, sa_type=BigInteger)  # UIDVALIDITY
    through: int = Field(default=0, sa_type=BigInteger)  # the last UID that was taken in
    looked_at: datetime | None = moment(default=None)
    trouble: str = Field(default="", max_length=40)  # a code; "" when all is well
    since: datetime | None = moment(default=None)
