"""The process that reads one workbook or one file of address cards: `python -m service.people.reader_process`.

The file comes as standard input; the answer is lines of JSON: how it was read, a list for each record, and a last
object when all of it was written. Before anything is looked at, the process takes limits upon itself that it cannot
lift again. It has no settings, no database and no secret.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from service.kernel.errors import FarsowError
from service.people.reading import FileTooLarge, SpreadsheetFile, read_table
from service.people.workbooks import BrokenWorkbook, read_workbook

MOST_BYTES = 50_000_000  # of a workbook
MOST_INSIDE = 400_000_000  # bytes of a workbook when unpacked
MOST_LETTERS = 60_000_000  # of all cells together
OUT_OF_TIME = (-signal.SIGXCPU, -signal.SIGKILL)
_FILE = Path("/proc/self/fd/0")
_PARTS = ("xl/workbook", "content.xml")  # what a zip holds that is a workbook


def main(memory: int, written: int, cpu: int) -> None:
    """Read standard input under these limits and write what it holds to standard output."""
    _limit(memory, written, cpu)
    try:
        _read(sys.stdout)
        sys.stdout.write('{"end": true}\n')
    except FarsowError as error:
        _say({"refused": {"code": error.code, "sentence": error.sentence}}, sys.stdout)
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


def _read(out: TextIO) -> None:
    with _FILE.open("rb") as file:
        start = file.read(4)
    if start == b"PK\x03\x04":
        _check_zip()
    if start in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        book = read_workbook(_FILE)
        _say({"encoding": "", "delimiter": "workbook", "sheet": book.sheet, "other_sheets": list(book.others)}, out)
        _write(book.records, out)
    else:
        table = read_table(_FILE.read_bytes())
        _say({"encoding": table.encoding, "delimiter": table.delimiter}, out)
        _write(table.records, out)


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


def _write(records: Iterable[list[str]], out: TextIO) -> None:
    letters = 0
    for record in records:
        letters += sum(map(len, record))
        if letters > MOST_LETTERS:
            raise FileTooLarge("There is more text in this file than we can read at once. Split it.")
        _say(record, out)


def _say(what: object, out: TextIO) -> None:
    out.write(json.dumps(what, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
