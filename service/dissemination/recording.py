"""Records of what came of the work: media mentions, re-use, influence, and what others did with it. Pure.

Each is one thing that can be looked up, on a day. `amount` is more than one only where one place shows
several, such as an agency's file of cuttings. How many people something reached is told with how that
is known, and is added to nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from service.dissemination.editing import NotADay, NotANumber, UnknownReference, parse_day, parse_number
from service.dissemination.rules import EvidenceMissing
from service.dissemination.values.given import Basis
from service.kernel.errors import Invalid
from service.kernel.text import clean_line
from service.people.places import read_country, read_language

MOST = 10_000
MOST_REACHED = 10**9


class RecordIncomplete(Invalid):
    """A record that says too little to be found again."""

    code = "record-incomplete"


class Kind(StrEnum):
    """What kind of thing came of it."""

    MENTION = "mention"
    REUSE = "reuse"
    INFLUENCE = "influence"
    ACTIVITY = "activity"


class Extent(StrEnum):
    """How far an influence goes."""

    LOCAL = "local"
    NATIONAL = "national"
    REGIONAL = "regional"
    INTERNATIONAL = "international"


@dataclass(frozen=True, slots=True)
class Shape:
    """What records of a kind hold. `fields` are offered, `needed` must be filled in."""

    indicator: str | None
    types: Mapping[str, str]  # what it may be, with the words of a report
    fields: tuple[str, ...]
    needed: tuple[str, ...]


SHAPES: Mapping[Kind, Shape] = {
    Kind.MENTION: Shape(
        "U5",
        {
            "newspaper": "Newspaper", "magazine": "Magazine", "radio": "Radio", "television": "Television",
            "online": "Online", "agency": "News agency", "social": "Social media", "other": "Other",
        },
        ("title", "type", "on_day", "country", "language", "reference", "archived", "amount", "note"),
        ("title", "reference"),
    ),
    Kind.REUSE: Shape(
        "U9",
        {"translation": "Translation", "adaptation": "Adaptation", "training": "Training", "other": "Other"},
        ("title", "type", "by_whom", "on_day", "country", "language", "output_key", "reference", "amount", "note"),
        ("title", "reference"),
    ),
    Kind.INFLUENCE: Shape(
        "C2",
        {
            "consultation": "Consultation", "policy_citation": "Citation in a policy", "committee": "Committee",
            "parliamentary_question": "Parliamentary question", "parliamentary_debate": "Parliamentary debate",
            "evidence_given": "Evidence given", "guidance": "Guidance or training of officials", "other": "Other",
        },
        ("title", "type", "by_whom", "on_day", "extent", "country", "reference", "amount", "note"),
        ("title", "extent", "reference"),
    ),
    Kind.ACTIVITY: Shape(
        None,
        {
            "public_action": "Public action", "meeting": "Meeting", "training": "Training", "exhibition": "Exhibition",
            "petition": "Petition", "online": "Online", "other": "Other",
        },
        ("title", "type", "by_whom", "on_day", "country", "audience_key", "reach", "basis", "reference", "note"),
        ("title", "by_whom"),
    ),
}  # fmt: skip
TYPE_WORDS: Mapping[str, str] = {key: text for shape in SHAPES.values() for key, text in shape.types.items()}
EXTENT_WORDS: Mapping[str, str] = {one.value: one.value.capitalize() for one in Extent}
_ASKED = {
    "title": "Say what it is.",
    "by_whom": "Say who did it.",
    "extent": "Choose how far it goes.",
    "type": "Choose what it is.",
}
_LENGTHS = {"title": 300, "by_whom": 200, "reference": 500, "archived": 500, "note": 500}


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that came of the work."""

    id: str
    kind: Kind
    type: str
    title: str
    on_day: date
    by_whom: str = ""
    country: str | None = None
    language: str = ""
    extent: str = ""
    audience_key: str | None = None
    output_key: str | None = None
    amount: int = 1
    reach: int | None = None
    basis: str = Basis.COUNTED
    reference: str = ""
    archived: str = ""
    note: str = ""


def make_record(
    record_id: str, kind: Kind, wishes: Mapping[str, Any], known: Mapping[str, Collection[str]], *, today: date
) -> Record:
    """Return a record as a form or a program gives it; fields its kind does not have are left out.

    `known` are the keys that an audience and an output may have.

    Raises:
        RecordIncomplete, EvidenceMissing, NotADay, NotANumber, UnknownReference.
    """
    shape = SHAPES[kind]
    found: dict[str, Any] = {name: _read(name, wishes.get(name), shape, known) for name in shape.fields}
    if found["on_day"] > today:
        raise NotADay("That day has not come yet.", field="on_day")
    _check_needed(found, shape)
    if found.get("type") == "translation" and not found["language"]:
        raise RecordIncomplete("Say into which language.", field="language")
    return Record(record_id, kind, **found)


def _check_needed(found: Mapping[str, Any], shape: Shape) -> None:
    for name in shape.needed:
        if name == "reference":
            if not (found["reference"] or found.get("archived")):
                raise EvidenceMissing("Say where one can see it: an address, a document, a clipping.", field=name)
        elif not found[name]:
            raise RecordIncomplete(_ASKED[name], field=name)


def _read(name: str, raw: Any, shape: Shape, known: Mapping[str, Collection[str]]) -> Any:
    if name in _LENGTHS:
        return clean_line(str(raw or ""))[: _LENGTHS[name]]
    if name == "on_day":
        return parse_day(raw, name)
    if name in ("amount", "reach"):
        return _whole(name, raw)
    if name in ("country", "language"):
        return parse_place(name, raw)
    choices: Mapping[str, Collection[str]] = {
        "type": shape.types, "extent": EXTENT_WORDS, "basis": [basis.value for basis in Basis], **known,
    }  # fmt: skip
    return _choice(name, raw, choices[name])


def _choice(name: str, raw: Any, choices: Collection[str]) -> str | None:
    if raw in (None, ""):
        if name == "type":
            raise RecordIncomplete(_ASKED[name], field=name)
        return {"extent": "", "basis": Basis.ESTIMATED.value}.get(name)
    if raw not in choices:
        raise UnknownReference("Choose one of the list.", field=name)
    return str(raw)


def _whole(name: str, raw: Any) -> int | None:
    if raw in (None, ""):
        return 1 if name == "amount" else None
    found, least, most = parse_number(raw, name), *((1, MOST) if name == "amount" else (0, MOST_REACHED))
    if found != int(found) or not least <= found <= most:
        raise NotANumber(f"Give a whole number, from {least} to {most:,}.", field=name)
    return int(found)


def parse_place(name: str, raw: Any) -> str | None:
    """Return the code of a country or a language that is named; of none, None or "".

    Raises:
        UnknownReference: we know none of this name.
    """
    text = clean_line(str(raw or ""))
    if not text:
        return None if name == "country" else ""
    read = read_country(text) if name == "country" else read_language(text)
    if read is None:
        asked = "Give a country that we know by this name." if name == "country" else "Give a language such as French."
        raise UnknownReference(asked, field=name)
    return read
