"""A row of an import in words: who, what will become of it and why, and what else can be chosen for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.people.choices import choices_of
from service.people.importing import SENTENCES
from service.people.values import LOOK, Reason, Ruling
from service.web.dates import country_name, language_name

SHOWN = (
    "name",
    "organisation",
    "role",
    "audience_id",
    "country",
    "language",
    "time_zone",
    "greeting",
    "pseudonym",
    "phone",
    "notes",
    "tags",
    "other_emails",
    "at_risk",
)
_SAID_OF_NEW = ("organisation", "audience_id", "country")
MOST = 300  # letters of a sentence or a value that a row shows


@dataclass(frozen=True, slots=True)
class Row:
    """One row as the page shows it. `changed`: (field, held now, will be); `words`: (sentence, asks for a look)."""

    row: int
    verdict: str
    name: str
    email: str
    at_risk: bool
    says: str
    words: tuple[tuple[str, bool], ...]
    changed: tuple[tuple[str, str, str], ...]
    choices: tuple[str, ...]


def row_of(ruling: Ruling, audiences: Mapping[str, str]) -> Row:
    """Return a row in words. `audiences`: names by id."""
    fields = ruling.fields
    at_risk = bool(fields.get("at_risk") or ruling.before.get("at_risk"))
    return Row(
        row=ruling.row,
        verdict=ruling.verdict.value,
        name="" if at_risk else fields.get("name", ""),
        email="" if at_risk else fields.get("email", ""),
        at_risk=at_risk,
        says=" · ".join(_said(ruling, audiences)) if ruling.verdict == "create" and not at_risk else "",
        words=tuple(_words(ruling, at_risk)),
        changed=() if at_risk else tuple(_changed(ruling, audiences)),
        choices=tuple(choice.value for choice in choices_of(ruling)),
    )


def _said(ruling: Ruling, audiences: Mapping[str, str]) -> Iterator[str]:
    for name in _SAID_OF_NEW:
        if value := ruling.fields.get(name):
            yield in_words(name, value, audiences)


def _changed(ruling: Ruling, audiences: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for name in SHOWN:
        if name in ruling.before and name in ruling.fields:
            now = ruling.before[name]
            yield name, in_words(name, now, audiences), in_words(name, ruling.fields[name], audiences)


def in_words(field: str, value: Any, audiences: Mapping[str, str]) -> str:
    """Return a field's value as people say it; "" for none."""
    if value is None or value in ([], "", False):
        return ""
    match field:
        case "audience_id":
            return audiences.get(value, "")
        case "country":
            return country_name(value)
        case "language":
            return language_name(value)
        case "tags" | "other_emails":
            return ", ".join(value)[:MOST]
        case _:
            return "✓" if value is True else str(value)[:MOST]


def _words(ruling: Ruling, at_risk: bool) -> Iterator[tuple[str, bool]]:
    notes = list(ruling.notes)
    if ruling.reason and not any(code == ruling.reason for code, _detail in notes):
        notes.insert(0, (ruling.reason, ""))
    for code, detail in notes:
        if not (at_risk and detail):
            yield sentence_of(code, detail), code in LOOK


def sentence_of(code: str, detail: str) -> str:
    """Return a reason or a note in words."""
    return SENTENCES[Reason(code)].format(detail[:MOST]).replace(", .", ".").replace(": .", ".")
