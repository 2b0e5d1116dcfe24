"""Dates made by a rule: daily, weekly or monthly, so many of them or until a day. Pure.

The rule counts on the wall clock of the venue. As in RFC 5545 §3.3.10 a date that does not exist is
skipped and not counted; which and why is said.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from service.events.times import begins_at, iso_minute, midnight, parse_local, parse_whole_day
from service.events.values import EventDraft
from service.kernel.clock import occurs_twice
from service.kernel.errors import Invalid, NoSuchTime

MOST = 104  # dates by count: two years of weeks
LONGEST_YEARS = 5
AT_ONCE = 400  # dates until a day: five years of weeks, a year of days


class BadRule(Invalid):
    """A rule that makes no dates, or too many."""

    code = "bad-repeat-rule"


class Frequency(StrEnum):
    """How often."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Repeat:
    """A rule: every so many days, weeks or months, `count` times or until a day; one of the two."""

    frequency: str
    every: int = 1
    count: int | None = None
    until: date | None = None


class Gap(StrEnum):
    """Why a date of the rule is left out."""

    NO_SUCH_DAY = "no-such-day"
    NO_SUCH_TIME = "no-such-time"


@dataclass(frozen=True, slots=True)
class Dates:
    """What a rule makes: local starts; what it skips, as (day, local time, why); which starts come twice that day."""

    starts: tuple[str, ...]
    skipped: tuple[tuple[str, str, Gap], ...]
    twice: tuple[str, ...]


def plan_dates(starts_at: str, time_zone: str, repeat: Repeat, *, whole_day: bool = False) -> Dates:
    """Return the starts of a rule, the first of them at `starts_at`, all in one zone; of whole days, the days.

    Raises:
        BadRule, BadEvent, UnknownZone. NoSuchTime: the first date does not exist.
    """
    first = midnight(parse_whole_day(starts_at, "starts_at")) if whole_day else parse_local(starts_at, "starts_at")
    begins_at(first, time_zone, whole_day=whole_day)
    _check(repeat, first.date())
    starts: list[str] = []
    skipped: list[tuple[str, str, Gap]] = []
    for year, month, day in _days(first.date(), repeat):
        if _is_over(repeat, (year, month, day), len(starts)):
            break
        if gap := _gap(year, month, day, first, time_zone, whole_day=whole_day):
            skipped.append((f"{year:04}-{month:02}-{day:02}", "" if whole_day else f"{first:%H:%M}", gap))
            continue
        start = iso_minute(datetime.combine(date(year, month, day), first.time()))
        starts.append(start[:10] if whole_day else start)
        if len(starts) > AT_ONCE:
            raise BadRule(f"This makes more than {AT_ONCE} dates. Choose an earlier last day.", field="until")
    twice = () if whole_day else tuple(one for one in starts if occurs_twice(datetime.fromisoformat(one), time_zone))
    return Dates(tuple(starts), tuple(skipped), twice)


def drafts_of(draft: EventDraft, dates: Dates) -> list[EventDraft]:
    """Return a draft for each date: the given one at another start, as long as it is."""
    if not draft.whole_day:
        return [replace(draft, starts_at=one, ends_at=None) for one in dates.starts]
    days = _days_between(draft.starts_at, draft.ends_at or draft.starts_at)
    lasts = [(date.fromisoformat(one) + days).isoformat() for one in dates.starts]
    return [replace(draft, starts_at=one, ends_at=last) for one, last in zip(dates.starts, lasts, strict=True)]


def _days_between(first: str, last: str) -> timedelta:
    return parse_whole_day(last, "ends_at") - parse_whole_day(first, "starts_at")


def _check(repeat: Repeat, first: date) -> None:
    if repeat.frequency not in list(Frequency):
        raise BadRule("Choose daily, weekly or monthly.", field="frequency")
    if not 1 <= repeat.every <= 52:
        raise BadRule("Choose a step from 1 to 52.", field="every")
    if (repeat.count is None) == (repeat.until is None):
        raise BadRule("Say how many dates, or until which day: one of the two.", field="count")
    if repeat.count is not None and not 1 <= repeat.count <= MOST:
        raise BadRule(f"Choose from 1 to {MOST} dates.", field="count")
    if repeat.until is not None:
        _check_until(repeat.until, first)


def _check_until(until: date, first: date) -> None:
    if until < first:
        raise BadRule("The last day is before the first.", field="until")
    if until > _years_later(first):
        raise BadRule(f"The last day is at most {LONGEST_YEARS} years after the first.", field="until")


def _years_later(first: date) -> date:
    last_day = monthrange(first.year + LONGEST_YEARS, first.month)[1]
    return date(first.year + LONGEST_YEARS, first.month, min(first.day, last_day))


def _days(first: date, repeat: Repeat) -> Iterator[tuple[int, int, int]]:
    """Give the days of the rule without end, as (year, month, day); of a month, also a day it does not have."""
    step = 0
    while True:
        if repeat.frequency == Frequency.MONTHLY:
            months = first.month - 1 + step * repeat.every
            yield first.year + months // 12, months % 12 + 1, first.day
        else:
            length = 7 if repeat.frequency == Frequency.WEEKLY else 1
            day = first + timedelta(days=step * repeat.every * length)
            yield day.year, day.month, day.day
        step += 1


def _is_over(repeat: Repeat, day: tuple[int, int, int], made: int) -> bool:
    if repeat.count is not None:
        return made >= repeat.count
    last = repeat.until
    return last is not None and day > (last.year, last.month, last.day)


def _gap(year: int, month: int, day: int, first: datetime, time_zone: str, *, whole_day: bool) -> Gap | None:
    if day > monthrange(year, month)[1]:
        return Gap.NO_SUCH_DAY
    try:
        begins_at(datetime.combine(date(year, month, day), first.time()), time_zone, whole_day=whole_day)
    except NoSuchTime:
        return Gap.NO_SUCH_TIME
    return None
