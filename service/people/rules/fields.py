"""What may be said of a person: each field as it is given, as it is stored, as it changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from service.kernel.clock import zone
from service.kernel.errors import Conflict, Invalid
from service.kernel.regions import region_of
from service.kernel.text import clean_block, clean_line, folded
from service.people.places import guess_time_zone, read_country, read_language
from service.people.rules.addresses import BadAddress, normalise_address
from service.people.values import Change, Person


class PersonExists(Conflict):
    """The address belongs to someone we know."""

    code = "person-exists"

    def __init__(self, person_id: str) -> None:
        super().__init__("Someone with this address is here already.", id=person_id)


class PersonChanged(Conflict):
    """Someone else changed the person in between."""

    code = "person-changed"

    def __init__(self) -> None:
        super().__init__("Someone else changed this person in the meantime. Look at what it says now, then save again.")


def read_fields(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that the given fields mean; `organisation` and `audience` stay as given, cleaned.

    Raises:
        Invalid: a field is not known or its value cannot be used; `field` names it.
    """
    columns: dict[str, Any] = {}
    for name, value in given.items():
        if name not in _READERS:
            raise Invalid(f"A person has no field “{name[:40]}”.", field=name[:40])
        columns.update(_READERS[name](name, value))
    return columns


def with_guesses(columns: dict[str, Any]) -> dict[str, Any]:
    """Return a new person's columns with the time zone of a country that has one only.

    Nothing is guessed for people at risk.
    """
    if columns.get("time_zone") or columns.get("at_risk"):
        return columns
    return {**columns, "time_zone": guess_time_zone(columns.get("country"))}


def search_text(name: str, email: str, organisation: str | None, tags: Iterable[str] = ()) -> str:
    """Return what search reads: folded name, address, organisation and tags.

    At most 600 letters: PostgreSQL indexes no more than 2,700 bytes.
    """
    text = " ".join((name, email, organisation or "", *tags))
    plain = " ".join(text.lower().split()) if text.isascii() else folded(text)
    return plain[:600]


def place_columns(country: str | None) -> dict[str, str | None]:
    """Return the columns of a country: the code and its M49 sub-region."""
    return {"country": country, "region": region_of(country)}


def _line(limit: int) -> Callable[[str, Any], dict[str, Any]]:
    def read(name: str, value: Any) -> dict[str, Any]:
        return {name: clean_line(str(value or ""))[:limit].strip() or None}

    return read


def _text(limit: int) -> Callable[[str, Any], dict[str, Any]]:
    def read(name: str, value: Any) -> dict[str, Any]:
        text = clean_block(str(value or ""))
        if len(text) > limit:
            raise Invalid(f"This is too long: {limit:,} letters at most.", field=name)
        return {name: text or None}

    return read


def _name(name: str, value: Any) -> dict[str, Any]:
    text = clean_line(str(value or ""))[:300].strip()
    if not text:
        raise Invalid("A person needs a name.", field=name)
    return {name: text}


def _email(_name: str, value: Any) -> dict[str, Any]:
    address = normalise_address(str(value or ""))
    return {"email": address.display, "email_key": address.key}


def _emails(name: str, value: Any) -> dict[str, Any]:
    found: dict[str, str] = {}
    for number, given in enumerate(value or (), 1):
        try:
            address = normalise_address(str(given))
        except BadAddress as error:
            raise Invalid(f"Other address {number}: {error.sentence}", field=name) from None
        found.setdefault(address.key, address.display)
    return {name: list(found.values())}


def _country(name: str, value: Any) -> dict[str, Any]:
    if not clean_line(str(value or "")):
        return {**place_columns(None)}
    code = read_country(str(value))
    if code is None:
        raise Invalid("This country is not known. Use its name, or a code such as KE.", field=name)
    return {**place_columns(code)}


def _language(name: str, value: Any) -> dict[str, Any]:
    if not clean_line(str(value or "")):
        return {name: None}
    tag = read_language(str(value))
    if tag is None:
        raise Invalid("This language is not known. Use its name, or a code such as fr.", field=name)
    return {name: tag}


def _time_zone(name: str, value: Any) -> dict[str, Any]:
    return {name: zone(str(value)).key if value else None}


def _tags(name: str, value: Any) -> dict[str, Any]:
    parts = (part for tag in value or () for part in split_tags(str(tag)))
    cleaned = (clean_line(part)[:60].strip() for part in parts)
    return {name: list(dict.fromkeys(filter(None, cleaned)))}


def split_tags(text: str) -> list[str]:
    """Return the tags in a text: what stands between them in files is in none of them."""
    return re.split(r"[,;|]|:::", text)


def _flag(name: str, value: Any) -> dict[str, Any]:
    return {name: bool(value)}


def _date(name: str, value: Any) -> dict[str, Any]:
    if value is not None and not isinstance(value, date):
        raise Invalid("This is not a date.", field=name)
    return {name: value}


_READERS: dict[str, Callable[[str, Any], dict[str, Any]]] = {
    "name": _name,
    "greeting": _line(200),
    "email": _email,
    "other_emails": _emails,
    "organisation_id": _line(26),
    "organisation": _line(300),
    "audience_id": _line(26),
    "audience": _line(200),
    "role": _line(200),
    "country": _country,
    "language": _language,
    "time_zone": _time_zone,
    "tags": _tags,
    "at_risk": _flag,
    "pseudonym": _line(60),
    "source": _line(300),
    "source_on": _date,
    "notes": _text(8_000),
    "phone": _line(100),
}


def changes_between(before: Person, after: Person, *, at: datetime, actor: str) -> list[Change]:
    """Return the fields in which a person changed, in their order; organisation and audience by name."""
    skipped = {"id", "email_key", "region", "organisation_id", "audience_id", "created_at", "updated_at"}
    fields = [name for name in Person.__dataclass_fields__ if name not in skipped]
    return [
        Change(before.id, at, actor, name, as_json(getattr(before, name)), as_json(getattr(after, name)))
        for name in fields
        if getattr(before, name) != getattr(after, name)
    ]


def as_json(value: Any) -> Any:
    """Return a field's value as JSON has it."""
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
