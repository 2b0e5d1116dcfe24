"""Tables of staff, sign-in, sessions, keys and repeated requests."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel

from service.db.types import moment, row_id


class Staff(SQLModel, table=True):
    """Someone who works here. Guests have no account."""

    __tablename__ = "staff"
    id: str = row_id()
    email: str = Field(max_length=320)
    email_key: str = Field(max_length=320, unique=True)
    name: str = Field(max_length=200)
    role: str = Field(max_length=20)
    time_zone: str = Field(default="Europe/London", max_length=60)
    locale: str = Field(default="en", max_length=20)
    password_hash: str | None = Field(default=None, max_length=300)
    disabled: bool = False
    created_at: datetime = moment()


class SignInLink(SQLModel, table=True):
    """A one-time link; the POST behind it spends it."""

    __tablename__ = "sign_in_link"
    token_hash: str = Field(primary_key=True, max_length=64)
    staff_id: str = Field(foreign_key="staff.id", index=True)
    created_at: datetime = moment()
    expires_at: datetime = moment()
    spent_at: datetime | None = moment(default=None)


class StaffFeed(SQLModel, table=True):
    """The secret address of someone's calendar feed, kept as a hash; a new one ends the old."""

    __tablename__ = "staff_feed"
    staff_id: str = Field(foreign_key="staff.id", primary_key=True)
    token_hash: str = Field(unique=True, max_length=64)
    made_at: datetime = moment()


class StaffSession(SQLModel, table=True):
    """A signed-in browser; its id is kept as a hash."""

    __tablename__ = "staff_session"
    id_hash: str = Field(primary_key=True, max_length=64)
    staff_id: str = Field(foreign_key="staff.id", index=True)
    csrf: str = Field(max_length=64)
    created_at: datetime = moment()
    last_seen_at: datetime = moment()
    expires_at: datetime = moment()


class ApiKey(SQLModel, table=True):
    """A key for programs; kept as a hash, shown once."""

    __tablename__ = "api_key"
    id: str = row_id()
    name: str = Field(max_length=200)
    key_hash: str = Field(unique=True, max_length=64)
    role: str = Field(max_length=20)
    project_id: str | None = Field(default=None, max_length=26)
    created_at: datetime = moment()
    revoked_at: datetime | None = moment(default=None)


class IdempotencyRecord(SQLModel, table=True):
    """The first answer to a POST that carried an Idempotency-Key."""

    __tablename__ = "idempotency_record"
    principal: str = Field(primary_key=True, max_length=60)
    key: str = Field(primary_key=True, max_length=200)
    request_sha256: str = Field(max_length=64)
    status: int
    media_type: str = Field(default="application/json", max_length=100)
    body: bytes = Field(sa_type=LargeBinary)
    created_at: datetime = moment(index=True)
