"""Tables of retention: shorter periods, promised dates, and the certificates of what was deleted."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, SQLModel

from service.db.types import json_dict, moment, row_id


class RetentionRule(SQLModel, table=True):
    """A period shorter than the usual one, for one kind of event or, with kind "", for all."""

    __tablename__ = "retention_rule"
    held: str = Field(primary_key=True, max_length=20)
    kind: str = Field(primary_key=True, max_length=30)
    days: int
    set_by: str = Field(max_length=60)
    set_at: datetime = moment()


class RetentionPromise(SQLModel, table=True):
    """The day on which everything about the people of one event goes."""

    __tablename__ = "retention_promise"
    event_id: str = Field(foreign_key="event.id", primary_key=True)
    due_on: date
    set_by: str = Field(max_length=60)
    set_at: datetime = moment()


class DeletionCertificate(SQLModel, table=True):
    """Proof of a deletion. `ids_sha256` chains the opaque ids of what went; `sha256` chains the certificates."""

    __tablename__ = "deletion_certificate"
    id: str = row_id()
    number: int | None = Field(default=None, unique=True)  # 1, 2, 3 … once it is sealed
    rule: str = Field(max_length=40, index=True)
    event_id: str | None = Field(default=None, max_length=26, index=True)
    opened_at: datetime = moment()
    sealed_at: datetime | None = moment(default=None)
    counts: dict[str, Any] = json_dict()  # what it was -> rows
    ids_sha256: str = Field(default="", max_length=64)
    previous_sha256: str = Field(default="", max_length=64)
    sha256: str = Field(default="", max_length=64)
