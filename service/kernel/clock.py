"""Time. An instant is an aware datetime in UTC; the future is a local time and a zone.

Rules take `now` as an argument; only surfaces and duties call `utc_now`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from service.kernel.errors import AmbiguousZone, Invalid, NoSuchTime, UnknownZone


def utc_now() -> datetime:
    """Return the present instant, to the microsecond."""
    return datetime.now(UTC)


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    """Return the IANA zone called `name`.

    Raises:
        UnknownZone: the tz database has no such zone.
    """
    if name not in _zone_names():
        raise UnknownZone(name)
    return ZoneInfo(name)


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones()) - {"localtime", "posixrules", "Factory"}


def zone_names() -> list[str]:
    """Return the zones people choose from, in order: those named after a place, and UTC."""
    return sorted(name for name in _zone_names() if name == "UTC" or name.startswith(_PLACES))


_PLACES = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")


def instant(local: datetime, zone_name: str) -> datetime:
    """Return the UTC instant of a wall-clock time in a zone.

    A time that occurs twice (clocks go back) means the first of the two.

    Raises:
        UnknownZone: no such zone.
        NoSuchTime: the clocks skip this time on that day.
    """
    if local.tzinfo is not None:
        raise AmbiguousZone(local.isoformat())
    aware = local.replace(tzinfo=zone(zone_name), fold=0)
    at = aware.astimezone(UTC)
    if at.astimezone(aware.tzinfo).replace(tzinfo=None) != local:
        raise NoSuchTime(local, zone_name)
    return at


def start_of_day(day: date, zone_name: str) -> datetime:
    """Return the UTC instant at which a day begins in a zone: at midnight or, where the clocks skip it, as they do.

    Raises:
        UnknownZone: no such zone.
        NoSuchTime: the zone leaves the whole day out, as those that cross the date line do.
    """
    local = datetime.combine(day, time())
    try:
        return instant(local, zone_name)
    except NoSuchTime:
        at = local.replace(tzinfo=zone(zone_name)).astimezone(UTC)  # by the offset before: the moment they change
        if local_time(at, zone_name).date() != day:
            raise
        return at


def occurs_twice(local: datetime, zone_name: str) -> bool:
    """Tell whether the clocks go back over this local time, so that it comes twice."""
    tz = zone(zone_name)
    first, second = local.replace(tzinfo=tz, fold=0), local.replace(tzinfo=tz, fold=1)
    return first.utcoffset() != second.utcoffset() and instant(local, zone_name) != second.astimezone(UTC)


def local_time(at: datetime, zone_name: str) -> datetime:
    """Return the wall-clock time of an instant in a zone, aware."""
    return at.astimezone(zone(zone_name))


def floor_second(at: datetime) -> datetime:
    """Drop the fraction of a second: calendars carry whole seconds."""
    return at - timedelta(microseconds=at.microsecond)


class NotADay(Invalid):
    """A day that cannot be read, or none."""

    code = "not-a-day"


def parse_day(raw: date | str | None, field: str) -> date:
    """Return a day of ISO 8601.

    Raises:
        NotADay: it is none.
    """
    try:
        return raw if isinstance(raw, date) else date.fromisoformat(str(raw or "").strip())
    except ValueError:
        raise NotADay("Give the day as year, month, day: 2027-03-31.", field=field) from None
