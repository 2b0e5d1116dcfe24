"""Raw mail to its parts, whatever a stranger wrote: within limits of depth, of a field's length and of codecs. Pure."""

from __future__ import annotations

import re
from email import policy
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser

FIELD_LIMIT = 20_000
_BOUNDARY_LIMIT = 200
# Python knows codecs of other sorts, one of which takes minutes over a megabyte.
_LETTERS = re.compile(r"iso-?8859|latin|windows-|cp\d|koi8|gb|big5|euc|shift|iso-2022|ks_c|mac", re.IGNORECASE)


class _Short(policy.Compat32):
    """Header fields are cut off where nothing sensible stands any more: the parameters of a longer one take seconds."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:FIELD_LIMIT]


_PARSER = BytesParser(policy=_Short())
_HEAD_PARSER = BytesHeaderParser(policy=_Short())


def parse(raw: bytes) -> Message:
    """Return a message; of one with more parts within parts than a letter has, only the head."""
    is_deep = raw.lower().count(b"boundary") > _BOUNDARY_LIMIT
    return (_HEAD_PARSER if is_deep else _PARSER).parsebytes(raw.lstrip(b"\r\n"))


def in_utf8(part: Message) -> bytes:
    """Return what a part holds, in UTF-8 where it names letters we know; where it names none of them, as it is."""
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    charset = part.get_content_charset("")
    is_wide = charset.startswith("utf-16") and b"\x00" in data[:4]
    if not (is_wide or _LETTERS.match(charset)):
        return data
    try:
        return data.decode(charset).encode("utf-8", "replace")
    except (LookupError, ValueError):
        return data
