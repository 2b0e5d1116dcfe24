"""The catalogues: gettext .po files, read at start, never compiled to files."""

from __future__ import annotations

from functools import lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

FOLDER = Path(__file__).parent.parent / "locale"
DOMAIN = "service"
DEFAULT = "en"


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """Return the languages that have a catalogue, and English."""
    found = {path.parent.parent.name for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.po")}
    return tuple(sorted(found | {DEFAULT}))


@lru_cache(maxsize=32)
def translations(language: str) -> NullTranslations:
    """Return the words of a language; those of English where there is no catalogue."""
    path = FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not path.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Translations(compiled, domain=DOMAIN)


@lru_cache(maxsize=256)
def spoken(wanted: str) -> str:
    """Return the language of ours that is nearest to a BCP 47 tag, English if none is."""
    tag = wanted.replace("_", "-")
    known = {language.replace("_", "-").casefold(): language for language in languages()}
    return known.get(tag.casefold()) or known.get(tag.partition("-")[0].casefold()) or DEFAULT


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """Return how a language writes dates and numbers; plain English is British."""
    try:
        return Locale.parse("en_GB" if language == "en" else language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


def direction(language: str) -> str:
    """Return `ltr` or `rtl`."""
    return locale_of(language).text_direction
