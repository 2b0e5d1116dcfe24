"""What staff write as text, as HTML: paragraphs, lists, bold words and links; all else is text and stays it."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_ITEM = "- "
# An address ends where a space, a quote or the mark of a direction stands, and before a full stop or a bracket.
_INLINE = re.compile(
    r"(?P<link>https://[^\s<>\"'*\u2066-\u2069]*[^\s<>\"'*\u2066-\u2069.,;:!?)\]»”،؛؟])|\*\*(?P<bold>[^*\n]+)\*\*"
)
_LINK = Markup('<a href="{0}" style="color:#0c5a49;">{0}</a>')


def paragraphs(raw: str) -> Markup:
    """Return plain text as HTML: blank lines part paragraphs, single line ends stay.

    A paragraph whose lines all start with a hyphen and a space is a list; `**so**` is bold; an https address is a link.
    """
    blocks = (block.strip() for block in raw.split("\n\n"))
    return Markup("").join(_block(block.split("\n")) for block in blocks if block)


def _block(lines: list[str]) -> Markup:
    if all(line.startswith(_ITEM) for line in lines):
        items = (Markup("<li>{}</li>").format(_inline(line.removeprefix(_ITEM))) for line in lines)
        return Markup('<ul dir="auto">{}</ul>').format(Markup("").join(items))
    return Markup('<p dir="auto">{}</p>').format(Markup("<br>").join(_inline(line) for line in lines))


def _inline(line: str) -> Markup:
    made, at = Markup(""), 0
    for found in _INLINE.finditer(line):
        link, bold = found["link"], found["bold"]
        made += escape(line[at : found.start()])
        made += _LINK.format(link) if link else Markup("<strong>{}</strong>").format(bold)
        at = found.end()
    return made + escape(line[at:])
