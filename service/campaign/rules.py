"""What every record of the campaign has in common: reading what was typed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from service.kernel.clock import NotADay, parse_day
from service.kernel.errors import Invalid
from service.kernel.text import clean_block, clean_line
from service.people.places import read_country

Choice = TypeVar("Choice", bound=StrEnum)
MOST_COUNTRIES = 60


class RecordIncomplete(Invalid):
    """A record that lacks what it is about."""

    code = "record-incomplete"


class UnknownChoice(Invalid):
    """Not one of the few there are."""

    code = "unknown-choice"


class UnknownCountry(Invalid):
    """A country nobody knows."""

    code = "unknown-country"


def line(raw: Any, limit: int) -> str:
    """Return one line of what was typed, cut to a length."""
    return clean_line(str(raw or ""))[:limit]


def block(raw: Any, limit: int) -> str:
    """Return lines of what was typed, cut to a length."""
    return clean_block(str(raw or ""))[:limit]


def needed(text: str, field: str, sentence: str) -> str:
    """Return a text that may not be empty.

    Raises:
        RecordIncomplete: it is.
    """
    if not text:
        raise RecordIncomplete(sentence, field=field)
    return text


def choice(kind: type[Choice], raw: Any, field: str) -> Choice:
    """Return one of the few there are.

    Raises:
        UnknownChoice: it is none of them.
    """
    try:
        return kind(str(raw or ""))
    except ValueError:
        raise UnknownChoice("Choose one of the list.", field=field) from None


def past_day(raw: Any, field: str, today: date) -> date:
    """Return a day that is not in the future.

    Raises:
        NotADay: it is none, or has not come yet.
    """
    day = parse_day(raw, field)
    if day > today:
        raise NotADay("That day has not come yet.", field=field)
    return day


def day_or_none(raw: Any, field: str) -> date | None:
    """Return a day, or None where nothing was typed.

    Raises:
        NotADay: something else was typed.
    """
    return parse_day(raw, field) if raw else None


def countries(raw: Any, field: str) -> tuple[str, ...]:
    """Return the codes of countries given as a list, or as names or codes with commas between, each once.

    Raises:
        UnknownCountry: one is not known, or there are too many.
    """
    given: Iterable[Any] = raw.replace("\n", ",").split(",") if isinstance(raw, str) else raw or ()
    names = [text for one in given if (text := line(one, 100))]
    if len(names) > MOST_COUNTRIES:
        raise UnknownCountry(f"At most {MOST_COUNTRIES} countries.", field=field)
    return tuple(dict.fromkeys(country(name, field) for name in names))


def country(raw: Any, field: str) -> str:
    """Return the code of a country.

    Raises:
        UnknownCountry: there is none of this name.
    """
    name = line(raw, 100)
    if code := read_country(name):
        return code
    raise UnknownCountry(f"The country “{name[:40]}” is not known. Use its name, or a code such as KE.", field=field)
