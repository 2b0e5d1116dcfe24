"""A file of bytes becomes a table of texts: encoding, delimiter and quotes as the file has them.

What is no table is refused with one sentence and a stable code; nothing is guessed from a name.
"""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from itertools import chain, islice
from typing import BinaryIO

from service.kernel.errors import Invalid, TooLarge
from service.people.cards import is_card_file, read_cards
from service.people.objects import MOST_LETTERS, may_be_objects, read_objects

MAX_COLUMNS, MAX_CELL, MAX_CARDS = 200, 1_000_000, 200_000
CARDS, JSON = "vcard", "json"  # what stands in place of a delimiter: address cards or objects, one record each
DELIMITERS = (",", ";", "\t", "|")
MAX_LINE = 2 * MAX_CELL
_SAMPLE = 65_536
_PIECE = 1 << 20
# The csv module's own limit is 131,072 characters, and one for the whole process.
csv.field_size_limit(MAX_CELL)
# A record of our own after the last: when a quotation mark is still open there, it swallows this one.
_END = "\x1fend of the file"
_LAST = [_END]


class FileTooLarge(TooLarge):
    """More bytes, rows, columns or letters in a cell than we take."""

    code = "file-too-large"


class NotATable(Invalid):
    """These bytes are no text in rows and columns."""

    code = "not-a-table"


class SpreadsheetFile(NotATable):
    """An archive, not a table."""

    code = "spreadsheet-file"

    def __init__(self) -> None:
        super().__init__("This is an archive, not a table. Unpack it and choose the file inside.")


class EmptyFile(NotATable):
    """There is nothing in the file."""

    code = "empty-file"

    def __init__(self) -> None:
        super().__init__("There is nothing in this file.")


class OpenQuote(NotATable):
    """A quotation mark is opened and never closed, so that rows run together."""

    code = "open-quote"

    def __init__(self, row: int) -> None:
        super().__init__(f"A quotation mark opened in row {row} is never closed. Close it and try again.", row=row)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large a file may be."""

    bytes: int = 200_000_000
    rows: int = 1_000_000


SIZES = Sizes()
Opener = Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class Table:
    """The records of a file in order; blank lines are empty records, so that positions are row numbers less one."""

    encoding: str  # as staff know it: UTF-8, Windows-1252
    delimiter: str
    records: list[list[str]]
    sheet: str = ""  # of a workbook: the one that was read
    other_sheets: Sequence[str] = ()
    sheets: Sequence[str] = ()  # those that can be read instead, and this one


@dataclass(frozen=True, slots=True)
class Scan:
    """A table whose records are read as they are asked for; what is wrong further down is raised there."""

    encoding: str
    delimiter: str
    records: Iterator[list[str]]


def read_table(data: bytes, sizes: Sizes = SIZES) -> Table:
    """Return the table in the bytes of a text.

    Raises:
        FileTooLarge, NotATable, SpreadsheetFile, EmptyFile, OpenQuote: it cannot be read.
    """
    if len(data) > sizes.bytes:
        raise too_many_bytes(sizes)
    scan = scan_table(lambda: BytesIO(data), sizes)
    records = list(scan.records)
    if not any(map(any, records)):
        raise EmptyFile
    return Table(scan.encoding, scan.delimiter, records)


def too_many_bytes(sizes: Sizes) -> FileTooLarge:
    """Return the refusal of a file with too many bytes."""
    return FileTooLarge(f"The file is larger than {sizes.bytes // 1_000_000:,} MB. Split it and import the parts.")


def scan_table(opened: Opener, sizes: Sizes = SIZES) -> Scan:
    """Return the table in a text without holding the whole of it. `opened` opens it from its start.

    Raises:
        FileTooLarge, NotATable, SpreadsheetFile, OpenQuote: it cannot be read; some only as records are asked for.
    """
    with opened() as file:
        head = file.read(_SAMPLE)
    _check_start(head)
    name, codec = _encoding(head, opened)
    lines = _lines(opened, codec)
    first = next(lines, "")
    sample = [first, *_sample(lines)]
    start = "".join(sample[:5])[:1_000]
    if is_card_file(start):
        return Scan(name, CARDS, _few(read_cards(_lines(opened, codec)), sizes))
    if may_be_objects(start) and (records := _objects(opened, codec)):
        return Scan(name, JSON, records)
    if is_hint := first[:4].lower() == "sep=":
        delimiter = first[4:].strip("\r\n\"'")[:1] or ","
    else:
        delimiter = _delimiter(sample)
    lines = _lines(opened, codec)
    return Scan(name, delimiter, _records(islice(lines, 1, None) if is_hint else lines, delimiter, sizes))


def _check_start(start: bytes) -> None:
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")):
        raise SpreadsheetFile
    shown = start[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if shown.startswith((b"%pdf", b"{\\rtf", b"<!doctype", b"<html", b"<?xml")):
        raise NotATable("This file is no table. Save the sheet as CSV and choose that file.")


def _encoding(start: bytes, opened: Opener) -> tuple[str, str]:
    """Return the encoding's name for people and for Python."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _checked(opened, "UTF-16", "utf-16")
    if (wide := _wide(start[:4096])) is not None:
        return _checked(opened, "UTF-16", wide)
    if _controls(start) > len(start) // 200 or any(b"\0" in piece for piece in _pieces(opened)):
        raise NotATable("This file holds no text we can read. Save the sheet as CSV and choose that file.")
    has_mark = start.startswith(codecs.BOM_UTF8)
    if _decodes(opened, "utf-8"):
        return ("UTF-8 with a mark", "utf-8-sig") if has_mark else ("UTF-8", "utf-8")
    return _checked(opened, "Windows-1252", "cp1252")


