"""Text from outside, made safe to keep and to compare."""

from __future__ import annotations

import re
import unicodedata

# C0 and C1 controls, line and paragraph separators, bidi controls, zero-width marks and BOM.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff]")
_SPACE = re.compile(r"[\s\u00a0]+")


def clean_line(raw: str) -> str:
    """Return one line: composed, no control or direction characters, single spaces."""
    if raw.isascii() and raw.isprintable() and "  " not in raw:  # most names are so already
        return raw.strip()
    return _SPACE.sub(" ", _UNSAFE.sub("", unicodedata.normalize("NFC", raw).replace("\t", " "))).strip()


def clean_block(raw: str) -> str:
    """Return text of several lines: as `clean_line`, but line ends are kept as LF."""
    text = unicodedata.normalize("NFC", raw).replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(clean_line(line) for line in text.split("\n")).strip()


def folded(raw: str) -> str:
    """Return the text to search by: lower case, no accents, single spaces."""
    decomposed = unicodedata.normalize("NFKD", clean_line(raw).casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def slug(raw: str, limit: int = 60) -> str:
    """Return a name for addresses: a-z, 0-9 and hyphens; empty when nothing of it is Latin."""
    return re.sub(r"[^a-z0-9]+", "-", folded(raw)).strip("-")[:limit].strip("-")
