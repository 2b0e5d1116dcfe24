"""The report as one CSV table: every figure and every cell a row.

UTF-8 with a byte order mark and CRLF, which spreadsheets read as it is meant. A cell that a
spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator

from service.dissemination.snapshots import SnapshotView
from service.dissemination.values.figures import Cell, Figure, Number, number

MEDIA_TYPE = "text/csv; charset=utf-8"
COLUMNS = (
    "indicator",
    "name",
    "unit",
    "release_state",
    "dimension",
    "key",
    "label",
    "figure",
    "numerator",
    "denominator",
    "target",
    "due_on",
    "profile",
    "cutoff",
    "snapshot_id",
)
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def render(view: SnapshotView) -> bytes:
    """Return the report as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([guarded(cell) for cell in row] for row in rows(view))
    return out.getvalue().encode("utf-8-sig")


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; a plain signed number stays."""
    if cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def rows(view: SnapshotView) -> Iterator[tuple[str, ...]]:
    """Yield a row under `COLUMNS` for every figure and every cell."""
    tail = (view.profile.value, view.cutoff.isoformat(), view.snapshot_id)
    targets = {target.indicator: (_plain(target.target), target.due_on.isoformat()) for target in view.targets}
    for figure in view.figures:
        head = (figure.indicator, figure.name, figure.unit_text, figure.release_state.value)
        yield (*head, "", "", "", *_numbers(figure), *targets.get(figure.indicator, ("", "")), *tail)
        for cell in _cells(figure.cells):
            yield (*head, *cell, "", "", *tail)


def _cells(cells: Iterable[Cell]) -> Iterator[tuple[str, ...]]:
    return ((cell.dimension.value, cell.key, cell.label, *_numbers(cell)) for cell in cells)


def _numbers(one: Figure | Cell) -> tuple[str, str, str]:
    figure = one.band if one.band is not None else _plain(one.value)
    return figure, _plain(one.numerator), _plain(one.denominator)


def _plain(value: Number | str | None) -> str:
    """Return a number without thousands marks, a band as it is, nothing for nothing."""
    if value is None:
        return ""
    return value if isinstance(value, str) else number(value).replace(",", "")
