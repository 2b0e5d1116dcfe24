"""Answers from calendars: REPLY and COUNTER (RFC 5546 §3.2.3, §3.2.7), read from raw calendar bytes.

The sender is a stranger and the file may be hostile. We ask for little (a UID, one ATTENDEE, an
answer), look at nothing but the lines that carry it, and expand no rule and build no time zone:
dateutil took 7.5 seconds over one RRULE. icalendar reads the single lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import unquote

from icalendar.parser import Contentline
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from service.ical.values import Address, Method, PartStat
from service.kernel.clock import zone
from service.kernel.errors import Invalid, UnknownZone
from service.kernel.text import clean_block, clean_line

LIMIT_BYTES = 256 * 1024

SENTENCES = {
    "too-large": "The calendar file is larger than we read.",
    "not-a-calendar": "This is no calendar file.",
    "two-calendars": "The file holds more than one calendar.",
    "no-method": "The calendar file does not say what it wants: METHOD is missing.",
    "unknown-method": "The calendar file is no answer: its METHOD is neither REPLY nor COUNTER.",
    "not-an-event": "The answer is not about an event.",
    "malformed": "A line of the calendar file cannot be read.",
    "no-uid": "The answer does not say which event it is about.",
    "two-uids": "The answer names more than one event.",
    "two-events": "The file gives more than one answer.",
    "no-attendee": "The answer does not say whose it is.",
    "two-attendees": "The answer names more than one person.",
    "bad-recurrence-id": "The answer is about one date of a series, and the date cannot be read.",
}

_WANTED = {"UID", "ATTENDEE", "SEQUENCE", "DTSTAMP", "RECURRENCE-ID", "COMMENT", "DTSTART", "DTEND"}
_NAME = re.compile(r"[A-Za-z0-9-]+")
_FOLD = re.compile(rb"\r?\n[ \t]")
_LINE_END = re.compile(r"\r\n|\n|\r")
_DATE_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(Z?)", re.ASCII | re.IGNORECASE)
_SEQUENCE = re.compile(r"\d{1,10}", re.ASCII)
_MAX_SEQUENCE = 2**31 - 1
_ADDRESS = re.compile(r"[^\s@:<>]{1,256}@[^\s@:<>]{1,256}")
_ANSWERS = {str(partstat): partstat for partstat in PartStat}


class Unreadable(Invalid):
    """The bytes hold no single answer; `code` is a key of SENTENCES and says why."""

    def __init__(self, code: str) -> None:
        super().__init__(SENTENCES[code])
        self.code = code


@dataclass(frozen=True, slots=True)
class CalendarReply:
    """What one attendee's calendar answered. Nothing here is proven or clamped; rules do that.

    `attendee_email` is as written, without `mailto:`. Times are instants in UTC. `delegate` is whom an
    answer DELEGATED names (§3.2.2.3); `proposed` is the start and the end a COUNTER asks for.
    """

    method: Method
    uid: str
    attendee_email: str
    partstat: PartStat
    sequence: int | None
    dtstamp: datetime | None
    recurrence_id: datetime | None
    comment: str
    attendee_name: str = ""
    delegate: Address | None = None
    proposed: tuple[datetime, datetime | None] | None = None


@dataclass(frozen=True, slots=True)
class _Property:
    name: str
    params: dict[str, str]
    value: str


@dataclass(slots=True)
class _Found:
    """What the walk over the lines gathers; `others` counts components that are no events."""

    calendars: int = 0
    methods: list[str] = field(default_factory=list)
    others: int = 0
    events: list[list[_Property]] = field(default_factory=list)


def read_reply(data: bytes) -> CalendarReply:
    """Return the one answer in a calendar file.

    ORGANIZER, DTSTAMP, SEQUENCE and VTIMEZONE may be missing. A bad DTSTAMP or SEQUENCE is None.

    Raises:
        Unreadable: and nothing else, whatever the bytes.
    """
    if len(data) > LIMIT_BYTES:
        raise Unreadable("too-large")
    found = _walk(_content_lines(data))
    method = _method(found)
    properties = _one_event(found)
    attendee = _attendee(properties)
    return CalendarReply(
        method=method,
        uid=_uid(properties),
        attendee_email=_email(attendee),
        partstat=_answer_of(attendee),
        sequence=_sequence(_first(properties, "SEQUENCE")),
        dtstamp=_utc(_first(properties, "DTSTAMP")),
        recurrence_id=_recurrence_id(_first(properties, "RECURRENCE-ID")),
        comment=_comment(properties, attendee),
        attendee_name=clean_line(attendee.params.get("CN", "")),
        delegate=_delegate(properties, attendee),
        proposed=_proposed(properties) if method is Method.COUNTER else None,
    )


def _content_lines(data: bytes) -> list[str]:
    """Return the unfolded lines; unfolding comes first, for a fold may split a UTF-8 sequence."""
    return _LINE_END.split(_FOLD.sub(b"", data).decode("utf-8-sig", "replace"))


def _walk(lines: list[str]) -> _Found:
    """Gather the wanted lines by the component they stand in. An alarm's ATTENDEE is nobody's answer."""
    found, path = _Found(), list[str]()
    for line in lines:
        name = _name(line)
        if name == "BEGIN":
            path.append(_after_colon(line))
            _open(found, path)
        elif name == "END":
            del path[-1:]
        elif path == ["VCALENDAR"] and name == "METHOD":
            found.methods.append(_after_colon(line))
        elif path == ["VCALENDAR", "VEVENT"] and name in _WANTED:
            found.events[-1].append(_property(line))
    return found


def _name(line: str) -> str:
    match = _NAME.match(line)
    return match[0].upper() if match else ""


def _after_colon(line: str) -> str:
    return line.partition(":")[2].strip().upper()


def _open(found: _Found, path: list[str]) -> None:
    if path == ["VCALENDAR"]:
        found.calendars += 1
    elif path == ["VCALENDAR", "VEVENT"]:
        found.events.append([])
    elif len(path) == 2 and path[0] == "VCALENDAR" and path[1] != "VTIMEZONE":
        found.others += 1


def _property(line: str) -> _Property:
    try:
        name, params, value = Contentline(line).parts()  # type: ignore[no-untyped-call]
    except Exception:
        # icalendar raises what it likes on a bad line; the line itself names a person and goes no further.
        raise Unreadable("malformed") from None
    return _Property(name.upper(), {key.upper(): _single(given) for key, given in params.items()}, value)


def _single(given: object) -> str:
    return ",".join(map(str, given)) if isinstance(given, list) else str(given)


def _method(found: _Found) -> Method:
    if found.calendars != 1:
        raise Unreadable("two-calendars" if found.calendars else "not-a-calendar")
    if not found.methods:
        raise Unreadable("no-method")
    if found.methods not in ([Method.REPLY], [Method.COUNTER]):
        raise Unreadable("unknown-method")
    return Method(found.methods[0])


def _one_event(found: _Found) -> list[_Property]:
    if not found.events:
        raise Unreadable("not-an-event" if found.others else "not-a-calendar")
    uids = {p.value for properties in found.events for p in properties if p.name == "UID"}
    if len(uids) > 1:
        raise Unreadable("two-uids")
    if len(found.events) > 1:
        raise Unreadable("two-events")
    return found.events[0]


def _first(properties: list[_Property], name: str) -> _Property | None:
    return next((p for p in properties if p.name == name), None)


def _uid(properties: list[_Property]) -> str:
    given = _first(properties, "UID")
    uid = clean_line(given.value) if given else ""
    if not uid:
        raise Unreadable("no-uid")
    return uid


def _attendee(properties: list[_Property]) -> _Property:
    """Return whose answer it is. One who delegates may stand beside the delegate (RFC 5546 §3.2.2.3)."""
    attendees = [p for p in properties if p.name == "ATTENDEE"]
    if not attendees:
        raise Unreadable("no-attendee")
    delegating = [p for p in attendees if _answer_of(p) is PartStat.DELEGATED]
    answering = delegating if len(attendees) == 2 else attendees
    if len(answering) != 1:
        raise Unreadable("two-attendees")
    return answering[0]


def _answer_of(attendee: _Property) -> PartStat:
    """Return PARTSTAT; an unknown one is NEEDS-ACTION (RFC 5545 §3.2.12)."""
    return _ANSWERS.get(attendee.params.get("PARTSTAT", "").strip().upper(), PartStat.NEEDS_ACTION)


def _delegate(properties: list[_Property], attendee: _Property) -> Address | None:
    """Return whom the attendee names in their place: DELEGATED-TO, with the name of the other ATTENDEE."""
    if _answer_of(attendee) is not PartStat.DELEGATED:
        return None
    named = attendee.params.get("DELEGATED-TO", "").strip(' "')
    address = clean_line(unquote(named[7:] if named.lower().startswith("mailto:") else named))
    if not _ADDRESS.fullmatch(address):
        return None
    others = [p for p in properties if p.name == "ATTENDEE" and p is not attendee]
    return Address(address, clean_line(others[0].params.get("CN", "")) if others else "")


def _proposed(properties: list[_Property]) -> tuple[datetime, datetime | None] | None:
    """Return the start and the end a COUNTER proposes; a time that cannot be read is no proposal."""
    starts, ends = (_instant(_first(properties, name)) for name in ("DTSTART", "DTEND"))
    return (starts, ends if ends and ends > starts else None) if starts else None


def _email(attendee: _Property) -> str:
    """Return the address, from the value or, for Apple's `urn:` and path values, from EMAIL (RFC 7986 §6.2)."""
    scheme, _, rest = attendee.value.strip().partition(":")
    written = unquote(rest) if scheme.lower() == "mailto" else attendee.value
    for candidate in (written, attendee.params.get("EMAIL", "")):
        if _ADDRESS.fullmatch(address := clean_line(candidate)):
            return address
    raise Unreadable("no-attendee")


