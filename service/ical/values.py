"""Values of calendars, spelled as RFC 5545 and 5546 spell them.

A *meeting* is one VEVENT as its organizer holds it; an *attendee* is one invitee of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Method(StrEnum):
    """RFC 5546 §1.4."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    REPLY = "REPLY"
    CANCEL = "CANCEL"
    COUNTER = "COUNTER"


class PartStat(StrEnum):
    """RFC 5545 §3.2.12."""

    NEEDS_ACTION = "NEEDS-ACTION"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    TENTATIVE = "TENTATIVE"
    DELEGATED = "DELEGATED"


@dataclass(frozen=True, slots=True)
class Address:
    """A calendar address."""

    email: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Attendee:
    """Who is invited."""

    address: Address
    partstat: PartStat
    rsvp: bool = True


@dataclass(frozen=True, slots=True)
class Meeting:
    """One event of a calendar. Of whole days the times are midnights, `ends_local` that after the last day."""

    uid: str
    sequence: int
    dtstamp: datetime
    starts_local: datetime
    ends_local: datetime
    time_zone: str
    summary: str
    organizer: Address
    description: str = ""
    location: str = ""
    status: str = "CONFIRMED"
    url: str | None = None
    conference: str | None = None
    whole_day: bool = False