def _objects(opened: Opener, codec: str) -> Iterator[list[str]] | None:
    """Return the records of a text that is JSON, None when it is not."""
    with TextIOWrapper(opened(), encoding=codec, newline="") as file:
        text = file.read(MOST_LETTERS + 1)
    if len(text) > MOST_LETTERS:
        return None
    records = read_objects(text)
    try:
        return chain([next(records)], records)
    except ValueError:
        return None


def _pieces(opened: Opener) -> Iterator[bytes]:
    with opened() as file:
        yield from iter(lambda: file.read(_PIECE), b"")


def _checked(opened: Opener, name: str, codec: str) -> tuple[str, str]:
    if not _decodes(opened, codec):
        raise NotATable("The letters of this file cannot be read. Save it as CSV in UTF-8.")
    return name, codec


def _wide(start: bytes) -> str | None:
    """Return the UTF-16 of a text without a mark: every other byte of Latin letters is zero."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) * 4 < len(start) or len(start) < 4:
        return None
    if not even:
        return "utf-16-le"
    return "utf-16-be" if not odd else None


def _controls(sample: bytes) -> int:
    return len(sample) - len(sample.translate(None, bytes({*range(32)} - {9, 10, 11, 12, 13, 26})))


def _decodes(opened: Opener, codec: str) -> bool:
    """Tell whether all of it is text in this encoding, a piece at a time."""
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        for piece in _pieces(opened):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _lines(opened: Opener, codec: str) -> Iterator[str]:
    """Give the lines of a text; one longer than `MAX_LINE` comes in pieces, so that it costs no more than that."""
    text = TextIOWrapper(opened(), encoding=codec, newline="")
    return iter(lambda: text.readline(MAX_LINE), "")


def _sample(lines: Iterator[str]) -> Iterator[str]:
    """Give lines up to about 64,000 letters."""
    room = _SAMPLE
    for line in islice(lines, 200):
        room -= len(line)
        if room < 0:
            return
        yield line


def _delimiter(sample: list[str]) -> str:
    """Return the delimiter that gives most lines the same number of columns, more than one."""
    return max(DELIMITERS, key=lambda delimiter: (_evenness(sample, delimiter), -DELIMITERS.index(delimiter)))


def _evenness(sample: list[str], delimiter: str) -> tuple[float, int]:
    try:
        widths = Counter(len(record) for record in csv.reader(sample, delimiter=delimiter) if record)
    except csv.Error:
        return 0.0, 0
    if not widths:
        return 0.0, 0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    return (count / widths.total(), width) if width > 1 else (0.0, 0)


def _few(records: Iterator[list[str]], sizes: Sizes) -> Iterator[list[str]]:
    most = min(sizes.rows, MAX_CARDS)
    for number, record in enumerate(records):
        if number > most:
            raise FileTooLarge(f"The file has more than {most:,} cards. Split it and import the parts.")
        yield record


def _whole(lines: Iterable[str]) -> Iterator[str]:
    """Give the lines of a table, and refuse one that came in pieces."""
    for number, line in enumerate(lines, 1):
        if len(line) == MAX_LINE:
            raise FileTooLarge(f"Line {number} is longer than {MAX_LINE:,} letters.")
        yield line


def _records(lines: Iterable[str], delimiter: str, sizes: Sizes) -> Iterator[list[str]]:
    number, record = -1, [""]
    try:
        for number, record in enumerate(csv.reader(chain(_whole(lines), [_END]), delimiter=delimiter)):
            if len(record) > MAX_COLUMNS:
                raise FileTooLarge(f"Row {number + 1} has more than {MAX_COLUMNS} columns.")
            if number > sizes.rows + 1:
                raise FileTooLarge(f"The file has more than {sizes.rows:,} rows. Split it and import the parts.")
            if record != _LAST:
                yield record
    except csv.Error:
        raise FileTooLarge(f"A cell in row {number + 2} is longer than {MAX_CELL:,} letters.") from None
    if record != _LAST:
        raise OpenQuote(number + 1)
