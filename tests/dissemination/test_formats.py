"""The report in the programs of others: a workbook, a document, pages."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree

import docx
import pytest
from python_calamine import CalamineWorkbook

from service.dissemination import report
from service.dissemination.formats import book_xlsx, document_docx, pages_pdf
from service.dissemination.outline import outline
from service.dissemination.rendering import render
from service.dissemination.snapshots import Narrative
from service.dissemination.values.plan import Milestone
from service.dissemination.wording import Voice
from service.web.words import translations
from tests.databases import require_or_skip
from tests.dissemination.test_leaks import TARGETS, small_world
from tests.dissemination.views import target, view_of
from tests.web.plans import TODAY, plan_line

HOSTILE = '=cmd|"/c calc"!A1 #import "x" *bold* $x$ @ref <label> \\ `raw` [«كتاب» Книга] <b>&amp;'


def view(profile: str = "donor", name: str = "Resource book"):
    found = view_of(small_world(), profile, TARGETS)
    return replace(found, project=replace(found.project, name=name))


def composed(found):
    say = Voice()
    made = report.compose(found, say)
    return found, made, outline(made, say)


def test_the_sections_are_those_of_the_web_page():
    _view, _report, sections = composed(view())

    assert [section.title for section in sections] == [
        "In five figures",
        "Plan against actual",
        "From invitation to attendance",
        "Where they came from",
        "Who they were",
        "Events",
        "Month by month",
        "What is late",
        "How these figures were made",
        "The figures as tables",
    ]


def test_the_workbook_has_the_sheets_and_columns_that_funders_ask_for():
    book = CalamineWorkbook.from_filelike(io.BytesIO(render(view(), "xlsx")))
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}

    assert list(sheets) == ["Summary", "Logframe", "Activities", "Indicators", "Definitions"]
    assert sheets["Logframe"][0] == list(book_xlsx.LOGFRAME)
    assert [row[:5] for row in sheets["Logframe"] if row[0].startswith("E4")] == [
        ["E4 Distinct attendees", "0", "", "220 (2027-12-31)", "35–39"]
    ]
    assert sheets["Activities"][1] == ["The launch", "launch", *sheets["Activities"][1][2:5], *["35–39"] * 4]
    assert len(sheets["Definitions"]) == 1 + len(view().definitions)


def planned():
    """The small world with a plan of one line, and a target that has everything a logframe asks for."""
    promise = target("E4", 220, milestones=(Milestone(date(2027, 6, 30), 120),), weight=37.5, risk="Visas")
    world = small_world()
    world.plan = [plan_line("launch", "Launch", 60, status="delivered", evidence="=Photos", delivered_on=TODAY)]
    return view_of(world, "donor", (promise,))


def test_the_logframe_has_milestones_weight_and_risk_and_the_activities_are_the_plans():
    book = CalamineWorkbook.from_filelike(io.BytesIO(render(planned(), "xlsx")))

    assert book.get_sheet_by_name("Logframe").to_python()[1] == [
        "E4 Distinct attendees",
        "0",
        "120 (2027-06-30)",
        "220 (2027-12-31)",
        "35–39",
        "check-in or signed sheet",
        "37.5%",
        "Visas",
    ]
    assert [row[0] for row in book.get_sheet_by_name("Activities").to_python()] == ["Activity", "Launch"]


def test_the_risk_of_a_target_is_not_for_the_public():
    world = small_world()
    promise = target("E4", 220, weight=20.0, risk="Visas")

    assert [view_of(world, who, (promise,)).targets[0].risk for who in ("internal", "donor", "public")] == [
        "Visas",
        "Visas",
        "",
    ]


def test_a_data_package_says_what_its_tables_hold():
    found = planned()

    with zipfile.ZipFile(io.BytesIO(render(found, "zip"))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    package = json.loads(files.pop("datapackage.json"))

    assert render(found, "zip") == render(found, "zip")
    assert list(files) == [
        "figures.csv",
        "logframe.csv",
        "activities.csv",
        "external.csv",
        "definitions.csv",
        "report.json",
    ]
    assert {one["path"]: (one["bytes"], one["hash"]) for one in package["resources"]} == {
        name: (len(content), f"sha256:{sha256(content).hexdigest()}") for name, content in files.items()
    }
    for one in package["resources"][:-1]:
        rows = list(csv.reader(io.StringIO(files[one["path"]].decode("utf-8"))))
        assert rows[0] == [field["name"] for field in one["schema"]["fields"]]
        assert {len(row) for row in rows} == {len(rows[0])}
    assert files["report.json"] == render(found, "json")
    line = next(csv.DictReader(io.StringIO(files["activities.csv"].decode())))
    assert (line["title"], line["status"], line["evidence"]) == ("Launch", "delivered", "'=Photos")


def test_the_document_has_headings_and_tables_whose_head_is_repeated():
    made = docx.Document(io.BytesIO(render(view(), "docx")))

    titles = [paragraph.text for paragraph in made.paragraphs if paragraph.style.name == "Heading 1"]
    assert titles == [section.title for section in composed(view())[2]]
    assert made.paragraphs[0].text == "35–39 people came to 1 event"
    heads = [table.rows[0]._tr.xpath("./w:trPr/w:tblHeader") for table in made.tables]
    assert heads
    assert all(heads)
    assert made.core_properties.title == "35–39 people came to 1 event"


def test_the_pages_are_tagged_named_and_carry_their_fonts():
    found = render(view(), "pdf")

    assert found.startswith(b"%PDF-")
    for mark in (b"/MarkInfo", b"/StructTreeRoot", b"/Lang", b"pdfuaid:part"):
        assert mark in found, mark
    assert b"LibertinusSerif" in found


@pytest.mark.parametrize("format", ["pdf", "docx", "xlsx"])
def test_what_people_typed_is_text_in_every_format(format: str):
    found = composed(view(name=HOSTILE))
    made = {"pdf": pages_pdf, "docx": document_docx, "xlsx": book_xlsx}[format].render(*found)

    if format == "pdf":
        assert b"NotoNaskhArabic" in made
        longer, usual = (len(pages_pdf.pictures(*one, ppi=20)) for one in (found, composed(view())))
        assert longer - usual in (0, 1)  # its words are longer, too
        return
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")}
    words = parts["xl/sharedStrings.xml" if format == "xlsx" else "word/document.xml"]
    assert HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in words.replace("&quot;", '"')
    assert not any("<f>" in part for part in parts.values())


@pytest.mark.parametrize("format", ["docx", "xlsx"])
def test_an_archive_bears_no_time_of_writing(format: str):
    with zipfile.ZipFile(io.BytesIO(render(view(), format))) as archive:
        times = {part.date_time for part in archive.infolist()}
        core = archive.read("docProps/core.xml").decode()

    assert times == {(1980, 1, 1, 0, 0, 0)}
    at = view().cutoff.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {at}


def test_libreoffice_opens_the_workbook_and_finds_every_sheet(tmp_path: Path):
    if shutil.which("soffice") is None:
        require_or_skip("office", "LibreOffice (soffice) is not installed here")
    source = tmp_path / "report.xlsx"
    source.write_bytes(book_xlsx.render(*composed(view(name=HOSTILE))))

    converted(tmp_path, "fods", [source])

    shown = (tmp_path / "report.fods").read_text()
    assert re.findall(r'<table:table table:name="(\w+)"', shown) == [
        "Summary",
        "Logframe",
        "Activities",
        "Indicators",
        "Definitions",
    ]
    assert "table:formula=" not in shown


def converted(folder: Path, to: str, documents: Iterable[Path]) -> None:
    """Let LibreOffice open documents, all in one run, and write each as another kind of file beside it."""
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", to]
    paths = [str(path) for path in documents]
    subprocess.run([*command, "--outdir", str(folder), *paths], check=True, timeout=180, capture_output=True)


def test_libreoffice_opens_the_document_and_makes_pages_of_it(tmp_path: Path):
    if shutil.which("lowriter") is None:
        require_or_skip("office", "LibreOffice Writer is not installed here")
    arabic, french = "«كتاب التحالفات» قائمة الحضور", "Réseau des régions – où, dès l’été"
    found = replace(view(name=HOSTILE), narrative=Narrative(summary=arabic, next_steps=french))
    words = {language: translations(language) for language in ("en", "fr")}
    documents = [tmp_path / f"report-{language}.docx" for language in words]
    for document, (language, spoken) in zip(documents, words.items(), strict=True):
        document.write_bytes(render(found, "docx", words=spoken, language=language))

    converted(tmp_path, "fodt", documents)
    converted(tmp_path, "pdf", documents)

    heads = {"en": "What is late", "fr": "Ce qui est en retard"}
    for document in documents:
        text = ElementTree.parse(document.with_suffix(".fodt")).getroot()  # noqa: S314 - made by the line above
        said = " ".join("".join(text.itertext()).split())
        language = document.stem.rpartition("-")[2]
        assert [one in said for one in (arabic, french, " ".join(HOSTILE.split()), heads[language])] == [True] * 4
        pages = document.with_suffix(".pdf").read_bytes()
        assert (pages[:5], pages.count(b"/Type/Page/") >= 2) == (b"%PDF-", True)
