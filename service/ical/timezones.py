"""VTIMEZONE (RFC 5545 §3.6.5): the changes of offset around some years, and no others.

An *observance* is one STANDARD or DAYLIGHT: an onset in local time and the offsets before and
after. Where the changes of a zone follow one yearly rule, two observances with RRULE say it;
else one observance stands for each change. Never RDATE: Outlook and ical.js misread it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from service.ical.lines import fold, local, parameter
from service.kernel.clock import zone

# A rule must hold this much longer than the events do, so that a file does not promise a chance pattern.
RULE_MUST_HOLD = 10
EARLIEST, LATEST = 1900, 9998
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LAST = -1


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a zone's offset; `onset` is what clocks show just before it."""

    onset: datetime
    offset_from: timedelta
    offset_to: timedelta
    name: str
    is_daylight: bool


@lru_cache(maxsize=512)
def is_utc(zone_name: str) -> bool:
    """Tell whether a zone is UTC itself, whose times are written with Z and need no VTIMEZONE.

    Raises:
        UnknownZone: the tz database has no such zone.
    """
    return zone(zone_name).tzname(None) == "UTC"


@lru_cache(maxsize=512)
def vtimezone(zone_name: str, first_year: int, last_year: int) -> bytes:
    """Return the VTIMEZONE that makes every local time of these years exact.

    The year before and the year after are covered too, so that the offset on 1 January is known.

    Raises:
        UnknownZone: the tz database has no such zone.
    """
    tz = zone(zone_name)
    start, horizon = max(first_year - 1, EARLIEST), min(last_year + RULE_MUST_HOLD, LATEST)
    ahead = changes(tz, start, horizon)
    body = _ruled(ahead, range(start, horizon + 1)) or _listed(tz, ahead, start, last_year + 1)
    return b"".join((b"BEGIN:VTIMEZONE\r\n", fold(f"TZID:{zone_name}"), *body, b"END:VTIMEZONE\r\n"))


def changes(tz: ZoneInfo, first_year: int, last_year: int) -> list[Change]:
    """Return every change of offset in these years, in order."""
    return [_change(tz, at) for at in _moments(tz, first_year, last_year)]


def _moments(tz: ZoneInfo, first_year: int, last_year: int) -> Iterator[datetime]:
    """Yield the instants of change: found by the day, then halved down to the second."""
    day, end = datetime(first_year, 1, 1, tzinfo=UTC), datetime(last_year + 1, 1, 1, tzinfo=UTC)
    before = _offset(tz, day)
    while day < end:
        following = day + timedelta(days=1)
        after = _offset(tz, following)
        if after != before:
            yield _halve(tz, day, following)
        day, before = following, after


def _halve(tz: ZoneInfo, low: datetime, high: datetime) -> datetime:
    before = _offset(tz, low)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        low, high = (middle, high) if _offset(tz, middle) == before else (low, middle)
    return high


def _offset(tz: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(tz).utcoffset() or timedelta()


def _change(tz: ZoneInfo, at: datetime) -> Change:
    before, after = (at - timedelta(seconds=1)).astimezone(tz), at.astimezone(tz)
    offset_from, offset_to = _offset(tz, before), _offset(tz, after)
    # Ireland's winter is the odd time by law; clients still want DAYLIGHT to be the later clock.
    is_daylight = offset_to > offset_from and bool(before.dst() or after.dst())
    onset = (at + offset_from).replace(tzinfo=None)
    return Change(onset, offset_from, offset_to, after.tzname() or "", is_daylight)


def _ruled(ahead: list[Change], years: range) -> list[bytes]:
    """Return two observances with RRULE, or nothing when no yearly rule says all these changes."""
    if not ahead or [change.onset.year for change in ahead] != [year for year in years for _ in range(2)]:
        return []
    halves = ahead[0::2], ahead[1::2]
    days = [_common_day(half) for half in halves]
    if not all(days):
        return []
    return [_observance(half[0], f"RRULE:FREQ=YEARLY;{day}") for half, day in zip(halves, days, strict=True)]


def _common_day(half: list[Change]) -> str:
    """Return `BYMONTH=…;BYDAY=…` when these changes, one a year, all fall on it; else nothing."""
    first = half[0]
    if len({_pattern(change) for change in half}) > 1:
        return ""
    common = set.intersection(*(_ordinals(change.onset) for change in half))
    if not common:
        return ""
    return f"BYMONTH={first.onset.month};BYDAY={min(common)}{WEEKDAYS[first.onset.weekday()]}"


def _pattern(change: Change) -> tuple[object, ...]:
    onset = change.onset
    return onset.month, onset.weekday(), onset.time(), change.offset_from, change.offset_to, change.is_daylight


def _ordinals(onset: datetime) -> set[int]:
    """Return which weekday of its month a day is: the n-th, and also LAST when none follows."""
    nth = (onset.day - 1) // 7 + 1
    return {nth, LAST} if (onset + timedelta(days=7)).month != onset.month else {nth}


def _listed(tz: ZoneInfo, ahead: list[Change], first_year: int, last_year: int) -> list[bytes]:
    """Return the offset at the start, then one observance for each change."""
    opening = datetime(first_year, 1, 1, tzinfo=tz)
    offset = opening.utcoffset() or timedelta()
    at_first = Change(opening.replace(tzinfo=None), offset, offset, opening.tzname() or "", False)
    return [_observance(at_first), *(_observance(change) for change in ahead if change.onset.year <= last_year)]


def _observance(change: Change, *rule: str) -> bytes:
    kind = "DAYLIGHT" if change.is_daylight else "STANDARD"
    lines = (
        f"BEGIN:{kind}",
        f"DTSTART:{local(change.onset)}",
        *rule,
        f"TZOFFSETFROM:{_utc_offset(change.offset_from)}",
        f"TZOFFSETTO:{_utc_offset(change.offset_to)}",
        f"TZNAME:{parameter(change.name)}",
        f"END:{kind}",
    )
    return b"".join(map(fold, lines))


def _utc_offset(offset: timedelta) -> str:
    """Return `+0100`, with seconds only where a zone of old has them (§3.3.14)."""
    seconds = int(offset.total_seconds())
    sign, size = ("-" if seconds < 0 else "+"), abs(seconds)
    tail = f"{size % 60:02}" if size % 60 else ""
    return f"{sign}{size // 3600:02}{size // 60 % 60:02}{tail}"
