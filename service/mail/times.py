"""When, in words: the reader's own clock first, the venue's beside it.

Pure. Patterns and names of cities come from CLDR by way of Babel, kept once made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, get_timezone_location

from service.kernel.clock import zone
from service.kernel.errors import UnknownZone

_LONG = {"en": "EEEE d MMMM y", "fr": "EEEE d MMMM y", "es": "EEEE d 'de' MMMM 'de' y", "ar": "EEEE، d MMMM y"}
_DATED = {"en": "d MMMM y", "fr": "d MMMM y", "es": "d 'de' MMMM 'de' y", "ar": "d MMMM y"}
_SHORT = {"en": "d MMMM", "fr": "d MMMM", "es": "d 'de' MMMM", "ar": "d MMMM"}


@dataclass(frozen=True, slots=True)
class Phrases:
    """How a language says these: `in_zone` has {city}, `span` has {start} and {end}, `whole_day` has {day}."""

    language: str
    in_zone: str
    span: str
    same_day: str
    when: str
    whole_day: str


@dataclass(frozen=True, slots=True)
class Span:
    """From one instant to another, or whole days: these are the same days wherever the reader is."""

    starts_at: datetime
    ends_at: datetime
    days: tuple[date, date] | None = None  # the first and the last of whole days


@dataclass(frozen=True, slots=True)
class Row:
    """A label and what stands beside it; `leads` marks the one that matters most."""

    label: str
    value: str
    leads: bool = False


def clocks(span: Span, venue_zone: str, reader_zone: str | None, phrases: Phrases) -> tuple[Row, ...]:
    """Return when it is: one row for the reader, one for the venue unless both clocks agree; one for whole days."""
    if span.days:
        return (Row(phrases.when, whole_days(*span.days, phrases), leads=True),)
    here = _zone_or(reader_zone, venue_zone)
    mine, theirs = _local(span, here), _local(span, venue_zone)
    label = phrases.in_zone.format(city=city(here, phrases.language))
    rows = (Row(label, _full(mine, phrases), leads=True),)
    if _wall(mine) == _wall(theirs):
        return rows
    there = phrases.in_zone.format(city=city(venue_zone, phrases.language))
    return (*rows, Row(there, _beside(theirs, mine, phrases)))


def line(span: Span, venue_zone: str, reader_zone: str | None, phrases: Phrases) -> str:
    """Return the reader's time with the name of the city: what a change is told in. Whole days have no city."""
    if span.days:
        return whole_days(*span.days, phrases)
    row = clocks(span, venue_zone, reader_zone, phrases)[0]
    return f"{row.value} ({city(_zone_or(reader_zone, venue_zone), phrases.language)})"


def reader_day(span: Span, venue_zone: str, reader_zone: str | None) -> date:
    """Return the day of the start on the reader's clock; of whole days, the first."""
    if span.days:
        return span.days[0]
    return span.starts_at.astimezone(zone(_zone_or(reader_zone, venue_zone)))


@lru_cache(maxsize=4096)
def _day_names(year: int, month: int, day: int, language: str, pattern: str) -> str:
    name = str(format_date(date(year, month, day), pattern, locale=_locale(language)))
    # French says "1er janvier", and CLDR has no pattern for it.
    return re.sub(r"\b1\b", "1er", name, count=1) if language[:2] == "fr" and day == 1 else name


def whole_days(first: date, last: date, phrases: Phrases) -> str:
    """Return "Wednesday 3 March 2027, the whole day" or, of several, "3–5 March 2027"."""
    if first == last:
        return phrases.whole_day.format(day=long_day(first, phrases.language))
    return days_between(first, last, phrases.language, phrases.span)


def days_between(first: date, last: date, language: str, span: str) -> str:
    """Return "3–5 March 2027", "30 March – 2 April 2027": the month and the year once where both ends share them.

    `span` has {start} and {end}. With words at both ends a dash stands free.
    """
    short = _SHORT.get(language[:2], _SHORT["en"])
    dated = _DATED.get(language[:2], _DATED["en"])
    start = dated if first.year != last.year else short if first.month != last.month else "d"
    words = (_named(first, language, start), _named(last, language, dated))
    spaced = span.replace("–", " – ") if " " in words[0] else span
    return spaced.format(start=words[0], end=words[1])


def _named(day: date, language: str, pattern: str) -> str:
    return _day_names(day.year, day.month, day.day, language, pattern)


def long_day(at: date, language: str) -> str:
    """Return "Thursday 28 January 2027"."""
    return _day_names(at.year, at.month, at.day, language, _LONG.get(language[:2], _LONG["en"]))


def short_day(at: date, language: str) -> str:
    """Return "28 January"."""
    return _day_names(at.year, at.month, at.day, language, _SHORT.get(language[:2], _SHORT["en"]))


def weekday(at: date, language: str) -> str:
    """Return "Thursday"."""
    return _day_names(at.year, at.month, at.day, language, "EEEE")


@lru_cache(maxsize=2048)
def city(zone_name: str, language: str) -> str:
    """Return the city a zone is named after, in the reader's language."""
    if "/" not in zone_name or zone_name.startswith("Etc/"):
        return zone_name.rpartition("/")[2]
    return get_timezone_location(zone_name, locale=_locale(language), return_city=True).rpartition("/")[2]


@lru_cache(maxsize=256)
def _locale(language: str) -> Locale:
    """Return the nearest locale there is; plain English dates read the British way."""
    try:
        return Locale.parse("en_GB" if language == "en" else language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        base = language.replace("_", "-").partition("-")[0]
        return _locale(base) if base != language else Locale.parse("en_GB")


def _full(span: Span, phrases: Phrases) -> str:
    start, end = span.starts_at, span.ends_at
    if start.date() == end.date():
        return f"{long_day(start, phrases.language)}{_comma(phrases)} {_hours(span, phrases)}"
    days = [f"{long_day(at, phrases.language)}{_comma(phrases)} {at:%H:%M}" for at in (start, end)]
    return phrases.span.format(start=days[0], end=days[1])


def _beside(venue: Span, reader: Span, phrases: Phrases) -> str:
    """Return the venue's hours and whether that is the same day for the reader."""
    if venue.starts_at.date() == reader.starts_at.date() and venue.ends_at.date() == reader.ends_at.date():
        return f"{_hours(venue, phrases)}{_comma(phrases)} {phrases.same_day}"
    start = venue.starts_at
    day = f"{weekday(start, phrases.language)} {short_day(start, phrases.language)}"
    return f"{day}{_comma(phrases)} {_hours(venue, phrases)}"


def _hours(span: Span, phrases: Phrases) -> str:
    return phrases.span.format(start=f"{span.starts_at:%H:%M}", end=f"{span.ends_at:%H:%M}")


def _comma(phrases: Phrases) -> str:
    return "،" if phrases.language.startswith("ar") else ","


def _local(span: Span, zone_name: str) -> Span:
    tz = zone(zone_name)
    return Span(span.starts_at.astimezone(tz), span.ends_at.astimezone(tz))


def _wall(span: Span) -> tuple[datetime, datetime]:
    return span.starts_at.replace(tzinfo=None), span.ends_at.replace(tzinfo=None)


def _zone_or(wanted: str | None, otherwise: str) -> str:
    """Return the reader's zone, or the venue's where the reader's is not known."""
    if not wanted:
        return otherwise
    try:
        zone(wanted)
    except UnknownZone:
        return otherwise
    return wanted
