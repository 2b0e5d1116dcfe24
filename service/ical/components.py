"""The pieces that an invitation and a feed share: the calendar around, the event, the addresses."""

from __future__ import annotations

from collections.abc import Iterable

from service.ical.lines import fold, local, mailto, parameter, text, text_line, uri, utc
from service.ical.timezones import is_utc, vtimezone
from service.ical.values import Address, Meeting, Method

PRODUCT = "-//Farsow//Farsow//EN"
CANCELLED = "CANCELLED"


def calendar(method: Method, *body: bytes) -> bytes:
    """Return a VCALENDAR (RFC 5545 §3.4) around its properties and components."""
    head = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\nCALSCALE:GREGORIAN\r\nMETHOD:{method}\r\n"
    return b"".join((head.encode(), *body, b"END:VCALENDAR\r\n"))


def zones(meetings: Iterable[Meeting]) -> list[bytes]:
    """Return one VTIMEZONE for each zone in use, covering the years of its meetings; UTC needs none."""
    years: dict[str, tuple[int, int]] = {}
    for meeting in meetings:
        first, last = years.get(meeting.time_zone, (9999, 0))
        years[meeting.time_zone] = min(first, meeting.starts_local.year), max(last, meeting.ends_local.year)
    return [vtimezone(name, *years[name]) for name in sorted(years) if not is_utc(name)]


def event(meeting: Meeting, *lines: bytes) -> bytes:
    """Return a VEVENT (§3.6.1): what names it and when it is, then the lines given."""
    zone = "" if is_utc(meeting.time_zone) else f";TZID={meeting.time_zone}"
    z = "" if zone else "Z"
    facts = (
        f"UID:{text(meeting.uid)}",
        f"DTSTAMP:{utc(meeting.dtstamp)}",
        f"SEQUENCE:{meeting.sequence}",
        f"DTSTART{zone}:{local(meeting.starts_local)}{z}",
        f"DTEND{zone}:{local(meeting.ends_local)}{z}",
    )
    return b"".join((b"BEGIN:VEVENT\r\n", *map(fold, facts), *lines, b"END:VEVENT\r\n"))


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


def standing(status: str) -> bytes:
    """Return STATUS, and TRANSP so that a cancelled event keeps nobody's time busy."""
    transp = "TRANSPARENT" if status == CANCELLED else "OPAQUE"
    return fold(f"STATUS:{text(status)}") + fold(f"TRANSP:{transp}")


def person(name: str, address: Address) -> bytes:
    """Return an ORGANIZER or ATTENDEE line; `name` carries its parameters, CN is added when known."""
    cn = parameter(address.name)
    return fold(f"{name};CN={cn}:{mailto(address.email)}" if cn else f"{name}:{mailto(address.email)}")
