"""A snapshot in a format. Rendering is a pure function of the snapshot: twice gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from gettext import NullTranslations

from markupsafe import Markup

from service.dissemination import report
from service.dissemination.document import Document
from service.dissemination.formats import (
    book_xlsx,
    data_json,
    data_package,
    document_docx,
    page_html,
    pages_pdf,
    table_csv,
)
from service.dissemination.outline import Section, outline
from service.dissemination.snapshots import SnapshotView
from service.dissemination.wording import NO_WORDS, Voice
from service.kernel.errors import Invalid


class UnknownFormat(Invalid):
    """A report does not come in this format."""

    code = "unknown-format"


class UnknownLanguage(Invalid):
    """A report does not come in this language."""

    code = "unknown-report-language"


LANGUAGES = {"en": "English", "fr": "Français", "es": "Español"}


@dataclass(frozen=True, slots=True)
class Format:
    """One format: what it is called on the web, and how it is made."""

    media_type: str
    make: Callable[[SnapshotView, Voice], bytes]


FORMATS: dict[str, Format] = {
    "html": Format(page_html.MEDIA_TYPE, lambda view, say: page_html.render(report.compose(view, say), say.words)),
    "pdf": Format(pages_pdf.MEDIA_TYPE, lambda view, say: pages_pdf.render(view, *_outlined(view, say))),
    "docx": Format(document_docx.MEDIA_TYPE, lambda view, say: document_docx.render(view, *_outlined(view, say))),
    "xlsx": Format(book_xlsx.MEDIA_TYPE, lambda view, say: book_xlsx.render(view, *_outlined(view, say), say)),
    "csv": Format(table_csv.MEDIA_TYPE, lambda view, _say: table_csv.render(view)),
    "json": Format(data_json.MEDIA_TYPE, lambda view, _say: data_json.render(view)),
    "zip": Format(data_package.MEDIA_TYPE, data_package.render),
}


def render(view: SnapshotView, format: str, *, words: NullTranslations | None = None, language: str = "en") -> bytes:
    """Return a report in a format, its words in a language.

    Raises:
        UnknownFormat: not one of FORMATS.
    """
    if format not in FORMATS:
        known = ", ".join(FORMATS)
        raise UnknownFormat(f"A report comes as {known}, not as “{format[:20]}”.", field="format")
    return FORMATS[format].make(view, _voice(words, language))


def render_sections(
    view: SnapshotView,
    *,
    words: NullTranslations | None = None,
    language: str = "en",
    links: Mapping[str, str] | None = None,
) -> Markup:
    """Return the report's sections as HTML for a page that has the house's stylesheet.

    `links`: see `page_html.fragment`.
    """
    say = _voice(words, language)
    return page_html.fragment(report.compose(view, say), say.words, links or {})


def _outlined(view: SnapshotView, say: Voice) -> tuple[Document, tuple[Section, ...]]:
    composed = report.compose(view, say)
    return composed, outline(composed, say)


def _voice(words: NullTranslations | None, language: str) -> Voice:
    return Voice(words or NO_WORDS, language)
