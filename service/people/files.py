"""A file of whatever kind becomes a table: what it is tells its content, never its name.

A small text is read here. Workbooks, address cards and larger texts are read by a process of their own
(`reader_process`) with limits on memory, processor time and what it may write; the clock on the wall is kept here, so
that no parser can hold anyone up.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic
from types import TracebackType
from typing import IO, Any, Self

from service.kernel.errors import FarsowError
from service.people import reader_process
from service.people.cards import is_card_file
from service.people.reading import (
    SIZES,
    EmptyFile,
    FileTooLarge,
    NotATable,
    OpenQuote,
    Sizes,
    SpreadsheetFile,
    Table,
    read_table,
    too_many_bytes,
)
from service.people.workbooks import BrokenWorkbook, LockedWorkbook

ROOT = Path(__file__).parents[2]
_REFUSALS = {kind.code: kind for kind in (SpreadsheetFile, EmptyFile, BrokenWorkbook, LockedWorkbook)}
AT_ONCE = 2_000_000  # bytes: what is larger is read by the worker, while staff do something else
_HERE = 500_000  # bytes of a text that are read without a process of its own
_TAIL = 4_096  # bytes at the end of an answer that hold its last line
_MARKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # zip (.xlsx, .xlsm, .xlsb, .ods) and OLE (.xls)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the process that reads may use: `memory` and `written` in bytes, `cpu` and `wall` in seconds."""

    memory: int = 160_000_000
    written: int = 200_000_000
    cpu: int = 10
    wall: float = 15.0


LIMITS = Limits()
LARGE = Limits(written=800_000_000, cpu=60, wall=120.0)  # for a file that the worker reads


class ReadingTooLong(NotATable):
    """Reading it takes longer than any honest file does."""

    code = "reading-too-long"

    def __init__(self) -> None:
        super().__init__("This file takes too long to read. Save it as CSV, or split it.")


class TooMuchInside(FileTooLarge):
    """It needs more memory than we give it."""

    def __init__(self) -> None:
        super().__init__("There is more in this file than we can read at once. Save the sheet as CSV and try that.")


def open_table(data: bytes, sizes: Sizes = SIZES, limits: Limits = LIMITS, *, sheet: int | None = None) -> Table:
    """Return the table in a file of any kind that we read. `sheet`: as `read_workbook` takes it.

    Raises:
        FileTooLarge, NotATable and their kinds: it cannot be read.
    """
    check_size(data[:4], len(data), sizes)
    if len(data) <= _HERE and not (data.startswith(_MARKS) or _is_cards(data)):
        return read_table(data, sizes)
    with Reading([data], sizes, limits, sheet=sheet) as file:
        file.wait()
        return Table(records=list(file.records()), **file.facts)


def check_size(start: bytes, size: int, sizes: Sizes = SIZES) -> None:
    """Refuse a file of too many bytes. `start`: its first four.

    Raises:
        FileTooLarge: it is.
    """
    if start.startswith(_MARKS) and size > reader_process.MOST_BYTES:
        raise FileTooLarge("The workbook is larger than 50 MB. Save the sheet as CSV and choose that file.")
    if size > sizes.bytes:
        raise too_many_bytes(sizes)


def _is_cards(data: bytes) -> bool:
    """Tell whether it begins as address cards do, in any encoding."""
    return is_card_file(data[:200].replace(b"\0", b"").decode("ascii", "ignore"))


class Reading:
    """A file that a process of its own reads. What passes between lies in files without a name."""

    def __init__(
        self, pieces: Iterable[bytes], sizes: Sizes = SIZES, limits: Limits = LIMITS, *, sheet: int | None = None
    ) -> None:
        self.facts: dict[str, Any] = {}  # of the table but its records, once it is over
        self._until = monotonic() + limits.wall
        self._answer = TemporaryFile()  # noqa: SIM115  (closed by `close`)
        with TemporaryFile() as given:
            for piece in pieces:
                given.write(piece)
            given.flush()
            given.seek(0)
            self._process = _start(given, self._answer, sizes, limits, -1 if sheet is None else sheet)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def wait(self) -> None:
        """Wait until it is over.

        Raises:
            as `is_over`.
        """
        while not self.is_over(within=1.0):
            pass

    def is_over(self, *, within: float) -> bool:
        """Tell whether it has been read whole, waiting some seconds for it. From then on there are `facts`.

        Raises:
            FileTooLarge, NotATable and their kinds: it cannot be read, or not in time.
        """
        if self.facts:
            return True
        try:
            code = self._process.wait(max(0.0, min(within, self._until - monotonic())))
        except subprocess.TimeoutExpired:
            if monotonic() < self._until:
                return False
            self.close()
            raise ReadingTooLong from None
        self._check_end(code)
        self._answer.seek(0)
        self.facts = json.loads(self._answer.readline())
        return True

    def _check_end(self, code: int) -> None:
        """Raise why the answer is not whole, if it is not."""
        size = self._answer.seek(0, 2)
        self._answer.seek(max(0, size - _TAIL))
        lines = self._answer.read().splitlines()
        end = _object(lines[-1]) if lines else {}
        if "refused" in end:
            raise _error(**end["refused"])
        if "end" not in end:
            raise ReadingTooLong if code in reader_process.OUT_OF_TIME else TooMuchInside

    def records(self) -> Iterator[list[str]]:
        """Give the records that were not given yet."""
        for line in self._answer:
            if line.startswith(b"{"):
                return
            yield json.loads(line)

    def close(self) -> None:
        """End the process, if it still reads, and let go of what it wrote."""
        self._process.kill()
        self._process.wait()
        self._answer.close()


def _start(given: IO[bytes], answer: IO[bytes], sizes: Sizes, limits: Limits, sheet: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", reader_process.__name__]
    numbers = (limits.memory, limits.written, limits.cpu, sizes.bytes, sizes.rows, sheet)
    return subprocess.Popen(  # noqa: S603  (our own module, no shell, nothing of the file in the command)
        [*command, *map(str, numbers)],
        stdin=given,
        stdout=answer,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env={},  # no setting and no secret of ours
    )


def _object(line: bytes) -> dict[str, Any]:
    """Return the object of a line; {} when it is cut off or something else."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _error(code: str, sentence: str, row: int = 0) -> FarsowError:
    """Return a refusal of the process as one of ours, by its code."""
    if code == OpenQuote.code:
        return OpenQuote(row)
    if code in _REFUSALS:
        return _REFUSALS[code]()
    return FileTooLarge(sentence) if code == FileTooLarge.code else NotATable(sentence)