def _sequence(given: _Property | None) -> int | None:
    if given is None or not _SEQUENCE.fullmatch(given.value.strip()):
        return None
    sequence = int(given.value)
    return sequence if sequence <= _MAX_SEQUENCE else None


def _utc(given: _Property | None) -> datetime | None:
    """Return an instant that ends in Z; anything else is no DTSTAMP (RFC 5545 §3.8.7.2)."""
    match = _DATE_TIME.fullmatch(given.value.strip()) if given else None
    return _moment(match, "UTC") if match and match[7] else None


def _recurrence_id(given: _Property | None) -> datetime | None:
    """Return which date of a series is meant, as an instant. Unread, it would pass for the whole series."""
    if given is None:
        return None
    at = _instant(given)
    if at is None:
        raise Unreadable("bad-recurrence-id")
    return at


def _instant(given: _Property | None) -> datetime | None:
    """Return a date and time in UTC or in a zone we know as an instant; whole days and floating times are none."""
    match = _DATE_TIME.fullmatch(given.value.strip()) if given else None
    if given is None or match is None:
        return None
    tzid = "UTC" if match[7] else _zone_name(given.params.get("TZID", ""))
    return _moment(match, tzid) if tzid else None


def _moment(match: re.Match[str], zone_name: str) -> datetime | None:
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=zone(zone_name)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone_name(tzid: str) -> str:
    """Return the IANA name behind a TZID: plain, Windows's own, or `/vendor/…/Europe/London`; else nothing."""
    parts = tzid.strip("/").split("/", 8)
    tails = ["/".join(parts[start:]) for start in range(len(parts))]
    for name in (WINDOWS_TO_OLSON.get(tzid, ""), *tails):
        try:
            return zone(name).key
        except UnknownZone:
            continue
    return ""


def _comment(properties: list[_Property], attendee: _Property) -> str:
    """Return what the attendee wrote; Google puts it into a parameter of ATTENDEE."""
    written = [p.value for p in properties if p.name == "COMMENT"]
    return clean_block("\n".join(written) or attendee.params.get("X-RESPONSE-COMMENT", ""))
