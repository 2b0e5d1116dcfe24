"""The pieces that an invitation and a feed share: the calendar around, the event, the addresses."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from service.ical.lines import fold, local, mailto, parameter, text, text_line, uri, utc
from service.ical.timezones import is_utc, vtimezone
from service.ical.values import Address, Meeting, Method
from service.kernel.clock import instant, occurs_twice

PRODUCT = "-//Farsow//Farsow//EN"
CANCELLED = "CANCELLED"


def calendar(method: Method, *body: bytes) -> bytes:
    """Return a VCALENDAR (RFC 5545 §3.4) around its properties and components."""
    head = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\nCALSCALE:GREGORIAN\r\nMETHOD:{method}\r\n"
    return b"".join((head.encode(), *body, b"END:VCALENDAR\r\n"))


def zones(meetings: Iterable[Meeting]) -> list[bytes]:
    """Return one VTIMEZONE for each zone in use, covering the years of its meetings; UTC and whole days need none."""
    years: dict[str, tuple[int, int]] = {}
    for meeting in meetings:
        if meeting.whole_day:
            continue
        first, last = years.get(meeting.time_zone, (9999, 0))
        years[meeting.time_zone] = min(first, meeting.starts_local.year), max(last, meeting.ends_local.year)
    return [vtimezone(name, *years[name]) for name in sorted(years) if not is_utc(name)]


def event(meeting: Meeting, *lines: bytes) -> bytes:
    """Return a VEVENT (§3.6.1): what names it and when it is, then the lines given."""
    starts, ends = (
        _when(name, at, meeting) for name, at in (("DTSTART", meeting.starts_local), ("DTEND", meeting.ends_local))
    )
    # Short lines whatever stands in them: no zone has a name so long that they would need a fold.
    facts = f"DTSTAMP:{utc(meeting.dtstamp)}\r\nSEQUENCE:{meeting.sequence}\r\n{starts}\r\n{ends}\r\n".encode()
    return b"".join((b"BEGIN:VEVENT\r\n", fold(f"UID:{text(meeting.uid)}"), facts, *lines, b"END:VEVENT\r\n"))


def _when(name: str, at: datetime, meeting: Meeting) -> str:
    """Return DTSTART or DTEND: of whole days a date (§3.3.4), which is the same day wherever it is read."""
    if meeting.whole_day:
        return f"{name};VALUE=DATE:{local(at)[:8]}"
    return _moment(name, at, meeting.time_zone)


def _moment(name: str, at: datetime, zone_name: str) -> str:
    """Return DTSTART or DTEND in local time with its zone (§3.3.5, form 3).

    A time that comes twice means the first of the two there, but ical.js takes the second: it is written in UTC.
    """
    if is_utc(zone_name):
        return f"{name}:{local(at)}Z"
    if occurs_twice(at, zone_name):
        return f"{name}:{utc(instant(at, zone_name))}"
    return f"{name};TZID={zone_name}:{local(at)}"


def words(meeting: Meeting) -> list[bytes]:
    """Return SUMMARY, and LOCATION where a place is known: all that a cancelled event needs."""
    lines = [text_line("SUMMARY", meeting.summary)]
    return [*lines, text_line("LOCATION", meeting.location)] if meeting.location else lines


def details(meeting: Meeting) -> list[bytes]:
    """Return DESCRIPTION, URL and CONFERENCE (RFC 7986 §5.11), each only when set."""
    lines = []
    if meeting.description:
        lines.append(text_line("DESCRIPTION", meeting.description))
    if meeting.url:
        lines.append(fold(f"URL:{uri(meeting.url)}"))
    if meeting.conference:
        lines.append(fold(f"CONFERENCE;VALUE=URI;FEATURE=VIDEO:{uri(meeting.conference)}"))
    return lines


@lru_cache(maxsize=16)
def standing(status: str, *, whole_day: bool = False) -> bytes:
    """Return STATUS, and TRANSP: a cancelled event keeps nobody's time busy.

    Nor do whole days, as in §3.6.1 and in what calendars make themselves: nobody knows which hours they take.
    """
    transp = "TRANSPARENT" if status == CANCELLED or whole_day else "OPAQUE"
    return fold(f"STATUS:{text(status)}") + fold(f"TRANSP:{transp}")


def person(name: str, address: Address) -> bytes:
    """Return an ORGANIZER or ATTENDEE line; `name` carries its parameters, CN is added when known."""
    cn = parameter(address.name)
    return fold(f"{name};CN={cn}:{mailto(address.email)}" if cn else f"{name}:{mailto(address.email)}")
