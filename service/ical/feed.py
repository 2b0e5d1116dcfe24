"""Files of open events, to download or to subscribe to: RFC 5546 PUBLISH with the names of RFC 7986.

No ATTENDEE ever stands in one. Equal input gives equal bytes, so that an ETag holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from service.ical.components import calendar, details, event, person, standing, words, zones
from service.ical.lines import fold, text_line, uri, utc
from service.ical.timezones import vtimezone
from service.ical.values import Meeting, Method

# How often a subscriber should look again. An event moved this morning is seen before noon.
REFRESH = "PT1H"


def publish(
    meetings: Iterable[Meeting],
    *,
    name: str,
    source: str | None = None,
    page: str | None = None,
    method: Method = Method.PUBLISH,
) -> bytes:
    """Return a calendar of many events, in the order given, each zone described once.

    `source` is the address the file can be fetched from again, `page` the one it can be read at. The stamp of each
    event is taken for its last change.

    Raises:
        UnknownZone: the tz database has no zone of a meeting.
    """
    listed = list(meetings)
    latest = max((meeting.dtstamp for meeting in listed), default=None)
    organizers = {one: person("ORGANIZER", one) for one in {meeting.organizer for meeting in listed}}
    entries = (_entry(meeting, organizers[meeting.organizer]) for meeting in listed)
    return calendar(method, _heading(name, source, page), _changed(latest), *_zones(listed), *entries)


def _zones(meetings: Sequence[Meeting]) -> list[bytes]:
    # A calendar must hold a component (RFC 5545 §3.6): a feed without events carries the zone UTC.
    return zones(meetings) if meetings else [vtimezone("UTC", 1970, 1970)]


def _heading(name: str, source: str | None, page: str | None) -> bytes:
    """Return the calendar's name and refresh time, in the words of RFC 7986 and in those clients read."""
    lines = [text_line("NAME", name), text_line("X-WR-CALNAME", name)]
    lines += [fold(f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}"), fold(f"X-PUBLISHED-TTL:{REFRESH}")]
    if source:
        lines.append(fold(f"SOURCE;VALUE=URI:{uri(source)}"))
    if page:
        lines.append(fold(f"URL:{uri(page)}"))
    return b"".join(lines)


def _changed(at: datetime | None) -> bytes:
    """Return when an event, or the latest of many, last changed (RFC 5545 §3.8.7.3, RFC 7986 §5.4)."""
    return f"LAST-MODIFIED:{utc(at)}\r\n".encode() if at else b""


def _entry(meeting: Meeting, organizer: bytes) -> bytes:
    return event(
        meeting,
        _changed(meeting.dtstamp),
        *words(meeting),
        *details(meeting),
        standing(meeting.status, whole_day=meeting.whole_day),
        organizer,
    )
