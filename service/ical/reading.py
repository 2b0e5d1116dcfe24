r"""Calendar bytes from strangers to lines and components. Pure, each step linear in the size, and lenient.

What a mail gateway or a careless program does to a file must not cost a guest their answer: marks of byte order,
UTF-16, Windows letters, line ends of any sort, folds without order, quotes that never close.

>>> read_property('ATTENDEE;CN="Achieng, M.";PARTSTAT=ACCEPTED:mailto:m@example.org')
Property(name='ATTENDEE', params={'CN': 'Achieng, M.', 'PARTSTAT': 'ACCEPTED'}, value='mailto:m@example.org')
>>> read_property("COMMENT:With pleasure\\, and\\na question").value
'With pleasure, and\na question'
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_ASCII_IN_UTF16 = {b"B\x00": "utf-16-le", b"\x00B": "utf-16-be"}
_LINE_ENDS = re.compile(rb"[\r\n]+")  # gateways double them
_BEFORE = "\ufeff \t\n"
_NAME = re.compile(r"[A-Za-z0-9-]+")
_PIECE = re.compile(r'[^";:]+|"[^"]*"|.', re.DOTALL)
# The value of a calendar address begins at the last `:mailto:`, even where a name before it holds a bare colon.
_MAILTO = re.compile(r':(?=[ "<]?(?:mailto:){1,2}[^:]*$)', re.IGNORECASE)
_ADDRESSED = re.compile("ATTENDEE", re.IGNORECASE)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_CARET = re.compile(r"\^(['n^])")
_CARETS = {"'": '"', "n": "\n", "^": "^"}


@dataclass(frozen=True, slots=True)
class Property:
    """One content line: its name and parameters in capitals, each value without its quotes and escapes."""

    name: str
    params: dict[str, str]
    value: str


@dataclass(slots=True)
class Found:
    """What a file holds: its methods, its events by their lines, and how many components are neither event nor zone."""

    calendars: int = 0
    methods: list[str] = field(default_factory=list)
    others: int = 0
    events: list[list[Property]] = field(default_factory=list)


def read_lines(data: bytes) -> list[str]:
    """Return the unfolded lines; unfolding comes first, for a fold may split a UTF-8 sequence."""
    whole = _LINE_ENDS.sub(b"\n", _in_utf8(data)).replace(b"\n ", b"").replace(b"\n\t", b"")
    try:
        text = whole.decode()
    except UnicodeDecodeError:
        text = whole.decode("cp1252", "replace")
    return text.lstrip(_BEFORE).split("\n")


def _in_utf8(data: bytes) -> bytes:
    """Return a file of wide letters as UTF-8; a fold is found by its octets."""
    marked = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    if encoding := marked or _ASCII_IN_UTF16.get(data[:2]):
        return data.decode(encoding, "replace").encode("utf-8", "replace")
    return data


def walk(lines: list[str], wanted: frozenset[str]) -> Found:
    """Gather the wanted lines by the component they stand in. An alarm's ATTENDEE is nobody's answer."""
    found, path = Found(), list[str]()
    for line in lines:
        match = _NAME.match(line)
        name = match[0].upper() if match else ""
        if name == "BEGIN":
            path.append(_after_colon(line))
            _open(found, path)
        elif name == "END":
            del path[-1:]
        elif path == ["VCALENDAR"] and name == "METHOD":
            found.methods.append(_after_colon(line))
        elif path == ["VCALENDAR", "VEVENT"] and name in wanted:
            found.events[-1].append(read_property(line))
    return found


def _after_colon(line: str) -> str:
    return line.partition(":")[2].strip().upper()


def _open(found: Found, path: list[str]) -> None:
    if path == ["VCALENDAR"]:
        found.calendars += 1
    elif path == ["VCALENDAR", "VEVENT"]:
        found.events.append([])
    elif len(path) == 2 and path[0] == "VCALENDAR" and path[1] != "VTIMEZONE":
        found.others += 1


def read_property(line: str) -> Property:
    """Return a content line's parts (RFC 5545 §3.1); what is no parameter is passed over, the first of two counts."""
    (name, *params), value = _split(line)
    found: dict[str, str] = {}
    for param in params:
        key, is_given, given = param.partition("=")
        if is_given:
            found.setdefault(key.strip().upper(), _parameter(given))
    return Property(name.strip().upper(), found, _unescaped(value).strip())


def _split(line: str) -> tuple[list[str], str]:
    """Return the name and the parameters as written, and the value."""
    if at := _MAILTO.search(line) if _ADDRESSED.match(line) else None:
        return _parts(line[: at.start()], stop="")[0], line[at.end() :]
    parts, end = _parts(line)
    if end < 0 and '"' in line:  # a quote that never closes hides the colon: quotes mean nothing here
        return _split(line.replace('"', ""))
    return parts, line[end + 1 :] if end >= 0 else ""


def _parts(line: str, *, stop: str = ":") -> tuple[list[str], int]:
    """Return what semicolons outside quotes part, up to the first `stop` outside quotes, and where that is, or -1."""
    parts, part = list[str](), list[str]()
    for piece in _PIECE.finditer(line):
        if piece[0] == stop:
            return [*parts, "".join(part)], piece.start()
        if piece[0] == ";":
            parts.append("".join(part))
            part = []
        else:
            part.append(piece[0])
    return [*parts, "".join(part)], -1


def _parameter(given: str) -> str:
    """Return a parameter's value: without quotes, RFC 6868 undone, and the backslashes some write by mistake."""
    return _CARET.sub(lambda found: _CARETS[found[1]], _unescaped(given.replace('"', "").strip()))


def _unescaped(value: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)
