"""Address cards (vCard 2.1, 3.0, 4.0; RFC 2426, RFC 6350) become records of a table, the first one its headings.

Read a line at a time, in one pass, so that a card of any size costs no more than its letters. Lines are unfolded,
quoted-printable of 2.1 is decoded, group names (`item1.EMAIL`) fall away. What a card says beyond the columns below
(birthdays, photographs, keys) is never taken over.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

HEADINGS: Final = (
    "Name",
    "First name",
    "Last name",
    "E-mail",
    "Other e-mail",
    "Organisation",
    "Role",
    "Telephone",
    "Country",
    "Language",
    "Time zone",
    "Tags",
    "Notes",
    "Fault of the card",
)
MAX_LINE = 200_000  # letters of one unfolded line that are kept; a photograph may be longer and is not wanted
MAX_VALUES = 100  # values of one kind in a card: more than anyone has
_BEGIN, _END = "BEGIN:VCARD", "END:VCARD"
_WANTED = frozenset(["FN", "N", "EMAIL", "ORG", "TITLE", "ROLE", "TEL", "ADR", "LANG", "TZ", "CATEGORIES", "NOTE"])
_ESCAPED = re.compile(r"\\([nN,;:\\])")
_COMMA_PARTS = re.compile(r"((?:[^,\\]|\\.?)*)(?:,|$)", re.DOTALL)
_SEMICOLON_PARTS = re.compile(r"((?:[^;\\]|\\.?)*)(?:;|$)", re.DOTALL)
_LAST = 101  # what stands for "no preference": RFC 6350 §5.3 counts from 1, the most wanted, to 100
UNFINISHED: Final = "The card has no end."
NESTED: Final = "The card begins again before its end."


@dataclass(slots=True)
class _Property:
    """One line of a card: its value as written, and what its parameters say of it."""

    value: str
    preference: int


@dataclass(slots=True)
class _Card:
    """What one card says, by the name of the property, in the order of the file."""

    properties: dict[str, list[_Property]] = field(default_factory=dict)

    def add(self, name: str, found: _Property) -> None:
        values = self.properties.setdefault(name, [])
        if len(values) < MAX_VALUES:
            values.append(found)

    def all(self, name: str) -> list[str]:
        """Return the values of a property, the preferred one first."""
        values = self.properties.get(name, [])
        return [found.value for found in sorted(values, key=lambda p: p.preference)] if values else []

    def first(self, name: str) -> str:
        return next(filter(str.strip, self.all(name)), "")


def read_cards(lines: Iterable[str]) -> Iterator[list[str]]:
    """Yield `HEADINGS`, then one record a card, in the order of the file.

    A card that is cut off, or that begins again before its end, keeps its name and has the reason in the last column;
    its address is left out, because it may be cut as well.
    """
    yield list(HEADINGS)
    card: _Card | None = None
    for line in _unfolded(lines):
        mark = line.strip().upper()
        if mark == _BEGIN:
            if card:
                yield _record(card, fault=NESTED)
            card = _Card()
        elif mark == _END and card:
            yield _record(card)
            card = None
        elif card:
            _read_line(card, line)
    if card:
        yield _record(card, fault=UNFINISHED)


def is_card_file(start: str) -> bool:
    """Tell whether a text begins as address cards do."""
    return start.lstrip("\ufeff \t\r\n")[: len(_BEGIN)].upper() == _BEGIN


def _unfolded(lines: Iterable[str]) -> Iterator[str]:
    """Yield whole lines: RFC 6350 §3.2 folds by a line that begins with a space, 2.1's quoted-printable by `=`."""
    parts: list[str] = []
    room, is_soft = MAX_LINE, False
    for raw in lines:
        line = raw.rstrip("\r\n")
        is_more = bool(parts) and (is_soft or line[:1] in (" ", "\t"))
        if not is_more:
            if parts:
                yield "".join(parts)
            parts, room = [], MAX_LINE
        piece = line if not is_more or is_soft else line[1:]
        is_soft = _is_soft(parts[0] if parts else piece, piece)
        if room > 0:
            parts.append((piece.removesuffix("=") if is_soft else piece)[:room])
            room -= len(piece)
    if parts:
        yield "".join(parts)


