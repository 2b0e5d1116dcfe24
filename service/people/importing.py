"""Rows of a table become drafts of people, and each draft gets a verdict. Pure: nothing is stored here.

A draft holds only what its row says; a blank cell says nothing, so an import never empties a field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from service.kernel.clock import zone
from service.kernel.errors import Invalid
from service.kernel.text import folded
from service.people.cells import is_formula, is_turned, narrow, says_no_address, tidy
from service.people.headings import Column, Layout
from service.people.places import read_country, read_language
from service.people.rules.addresses import BadAddress, address_name, clean_address, normalise_address
from service.people.rules.fields import split_tags
from service.people.values import SEALED, Address, Audience, Draft, Note, Reason

# Reasons and notes in words; {} is the note's detail. Pages pass them through gettext.
SENTENCES: Mapping[Reason, str] = {
    Reason.NO_ADDRESS: "There is no e-mail address.",
    Reason.BAD_ADDRESS: "The address cannot be used: {}",
    Reason.SHARED_MAILBOX: "A shared mailbox needs a name or an organisation.",
    Reason.NOTHING_NEW: "Identical to what we hold.",
    Reason.ERASED: "This person asked to be forgotten. Nothing of this row is kept.",
    Reason.UNSUBSCRIBED: "Asked not to hear from us, {}.",
    Reason.BOUNCED: "Letters to this address came back, {}.",
    Reason.COMPLAINED: "Marked our letter as unwanted, {}.",
    Reason.OBJECTED: "Objected to hearing from us, {}.",
    Reason.SAME_ADDRESS: "The same address as row {}, which it completes.",
    Reason.JOINS_LIST: "Known already; joins the list.",
    Reason.TWO_ADDRESSES: "More than one address in the cell; kept as second: {}",
    Reason.MORE_WORDS: "The cell says more than an address: “{}”. Is it the right one?",
    Reason.NAME_FROM_ADDRESS: "No name in the file; it was made from the address.",
    Reason.NAMES_DIFFER: "The names differ: “{}” is used.",
    Reason.UNKNOWN_COUNTRY: "Country not known: “{}”.",
    Reason.UNKNOWN_LANGUAGE: "Language not known: “{}”.",
    Reason.UNKNOWN_TIME_ZONE: "Time zone not known: “{}”.",
    Reason.UNKNOWN_AUDIENCE: "Audience not known: “{}”.",
    Reason.TURNED: "Marks that turn the reading direction were taken out of “{}”. Is it what it seems?",
    Reason.LIKE_KNOWN: "The domain looks like {}, and is another. Is it the right one?",
    Reason.MIXED_LETTERS: "The domain {} mixes letters that look alike. Is it what it seems?",
    Reason.BROKEN_CARD: "{}",
    Reason.FORMULA: "A cell holds a formula, not what it gives: “{}”. Save the sheet with values only.",
    Reason.LEFT_OUT: "Left out by you.",
    Reason.AT_RISK: "Where someone at risk is, is not stored from a file.",
}
LIMITS = {
    "phone": 100,
    "notes": 4_000,
    "name": 300,
    "greeting": 200,
    "role": 200,
    "organisation": 300,
    "pseudonym": 60,
    "source": 300,
}
_SHARED = (
    "admin administration bureau communication communications comms contact contacto coordination direction "
    "enquiries events hello hola info informacion information inquiries mail media newsletter office oficina "
    "press presse prensa program programme secretaria secretariat secretary staff support team"
)
SHARED = frozenset(_SHARED.split())
_YES = frozenset(["yes", "y", "true", "1", "x", "oui", "o", "vrai", "si", "s", "verdadero"])
_BETWEEN = re.compile(r"""[\s<>;,|"()]+""")
_ADDRESSES_A_CELL, _TAGS, _NAME = 20, 20, 200  # more than anyone needs; a cell may hold a million letters

Finder = Callable[[str], str | None]
Reader = Callable[[str, dict[str, Any], list[Note]], None]


# Rows to drafts


