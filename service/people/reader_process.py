"""The process that reads one file of people: `python -m service.people.reader_process`.

The file comes as standard input; the answer is lines of JSON: how it was read, a list for each record, and a last
object: that all of it was written, or why not. Before anything is looked at, the process takes limits upon itself that
it cannot lift again. It has no settings, no database and no secret.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from service.kernel.errors import FarsowError
from service.people.reading import CARDS, JSON, EmptyFile, FileTooLarge, Sizes, SpreadsheetFile, scan_table
from service.people.workbooks import BrokenWorkbook, read_workbook

MOST_BYTES = 50_000_000  # of a workbook
MOST_INSIDE = 400_000_000  # bytes of a workbook when unpacked
MOST_LETTERS = 60_000_000  # of all cells of a workbook or of all cards together
OUT_OF_TIME = (-signal.SIGXCPU, -signal.SIGKILL)
_FILE = Path("/proc/self/fd/0")
_ENCODE = json.JSONEncoder(separators=(",", ":")).encode
_PARTS = ("xl/workbook", "content.xml")  # what a zip holds that is a workbook


def main(memory: int, written: int, cpu: int, most_bytes: int, rows: int, sheet: int) -> None:
    """Read standard input under these limits and write what it holds to standard output.

    `sheet`: which sheet of a workbook, counted from 0; below 0 for the one with addresses.
    """
    _limit(memory, written, cpu)
    try:
        _read(Sizes(most_bytes, rows), sheet if sheet >= 0 else None, sys.stdout)
        sys.stdout.write('{"end": true}\n')
    except FarsowError as error:
        at = {"row": error.facts["row"]} if "row" in error.facts else {}
        _say({"refused": {"code": error.code, "sentence": error.sentence, **at}}, sys.stdout)
    except MemoryError:
        sys.exit(1)


def _limit(memory: int, written: int, cpu: int) -> None:
    for what, most in (
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_AS, memory * 4),  # what is mapped and not used, such as libraries, counts here
        (resource.RLIMIT_FSIZE, written),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _read(sizes: Sizes, sheet: int | None, out: TextIO) -> None:
    with _FILE.open("rb") as file:
        start = file.read(4)
    if start == b"PK\x03\x04":
        _check_zip()
    if start in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        book = read_workbook(_FILE, sizes, sheet)
        sheets = {"sheet": book.sheet, "other_sheets": list(book.others), "sheets": list(book.sheets)}
        _say({"encoding": "", "delimiter": "workbook", **sheets}, out)
        _write(_bounded(book.records), out)
    else:
        scan = scan_table(lambda: _FILE.open("rb"), sizes)
        _say({"encoding": scan.encoding, "delimiter": scan.delimiter}, out)
        _write(_bounded(scan.records) if scan.delimiter in (CARDS, JSON) else scan.records, out)


def _check_zip() -> None:
    """Refuse an archive that is no workbook, and one that unpacks to more than any honest workbook does.

    What the directory says of sizes may be untrue; the limits stand behind it.
    """
    try:
        with zipfile.ZipFile(_FILE) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise BrokenWorkbook from None
    if not any(part.filename.startswith(_PARTS) for part in parts):
        raise SpreadsheetFile
    if sum(part.file_size for part in parts) > MOST_INSIDE:
        raise FileTooLarge("There is more in this workbook than we can read at once. Save the sheet as CSV.")


def _bounded(records: Iterable[list[str]]) -> Iterator[list[str]]:
    """Give the records of a small file, which may still stand for very much text."""
    letters = 0
    for record in records:
        letters += sum(map(len, record))
        if letters > MOST_LETTERS:
            raise FileTooLarge("There is more text in this file than we can read at once. Split it.")
        yield record


def _write(records: Iterable[list[str]], out: TextIO) -> None:
    is_filled = False
    for record in records:
        is_filled = is_filled or any(record)
        _say(record, out)
    if not is_filled:
        raise EmptyFile


def _say(what: object, out: TextIO) -> None:
    out.write(_ENCODE(what) + "\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:7]))