def _is_soft(head: str, piece: str) -> bool:
    return piece.endswith("=") and "QUOTED-PRINTABLE" in head.partition(":")[0].upper()


def _read_line(card: _Card, line: str) -> None:
    """Take over one line of a card when it is one of those wanted."""
    head, colon, value = _split_head(line)
    name, *parameters = head.split(";")
    name = name.rpartition(".")[2].strip().upper()
    if colon and name in _WANTED:
        said = [parameter.upper() for parameter in parameters]
        text = _decoded(value, said) if "QUOTED-PRINTABLE" in ";".join(said) else value
        card.add(name, _Property(text, _preference(said)))


def _split_head(line: str) -> tuple[str, str, str]:
    """Split at the colon that is not inside a quoted parameter."""
    at, is_quoted = -1, False
    for at, letter in enumerate(line):
        if letter == '"':
            is_quoted = not is_quoted
        elif letter == ":" and not is_quoted:
            return line[:at], ":", line[at + 1 :]
    return line.partition(":")


def _decoded(value: str, parameters: list[str]) -> str:
    charset = next((p.partition("=")[2].strip('"') for p in parameters if p.startswith("CHARSET=")), "UTF-8")
    raw = quopri.decodestring(value.encode("utf-8", "replace"))
    try:
        return raw.decode(charset)
    except (LookupError, UnicodeDecodeError):
        return raw.decode("cp1252", "replace")


def _preference(parameters: list[str]) -> int:
    """Return how much a value is wanted: `PREF=1` of 4.0 and `TYPE=PREF` of 3.0 come first."""
    for parameter in parameters:
        key, _, said = parameter.partition("=")
        if key == "PREF" and said.strip('"').isdecimal() and len(said) < 6:
            return int(said.strip('"'))
        if key == "PREF" or (key == "TYPE" and "PREF" in said.strip('"').split(",")):
            return 1
    return _LAST


def _record(card: _Card, *, fault: str = "") -> list[str]:
    family, given = [*_components(card.first("N")), "", ""][:2]
    emails = [] if fault else [_address(value) for value in card.all("EMAIL")]
    organisation = next(iter(filter(None, _components(card.first("ORG")))), "")
    return [
        _text(card.first("FN")),
        given,
        family,
        next(iter(emails), ""),
        "; ".join(emails[1:]),
        organisation,
        _text(card.first("TITLE") or card.first("ROLE")),
        _text(card.first("TEL")).removeprefix("tel:"),
        _country(card.all("ADR")),
        _text(card.first("LANG")),
        _text(card.first("TZ")),
        ", ".join(_categories(card.all("CATEGORIES"))),
        _text(card.first("NOTE")),
        fault,
    ]


def _address(value: str) -> str:
    return _text(value).strip().removeprefix("mailto:")


def _country(addresses: list[str]) -> str:
    """Return the country, the seventh component of an address (RFC 6350 §6.3.1)."""
    countries = (components[6] for components in map(_components, addresses) if len(components) > 6)
    return next(filter(None, countries), "")


def _categories(values: list[str]) -> Iterator[str]:
    for value in values:
        yield from filter(None, (_text(part).replace(",", " ").strip() for part in _COMMA_PARTS.findall(value)))


def _components(value: str) -> list[str]:
    if "\\" not in value:  # nearly always, and a tenth of the work
        return [part.strip() for part in value.split(";")]
    return [_text(part).strip() for part in _SEMICOLON_PARTS.findall(value)]


def _text(value: str) -> str:
    """Return a value without its escapes; a line break within becomes a space."""
    if "\\" not in value:
        return value.strip()
    return _ESCAPED.sub(lambda found: " " if found[1] in "nN" else found[1], value).strip()
