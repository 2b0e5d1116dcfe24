"""Answers from calendars: REPLY and COUNTER (RFC 5546 §3.2.3, §3.2.7), read from raw calendar bytes.

The sender is a stranger and the file may be hostile. We ask for little (a UID, one ATTENDEE, an
answer), look at nothing but the lines that carry it, and expand no rule and build no time zone:
dateutil took 7.5 seconds over one RRULE. `reading` takes the bytes apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import unquote

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from service.ical.reading import Found, Property, read_lines, walk
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
    "no-uid": "The answer does not say which event it is about.",
    "two-uids": "The answer names more than one event.",
    "two-events": "The file gives more than one answer.",
    "no-attendee": "The answer does not say whose it is.",
    "two-attendees": "The answer names more than one person.",
    "bad-recurrence-id": "The answer is about one date of a series, and the date cannot be read.",
}

_WANTED = frozenset({"UID", "ATTENDEE", "SEQUENCE", "DTSTAMP", "RECURRENCE-ID", "COMMENT", "DTSTART", "DTEND"})
_DATE_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(Z?)", re.ASCII | re.IGNORECASE)
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_OUTLOOK = "040000008200E00074C5B7101A82E008"
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){1,1000}")
_VCAL_UID = re.compile(rb"vCal-Uid\x01\x00\x00\x00([^\x00]{1,255})")
_SEQUENCE = re.compile(r"\d{1,10}", re.ASCII)
_MAX_SEQUENCE = 2**31 - 1
_ADDRESS = re.compile(r"[^\s@:<>\",;]{1,256}@[^\s@:<>\",;]{1,256}")
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
    answer DELEGATED names (§3.2.2.3); `proposed` is the start and the end a COUNTER asks for. A plain date is a
    whole day; as an end it is the last one.
    """

    method: Method
    uid: str
    attendee_email: str
    partstat: PartStat
    sequence: int | None
    dtstamp: datetime | None
    recurrence_id: date | None
    comment: str
    attendee_name: str = ""
    delegate: Address | None = None
    proposed: tuple[date, date | None] | None = None


def read_reply(data: bytes, *, method: str = "", sender: str = "") -> CalendarReply:
    """Return the one answer in a calendar file.

    ORGANIZER, DTSTAMP, SEQUENCE and VTIMEZONE may be missing. A bad DTSTAMP or SEQUENCE is None. The mail around
    may say what the file does not: its `method`, and its `sender` where ATTENDEE is no mail address, as from Exchange.

    Raises:
        Unreadable: and nothing else, whatever the bytes.
    """
    if len(data) > LIMIT_BYTES:
        raise Unreadable("too-large")
    found = walk(read_lines(data), _WANTED)
    wanted = _method(found, method)
    properties = _one_event(found)
    attendee = _attendee(properties)
    return CalendarReply(
        method=wanted,
        uid=_uid(properties),
        attendee_email=_email(attendee, sender),
        partstat=_answer_of(attendee),
        sequence=_sequence(_first(properties, "SEQUENCE")),
        dtstamp=_utc(_first(properties, "DTSTAMP")),
        recurrence_id=_recurrence_id(_first(properties, "RECURRENCE-ID")),
        comment=_comment(properties, attendee),
        attendee_name=clean_line(attendee.params.get("CN", "")),
        delegate=_delegate(properties, attendee),
        proposed=_proposed(properties) if wanted is Method.COUNTER else None,
    )


def _method(found: Found, stated: str) -> Method:
    if not found.calendars:
        raise Unreadable("not-a-calendar")
    methods = set(found.methods) or {stated.strip().upper()}
    if methods == {""}:
        raise Unreadable("no-method")
    if methods not in ({Method.REPLY}, {Method.COUNTER}):
        raise Unreadable("unknown-method")
    return Method(methods.pop())


def _one_event(found: Found) -> list[Property]:
    """Return the lines of the one event; the same event twice is one, whenever each was written."""
    if not found.events:
        raise Unreadable("not-an-event" if found.others else "not-a-calendar")
    uids = {p.value for properties in found.events for p in properties if p.name == "UID"}
    if len(uids) > 1:
        raise Unreadable("two-uids")
    first, *others = ([p for p in properties if p.name != "DTSTAMP"] for properties in found.events)
    if any(properties != first for properties in others):
        raise Unreadable("two-calendars" if found.calendars > 1 else "two-events")
    return found.events[0]


def _first(properties: list[Property], name: str) -> Property | None:
    return next((p for p in properties if p.name == name), None)


def _uid(properties: list[Property]) -> str:
    given = _first(properties, "UID")
    uid = _foreign(clean_line(given.value)) if given else ""
    if not uid:
        raise Unreadable("no-uid")
    return uid


