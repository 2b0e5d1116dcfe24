"""The parts of a message: RFC 5322 header, RFC 2045–2047 encodings, our own bytes.

The standard library's `EmailMessage` obeys an encoded word that a guest typed into a name, and
breaks long `List-Unsubscribe` fields so that Gmail ignores them. Here a header value is text
that cannot end its line, and everything outside ASCII is encoded by us.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from service.kernel.errors import Invalid
from service.kernel.text import clean_line

WIDTH = 76
HARD_LIMIT = 998  # RFC 5322 §2.1.1

# Direction marks that `clean_line` leaves in running text have no place in a header.
_MARKS = re.compile("[\u200c-\u200f\u061c\u206a-\u206f]")
_DOT_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
_HOST = re.compile(r"(?=.{1,255}\Z)[A-Za-z0-9]([A-Za-z0-9-]{0,62})(\.[A-Za-z0-9]([A-Za-z0-9-]{0,62}))*\Z")
_PHRASE = re.compile(r"[A-Za-z0-9 '!#$%&*+/=?^_`{|}~-]+\Z")
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_Q = [chr(byte) if byte in _Q_SAFE else "_" if byte == 32 else f"={byte:02X}" for byte in range(256)]


class BadAddress(Invalid):
    """An address that cannot stand in an envelope or a header."""

    code = "bad-address"

    def __init__(self) -> None:
        super().__init__("This e-mail address cannot be written to.", field="email")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A display name and an address."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Field:
    """One header field: its ASCII body, folded where it is long, and what people read where that differs."""

    name: str
    value: str
    spoken: str = ""

    @property
    def text(self) -> str:
        """The body as people read it."""
        return self.spoken or self.value.replace("\r\n", "")


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar file and its METHOD (RFC 6047 §2.4: the parameter equals the property)."""

    data: bytes
    method: str


def safe(raw: str) -> str:
    """Return one line of text that a header may carry: no controls, no direction marks, no encoded word."""
    text = _MARKS.sub("", clean_line(raw.encode("utf-8", "replace").decode()))
    return text.replace("=?", "= ?")


def ascii_address(raw: str) -> str:
    """Return an address in ASCII, its domain by IDNA where it must be.

    Raises:
        BadAddress: it is none, or its local part needs SMTPUTF8 (RFC 6531), which relays seldom offer.
    """
    local, at, host = raw.strip().rpartition("@")
    if not host.isascii():
        try:
            host = host.encode("idna").decode()
        except UnicodeError:
            raise BadAddress from None
    if not at or len(local) > 64 or not _DOT_ATOM.match(local) or not _HOST.match(host):
        raise BadAddress
    return f"{local}@{host}"


def text_field(name: str, raw: str) -> Field:
    """Return an unstructured field (Subject): encoded words where ASCII does not do (RFC 2047)."""
    text = safe(raw)
    if text.isascii() and all(len(word) < WIDTH - len(name) - 2 for word in text.split(" ")):
        return Field(name, _folded(text.split(" "), len(name) + 2), text)
    return Field(name, _encoded(text, len(name) + 2), text)


def mailbox_field(name: str, mailbox: Mailbox) -> Field:
    """Return an address field of one mailbox (From, To, Reply-To)."""
    address = ascii_address(mailbox.address)
    label = safe(mailbox.name)
    if not label:
        return Field(name, address)
    if not label.isascii() or len(label) > 200:
        phrase = _encoded(label, len(name) + 2)
    elif _PHRASE.match(label):
        phrase = _folded(label.split(" "), len(name) + 2)
    else:
        phrase = '"' + _folded(re.sub(r'(["\\])', r"\\\1", label).split(" "), len(name) + 3) + '"'
    column = len(name) + 2 + len(phrase) if "\r\n" not in phrase else len(phrase) - phrase.rfind("\n")
    gap = " " if column + len(address) + 3 <= WIDTH else "\r\n "
    return Field(name, f"{phrase}{gap}<{address}>", f"{label} <{address}>")


