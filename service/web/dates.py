"""Filters for templates: dates, times, numbers, in the language of the page.

Times of meetings are shown in a zone: `{{ event.starts_at|long_date(event.time_zone) }}`.
"""

from __future__ import annotations

from contextvars import ContextVar
from datetime import date, datetime
from typing import Protocol

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_location
from babel.numbers import format_decimal, format_percent

from service.kernel.clock import local_time
from service.mail.times import days_between
from service.web import words

LANGUAGE: ContextVar[str] = ContextVar("language", default=words.DEFAULT)


def _locale() -> Locale:
    return words.locale_of(LANGUAGE.get())


def in_zone(at: datetime, zone: str) -> datetime:
    """Return the wall-clock time of an instant in a zone."""
    return local_time(at, zone)


def _day(value: date | datetime, zone: str | None) -> date:
    if isinstance(value, datetime):
        return (in_zone(value, zone) if zone else value).date()
    return value


def _pattern(english: str, other: str) -> str:
    # CLDR puts a comma behind the English weekday; British letters do not.
    return english if _locale().language == "en" else other


def long_date(value: date | datetime, zone: str | None = None) -> str:
    """Return “Thursday 4 March 2027”."""
    return str(format_date(_day(value, zone), _pattern("EEEE d MMMM y", "full"), locale=_locale()))


def short_date(value: date | datetime, zone: str | None = None) -> str:
    """Return “Thu 4 Mar”."""
    return str(format_date(_day(value, zone), "EEE d MMM", locale=_locale()))


def day_month_year(value: date | datetime, zone: str | None = None) -> str:
    """Return “4 Mar 2027”."""
    return str(format_date(_day(value, zone), "medium", locale=_locale()))


def iso_day(value: date | datetime, zone: str | None = None) -> str:
    """Return “2027-03-04”, as a field for a day has it."""
    return _day(value, zone).isoformat()


def clock(at: datetime, zone: str | None = None) -> str:
    """Return “18:00”, by 24 hours in every language: letters say the same, and a range keeps its order in Arabic."""
    shown = in_zone(at, zone) if zone else at
    return str(format_time(shown.time(), "HH:mm", locale=_locale()))


def time_range(start: datetime, end: datetime, zone: str) -> str:
    """Return “18:00–20:00”, and the weekday of the end when that is another day."""
    if same_day(start, end, zone):
        return f"{clock(start, zone)}–{clock(end, zone)}"
    return f"{clock(start, zone)} – {short_date(end, zone)} {clock(end, zone)}"


def day_and_hours(start: datetime, end: datetime, zone: str) -> str:
    """Return “Thursday 4 March 2027, 18:00–20:00”."""
    return f"{long_date(start, zone)}{_comma()} {time_range(start, end, zone)}"


def _comma() -> str:
    return "،" if _locale().language == "ar" else ","


class Timed(Protocol):
    """What has a time in a zone, or whole days."""

    starts_at: datetime
    ends_at: datetime
    time_zone: str
    whole_day: bool

    @property
    def first_day(self) -> date: ...

    @property
    def last_day(self) -> date: ...


def full_when(event: Timed) -> str:
    """Return “Thursday 4 March 2027, 18:00–20:00”, in the event's zone; of whole days, what `whole_days` says."""
    if event.whole_day:
        return whole_days(event.first_day, event.last_day)
    return day_and_hours(event.starts_at, event.ends_at, event.time_zone)


def brief_when(event: Timed, year: bool = False) -> str:
    """Return “Thu 4 Mar, 18:00 London”, with the year when it is wanted; of whole days no hour and no city."""
    if event.whole_day and event.first_day != event.last_day:
        return whole_days(event.first_day, event.last_day)
    day = short_date(event.first_day) + (f" {event.first_day.year}" if year else "")
    if event.whole_day:
        return _whole(day)
    return f"{day}{_comma()} {clock(event.starts_at, event.time_zone)} {zone_name(event.time_zone)}"


def proposed_when(proposed: tuple[date, date | None], zone: str) -> str:
    """Return the time that someone asks for instead: “Thu 4 Mar, 18:00–20:00 London”, or whole days."""
    start, end = proposed
    if not isinstance(start, datetime):
        return whole_days(start, end or start)
    hours = time_range(start, end, zone) if isinstance(end, datetime) else clock(start, zone)
    return f"{short_date(start, zone)}{_comma()} {hours} {zone_name(zone)}"


def whole_days(first: date, last: date) -> str:
    """Return “Thursday 4 March 2027, the whole day”, or of several “4–6 March 2027”: the same wherever it is read."""
    if first == last:
        return _whole(long_date(first))
    said = words.translations(words.spoken(LANGUAGE.get())).gettext
    return days_between(first, last, LANGUAGE.get(), said("%(start)s–%(end)s") % {"start": "{start}", "end": "{end}"})


def _whole(day: str) -> str:
    said = words.translations(words.spoken(LANGUAGE.get())).gettext
    return said("%(day)s, the whole day") % {"day": day}


def same_day(one: datetime, other: datetime, zone: str, other_zone: str | None = None) -> bool:
    """Tell whether two instants fall on the same date, each in its zone."""
    return _day(one, zone) == _day(other, other_zone or zone)


def zone_name(zone: str) -> str:
    """Return the city or country of a zone: “London”, “Nairobi”."""
    if zone in ("UTC", "Etc/UTC"):
        return "UTC"
    return str(get_timezone_location(zone, locale=_locale(), return_city=True))


def number(value: float) -> str:
    """Return “1,234”."""
    return str(format_decimal(value, locale=_locale()))


def percent(value: float) -> str:
    """Return “64%” of 0.64."""
    return str(format_percent(value, locale=_locale()))


def month_name(value: date | datetime) -> str:
    """Return “March”."""
    return str(format_date(value.date() if isinstance(value, datetime) else value, "LLLL", locale=_locale()))


def country_name(code: str | None) -> str:
    """Return “Kenya” of KE; nothing of nothing."""
    return str(_locale().territories.get(code or "", code or ""))


def language_name(language: str, shown_in: str | None = None) -> str:
    """Return “French”, in the language of the page or in the one given."""
    locale = words.locale_of(shown_in) if shown_in else _locale()
    return str(words.locale_of(language).get_language_name(locale.language) or language)


FILTERS = {
    "brief_when": brief_when,
    "full_when": full_when,
    "proposed_when": proposed_when,
    "country_name": country_name,
    "language_name": language_name,
    "month_name": month_name,
    "in_zone": in_zone,
    "long_date": long_date,
    "short_date": short_date,
    "day_month_year": day_month_year,
    "iso_day": iso_day,
    "clock": clock,
    "time_range": time_range,
    "zone_name": zone_name,
    "number": number,
    "percent": percent,
}
