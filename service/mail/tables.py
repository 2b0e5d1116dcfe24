"""Tables of the outbox, the delivery ledger, suppression, the local mailbox and intake."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from service.db.types import json_dict, moment, row_id

# A partial index serves a query that says the same words.
WAITING_SQL = "state IN ('queued', 'deferred')"
UNSURE_SQL = "state = 'unknown'"
TWICE_SQL = "repeats > 0"
IS_WAITING: dict[str, Any] = {"sqlite_where": text(WAITING_SQL), "postgresql_where": text(WAITING_SQL)}
HELD_SQL = "state = 'sending'"
LATER_SQL = "first_id IS NOT NULL AND state <> 'cancelled'"
IS_HELD: dict[str, Any] = {"sqlite_where": text(HELD_SQL), "postgresql_where": text(HELD_SQL)}
IS_UNSURE: dict[str, Any] = {"sqlite_where": text(UNSURE_SQL), "postgresql_where": text(UNSURE_SQL)}
IS_TWICE: dict[str, Any] = {"sqlite_where": text(TWICE_SQL), "postgresql_where": text(TWICE_SQL)}
IS_LATER: dict[str, Any] = {"sqlite_where": text(LATER_SQL), "postgresql_where": text(LATER_SQL)}


class Mailing(SQLModel, table=True):
    """One kind of letter to many people. `facts` are frozen when it is made: event, sender, note, changes."""

    __tablename__ = "mailing"
    id: str = row_id()
    context: str = Field(max_length=60, index=True)  # opaque to mail: `event:<id>` or `list:<id>`
    kind: str = Field(max_length=30)
    purpose: str = Field(default="events", max_length=60)
    list_id: str | None = Field(default=None, max_length=26)  # suppression scope, when sent to a list
    state: str = Field(max_length=12, index=True)  # draft approved running paused done cancelled
    semantics: str = Field(max_length=20)  # at-least-once at-most-once
    facts: dict[str, Any] = json_dict()
    skipped: dict[str, Any] = json_dict()  # reason -> count
    created_by: str = Field(max_length=60)
    created_at: datetime = moment()
    approved_by: str | None = Field(default=None, max_length=60)
    approved_at: datetime | None = moment(default=None)
    send_at: datetime | None = moment(default=None, index=True)
    done_at: datetime | None = moment(default=None)
    pause_reason: str = Field(default="", max_length=300)


class Delivery(SQLModel, table=True):
    """One letter to one address, frozen when queued. `recipient_ref` is opaque to mail."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("mailing_id", "recipient_ref"),
        # Claims, counts and "is anything open" all begin with the mailing.
        Index("ix_delivery_due", "mailing_id", "state", "next_attempt_at"),
        # A claim goes from domain to domain, past those that rest.
        Index("ix_delivery_waiting", "mailing_id", "domain", "next_attempt_at", **IS_WAITING),
        # Whose sender is gone is asked at each claim, and few are in anyone's hands.
        Index("ix_delivery_held", "lease_until", **IS_HELD),
        Index("ix_delivery_recipient_ref", "recipient_ref"),
        # What the pages of letters ask for: few of many.
        Index("ix_delivery_unsure", "mailing_id", **IS_UNSURE),
        Index("ix_delivery_twice", "mailing_id", **IS_TWICE),
        # However many press at once, one who came after a mailing has left gets it once.
        Index("ix_delivery_first", "first_id", "recipient_ref", unique=True, **IS_LATER),
    )
    id: str = row_id()
    mailing_id: str = Field(foreign_key="mailing.id")
    recipient_ref: str = Field(max_length=60)
    address: str = Field(max_length=320)
    address_hash: str = Field(max_length=64, index=True)
    domain: str = Field(max_length=255)
    language: str = Field(default="en", max_length=20)
    slots: dict[str, Any] = json_dict()
    state: str = Field(max_length=12)  # queued sending sent deferred bounced failed unknown suppressed cancelled
    attempts: int = 0
    repeats: int = 0  # how often it left again although the relay may have had it
    created_at: datetime = moment()
    next_attempt_at: datetime = moment()
    give_up_at: datetime | None = moment(default=None)
    lease_owner: str | None = Field(default=None, max_length=60)
    lease_epoch: int = 0
    lease_until: datetime | None = moment(default=None)
    dot_at: datetime | None = moment(default=None)
    finished_at: datetime | None = moment(default=None)
    smtp_code: int | None = None
    smtp_text: str = Field(default="", max_length=500)
    first_id: str | None = Field(default=None, max_length=26)  # the mailing whose words it brings to one who came since


class Suppression(SQLModel, table=True):
    """An address not to be written to, known only by its keyed hash. scope: `all`, `purpose:x` or `list:id`."""

    __tablename__ = "suppression"
    __table_args__ = (UniqueConstraint("address_hash", "scope"),)
    id: str = row_id()
    address_hash: str = Field(max_length=64)
    scope: str = Field(max_length=60)
    reason: str = Field(max_length=20)  # unsubscribed bounced complained objected erased
    at: datetime = moment()


class RelayRest(SQLModel, table=True):
    """A relay that takes nothing for a while, for one domain or, where that is empty, at all."""

    __tablename__ = "relay_rest"
    relay: str = Field(primary_key=True, max_length=270)
    domain: str = Field(primary_key=True, max_length=255)
    until: datetime = moment()


class RelayRate(SQLModel, table=True):
    """When the next letter is due through a relay (empty: any) to a domain (empty: any)."""

    __tablename__ = "relay_rate"
    relay: str = Field(primary_key=True, max_length=270)
    domain: str = Field(primary_key=True, max_length=255)
    due_at: datetime = moment()


class MailboxLetter(SQLModel, table=True):
    """A letter in the local mailbox, as it would have left."""

    __tablename__ = "mailbox_letter"
    id: str = row_id()
    delivery_id: str | None = Field(default=None, max_length=26, unique=True)
    to: str = Field(max_length=320, index=True)
    subject: str = Field(max_length=1000)
    kind: str = Field(max_length=30)
    at: datetime = moment(index=True)
    raw: bytes = Field(sa_type=LargeBinary)


class IntakeMessage(SQLModel, table=True):
    """What came back by mail and what was made of it; the raw text goes after 30 days."""

    __tablename__ = "intake_message"
    id: str = row_id()
    at: datetime = moment(index=True)
    sha256: str = Field(max_length=64, index=True)
    verdict: str = Field(max_length=20)
    applied: bool
    reason: str = Field(default="", max_length=60)
    context: str | None = Field(default=None, max_length=60, index=True)
    raw: bytes | None = Field(default=None, sa_type=LargeBinary)
    settled: str | None = Field(default=None, max_length=10)  # counted invited aside
    settled_at: datetime | None = moment(default=None)
    settled_by: str | None = Field(default=None, max_length=60)
