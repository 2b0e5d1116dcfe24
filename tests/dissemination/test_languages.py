"""The report in English, French and Spanish: every word of ours is there, with the same slots."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from service.dissemination.rendering import LANGUAGES, render
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
