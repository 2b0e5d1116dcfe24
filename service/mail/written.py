"""What a person wrote in a mail that came in: subject and text, for staff to read. Pure; nothing is believed."""

from __future__ import annotations

import html
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from itertools import islice

import nh3

from service.kernel.text import clean_block, clean_line
from service.mail.parts import in_utf8, parse

LONGEST = 2_000  # characters shown
_READ = 200_000  # bytes of a part that are looked at
_PARTS = 60


@dataclass(frozen=True, slots=True)
class Written:
    """Subject and text; either may be empty."""

    subject: str
    text: str


def read_written(raw: bytes) -> Written:
    """Return the subject and the text of a raw RFC 5322 message; what cannot be decoded is left out."""
    message = parse(raw)
    return Written(_subject(message), _text(message))


def _subject(message: Message) -> str:
    given = str(message.get("Subject", ""))
    try:
        decoded = str(make_header(decode_header(given)))
    except (HeaderParseError, LookupError, ValueError):
        decoded = given
    return clean_line(decoded)[:300]


def _text(message: Message) -> str:
    """Return the plain text, else what the HTML says without its tags."""
    parts = [part for part in islice(message.walk(), _PARTS) if part.get_filename() is None]
    for kind in ("text/plain", "text/html"):
        for part in parts:
            if part.get_content_type() == kind and (said := _decoded(part)).strip():
                plain = said if kind == "text/plain" else html.unescape(nh3.clean(said, tags=set()))
                return clean_block(plain)[:LONGEST]
    return ""


def _decoded(part: Message) -> str:
    return in_utf8(part)[:_READ].decode("utf-8", "replace")
