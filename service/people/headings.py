"""Which column of a table is what: by its heading in English, French or Spanish, else by its content.

Columns we do not want to hold (numbers of papers, dates of birth, beliefs) are left out and named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from service.kernel.errors import Invalid
from service.kernel.text import clean_line, folded
from service.people.places import read_country, read_language
from service.people.values import SEALED

_SYNONYMS = {
    "email": "email, mail, email address, mail address, email 1, email 1 value, email 1 address, "
    "primary email, work email, courriel, adresse courriel, adresse email, adresse mail, adresse de messagerie, "
    "adresse electronique, mel, correo, correo electronico, direccion de correo, direccion de correo electronico, "
    "direccion electronica",
    "other_email": "second email, other email, other emails, secondary email, alternate email, "
    "private email, personal email, autre courriel, autre email, courriel 2, autre adresse, otro correo, correo 2, "
    "correo alternativo, direccion de correo electronico 2, adresse de messagerie 2, adresse de messagerie 3",
    "name": "full name, contact, contact name, person, participant, guest, invitee, display name, nom complet, "
    "nom et prenom, nom prenom, prenom et nom, prenom nom, nombre completo, nombre y apellidos, nombre y apellido",
    "first_name": "first name, firstname, given name, given names, forename, first, prenom, prenoms, nombres, "
    "primer nombre",
    "middle_name": "middle name, middle names, additional name, deuxieme prenom, segundo nombre",
    "last_name": "last name, lastname, surname, family name, second name, last, nom de famille, apellido, apellidos",
    "greeting": "greeting, salutation, dear, formule d appel, saludo",
    "role": "role, job title, position, function, job, occupation, designation, fonction, poste, "
    "organization title, organization 1 title, cargo, puesto",
    "organisation": "organisation, organization, org, company, company name, institution, affiliation, employer, ngo, "
    "agency, organisation name, organization name, organization 1 name, organisme, societe, "
    "association, entreprise, structure, "
    "institucion, organizacion, empresa, entidad, afiliacion",
    "audience": "audience, audience rank, audience key, rank, target group, target audience, public, public cible, "
    "groupe cible, rang, rang du public, audiencia, publico, publico objetivo, rango, grupo objetivo",
    "country": "country, country code, country name, country of residence, nation, pays, code pays, "
    "pays de residence, pais, codigo de pais, pais de residencia, address 1 country, business country region, "
    "pays region bureau, pais o region del trabajo",
    "language": "language, lang, preferred language, locale, langue, langue preferee, idioma, lengua, idioma preferido",
    "time_zone": "time zone, timezone, tz, fuseau horaire, zona horaria, huso horario",
    "tags": "tags, tag, labels, keywords, categories, category, group membership, etiquettes, "
    "mots cles, etiquetas, palabras clave, categorias",
    "at_risk": "at risk, sensitive, a risque, en riesgo",
    "pseudonym": "pseudonym, pseudonyme, seudonimo",
    "fault": "fault of the card",  # what `cards` could not read
    "phone": "phone, telephone, tel, mobile, mobile phone, cell, cell phone, phone number, telephone number, whatsapp, "
    "phone 1 value, primary phone, business phone, home phone, numero de telephone, telephone mobile, portable, gsm, "
    "telephone bureau, telefono, telefono movil, celular, movil, numero de telefono",
    "notes": "notes, note, remark, remarks, comment, comments, remarque, remarques, commentaire, commentaires, nota, "
    "notas, observaciones, comentario, comentarios",
    "source": "source, origin, where from, where we met, how we met, provenance, origine, origen, procedencia, fuente",
}
_FIELDS = {name.strip(): field for field, names in _SYNONYMS.items() for name in names.split(",")}
# One word for the whole name or for half of it: the other columns decide.
_HALF_OR_WHOLE = {"name": ("first_name", "last_name"), "nom": ("first_name", "last_name")} | {
    "nombre": ("last_name", "first_name")
}
_NAMES = {"name", "first_name", "last_name", True}
# A role in one's own sheet; in an address book, where the role has a column of its own, it is "Ms" or "Dr".
_TITLES = frozenset(["title", "titre", "titulo"])
_OTHER_EMAIL = re.compile(r"email [2-9](?: value| address)?")
_NOT_HELD = re.compile(
    r"passport|passeport|pasaporte|\b(?:id|identity|national id|identity card|id card) (?:no|nr|num|number)\b|^id card$"
    r"|national id|numero (?:d identite|de identidad)|carte d identite|^cni$|^dni$|^nie$|cedula|documento de identidad"
    r"|birth|^dob$|naissance|nacimiento|religion|confession|ethnic|ethni|etnia|caste|political|politique|politica"
    r"|social security|^ssn$|securite sociale|seguridad social|iban|bank account|health|medical|sante|salud|handicap"
    r"|disability|discapacidad|diagnos|sexual|orientation sexuelle|orientacion sexual|union membership|biometric"
)
_ADDRESS = re.compile(r"[^\s@]@[^\s@]+\.[^\s@]")
_SAMPLE = 200


class NoAddressColumn(Invalid):
    """Nothing in the table looks like e-mail addresses."""

    code = "no-address-column"

    def __init__(self, layout: Layout) -> None:
        self.layout = layout  # what was found beside; a page lets staff say which column it is
        super().__init__("No column holds e-mail addresses. Give that column the heading “E-mail” and try again.")


def column_index(letter: str) -> int:
    """Return the place of a column, from 0, by the letters a spreadsheet gives it.

    Raises:
        Invalid: these are no such letters.
    """
    if not re.fullmatch("[A-Z]|[A-I][A-Z]", letter):
        raise Invalid("Columns are called A to IZ.", field="columns")
    return 26 * (ord(letter[0]) - 64 if letter[1:] else 0) + ord(letter[-1]) - 65


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its place from 0, its heading ("" without one), the field it fills or None."""

    index: int
    heading: str
    field: str | None
    is_held: bool = True

    @property
    def letter(self) -> str:
        """The letters a spreadsheet gives it: A, B, … AA."""
        first, last = divmod(self.index, 26)
        return (chr(64 + first) if first else "") + chr(65 + last)


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a table, and where its data begins. `heading_at` None: the file has no headings."""

    columns: tuple[Column, ...]
    heading_at: int | None

    @property
    def first_row(self) -> int:
        """The index of the first record of data."""
        return 0 if self.heading_at is None else self.heading_at + 1


# What a column may be chosen to hold, in the order in which pages offer it.
FIELDS = (
    *("name", "first_name", "middle_name", "last_name", "email", "other_email", "organisation", "role", "audience"),
    *("country", "language", "time_zone", "tags", "greeting", "at_risk", "pseudonym", "source"),
    *SEALED,
)


def chosen_layout(layout: Layout, chosen: Mapping[int, str | None]) -> Layout:
    """Return the columns as staff say, by their index; a column that is not held stays so.

    Raises:
        Invalid: no such field. NoAddressColumn: none holds addresses.
    """
    if not set(filter(None, chosen.values())) <= set(FIELDS):
        raise Invalid("Choose for each column one of the fields offered.", field="columns")
    fields = {c.index: chosen.get(c.index, c.field) if c.is_held else None for c in layout.columns}
    if "email" not in fields.values():
        raise NoAddressColumn(layout)
    return replace(layout, columns=tuple(replace(c, field=fields[c.index]) for c in layout.columns))


def layout_of(reading: Mapping[str, Any]) -> Layout:
    """Return the columns as an import tells how its file was read."""
    columns, left_out = reading["columns"], reading["left_out"]
    held = [{"letter": c["letter"], "heading": c["heading"]} not in left_out for c in columns]
    found = (Column(i, c["heading"], c["field"], held[i]) for i, c in enumerate(columns))
    return Layout(tuple(found), reading["heading_row"] - 1 if reading["has_heading"] else None)


def find_layout(records: Sequence[Sequence[str]], *, is_audience: Callable[[str], bool]) -> Layout:
    """Return what each column holds.

    Raises:
        NoAddressColumn: none holds addresses.
    """
    at = _heading_at(records)
    sample = [record for record in records[0 if at is None else at + 1 :][: _SAMPLE * 2] if any(record)][:_SAMPLE]
    headings = list(records[at]) if at is not None else []
    width = max([len(headings), *(len(record) for record in sample)], default=0)
    plain = [plain_heading(heading) for heading in headings] + [""] * (width - len(headings))
    fields = _by_heading(plain)
    _by_content(fields, plain, sample, is_audience=is_audience)
    columns = (
        Column(
            i, clean_line(headings[i])[:80] if i < len(headings) else "", fields.get(i), not _NOT_HELD.search(plain[i])
        )
        for i in range(width)
    )
    layout = Layout(tuple(columns), at)
    if "email" not in fields.values():
        raise NoAddressColumn(layout)
    return layout


def plain_heading(heading: str) -> str:
    """Return a heading to compare: folded, words only, “email” in one word."""
    words = re.sub(r"[^\w]+|_", " ", folded(heading)).strip()
    return re.sub(r"\be ?mails?\b", "email", words)


def _field_of(heading: str) -> str | None:
    """Return the field a plain heading names for certain."""
    return "other_email" if _OTHER_EMAIL.fullmatch(heading) else _FIELDS.get(heading)


def _heading_at(records: Sequence[Sequence[str]]) -> int | None:
    """Return the index of the record of headings; titles may stand above it."""
    for at, record in enumerate(records[:10]):
        if any(_ADDRESS.search(cell) for cell in record):
            break
        plain = map(plain_heading, record)
        names = [_field_of(cell) or (cell in _HALF_OR_WHOLE or cell in _TITLES or None) for cell in plain]
        if "email" in names or sum(name is not None for name in names) >= 2 or _is_named(names, record):
            return at
    return _unknown_heading(records)


def _is_named(names: Sequence[object], record: Sequence[str]) -> bool:
    """Tell whether one heading of a name stands beside headings in words we do not know."""
    return bool(_NAMES & set(names)) and sum(map(bool, record)) > 1


def _unknown_heading(records: Sequence[Sequence[str]]) -> int | None:
    """Return the first record when it alone has no address: headings in words we do not know."""
    filled = [(at, record) for at, record in enumerate(records[:_SAMPLE]) if any(record)]
    has_address = [any("@" in cell for cell in record) for _at, record in filled]
    if len(filled) > 1 and not has_address[0] and sum(has_address) >= 0.8 * (len(filled) - 1):
        return filled[0][0]
    return None


def _by_heading(plain: Sequence[str]) -> dict[int, str]:
    fields: dict[int, str] = {}
    for index, heading in enumerate(plain):
        field = _field_of(heading)
        if field and not _NOT_HELD.search(heading):
            fields[index] = "other_email" if field == "email" and field in fields.values() else field
    for index, heading in enumerate(plain):
        if heading in _HALF_OR_WHOLE:
            other, this = _HALF_OR_WHOLE[heading]
            is_half = other in fields.values() and this not in fields.values()
            fields[index] = this if is_half else "name"
        elif heading in _TITLES and "role" not in fields.values():
            fields[index] = "role"
    return fields


def _by_content(
    fields: dict[int, str],
    plain: Sequence[str],
    sample: Sequence[Sequence[str]],
    *,
    is_audience: Callable[[str], bool],
) -> None:
    """Fill in the columns without a known heading whose content is plain to see."""
    tests: list[tuple[str, Callable[[str], bool]]] = [
        ("email", lambda cell: bool(_ADDRESS.search(cell))),
        ("country", lambda cell: read_country(cell) is not None),
        ("language", lambda cell: read_language(cell) is not None),
        ("audience", is_audience),
    ]
    open_columns = [i for i, heading in enumerate(plain) if i not in fields and not _NOT_HELD.search(heading)]
    for field, test in tests:
        _first_that(fields, field, open_columns, sample, test)
    if not {"name", "first_name", "last_name"} & set(fields.values()):
        _first_that(fields, "name", open_columns, sample, _is_name)
    if not any(plain):
        _first_that(fields, "organisation", open_columns, sample, _is_words)


def _first_that(
    fields: dict[int, str],
    field: str,
    indexes: Sequence[int],
    sample: Sequence[Sequence[str]],
    test: Callable[[str], bool],
) -> None:
    if field in fields.values():
        return
    for index in indexes:
        cells = [record[index].strip() for record in sample if index < len(record) and record[index].strip()]
        if index not in fields and cells and sum(map(test, cells)) >= 0.8 * len(cells):
            fields[index] = field
            return


def _is_name(cell: str) -> bool:
    return len(cell) < 60 and len(cell.split()) <= 5 and all(c.isalpha() or c in " .,-'’" for c in cell)


def _is_words(cell: str) -> bool:
    return len(cell) < 200 and sum(c.isalpha() for c in cell) > len(cell) / 2
