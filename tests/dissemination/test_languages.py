"""The report in English, French and Spanish: every word of ours is there, with the same slots."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from python_calamine import CalamineWorkbook

from service.dissemination import harvest, recording
from service.dissemination.handouts import CHANNELS
from service.dissemination.indicators import INDICATORS
from service.dissemination.rendering import LANGUAGES, render
from service.dissemination.wording import KINDS, ORGANISATION_WORDS, OUR_TITLES
from service.web import words
from tests.dissemination.test_leaks import TARGETS, small_world
from tests.dissemination.views import view_of
from tests.house.test_guest_words import catalogue

ROOT = Path(__file__).parents[2]
SLOT = re.compile(r"%\(\w+\)s")
OTHERS = [code for code in LANGUAGES if code != "en"]


def messages() -> set[str | tuple[str, str]]:
    """Return the words that the code and the templates of reports ask for."""
    trimmed = {"**.html": {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true"}}
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2)}
    places = (
        ("templates/reports", "jinja2.ext:babel_extract", "**.html"),
        ("service/dissemination", "python", "**.py"),
    )
    return {
        message if isinstance(message, str) else (message[0], message[1])
        for folder, method, pattern in places
        for _file, _line, message, _comments, _context in extract_from_dir(
            ROOT / folder, [(pattern, method)], keywords=keywords, options_map=trimmed
        )
    }


@pytest.mark.parametrize("language", OTHERS)
def test_every_word_of_a_report_is_translated(language: str) -> None:
    known = {message.id: message.string for message in catalogue(language) if message.id}
    wanted = messages()

    assert len(wanted) > 100
    assert sorted(str(one) for one in wanted if not known.get(one)) == []
    for one in wanted:
        for source, target in zip(_forms(one), _forms(known[one]), strict=True):
            assert sorted(SLOT.findall(source)) == sorted(SLOT.findall(target)), source


def _forms(message: str | tuple[str, ...]) -> tuple[str, ...]:
    return (message,) if isinstance(message, str) else message


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("format", ["html", "pdf", "docx", "xlsx"])
def test_a_report_is_made_in_a_language_and_is_the_same_again(language: str, format: str) -> None:
    view = view_of(small_world(), "donor", TARGETS)
    spoken = words.translations(language)

    made = render(view, format, words=spoken, language=language)

    assert made == render(view, format, words=spoken, language=language)
    assert made != render(view, format)


@pytest.mark.parametrize(
    ("language", "title", "section"),
    [
        ("fr", "35–39 personnes sont venues à 1 événement", "Prévu et réalisé"),
        ("es", "35–39 personas asistieron a 1 acto", "Lo previsto y lo logrado"),
    ],
)
def test_it_speaks_that_language(language: str, title: str, section: str) -> None:
    view = view_of(small_world(), "donor", TARGETS)

    page = render(view, "html", words=words.translations(language), language=language).decode()

    assert f'<html lang="{language}"' in page
    assert title in page
    assert section in page
    assert "Plan against actual" not in page


def spoken_of() -> set[str]:
    """Return the words that reports say of indicators and of rows, which no code asks for by name."""
    indicators = {word for one in INDICATORS for word in (one.name, one.definition, one.verification) if word} | {
        one.unit.value for one in INDICATORS
    }
    rows = {
        *harvest.STATE_WORDS.values(), *harvest.KIND_WORDS.values(), *recording.TYPE_WORDS.values(),
        *recording.EXTENT_WORDS.values(), *KINDS.values(), *ORGANISATION_WORDS.values(), *OUR_TITLES,
        *(one.capitalize() for one in CHANNELS),
        "Not stated", "Given by hand", "4 or 5, not told apart", "1 to 3, not told apart", "Counted", "Estimated",
        "Told by others", "In the room", "Online",
        "Shown by a file", "Not shown by a file",
    }  # fmt: skip
    return (indicators | rows) - {"%"}


@pytest.mark.parametrize("language", OTHERS)
def test_every_indicator_and_every_row_is_told_in_that_language(language: str) -> None:
    known = {message.id: message.string for message in catalogue(language) if message.id}

    assert len([one for one in INDICATORS if known.get(one.definition)]) == 36
    assert sorted(word for word in spoken_of() if not known.get(word)) == []


@pytest.mark.parametrize(
    ("language", "definition", "region"),
    [
        (
            "fr",
            "Exemplaires expédiés moins exemplaires revenus. La région est celle du pays où ils sont allés.",
            "Afrique orientale",
        ),
        (
            "es",
            "Ejemplares enviados menos ejemplares devueltos. La región es la del país al que fueron.",
            "África oriental",
        ),
    ],
)
def test_definitions_and_rows_speak_that_language_in_every_format(language: str, definition: str, region: str) -> None:
    view = view_of(small_world(), "donor", TARGETS)
    given = {"words": words.translations(language), "language": language}
    page = render(view, "html", **given).decode()
    with zipfile.ZipFile(io.BytesIO(render(view, "zip", **given))) as archive:
        defined = list(csv.DictReader(io.StringIO(archive.read("definitions.csv").decode())))
        figures = list(csv.DictReader(io.StringIO(archive.read("figures.csv").decode())))
    book = CalamineWorkbook.from_filelike(io.BytesIO(render(view, "xlsx", **given)))
    sheet = book.get_sheet_by_name("Definitions").to_python()

    assert (definition in page, region in page) == (True, True)
    assert ("Copies shipped" in page, "Eastern Africa" in page, "Not stated" in page) == (False, False, False)
    assert [one["definition"] for one in defined if one["indicator"] == "O4"] == [definition]
    assert [row[3] for row in sheet if row[0] == "O4"] == [definition]
    assert {one["unit"] for one in figures if one["indicator"] == "E4"} == {"people"}
