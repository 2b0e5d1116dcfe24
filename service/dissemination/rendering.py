"""A snapshot in a format. Rendering is a pure function of the snapshot: twice gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from gettext import NullTranslations

from markupsafe import Markup

from service.dissemination import report
from service.dissemination.formats import data_json, page_html, table_csv
from service.dissemination.snapshots import SnapshotView
from service.dissemination.wording import NO_WORDS, Voice
from service.kernel.errors import Invalid


class UnknownFormat(Invalid):
    """A report does not come in this format."""

    code = "unknown-format"


@dataclass(frozen=True, slots=True)
class Format:
    """One format: what it is called on the web, and how it is made."""

    media_type: str
    make: Callable[[SnapshotView, Voice], bytes]


FORMATS: dict[str, Format] = {
    "html": Format(page_html.MEDIA_TYPE, lambda view, say: page_html.render(report.compose(view, say), say.words)),
    "csv": Format(table_csv.MEDIA_TYPE, lambda view, _say: table_csv.render(view)),
    "json": Format(data_json.MEDIA_TYPE, lambda view, _say: data_json.render(view)),
}


def render(view: SnapshotView, format: str, *, words: NullTranslations | None = None, language: str = "en") -> bytes:
    """Return a report in a format, its words in a language.

    Raises:
        UnknownFormat: not html, csv or json.
    """
    if format not in FORMATS:
        known = ", ".join(FORMATS)
        raise UnknownFormat(f"A report comes as {known}, not as “{format[:20]}”.", field="format")
    return FORMATS[format].make(view, _voice(words, language))


def render_sections(view: SnapshotView, *, words: NullTranslations | None = None, language: str = "en") -> Markup:
    """Return the report's sections as HTML for a page that has the house's stylesheet."""
    say = _voice(words, language)
    return page_html.fragment(report.compose(view, say), say.words)


def _voice(words: NullTranslations | None, language: str) -> Voice:
    return Voice(words or NO_WORDS, language)
