"""The meeting and the people of these tests; a test names only what matters to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from service.ical.values import Address, Attendee, Meeting, PartStat

HERE = Path(__file__).parent

SEMINAR = Meeting(
    uid="01m9seminar2@seminars.example.org",
    sequence=0,
    dtstamp=datetime(2026, 12, 1, 9, 0, tzinfo=UTC),
    starts_local=datetime(2027, 1, 28, 14, 0),
    ends_local=datetime(2027, 1, 28, 16, 0),
    time_zone="Europe/London",
    summary="Seminar 2: Working with governments",
    organizer=Address("rsvp+01m9tag@seminars.example.org", "Farsow Seminars"),
)
MARIA = Attendee(Address("maria.achieng@example.org", "Maria Achieng"), PartStat.NEEDS_ACTION)


def make_meeting(**wishes: Any) -> Meeting:
    """The seminar in London on 28 January 2027, 14:00 to 16:00, with some fields otherwise."""
    return replace(SEMINAR, **wishes)


def unfolded(data: bytes) -> list[str]:
    """Return the content lines of a file, by the plainest reading of RFC 5545 §3.1."""
    return data.replace(b"\r\n ", b"").decode().split("\r\n")
