"""Content lines: values to the octets of RFC 5545 §3.1. The only place that folds and escapes.

A *line* here is folded, ends in CRLF and is ready to be joined. Text from outside can never
start a line of its own: line ends become `\\n`, other control characters go.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote

LIMIT = 75

_ESCAPES = {"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\t": "\t"}
_LINE_END = re.compile("\r\n|[\r\x85\u2028\u2029]")
_SPECIAL = re.compile("[\\\\;,\n\x00-\x1f\x7f-\x9f]")
# A caret starts an escape of RFC 6868 and a backslash is shown as it stands; clients disagree on both.
_NOT_IN_PARAMETER = re.compile('[\\\\^"]')
# The RFC wants quotes around the first three; icalendar drops a space before a bare `=`.
_QUOTED = ":;,="
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_COMMON_ADDRESS = re.compile(r"[A-Za-z0-9.+_-]+@[A-Za-z0-9.-]+")
_IN_ADDRESS = "!$&'*+-./=@_`{|}~"
_IN_URI = ":/?#[]@!$&'()*+,;=%-._~"


def fold(line: str) -> bytes:
    """Return a content line folded to 75 octets, never inside a UTF-8 sequence, with its CRLF."""
    octets = line.encode("utf-8", "replace")
    if len(octets) <= LIMIT:
        return octets + b"\r\n"
    pieces, start, room = [], 0, LIMIT
    while start < len(octets):
        end = _boundary(octets, start + room)
        pieces.append(octets[start:end])
        start, room = end, LIMIT - 1
    return b"\r\n ".join(pieces) + b"\r\n"


def _boundary(octets: bytes, end: int) -> int:
    """Return the last place at or before `end` where a character starts."""
    while end < len(octets) and octets[end] & 0xC0 == 0x80:
        end -= 1
    return end


def text(raw: str) -> str:
    r"""Return a TEXT value (§3.3.11): backslash, semicolon, comma and line end escaped.

    >>> text("Room 2; upstairs, left")
    'Room 2\\; upstairs\\, left'
    """
    return _SPECIAL.sub(_escaped, _LINE_END.sub("\n", raw))


def _escaped(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[0], "")


# The words of an event are the same in every invitee's file; they are folded once.
@lru_cache(maxsize=256)
def text_line(name: str, raw: str) -> bytes:
    """Return a whole TEXT property. For words of events, not of people: it is kept in memory."""
    return fold(f"{name}:{text(raw)}")


def parameter(raw: str) -> str:
    """Return a parameter value (§3.2): one line, quoted when it must be, without what clients read differently.

    >>> parameter('Joseph "Joe" Karanja, Dr')
    '"Joseph Joe Karanja, Dr"'
    """
    value = _BLANK.sub(" ", _NOT_IN_PARAMETER.sub("", raw)).strip()
    return f'"{value}"' if any(mark in value for mark in _QUOTED) else value


def mailto(email: str) -> str:
    """Return the `mailto:` URI of an address (RFC 6068); rare characters are percent-encoded."""
    return (
        f"mailto:{email}"
        if _COMMON_ADDRESS.fullmatch(email)
        else "mailto:" + quote(email, safe=_IN_ADDRESS, errors="replace")
    )


def uri(raw: str) -> str:
    """Return a URI (§3.3.13) on one line; what may not stand in one is percent-encoded."""
    return quote(raw.strip(), safe=_IN_URI, errors="replace")


def local(at: datetime) -> str:
    """Return a wall-clock time as `20270128T140000`.

    Raises:
        ValueError: the time carries an offset.
    """
    if at.tzinfo is not None:
        raise ValueError("a local time was wanted, an instant was given")
    return _basic(at)


def utc(at: datetime) -> str:
    """Return an instant as `20270128T140000Z`, to the whole second.

    Raises:
        ValueError: the time has no offset, so it names no instant.
    """
    if at.tzinfo is None:
        raise ValueError("an instant was wanted, a local time was given")
    return _basic(at if at.tzinfo is UTC else at.astimezone(UTC)) + "Z"


def _basic(at: datetime) -> str:
    # isoformat pads the year to four digits; strftime on Linux does not.
    return at.isoformat()[:19].replace("-", "").replace(":", "")
