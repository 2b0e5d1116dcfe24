"""The sheets of a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods) as rows of text, as a spreadsheet shows them.

Nothing in a workbook is carried out: a formula gives the value that was stored with it, a macro is never looked at.
The parser holds a whole sheet in memory and trusts what the file says of its size: call this only in a process of
its own, with limits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TypeAlias

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from service.people.cells import guarded
from service.people.reading import MAX_COLUMNS, SIZES, FileTooLarge, NotATable, Sizes

Cell: TypeAlias = int | float | str | bool | time | date | datetime | timedelta
_ADDRESS = re.compile(r"[^\s@]@[^\s@]+\.[^\s@]")
_LOOKED_AT = 2_000  # rows of a sheet in which an address is looked for
_MIDNIGHT = time()


class LockedWorkbook(NotATable):
    """A password is needed to open it."""

    code = "locked-workbook"

    def __init__(self) -> None:
        super().__init__("This workbook is locked with a password. Save a copy without one and choose that file.")


class BrokenWorkbook(NotATable):
    """It begins as a workbook does, and cannot be read."""

    code = "broken-workbook"

    def __init__(self) -> None:
        super().__init__("This workbook cannot be opened. Open it in your spreadsheet, save it again, and try that.")


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook as read: the sheet taken, the others by name, those that can be taken, and the taken one's rows."""

    sheet: str
    others: tuple[str, ...]
    sheets: tuple[str, ...]  # that are shown, in order
    records: Iterator[list[str]]


def read_workbook(path: Path, sizes: Sizes = SIZES, at: int | None = None) -> Workbook:
    """Return the first sheet that holds an e-mail address, else the first that holds anything.

    Hidden sheets are not taken: nobody saw what is in them. `at`: the sheet to take instead, counted from 0 among those
    that are shown.

    Raises:
        LockedWorkbook, BrokenWorkbook, FileTooLarge: it cannot be read.
    """
    try:
        book = CalamineWorkbook.from_path(path)
        shown = _shown(book)
        chosen = shown[at : at + 1] if at is not None else []
        sheet = _with_addresses(book, chosen or shown)
    except PasswordError:
        raise LockedWorkbook from None
    except (CalamineError, OSError, ValueError):
        raise BrokenWorkbook from None
    others = tuple(name for name in book.sheet_names if name != sheet.name)
    return Workbook(sheet.name, others, tuple(shown), _records(sheet, sizes))


def _shown(book: CalamineWorkbook) -> list[str]:
    shown = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    if not shown:
        raise BrokenWorkbook
    return shown


def _with_addresses(book: CalamineWorkbook, names: Sequence[str]) -> CalamineSheet:
    filled: CalamineSheet | None = None
    for name in names:
        sheet = book.get_sheet_by_name(name)
        if _holds_address(sheet):
            return sheet
        filled = filled or (sheet if sheet.height else None)
    return filled or book.get_sheet_by_name(names[0])


def _holds_address(sheet: CalamineSheet) -> bool:
    if not sheet.height:
        return False
    rows = sheet.to_python(nrows=_LOOKED_AT)
    return any(isinstance(cell, str) and _ADDRESS.search(cell) for row in rows for cell in row)


def _records(sheet: CalamineSheet, sizes: Sizes) -> Iterator[list[str]]:
    """Yield the rows from row 1 on, so that a row's number is the spreadsheet's."""
    _check_size(sheet, sizes)
    _top, left = sheet.start or (0, 0)
    merged = _Merged(sheet)
    for row, cells in enumerate(sheet.iter_rows()):  # from row 1 on, but from the first filled column only
        record = [""] * left + [as_text(cell) for cell in cells]
        merged.fill(row, record)
        while record and not record[-1]:
            record.pop()
        yield record


def _check_size(sheet: CalamineSheet, sizes: Sizes) -> None:
    if sheet.total_width > MAX_COLUMNS:
        raise FileTooLarge(f"The sheet has more than {MAX_COLUMNS} columns.")
    if sheet.total_height > sizes.rows:
        raise FileTooLarge(f"The sheet has more than {sizes.rows:,} rows. Split it and import the parts.")


class _Merged:
    """Cells merged over several rows: the text of the first holds for all, as the reader of the sheet sees it."""

    def __init__(self, sheet: CalamineSheet) -> None:
        self._begin: dict[int, list[tuple[int, int]]] = {}
        self._open: dict[int, tuple[int, str]] = {}
        for (top, left), (bottom, _right) in sheet.merged_cell_ranges or ():
            if bottom > top:
                self._begin.setdefault(top, []).append((left, bottom))

    def fill(self, row: int, record: list[str]) -> None:
        """Write the texts that reach down into this row. Rows are given in order."""
        for column, (bottom, text) in list(self._open.items()):
            if row > bottom:
                del self._open[column]
            elif column < len(record) and not record[column]:
                record[column] = text
        for column, bottom in self._begin.get(row, ()):
            if column < len(record) and record[column]:
                self._open[column] = (bottom, record[column])


def _as_typed(text: str) -> str:
    """Return a text as it is typed: what is text by its type is no formula, and an apostrophe in front says so."""
    is_meant = text.startswith(("=", "＝")) or (text.startswith("'") and guarded(text) != text)
    return f"'{text}" if is_meant else text


def as_text(cell: Cell) -> str:
    """Return a cell as a person would have typed it.

    >>> as_text(254712345678.0), as_text(datetime(2026, 11, 3)), as_text(True)
    ('254712345678', '2026-11-03', 'true')
    """
    if isinstance(cell, str):
        return _as_typed(cell)
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == _MIDNIGHT else cell.isoformat(" ", "minutes")
    return cell.isoformat() if isinstance(cell, (date, time)) else str(cell)
