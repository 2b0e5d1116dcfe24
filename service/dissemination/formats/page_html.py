"""The report as one HTML file, and its sections for the staff page.

No script, nothing fetched: style and fonts are in the file. Undefined names fail; what people
typed is never markup.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from service.dissemination.document import Document
from service.kernel.places import PACKAGE, data_folder

MEDIA_TYPE = "text/html; charset=utf-8"
FONTS = {
    "Source Serif 4": "source-serif-4-latin-opsz-normal.woff2",
    "Source Sans 3": "source-sans-3-latin-wght-normal.woff2",
}


def render(document: Document, words: NullTranslations) -> bytes:
    """Return the whole report."""
    page = _environment(data_folder("templates"), words).get_template("document.html")
    return page.render(report=document, style=_style()).encode()


def fragment(document: Document, words: NullTranslations, links: Mapping[str, str]) -> Markup:
    """Return everything below the title, for a page that brings its own head and stylesheet.

    `links` are where the figures of an indicator lead, by its id; none for a reader outside.
    """
    page = _environment(data_folder("templates"), words).get_template("fragment.html")
    return Markup(page.render(report=document, links=links))  # noqa: S704 - made by our own escaping templates


@lru_cache(maxsize=16)
def _environment(templates: Path, words: NullTranslations) -> Environment:
    """Return the environment of one catalogue; charts and status marks are those of the pages in `web/`."""
    made = Environment(
        loader=FileSystemLoader([templates / "reports", templates / "web"]),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]
    return made


@lru_cache(maxsize=1)
def _style() -> Markup:
    """Return the stylesheets with their fonts in them; charts are those of the pages in `web/`."""
    sheets = (PACKAGE / "web" / "static" / "charts.css", data_folder("templates") / "reports" / "document.css")
    fonts = [_font(family, file) for family, file in FONTS.items()]
    return Markup("\n".join([*fonts, *(sheet.read_text("utf-8") for sheet in sheets)]))  # noqa: S704 - our files


def _font(family: str, file: str) -> str:
    path = PACKAGE / "web" / "static" / "fonts" / file
    if not path.is_file():
        return ""
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    return f'@font-face{{font-family:"{family}";font-weight:200 900;src:url("data:font/woff2;base64,{data}")}}'