def read_drafts(records: Sequence[Sequence[str]], layout: Layout, find_audience: Finder, *, at: int = 0) -> list[Draft]:
    """Return a draft for each row that holds anything, in order; rows count from 1 as in a spreadsheet.

    `at`: the index of the first of these records in the file.
    """
    held = (column for column in layout.columns if column.field and column.is_held)
    readers = [(column.index, _reader(column, find_audience)) for column in held]
    sealed = {column.index for column in layout.columns if column.field in SEALED}
    drafts = []
    above = max(0, layout.first_row - at)
    for row, record in enumerate(records[above:], at + above + 1):
        fields: dict[str, Any] = {}
        notes: list[Note] = []
        for index, read in readers:
            if index < len(record) and (cell := record[index]) and (text := tidy(cell)):
                if is_formula(cell):
                    notes.append((Reason.FORMULA, text[:60]))
                    continue
                read(text, fields, notes)
                if is_turned(cell):
                    notes.append((Reason.TURNED, "" if index in sealed else text[:60]))
        if fields or notes or any(map(str.strip, record)):
            drafts.append(_draft(row, fields, notes))
    return drafts


def _draft(row: int, fields: dict[str, Any], notes: list[Note]) -> Draft:
    """Return the draft of a row: its halves of a name joined, its address found or the row refused."""
    parts = [fields.pop(part, "") for part in ("first_name", "middle_name", "last_name")]
    if any(parts):
        fields.setdefault("name", " ".join(filter(None, parts))[:300])
    in_cell = fields.pop("display_name", "")
    others = fields.pop("others", ())
    if fault := fields.pop("fault", ""):
        return Draft(row, fields, (*notes, (Reason.BROKEN_CARD, fault)), Reason.BROKEN_CARD)
    if any(code is Reason.FORMULA for code, _cell in notes):
        return Draft(row, fields, tuple(notes), Reason.FORMULA)
    if "email_key" not in fields:
        return _without_address(row, fields, notes, others)
    if kept := [a.display for a in dict.fromkeys(others) if a.key != fields["email_key"]]:
        fields["other_emails"] = kept
    if "name" in fields and _is_address(fields["name"]):
        del fields["name"]
    if "name" not in fields and in_cell:
        fields["name"] = in_cell
    if "name" in fields:
        return Draft(row, fields, tuple(notes))
    return _without_name(row, fields, notes)


def _is_address(name: str) -> bool:
    """Tell whether an address stands where a name should: address books do so when they know no name."""
    return "@" in name and " " not in name


def _without_address(row: int, fields: dict[str, Any], notes: list[Note], others: Sequence[Address]) -> Draft:
    """Refuse a row without an address, unless a column of second addresses has one."""
    if others and "email" not in fields:
        return _draft(row, {**fields, "email": others[0].display, "email_key": others[0].key, "others": others}, notes)
    reason = Reason.BAD_ADDRESS if "email" in fields else Reason.NO_ADDRESS
    return Draft(row, fields, tuple(notes), reason)


def _without_name(row: int, fields: dict[str, Any], notes: list[Note]) -> Draft:
    """Name a row by its address; a shared mailbox takes its organisation's name, or is refused."""
    if fields["email_key"].partition("@")[0] in SHARED:
        if "organisation" not in fields:
            return Draft(row, fields, tuple(notes), Reason.SHARED_MAILBOX)
        fields["name"] = fields["organisation"]
    else:
        fields["name"] = address_name(fields["email"])[:300]
    return Draft(row, fields, (*notes, (Reason.NAME_FROM_ADDRESS, "")))


def _reader(column: Column, find_audience: Finder) -> Reader:
    field = column.field or ""
    if field in _READERS:
        return _READERS[field]
    if field == "audience":
        return _audience_reader(find_audience)
    limit = LIMITS.get(field, 300)

    def read(text: str, fields: dict[str, Any], _notes: list[Note]) -> None:
        fields[field] = text[:limit].rstrip()

    def read_first(text: str, fields: dict[str, Any], _notes: list[Note]) -> None:
        fields.setdefault(field, text[:limit].rstrip())

    if field in SEALED:
        return read_first

    return read


