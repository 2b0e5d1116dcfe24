"""Independent readers of our files: what icalendar and vobject make of an event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import icalendar
import vobject

from service.ical.values import Meeting
from service.kernel.clock import instant


@dataclass(frozen=True, slots=True)
class Seen:
    """The facts that every reader must agree on; times are Unix seconds."""

    method: str
    uid: str
    sequence: int
    summary: str
    starts: int
    ends: int
    organizer: str
    attendees: tuple[tuple[str, str], ...]


def meant(meeting: Meeting, method: str, *attendees: tuple[str, str]) -> Seen:
    """Return what a reader must see of a meeting, by the tz database itself."""
    return Seen(
        method=method,
        uid=meeting.uid,
        sequence=meeting.sequence,
        summary=meeting.summary,
        starts=int(instant(meeting.starts_local, meeting.time_zone).timestamp()),
        ends=int(instant(meeting.ends_local, meeting.time_zone).timestamp()),
        organizer=f"mailto:{meeting.organizer.email}",
        attendees=attendees,
    )


def by_icalendar(data: bytes) -> list[Seen]:
    """Read a file with icalendar."""
    calendar = icalendar.Calendar.from_ical(data)
    return [_by_icalendar(calendar, event) for event in calendar.events]


def _by_icalendar(calendar: Any, event: Any) -> Seen:
    given = event.get("ATTENDEE", [])
    attendees = given if isinstance(given, list) else [given]
    return Seen(
        method=str(calendar["METHOD"]),
        uid=str(event["UID"]),
        sequence=int(event["SEQUENCE"]),
        summary=str(event["SUMMARY"]),
        starts=int(event["DTSTART"].dt.timestamp()),
        ends=int(event["DTEND"].dt.timestamp()),
        organizer=str(event["ORGANIZER"]),
        attendees=tuple((str(a), str(a.params["PARTSTAT"])) for a in attendees),
    )


def by_vobject(data: bytes) -> list[Seen]:
    """Read a file with vobject."""
    calendar = vobject.readOne(data.decode())
    return [_by_vobject(calendar, event) for event in calendar.vevent_list]


def _by_vobject(calendar: Any, event: Any) -> Seen:
    attendees = event.contents.get("attendee", [])
    return Seen(
        method=calendar.method.value,
        uid=event.uid.value,
        sequence=int(event.sequence.value),
        summary=event.summary.value,
        starts=_seconds(calendar, event.dtstart.value),
        ends=_seconds(calendar, event.dtend.value),
        organizer=event.organizer.value,
        attendees=tuple((a.value, a.params["PARTSTAT"][0]) for a in attendees),
    )


def _seconds(calendar: Any, at: datetime) -> int:
    """Return Unix seconds; a zone vobject has no table for comes naive, and the file's VTIMEZONE says what it is."""
    return int((at if at.tzinfo else at.replace(tzinfo=calendar.vtimezone.tzinfo)).timestamp())
