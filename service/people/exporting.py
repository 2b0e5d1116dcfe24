"""People as a file: CSV, a workbook, address cards, JSON. Pure: what may be in it is settled in `exports`.

The headings are those that `headings` reads, so that a file comes back through the importer as it went out. Notes and
phone numbers lie sealed and are in none of them.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from enum import StrEnum
from typing import Any, BinaryIO

import xlsxwriter

from service.ical.lines import fold, text
from service.people.cells import guarded
from service.people.values import Person

HEADINGS = (
    *("Name", "E-mail", "Other e-mails", "Organisation", "Role", "Audience", "Country", "Language", "Time zone"),
    *("Tags", "Greeting", "At risk", "Pseudonym", "Source"),
)
_WIDTHS = (28, 32, 28, 28, 22, 18, 10, 10, 20, 20, 20, 8, 14, 28)  # letters
_NOT_SAID = frozenset({"email_key", "organisation_id", "audience_id", "region"})


class Format(StrEnum):
    """How people are written to a file."""

    CSV = "csv"
    XLSX = "xlsx"
    CARDS = "vcf"
    JSON = "json"


MEDIA_TYPES: Mapping[Format, str] = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CARDS: "text/vcard; charset=utf-8",
    Format.JSON: "application/json",
}


def write_people(people: Iterable[Person], wanted: Format, file: BinaryIO) -> None:
    """Write people to a file, in the order given."""
    _WRITERS[wanted](people, file)


def as_record(person: Person) -> list[str]:
    """Return a person as cells under `HEADINGS`."""
    return [
        person.name,
        person.email,
        "; ".join(person.other_emails),
        person.organisation or "",
        person.role or "",
        person.audience or "",
        person.country or "",
        person.language or "",
        person.time_zone or "",
        ", ".join(person.tags),
        person.greeting or "",
        "yes" if person.at_risk else "",
        person.pseudonym or "",
        person.source or "",
    ]


def _write_csv(people: Iterable[Person], file: BinaryIO) -> None:
    """UTF-8 with a mark and CRLF, which spreadsheets read as it is meant; no cell is taken for a formula."""
    out = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    writer.writerows(map(guarded, as_record(person)) for person in people)
    out.detach()


def _write_xlsx(people: Iterable[Person], file: BinaryIO) -> None:
    """Every cell is text by its type, so that no formula and no link can be among them; nothing lies on the disk."""
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet("People")
    bold = book.add_format({"bold": True})
    for column, (heading, width) in enumerate(zip(HEADINGS, _WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, heading, bold)
    for row, person in enumerate(people, 1):
        for column, cell in enumerate(as_record(person)):
            if cell:
                sheet.write_string(row, column, cell)
    sheet.freeze_panes(1, 0)
    book.close()


def _write_cards(people: Iterable[Person], file: BinaryIO) -> None:
    for person in people:
        file.writelines(fold(line) for line in _card(person))


def _card(person: Person) -> Iterator[str]:
    """Give the lines of a card (vCard 4.0, RFC 6350)."""
    yield from ("BEGIN:VCARD", "VERSION:4.0", f"FN:{text(person.name)}", f"EMAIL;PREF=1:{text(person.email)}")
    yield from (f"EMAIL:{text(address)}" for address in person.other_emails)
    said = {
        "ORG": person.organisation,
        "TITLE": person.role,
        "LANG": person.language,
        "TZ": person.time_zone,
    }
    yield from (f"{name}:{text(value)}" for name, value in said.items() if value)
    if person.country:
        yield f"ADR:;;;;;;{text(person.country)}"
    if person.tags:
        yield f"CATEGORIES:{','.join(map(text, person.tags))}"
    yield "END:VCARD"


def _write_json(people: Iterable[Person], file: BinaryIO) -> None:
    """One object a line within an array: all that staff or a program may say of a person, and when it was said."""
    file.write(b'{"people": [')
    for number, person in enumerate(people):
        line = json.dumps(as_facts(person), ensure_ascii=False, default=str)
        file.write(b"\n" if not number else b",\n")
        file.write(line.encode())
    file.write(b"\n]}\n")


def as_facts(person: Person) -> dict[str, Any]:
    """Return what is held of a person by name, without what is worked out and without ids of other things."""
    values = {one.name: getattr(person, one.name) for one in fields(person) if one.name not in _NOT_SAID}
    times = {name: values[name].isoformat() for name in ("created_at", "updated_at")}
    return {**values, "source_on": person.source_on and person.source_on.isoformat(), **times}


_WRITERS: Mapping[Format, Callable[[Iterable[Person], BinaryIO], None]] = {
    Format.CSV: _write_csv,
    Format.XLSX: _write_xlsx,
    Format.CARDS: _write_cards,
    Format.JSON: _write_json,
}