def raw_field(name: str, *parts: str) -> Field:
    """Return a field of ready ASCII parts, one a line: URLs are never encoded or broken."""
    return Field(name, ",\r\n ".join(parts))


@lru_cache(maxsize=256)
def date_field(at: datetime) -> Field:
    """Return the Date field of an instant."""
    return Field("Date", format_datetime(at.replace(microsecond=0)))


def header(fields: Iterable[Field]) -> str:
    """Return the lines of header fields, each with its CRLF."""
    return "".join(f"{field.name}: {field.value}\r\n" for field in fields)


def lawful(text: str, count: int) -> bytes:
    """Return the bytes of a header of `count` fields.

    Raises:
        ValueError: it holds another number of fields, a bare line end, an over-long line or what is not ASCII.
    """
    lines = text.split("\r\n")
    ends = len(lines) - 1
    is_broken = text.count("\r") != ends or text.count("\n") != ends or max(map(len, lines)) > HARD_LIMIT
    if is_broken or ends - text.count("\r\n ") != count:
        raise ValueError("a field would break the header")
    return text.encode("ascii")


def part_head(subtype: str, language: str) -> bytes:
    """Return the header of a text part in quoted-printable, with the empty line after it."""
    head = (
        f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Language: {language}\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    return head.encode()


def quoted_printable(text: str) -> bytes:
    """Return lines of text in quoted-printable (RFC 2045 §6.7), each with its CRLF."""
    # b2a_qp breaks lines as the first one ends: without a CRLF in it, it would write bare LF.
    data = text.encode("utf-8", "replace").replace(b"\n", b"\r\n") + b"\r\n"
    return binascii.b2a_qp(data, istext=True)


def open_line(text: str) -> bytes:
    """Return text in quoted-printable that ends in a soft line break: more of the same line may follow."""
    # The NUL is written as three characters: what stands before it leaves room for the break.
    code = binascii.b2a_qp(text.encode("utf-8", "replace") + b"\0\r\n", istext=True)[: -len(b"=00\r\n")]
    return code if code.endswith(b"=\r\n") else code + b"=\r\n"


def base64_lines(data: bytes) -> bytes:
    """Return data in base64, 76 characters a line, each with its CRLF (RFC 2045 §6.8)."""
    code = binascii.b2a_base64(data, newline=False)
    return b"".join([code[at : at + WIDTH] + b"\r\n" for at in range(0, len(code), WIDTH)])


def _folded(words: Iterable[str], column: int) -> str:
    """Return words joined by spaces, a new line where the next one would pass the width."""
    lines: list[str] = []
    line = ""
    for word in words:
        if line and column + len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line, column = word, 1
        else:
            line = f"{line} {word}" if line else word
    return "\r\n ".join([*lines, line])


def _encoded(text: str, column: int) -> str:
    """Return text as encoded words of at most 75 characters, never split inside a character."""
    is_short = sum(len(_Q[byte]) for byte in text.encode()) <= len(text.encode()) * 4 / 3
    return _words_q(text, column) if is_short else _words_b(text, column)


def _words_q(text: str, column: int) -> str:
    words, word, room = [], "", WIDTH - column - 12
    for character in text:
        code = "".join(_Q[byte] for byte in character.encode())
        if len(word) + len(code) > room:
            words.append(word)
            word, room = "", WIDTH - 1 - 12
        word += code
    return "\r\n ".join(f"=?utf-8?q?{word}?=" for word in [*words, word])


def _words_b(text: str, column: int) -> str:
    words, word, room = [], b"", (WIDTH - column - 12) // 4 * 3
    for character in text:
        code = character.encode()
        if len(word) + len(code) > room:
            words.append(word)
            word, room = b"", (WIDTH - 1 - 12) // 4 * 3
        word += code
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(word).decode()}?=" for word in [*words, word])
