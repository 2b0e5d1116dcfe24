"""A file of whatever kind becomes a table: what it is tells its content, never its name.

Texts are read here, bounded line by line. Workbooks and address cards are read by a process of their own
(`reader_process`) with limits on memory, processor time and what it may write; the clock on the wall is kept here, so
that no parser can hold anyone up.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from service.kernel.errors import FarsowError
from service.people import reader_process
from service.people.cards import is_card_file
from service.people.reading import EmptyFile, FileTooLarge, NotATable, SpreadsheetFile, Table, read_table
from service.people.workbooks import BrokenWorkbook, LockedWorkbook

ROOT = Path(__file__).parents[2]
_REFUSALS = {kind.code: kind for kind in (SpreadsheetFile, EmptyFile, BrokenWorkbook, LockedWorkbook)}
_MARKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # zip (.xlsx, .xlsm, .xlsb, .ods) and OLE (.xls)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the process that reads may use: `memory` and `written` in bytes, `cpu` and `wall` in seconds."""

    memory: int = 160_000_000
    written: int = 200_000_000
    cpu: int = 10
    wall: float = 15.0


LIMITS = Limits()


class ReadingTooLong(NotATable):
    """Reading it takes longer than any honest file does."""

    code = "reading-too-long"

    def __init__(self) -> None:
        super().__init__("This file takes too long to read. Save the sheet as CSV and choose that file.")


class TooMuchInside(FileTooLarge):
    """It needs more memory than we give it."""

    def __init__(self) -> None:
        super().__init__("There is more in this file than we can read at once. Save the sheet as CSV and try that.")


def open_table(data: bytes, limits: Limits = LIMITS) -> Table:
    """Return the table in a file of any kind that we read.

    Raises:
        FileTooLarge, NotATable and their kinds: it cannot be read.
    """
    is_workbook = data.startswith(_MARKS)
    if is_workbook and len(data) > reader_process.MOST_BYTES:
        raise FileTooLarge("The workbook is larger than 50 MB. Save the sheet as CSV and choose that file.")
    if is_workbook or _is_cards(data):
        return _read_apart(data, limits)
    return read_table(data)


def _is_cards(data: bytes) -> bool:
    """Tell whether it begins as address cards do, in any encoding."""
    return is_card_file(data[:200].replace(b"\0", b"").decode("ascii", "ignore"))


def _read_apart(data: bytes, limits: Limits) -> Table:
    """Read a file in a process of its own. What passes between lies in files without a name."""
    with TemporaryFile() as given, TemporaryFile() as answer:
        given.write(data)
        given.flush()
        given.seek(0)
        code = _run(given, answer, limits)
        answer.seek(0)
        return _table(_lines(answer), code)


def _run(given: IO[bytes], answer: IO[bytes], limits: Limits) -> int:
    """Let the process read; return how it ended.

    Raises:
        ReadingTooLong: it did not, in time.
    """
    command = [sys.executable, "-m", reader_process.__name__]
    numbers = [str(n) for n in (limits.memory, limits.written, limits.cpu)]
    try:
        done = subprocess.run(  # noqa: S603  (our own module, no shell, nothing of the file in the command)
            [*command, *numbers],
            stdin=given,
            stdout=answer,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={},  # no setting and no secret of ours
            timeout=limits.wall,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ReadingTooLong from None
    return done.returncode


def _lines(answer: IO[bytes]) -> Iterator[Any]:
    for line in answer:
        try:
            yield json.loads(line)
        except ValueError:  # cut off when it was stopped
            return


def _table(lines: Iterator[Any], code: int) -> Table:
    """Return the table that was written out whole, or raise why there is none."""
    facts: dict[str, Any] = next(lines, {})
    if "refused" in facts:
        raise _error(**facts["refused"])
    records: list[list[str]] = []
    for line in lines:
        if isinstance(line, dict):
            break
        records.append(line)
    else:
        raise ReadingTooLong if code in reader_process.OUT_OF_TIME else TooMuchInside
    if "refused" in line:
        raise _error(**line["refused"])
    if not any(map(any, records)):
        raise EmptyFile
    return Table(records=records, **facts)


def _error(code: str, sentence: str) -> FarsowError:
    """Return a refusal of the process as one of ours, by its code."""
    if code in _REFUSALS:
        return _REFUSALS[code]()
    return FileTooLarge(sentence) if code == FileTooLarge.code else NotATable(sentence)
