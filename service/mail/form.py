"""A letter with holes: compiled once for all who share its words, filled for each person.

What is one person's own stands in the compiled letter as a *mark*, a word nobody can guess and
so nobody can write. All else was encoded when the form was made; filling encodes a person's
values and puts them where the marks stood, between soft line breaks.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markupsafe import escape

from service.ical.lines import fold
from service.mail.message import (
    Calendar,
    Field,
    base64_lines,
    header,
    lawful,
    open_line,
    part_head,
    quoted_printable,
)

_LOGICAL_LINE = re.compile(rb"\r\n(?! )")
_MARKUP = re.compile("[<>&\"']")
_BASE64_LINE = 57  # octets that make one line of 76 characters
_FILE = b'Content-Type: application/ics; name="invite.ics"\r\n'
_FILE += b'Content-Disposition: attachment; filename="invite.ics"\r\n'

Own = Mapping[str, str]


class Marks:
    """Stand-ins for the values named, each a word of hexadecimal digits that no one can guess."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)
        self._secret = secrets.token_hex(16)
        self._found = re.compile(self._secret + r"([0-9]{3})f")
        self.of = {name: f"{self._secret}{at:03d}f" for at, name in enumerate(self._names)}

    def pieces(self, text: str) -> list[str]:
        """Return the text in pieces: words, the name of a mark, words, and so on."""
        found = self._found.split(text)
        found[1::2] = [self._names[int(number)] for number in found[1::2]]
        return found

    def template(self, text: str) -> str:
        """Return the text as a `%` format, a `%(name)s` where each mark stood."""
        return self._found.sub(lambda mark: f"%({self._names[int(mark[1])]})s", text.replace("%", "%%"))

    def is_in(self, text: str) -> bool:
        """Tell whether a mark stands in the text."""
        return self._secret in text


@dataclass(frozen=True, slots=True)
class Spoken:
    """One person's words, and the calendar file, as the message carries them encoded."""

    text: str
    html: str
    ics: bytes | None


class Form:
    """The message of all who share these words, with marks where each person's own values go.

    multipart/alternative of text, html and the calendar part last, as Outlook wants it; with a
    calendar, inside multipart/mixed beside the same bytes as `invite.ics`. `key` makes the
    boundaries, which cannot occur in encoded parts. A header body is filled whole.
    """

    def __init__(
        self,
        marks: Marks,
        fields: Iterable[Field],
        *,
        text: str,
        html: str,
        key: str,
        language: str,
        calendar: Calendar | None = None,
    ) -> None:
        self._words = marks.template(text), marks.template(html)
        whole = [*fields, Field("MIME-Version", "1.0")]
        self._head, self._count = marks.template(header(whole)), len(whole)
        self._names = sorted({*marks.pieces(text)[1::2], *marks.pieces(html)[1::2]})
        self._plain, self._markup = _lines(marks, text), _lines(marks, html)
        self._file = _File(marks, calendar) if calendar else None
        self._joints = _Joints(key, language, calendar)

    def fill(self, own: Own) -> bytes:
        """Return one person's message.

        Raises:
            ValueError: a value would break the header.
        """
        joints, code = self._joints, _encoded({name: own[name] for name in self._names})
        parts = [
            lawful(self._head % own, self._count),
            joints.before_text,
            self._plain % code,
            joints.before_html,
            self._markup % (code | _encoded(self._escaped(own))),
        ]
        if self._file:
            _, file = self._file.filled(own)
            parts += [joints.before_calendar, file, joints.before_file, file]
        return b"".join([*parts, joints.end])

    def speak(self, own: Own) -> Spoken:
        """Return what one person's message says."""
        text, html = self._words
        ics = self._file.filled(own)[0] if self._file else None
        return Spoken(text % own, html % {**own, **self._escaped(own)}, ics)

    def _escaped(self, own: Own) -> dict[str, str]:
        """Return the values that read otherwise as text of HTML."""
        return {name: str(escape(own[name])) for name in self._names if _MARKUP.search(own[name])}


class _Joints:
    """The bytes between the parts: boundaries and the parts' own headers."""

    def __init__(self, key: str, language: str, calendar: Calendar | None) -> None:
        digest = hashlib.sha256(key.encode()).hexdigest()[:24]
        inner, outer = f"=_a{digest}", f"=_m{digest}"
        first = f'Content-Type: multipart/alternative;\r\n boundary="{inner}"\r\n\r\n--{inner}\r\n'
        if calendar:
            first = f'Content-Type: multipart/mixed;\r\n boundary="{outer}"\r\n\r\n--{outer}\r\n{first}'
        self.before_text = first.encode() + part_head("plain", language)
        self.before_html = f"\r\n--{inner}\r\n".encode() + part_head("html", language)
        self.before_calendar = self.before_file = b""
        self.end = f"\r\n--{inner}--\r\n".encode()
        if calendar:
            kind = f"Content-Type: text/calendar; charset=utf-8; method={calendar.method}\r\n"
            encoding = "Content-Transfer-Encoding: base64\r\n\r\n"
            self.before_calendar = f"\r\n--{inner}\r\n{kind}{encoding}".encode()
            self.before_file = f"\r\n--{inner}--\r\n\r\n--{outer}\r\n".encode() + _FILE + encoding.encode()
            self.end = f"\r\n--{outer}--\r\n".encode()


def _lines(marks: Marks, text: str) -> bytes:
    """Return text in quoted-printable as a `%` format of octets, `%(name)b` where each mark stood."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
    return b"".join([_line(*marks.pieces(line)) for line in lines])


def _line(*pieces: str) -> bytes:
    *before, last = pieces
    words, names = [open_line(piece) if piece else b"" for piece in before[::2]], before[1::2]
    start = [_literal(some) + f"%({name})b".encode() for some, name in zip(words, names, strict=True)]
    return b"".join([*start, _literal(quoted_printable(last))])


def _literal(code: bytes) -> bytes:
    return code.replace(b"%", b"%%")


def _encoded(values: Own) -> dict[bytes, bytes]:
    return {name.encode(): open_line(value) for name, value in values.items()}


class _File:
    """A calendar file: whole lines as they stand, lines with marks folded anew for each person."""

    def __init__(self, marks: Marks, calendar: Calendar) -> None:
        lines = _LOGICAL_LINE.split(calendar.data.removesuffix(b"\r\n"))
        unfolded = [line.replace(b"\r\n ", b"").decode() for line in lines]
        firsts = [at for at, line in enumerate(unfolded) if marks.is_in(line)] or [len(lines)]
        start = b"".join(line + b"\r\n" for line in lines[: firsts[0]])
        ready = len(start) // _BASE64_LINE * _BASE64_LINE
        self._start, self._start_code, self._rest = start, base64_lines(start[:ready]), start[ready:]
        self._pieces = [
            (b"", marks.template(whole)) if marks.is_in(whole) else (line + b"\r\n", "")
            for line, whole in zip(lines[firsts[0] :], unfolded[firsts[0] :], strict=True)
        ]

    def filled(self, own: Own) -> tuple[bytes, bytes]:
        """Return one person's file, and the same in base64."""
        tail = b"".join([ready or fold(template % own) for ready, template in self._pieces])
        return self._start + tail, self._start_code + base64_lines(self._rest + tail)
