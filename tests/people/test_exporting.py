"""People written to files and read back by the importer: nothing lost, no formula alive."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.people.cells import tidy
from service.people.exporting import HEADINGS, Format, write_people
from service.people.headings import find_layout
from service.people.importing import audience_finder, read_drafts
from service.people.reading import read_table
from service.people.values import Audience, AudienceId, OrganisationId, Person, PersonId
from service.people.workbooks import read_workbook
from tests.databases import require_or_skip
from tests.factories import NOW

AUDIENCES = [Audience(AudienceId("a1"), 1, "government", "Governments", None)]
ATTACKS = [
    *("=1+1", "+1+1", "-1+1", "@SUM(1)", "＝1+1", '=HYPERLINK("https://evil.example","x")', "'=1+1", "''=1+1"),
    *("=cmd|'/c calc'!A0", "-", "n/a", "'n/a", "+254", "-5"),
]


def person(**wishes: Any) -> Person:
    """Maria, who has everything."""
    maria = Person(
        id=PersonId("01m"), name="Maria Achieng", greeting="Dear Maria", email="Maria@example.org",
        email_key="maria@example.org", other_emails=("m2@example.org", "m3@example.org"),
        organisation_id=OrganisationId("01o"), organisation="Halden, Trust; “East”", audience_id=AudienceId("a1"),
        audience="Governments", role="Head, policy", country="KE", region="014", language="sw",
        time_zone="Africa/Nairobi", tags=("press", "donor"), at_risk=False, pseudonym="A-7", source="card; Geneva",
        source_on=date(2026, 11, 3), created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    return replace(maria, **wishes)


def written(people: list[Person], wanted: Format) -> bytes:
    file = io.BytesIO()
    write_people(people, wanted, file)
    return file.getvalue()


def records_of(data: bytes, wanted: Format, folder: Path | None = None) -> list[list[str]]:
    if wanted is not Format.XLSX or folder is None:
        return read_table(data).records
    path = folder / "people.xlsx"
    path.write_bytes(data)
    return list(read_workbook(path).records)


def read_back(records: list[list[str]]) -> list[dict[str, Any]]:
    find = audience_finder(AUDIENCES)
    layout = find_layout(records, is_audience=lambda text: find(text) is not None)
    drafts = read_drafts(records, layout, find)
    assert [draft.refusal for draft in drafts] == [None] * len(drafts)
    return [dict(draft.fields) for draft in drafts]


def said(one: Person, *, card: bool = False) -> dict[str, Any]:
    """Return what the importer should understand of a person."""
    names = ("name", "email", "email_key", "organisation", "role", "country", "language", "time_zone")
    if not card:
        names = (*names, "audience_id", "greeting", "pseudonym", "source")
    facts = {name: getattr(one, name) for name in names}
    lists = {"other_emails": list(one.other_emails), "tags": list(one.tags)}
    flags = {"at_risk": True} if one.at_risk and not card else {}
    return {name: value for name, value in {**facts, **lists, **flags}.items() if value}


BARE = person(
    name="Jos", email="jos@example.org", email_key="jos@example.org", other_emails=(), organisation=None, role=None,
    audience=None, audience_id=None, country=None, language=None, time_zone=None, tags=(), greeting=None,
    pseudonym=None, source=None, at_risk=True,
)  # fmt: skip


@pytest.mark.parametrize("wanted", [Format.CSV, Format.XLSX])
def test_tables_come_back_through_the_importer_as_they_went_out(wanted: Format, tmp_path: Path) -> None:
    people = [person(), BARE, person(email="n@example.org", email_key="n@example.org", name="النجم", at_risk=True)]

    records = records_of(written(people, wanted), wanted, tmp_path)

    assert records[0] == list(HEADINGS)
    assert read_back(records) == [said(one) for one in people]


def test_formulas_in_words_come_back_from_a_workbook(tmp_path: Path) -> None:
    attacks = [attack for attack in ATTACKS if attack.strip("'") not in ("-", "n/a")]  # bare, these say “nothing here”
    people = [person(name=attack, role=attack) for attack in attacks if "@" not in attack]

    records = records_of(written(people, Format.XLSX), Format.XLSX, tmp_path)

    assert read_back(records) == [said(one) for one in people]


def test_cards_come_back_through_the_importer_as_they_went_out() -> None:
    people = [person(role="x" * 190 + "é\\n;,"), BARE]

    data = written(people, Format.CARDS)

    assert read_back(records_of(data, Format.CARDS)) == [said(one, card=True) for one in people]
    assert max(map(len, data.split(b"\r\n"))) == 75


def test_objects_come_back_through_the_importer_as_they_went_out() -> None:
    attacks = [
        person(name=attack, role=attack) for attack in ATTACKS if "@" not in attack and attack.strip("'") != "n/a"
    ]
    people = [person(), BARE, person(name="النجم", at_risk=True), *attacks]

    table = read_table(written(people, Format.JSON))

    assert table.delimiter == "json"
    assert read_back(table.records) == [said(one) for one in people]


@pytest.mark.parametrize(
    ("text", "records"),
    [
        ('[{"Name": "A", "e-mail": "a@x.org"}]', [["Name", "e-mail"], ["A", "a@x.org"]]),
        (
            '\n {"email": "a@x.org", "n": 1, "more": {"x": 2}, "gone": null}',
            [["E-mail", "n", "more", "gone"], ["a@x.org", "1", "", ""]],
        ),
        ("[Name],e-mail\nA,a@x.org", [["[Name]", "e-mail"], ["A", "a@x.org"]]),
        ('{"a": [1]},e-mail', [['{"a": [1]}', "e-mail"]]),
        ("[" * 100_000, [["[" * 100_000]]),
    ],
)
def test_json_is_a_table_when_it_holds_objects(text: str, records: list[list[str]]) -> None:
    assert read_table(text.encode()).records == records


def test_json_holds_all_that_may_be_said_of_a_person() -> None:
    facts = json.loads(written([person(), BARE], Format.JSON))["people"]

    assert [one["name"] for one in facts] == ["Maria Achieng", "Jos"]
    assert facts[0]["source_on"] == "2026-11-03"
    assert set(facts[0]) == {
        "id", "name", "greeting", "email", "other_emails", "organisation", "audience", "role", "country", "language",
        "time_zone", "tags", "at_risk", "pseudonym", "source", "source_on", "created_at", "updated_at",
    }  # fmt: skip
    assert json.loads(written([], Format.JSON)) == {"people": []}


WORDS = st.text(min_size=1, max_size=40).map(tidy).filter(bool)
LINES = st.one_of(WORDS, st.sampled_from(ATTACKS))
TAGS = LINES.filter(lambda text: not any(mark in text for mark in (",", ";", "|", ":::")) and not text.startswith("* "))


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.builds(
            person,
            name=LINES.filter(lambda text: "@" not in text),
            organisation=LINES,
            role=LINES,
            greeting=LINES,
            source=LINES,
            tags=st.lists(TAGS, max_size=5, unique=True)
            .map(tuple)
            .filter(lambda tags: tidy(", ".join(tags)) == ", ".join(tags)),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_any_words_come_back_from_a_csv_file(people: list[Person]) -> None:
    assert read_back(records_of(written(people, Format.CSV), Format.CSV)) == [said(one) for one in people]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_cell_of_a_csv_file_begins_as_a_formula(attack: str) -> None:
    data = written([person(name=attack, role=attack, tags=(attack,))], Format.CSV)

    cells = [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "＝"))]


def test_every_cell_of_a_workbook_is_text() -> None:
    people = [person(name=attack, role=attack, source="https://evil.example") for attack in ATTACKS]

    with zipfile.ZipFile(io.BytesIO(written(people, Format.XLSX))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        names = book.namelist()

    assert "<f>" not in sheet
    assert "hyperlink" not in sheet.lower()
    assert sheet.count("<c ") == sheet.count(' t="s"')
    assert not [name for name in names if "externalLink" in name or "vba" in name.lower()]


@pytest.mark.parametrize("wanted", [Format.CSV, Format.XLSX])
def test_libreoffice_finds_no_formula(wanted: Format, tmp_path: Path) -> None:
    if shutil.which("soffice") is None:
        require_or_skip("office", "LibreOffice (soffice) is not installed here")
    people = [person(name=attack, role=attack) for attack in ATTACKS]
    source = tmp_path / f"people.{wanted.value}"
    source.write_bytes(written(people, wanted))

    command = ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "fods"]
    subprocess.run([*command, "--outdir", str(tmp_path), str(source)], check=True, timeout=120, capture_output=True)

    shown = (tmp_path / "people.fods").read_text()
    assert "table:formula=" not in shown
    assert shown.count("HYPERLINK(") == 2  # name and role of one person, as text