def _read_email(text: str, fields: dict[str, Any], notes: list[Note]) -> None:
    if says_no_address(text):
        return
    found, in_cell, fault = read_addresses(text)
    if not found:
        fields["email"] = text[:320]
        notes.append((Reason.BAD_ADDRESS, fault))
        return
    fields["email"], fields["email_key"] = found[0].display, found[0].key
    if in_cell:
        fields["display_name"] = in_cell
    elif len(found) == 1 and len(text.split()) > 1 and "<" not in text:
        notes.append((Reason.MORE_WORDS, text[:60]))
    if len(found) > 1:
        fields["others"] = (*found[1:], *fields.get("others", ()))
        notes.append((Reason.TWO_ADDRESSES, ", ".join(address.display for address in found[1:])))


def _read_other_email(text: str, fields: dict[str, Any], _notes: list[Note]) -> None:
    fields["others"] = (*fields.get("others", ()), *read_addresses(text)[0])


def read_addresses(text: str) -> tuple[list[Address], str, str]:
    """Return the addresses in a cell, a name beside the first one, and what is wrong when there is none.

    >>> read_addresses("Maria <m@x.org>; maria2@x.org")[0][1].key
    'maria2@x.org'
    """
    text = narrow(text)
    try:
        return [normalise_address(text)], "", ""
    except BadAddress as problem:
        fault = problem.sentence
    found: list[Address] = []
    for part in _parts(text):
        try:
            address = normalise_address(clean_address(part).strip("'[]"))
        except BadAddress as problem:
            fault = problem.sentence
            continue
        if all(address.key != other.key for other in found):
            found.append(address)
    name = text.partition("<")[0].strip(" \"'") if "<" in text else ""
    return found, "" if "@" in name else name[:300], "" if found else fault


def _parts(text: str) -> list[str]:
    """Return the parts of a cell that look like addresses, the first few."""
    words = (word for word in _BETWEEN.split(text) if "@" in word)
    parts = (part for word in words for part in (word.split("/") if word.count("@") > 1 else [word]))
    return list(islice(parts, _ADDRESSES_A_CELL))


def _read_country(text: str, fields: dict[str, Any], notes: list[Note]) -> None:
    if code := read_country(text):
        fields["country"] = code
    else:
        notes.append((Reason.UNKNOWN_COUNTRY, text[:60]))


def _read_language(text: str, fields: dict[str, Any], notes: list[Note]) -> None:
    if tag := read_language(text):
        fields["language"] = tag
    else:
        notes.append((Reason.UNKNOWN_LANGUAGE, text[:60]))


def _read_time_zone(text: str, fields: dict[str, Any], notes: list[Note]) -> None:
    try:
        fields["time_zone"] = zone(text).key
    except Invalid:
        notes.append((Reason.UNKNOWN_TIME_ZONE, text[:60]))


def _read_tags(text: str, fields: dict[str, Any], _notes: list[Note]) -> None:
    """Read labels; those of Google Contacts' own, such as “* myContacts”, say nothing of anyone."""
    tags = (tag.strip()[:60] for tag in split_tags(text) if not tag.strip().startswith("* "))
    fields["tags"] = list(islice(dict.fromkeys(filter(None, tags)), _TAGS))


def _read_at_risk(text: str, fields: dict[str, Any], _notes: list[Note]) -> None:
    if folded(text) in _YES:
        fields["at_risk"] = True


_READERS: dict[str, Reader] = {
    "email": _read_email,
    "other_email": _read_other_email,
    "country": _read_country,
    "language": _read_language,
    "time_zone": _read_time_zone,
    "tags": _read_tags,
    "at_risk": _read_at_risk,
}


def _audience_reader(find_audience: Finder) -> Reader:
    def read(text: str, fields: dict[str, Any], notes: list[Note]) -> None:
        if audience_id := find_audience(text):
            fields["audience_id"] = audience_id
        else:
            notes.append((Reason.UNKNOWN_AUDIENCE, text[:60]))

    return read


def audience_finder(audiences: Iterable[Audience]) -> Finder:
    """Return a function from a key, a name or a rank (“1”, “rank 1”) to an audience's id, or None."""
    known: dict[str, str] = {}
    for audience in audiences:
        for name in (str(audience.rank), f"rank {audience.rank}", audience.key, audience.name):
            known.setdefault(_words(name), audience.id)
    find = lru_cache(maxsize=1024)(lambda text: known.get(_words(text)))
    return lambda text: find(text) if len(text) <= _NAME else None


def _words(text: str) -> str:
    return re.sub(r"[^\w]+|_", " ", folded(text)).strip()
