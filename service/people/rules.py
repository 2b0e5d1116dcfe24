"""Rules of people: what an address is, what may be said of a person, the life of an import."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from email_validator import EmailNotValidError, validate_email

from service.kernel.addresses import key_of_valid
from service.kernel.clock import zone
from service.kernel.errors import Conflict, Invalid
from service.kernel.regions import region_of
from service.kernel.text import clean_block, clean_line, folded, slug
from service.people.places import guess_time_zone, read_country, read_language
from service.people.values import (
    Address,
    Basis,
    Change,
    Consent,
    ImportState,
    ImportView,
    MailingList,
    OrganisationType,
    Person,
)

UNDO_FOR = timedelta(days=30)  # as long as the rows of an import are kept
ADDRESS_LIMIT = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets
# An address of plain letters, which needs no closer look; endings that lead nowhere are left to the slow way.
_PLAIN = re.compile(
    r"(?=.{6,254}\Z)(?=[^@]{1,64}@)[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+"
    r"(?!(?:arpa|invalid|local|localhost|onion|test)\Z)[a-z]{2,63}\Z",
    re.IGNORECASE | re.ASCII,
)
# Direction and joining marks, soft hyphens and the like never belong to an address.
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0f\ufeff]")


class BadAddress(Invalid):
    """What was given is no e-mail address we can write to."""

    code = "bad-address"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, field="email")


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


class OrganisationExists(Conflict):
    """The name belongs to another organisation."""

    code = "organisation-exists"

    def __init__(self, organisation_id: str) -> None:
        super().__init__("Another organisation has this name, or is known by it.", id=organisation_id)


class IsSegment(Conflict):
    """Nobody is put into a segment, or taken out."""

    code = "is-segment"

    def __init__(self) -> None:
        super().__init__("This is a segment: whoever matches its filter is in it. Choose a list.")


def require_members(target: MailingList) -> None:
    """Let only a list pass that people are put on.

    Raises:
        IsSegment: it has a filter instead.
    """
    if target.filter is not None:
        raise IsSegment


class ImportClosed(Conflict):
    """The import is past the point where this can be done."""

    code = "import-closed"

    def __init__(self, state: ImportState) -> None:
        super().__init__(f"This import cannot be changed any more: it is {_SAID[state]}.", state=state.value)


class StillReading(Conflict):
    """The worker has not read the file to its end."""

    code = "still-reading"

    def __init__(self) -> None:
        super().__init__("The file is still being read. Wait until its rows are shown.")


class TooLate(Conflict):
    """An import can be undone for 30 days."""

    code = "too-late"

    def __init__(self) -> None:
        super().__init__(f"An import can be undone for {UNDO_FOR.days} days. This one is older.")


_SAID = {
    ImportState.READING: "being read",
    ImportState.PREVIEW: "waiting",
    ImportState.APPLYING: "being carried out",
    ImportState.STOPPED: "stopped",
    ImportState.APPLIED: "done",
    ImportState.DISCARDED: "discarded",
    ImportState.UNDOING: "being undone",
    ImportState.UNDONE: "undone",
}


# Addresses


def normalise_address(raw: str) -> Address:
    """Return an address as shown and as compared; `mailto:` and angle brackets fall away.

    >>> normalise_address(" Maria@Example.ORG ")
    Address(display='Maria@example.org', key='maria@example.org')

    Raises:
        BadAddress: with a sentence that says what to mend.
    """
    text = clean_address(raw)
    if _PLAIN.match(text):
        if text.islower():
            return Address(text, text)
        local, _, host = text.partition("@")
        return Address(f"{local}@{host.lower()}", text.lower())
    if fault := _fault(text):
        raise BadAddress(fault)
    try:
        found = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        raise BadAddress("This is not an e-mail address we can write to.") from None
    return Address(found.normalized, key_of_valid(found))


def clean_address(raw: str) -> str:
    """Return what was typed without `mailto:`, brackets, invisible marks and surrounding space."""
    text = clean_line(_INVISIBLE.sub("", raw)) if not (raw.isascii() and raw.isprintable()) else raw.strip()
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0]
    return text.lstrip("< ").rstrip("<>.,;: ")


def _fault(text: str) -> str | None:
    """Say what is wrong with an address in words that help to mend it; None when it needs a closer look."""
    local, at, host = text.rpartition("@")
    if not text:
        return "There is no e-mail address."
    if not at:
        return "The address has no @."
    if "@" in local:
        return "The address has more than one @."
    if " " in text:
        return "There is a space inside the address."
    if not local:
        return "There is nothing before the @."
    if not host:
        return "There is nothing after the @."
    return _fault_of_parts(text, local, host)


def _fault_of_parts(text: str, local: str, host: str) -> str | None:
    if ".." in text or local.startswith(".") or local.endswith(".") or host.startswith("."):
        return "There is a dot too many in the address."
    if "." not in host.rstrip("."):
        return "The part after @ needs an ending, such as example.org."
    if len(text) > ADDRESS_LIMIT or len(local.encode()) > 64:
        return "The address is too long."
    return None


def address_name(address: str) -> str:
    """Return a name to show for an address that came without one.

    >>> address_name("maria.achieng@example.org")
    'Maria Achieng'
    """
    local = address.rpartition("@")[0].partition("+")[0]
    return clean_line(re.sub(r"[._\d]+", " ", local)).title() or local


# What may be said of a person


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


@lru_cache(maxsize=16_384)
def organisation_key(name: str) -> str:
    """Return what an organisation is found by: its folded name."""
    return folded(name)[:300]


def read_organisation_type(given: str | None) -> str | None:
    """Return the type of an organisation, or None when none is given.

    Raises:
        Invalid: there is no such type.
    """
    if not given:
        return None
    if given not in list(OrganisationType):
        raise Invalid(f"The type is one of: {', '.join(OrganisationType)}.", field="type")
    return OrganisationType(given).value


def read_other_names(given: Iterable[str], own: str) -> dict[str, str]:
    """Return other names of an organisation by what they are found by; its own name is none of them."""
    names = (clean_line(str(name))[:300].strip() for name in given)
    by_key = {organisation_key(name): name for name in names if name}
    by_key.pop(organisation_key(own), None)
    return by_key


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


def without_primary(others: Iterable[str], email_key: str) -> list[str]:
    """Return other addresses less the one that is the primary."""
    return [address for address in others if normalise_address(address).key != email_key]


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


# What changed of a person


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


# Lists and consent


def read_key(given: str | None, name: str) -> str:
    """Return the key of a list or an audience: as given, else of its name; words joined by hyphens.

    Raises:
        Invalid: nothing of it can be a key.
    """
    key = re.sub(r"[^a-z0-9_-]+", "-", (given or slug(name)).strip().lower()).strip("-")[:60]
    if not key:
        raise Invalid("Give it a key of letters a to z, such as seminar-guests.", field="key")
    return key


def read_consent(basis: str | None, source: str | None = None, text_version: str | None = None) -> Consent | None:
    """Return the stated ground for writing to people, or None when none is given.

    Raises:
        Invalid: no such basis.
    """
    if not basis:
        return None
    if basis not in list(Basis):
        raise Invalid("The basis is consent, legitimate_interest or contract.", field="consent_basis")
    said = clean_line(source or "")[:300] or None
    return Consent(Basis(basis), said, clean_line(text_version or "")[:60] or None)


# The life of an import


def may_start(state: ImportState) -> bool:
    """Tell whether starting an import, or going on with a stopped one, changes anything; a second press does not.

    Raises:
        ImportClosed: it was discarded or undone. StillReading: its rows are not there yet.
    """
    if state is ImportState.READING:
        raise StillReading
    if state in (ImportState.DISCARDED, ImportState.UNDOING, ImportState.UNDONE):
        raise ImportClosed(state)
    return state in (ImportState.PREVIEW, ImportState.STOPPED)


def may_stop(state: ImportState) -> bool:
    """Tell whether stopping an import changes anything; one that has come to its end is not stopped.

    Raises:
        ImportClosed: it was not started, or is undone. StillReading: its rows are not there yet.
    """
    if state is ImportState.READING:
        raise StillReading
    if state in (ImportState.PREVIEW, ImportState.DISCARDED, ImportState.UNDOING, ImportState.UNDONE):
        raise ImportClosed(state)
    return state is ImportState.APPLYING


def may_undo(view: ImportView, *, now: datetime) -> bool:
    """Tell whether undoing an import changes anything; a second press does not.

    Raises:
        ImportClosed: it was not carried out, or is being. TooLate: its rows are kept no more.
    """
    if view.state in (ImportState.UNDOING, ImportState.UNDONE):
        return False
    if view.state not in (ImportState.APPLIED, ImportState.STOPPED):
        raise ImportClosed(view.state)
    if now - view.created_at >= UNDO_FOR:
        raise TooLate
    return True


def may_discard(state: ImportState) -> bool:
    """Tell whether discarding changes anything; a second press does not.

    Raises:
        ImportClosed: it was carried out, or is being.
    """
    if state in (ImportState.READING, ImportState.PREVIEW, ImportState.DISCARDED):
        return state is not ImportState.DISCARDED
    raise ImportClosed(state)