def _foreign(uid: str) -> str:
    """Return the UID inside the identifier that Outlook keeps for a meeting of another maker (MS-OXOCAL §2.2.1.27)."""
    if not uid.upper().startswith(_OUTLOOK):
        return uid
    marked = _VCAL_UID.search(bytes.fromhex(uid) if _HEX.fullmatch(uid) else b"")
    return clean_line(marked[1].decode("utf-8", "replace")) if marked else uid


def _attendee(properties: list[Property]) -> Property:
    """Return whose answer it is. One who delegates may stand beside the delegate (RFC 5546 §3.2.2.3)."""
    attendees = [p for p in properties if p.name == "ATTENDEE"]
    if not attendees:
        raise Unreadable("no-attendee")
    delegating = [p for p in attendees if _answer_of(p) is PartStat.DELEGATED]
    answering = delegating if len(attendees) == 2 else attendees
    if len(answering) != 1:
        raise Unreadable("two-attendees")
    return answering[0]


def _answer_of(attendee: Property) -> PartStat:
    """Return PARTSTAT; an unknown one is NEEDS-ACTION (RFC 5545 §3.2.12)."""
    return _ANSWERS.get(attendee.params.get("PARTSTAT", "").strip().upper(), PartStat.NEEDS_ACTION)


def _delegate(properties: list[Property], attendee: Property) -> Address | None:
    """Return whom the attendee names in their place: DELEGATED-TO, with the name of the other ATTENDEE."""
    if _answer_of(attendee) is not PartStat.DELEGATED:
        return None
    named = attendee.params.get("DELEGATED-TO", "").strip(' "')
    address = clean_line(unquote(named[7:] if named.lower().startswith("mailto:") else named))
    if not _ADDRESS.fullmatch(address):
        return None
    others = [p for p in properties if p.name == "ATTENDEE" and p is not attendee]
    return Address(address, clean_line(others[0].params.get("CN", "")) if others else "")


def _proposed(properties: list[Property]) -> tuple[date, date | None] | None:
    """Return the start and the end a COUNTER proposes; a time that cannot be read is no proposal."""
    given = _first(properties, "DTSTART"), _first(properties, "DTEND")
    if first := _day(given[0]):
        after = _day(given[1])
        return first, after - timedelta(days=1) if after and after > first else first
    starts, ends = (_instant(one) for one in given)
    return (starts, ends if ends and ends > starts else None) if starts else None


def _email(attendee: Property, sender: str) -> str:
    """Return the one address in the value or, for Apple's `urn:` and path values, in EMAIL (RFC 7986 §6.2).

    Where there is none at all, as in Exchange's `invalid:nomail`, the answer is the sender's.
    """
    written = attendee.value.partition("?")[0] if attendee.value[:7].lower() == "mailto:" else attendee.value
    for candidate in (unquote(written), attendee.params.get("EMAIL", ""), sender):
        found = {address.strip("'/").casefold(): address.strip("'/") for address in _ADDRESS.findall(candidate)}
        if len(found) > 1:
            break
        if found:
            return clean_line(next(iter(found.values())))
    raise Unreadable("no-attendee")


def _sequence(given: Property | None) -> int | None:
    if given is None or not _SEQUENCE.fullmatch(given.value.strip()):
        return None
    sequence = int(given.value)
    return sequence if sequence <= _MAX_SEQUENCE else None


def _utc(given: Property | None) -> datetime | None:
    """Return an instant that ends in Z; anything else is no DTSTAMP (RFC 5545 §3.8.7.2)."""
    match = _DATE_TIME.fullmatch(given.value.strip()) if given else None
    return _moment(match, "UTC") if match and match[7] else None


def _recurrence_id(given: Property | None) -> date | None:
    """Return which date of a series is meant, an instant or a day. Unread, it would pass for the whole series."""
    if given is None:
        return None
    at = _day(given) or _instant(given)
    if at is None:
        raise Unreadable("bad-recurrence-id")
    return at


def _day(given: Property | None) -> date | None:
    """Return a whole day (RFC 5545 §3.3.4), with VALUE=DATE or, as some write it, without."""
    match = _DATE.fullmatch(given.value.strip()) if given else None
    try:
        return date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None


def _instant(given: Property | None) -> datetime | None:
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


def _comment(properties: list[Property], attendee: Property) -> str:
    """Return what the attendee wrote; Google puts it into a parameter of ATTENDEE."""
    written = [p.value for p in properties if p.name == "COMMENT"]
    return clean_block("\n".join(written) or attendee.params.get("X-RESPONSE-COMMENT", ""))
