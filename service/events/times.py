"""When an event is: hours or whole days as someone writes them, to the columns that are kept. Pure.

An event with hours has local times and a zone; the instants are derived. One of *whole days* has days alone, the
first and the last. It is kept as the midnights around them, `ends_local` that after the last day (RFC 5545 §3.6.1:
the end is exclusive), and lasts from the beginning of the first day in its zone until the last day is over there.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from service.kernel.clock import instant, parse_day, start_of_day, zone
from service.kernel.errors import Invalid

LONGEST = timedelta(days=31)
LONGEST_DAYS = 365


class BadEvent(Invalid):
    """A field of an event that cannot be used."""

    code = "bad-event"


class EndBeforeStart(Invalid):
    """The event would end before it starts."""

    code = "end-before-start"

    def __init__(self) -> None:
        super().__init__("The event ends before it starts.", field="ends_at")


class HoursInWholeDay(Invalid):
    """A whole day is wished for, and a time of the day as well."""

    code = "hours-in-whole-day"

    def __init__(self, field: str) -> None:
        super().__init__("A whole day has no hours: give the days alone, such as 2027-03-04.", field=field)


def parse_local(raw: str, field: str) -> datetime:
    """Return a local time written as 2027-03-04T18:00, naive, to the minute."""
    try:
        local = datetime.fromisoformat(raw.strip())
    except ValueError:
        raise BadEvent(f"“{raw[:40]}” is not a date and time such as 2027-03-04T18:00.", field=field) from None
    if local.tzinfo is not None:
        raise BadEvent("Give the local time without an offset, and the zone beside it.", field=field)
    check_year(local, field)
    return local.replace(second=0, microsecond=0)


def parse_whole_day(raw: str, field: str) -> date:
    """Return a day written as 2027-03-04.

    Raises:
        HoursInWholeDay, NotADay, BadEvent.
    """
    if "T" in raw or ":" in raw:
        raise HoursInWholeDay(field)
    day = parse_day(raw, field)
    check_year(day, field)
    return day


def check_year(day: date, field: str) -> None:
    """Refuse a day of a year that nobody means.

    Raises:
        BadEvent: it is.
    """
    if not 1970 <= day.year <= 2200:
        raise BadEvent(f"The year {day.year} is out of range.", field=field)


def iso_minute(local: datetime) -> str:
    """Return a local time as it is kept: 2027-03-04T18:00."""
    return local.strftime("%Y-%m-%dT%H:%M")


def midnight(day: date) -> datetime:
    """Return the midnight at which a day begins on the wall, whether or not the clocks ever show it."""
    return datetime.combine(day, time())


def begins_at(local: datetime, time_zone: str, *, whole_day: bool) -> datetime:
    """Return the instant of a local time as it is kept: of a whole day, that at which the day begins."""
    return start_of_day(local.date(), time_zone) if whole_day else instant(local, time_zone)


def schedule(
    starts: str, time_zone: str, *, ends: str | None = None, duration_minutes: int | None = None
) -> dict[str, Any]:
    """Return `starts_local`, `ends_local`, `time_zone`, `starts_at`, `ends_at` of a draft with hours.

    A duration counts real minutes, so it stays true over a change of clocks.

    Raises:
        UnknownZone, NoSuchTime, BadEvent, EndBeforeStart.
    """
    start_local = parse_local(starts, "starts_at")
    starts_at = instant(start_local, time_zone)
    if ends:
        end_local = parse_local(ends, "ends_at")
        ends_at = instant(end_local, time_zone)
    else:
        ends_at = starts_at + timedelta(minutes=_duration(duration_minutes))
        end_local = ends_at.astimezone(zone(time_zone)).replace(tzinfo=None)
    if ends_at <= starts_at:
        raise EndBeforeStart()
    if ends_at - starts_at > LONGEST:
        raise BadEvent("An event may last 31 days at most.", field="ends_at")
    return _columns((start_local, end_local), time_zone, (starts_at, ends_at), whole_day=False)


def _duration(minutes: int | None) -> int:
    if minutes is None:
        return 120
    if minutes <= 0:
        raise EndBeforeStart()
    return minutes


def schedule_days(first: str, time_zone: str, *, last: str | None = None) -> dict[str, Any]:
    """Return the same columns of whole days, from the first to the last of them; one day where no last is given.

    Raises:
        UnknownZone, NotADay, HoursInWholeDay, BadEvent, EndBeforeStart. NoSuchTime: the zone leaves such a day out.
    """
    first_day = parse_whole_day(first, "starts_at")
    last_day = parse_whole_day(last, "ends_at") if last else first_day
    if last_day < first_day:
        raise EndBeforeStart()
    if (last_day - first_day).days >= LONGEST_DAYS:
        raise BadEvent(f"An event may last {LONGEST_DAYS} days at most.", field="ends_at")
    days = first_day, last_day + timedelta(days=1)
    instants = [start_of_day(day, time_zone) for day in days]
    return _columns((midnight(days[0]), midnight(days[1])), time_zone, (instants[0], instants[1]), whole_day=True)


def _columns(
    local: tuple[datetime, datetime], time_zone: str, instants: tuple[datetime, datetime], *, whole_day: bool
) -> dict[str, Any]:
    return {
        "whole_day": whole_day,
        "starts_local": iso_minute(local[0]),
        "ends_local": iso_minute(local[1]),
        "time_zone": time_zone,
        "starts_at": instants[0],
        "ends_at": instants[1],
    }
