"""Words of accounts: who may sign in, in which role, and what a role may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """Roles, weakest first: each may do all that the one before it may."""

    VIEWER = "viewer"
    CHECKIN = "checkin"
    COORDINATOR = "coordinator"
    MANAGER = "manager"


class Permission(StrEnum):
    """What a route can ask for."""

    READ = "read"
    CHECK_IN = "check_in"
    EDIT = "edit"
    SEND = "send"
    EXPORT = "export"
    ADMINISTER = "administer"


@dataclass(frozen=True, slots=True)
class Staff:
    """Someone who works here."""

    id: str
    email: str
    name: str
    role: Role
    time_zone: str
    locale: str
    disabled: bool


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking: a member of staff in a browser, or a program with a key.

    `actor` is what the audit trail records, `staff:<id>` or `key:<id>`. `project_id` is set for a
    key that is bound to one project. `csrf` is empty for keys, which need none, and which never signed in.
    """

    actor: str
    name: str
    role: Role
    time_zone: str = "Europe/London"
    locale: str = "en"
    project_id: str | None = None
    csrf: str = ""
    seen_at: datetime | None = None
    signed_in_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session: its secret goes into the cookie and is kept nowhere else."""

    secret: str
    csrf: str
    staff: Staff


@dataclass(frozen=True, slots=True)
class RequestedLink:
    """A sign-in link to post to the address of its owner."""

    address: str
    secret: str


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key for programs; `secret` is shown once."""

    id: str
    secret: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered with, kept to be given again."""

    request_sha256: str
    status: int
    media_type: str
    body: bytes
