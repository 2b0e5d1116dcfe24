"""The words that guests read: each is there in French, Spanish and Arabic, with the same slots."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent.parent
TEMPLATES = ROOT / "templates/web"
LANGUAGES = ("fr", "es", "ar")
SAID = re.compile(r'said\("([^"]+)"\)')  # words that a page's code chooses
SLOT = re.compile(r"%\(\w+\)s")

Message = str | tuple[str, ...]


def guest_messages() -> set[Message]:
    found = extract_from_dir(
        TEMPLATES,
        [("guest/**.html", "jinja2.ext:babel_extract"), ("guest_base.html", "jinja2.ext:babel_extract")],
        options_map={"**.html": {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true"}},
    )
    asked = {message for _file, _line, message, _comments, _context in found}
    pages = ("holdings", "dates")
    return asked | {word for page in pages for word in SAID.findall((ROOT / f"service/web/{page}.py").read_text())}


def catalogue(language: str) -> Catalog:
    path = ROOT / f"service/locale/{language}/LC_MESSAGES/service.po"
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_guest_word_is_translated(language: str) -> None:
    words = catalogue(language)

    asked = guest_messages()
    missing = [message for message in asked if not _forms(words, message) or not all(_forms(words, message))]

    assert len(asked) > 100
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_the_slots(language: str) -> None:
    words = catalogue(language)

    for message in guest_messages():
        if isinstance(message, str):
            (translated,) = _forms(words, message)
            assert sorted(SLOT.findall(translated)) == sorted(SLOT.findall(message)), message


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_waits_for_a_look(language: str) -> None:
    words = catalogue(language)

    assert [message.id for message in words if message.fuzzy and message.id] == []
    assert words.num_plurals == {"fr": 2, "es": 2, "ar": 6}[language]


def _forms(words: Catalog, message: Message) -> tuple[str, ...]:
    entry = words.get(message if isinstance(message, str) else message[0])
    if entry is None:
        return ()
    return (entry.string,) if isinstance(entry.string, str) else tuple(entry.string)
