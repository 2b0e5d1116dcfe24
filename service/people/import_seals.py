"""What of an import's rows lies sealed: notes and telephone numbers.

A row says of them only that they are there (`HIDDEN`); the texts are in the row's sealed cell, as JSON.
They fill what is empty of a person and never replace what is held.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from service.kernel.sealing import CannotOpen, SealRing
from service.people import private
from service.people.headings import Layout
from service.people.store import import_rows
from service.people.values import SEALED, Ruling, Verdict

HIDDEN = "•••"
ROWS = "import_row"


def without_sealed(layout: Layout) -> Layout:
    """Return a layout that leaves out the columns that would have to be sealed."""
    plain = (replace(column, field=None) if column.field in SEALED else column for column in layout.columns)
    return replace(layout, columns=tuple(plain))


def hide(rulings: Iterable[Ruling], import_id: str, *, ring: SealRing | None) -> tuple[list[Ruling], dict[int, bytes]]:
    """Return rulings that name no sealed text, and the sealed cells by row."""
    hidden, cells = [], {}
    for ruling in rulings:
        if ring and (texts := {name: ruling.fields[name] for name in SEALED if name in ruling.fields}):
            cells[ruling.row] = _seal(ring, import_id, ruling.row, texts)
            ruling = replace(ruling, fields={**ruling.fields, **dict.fromkeys(texts, HIDDEN)})
        hidden.append(ruling)
    return hidden, cells


def reveal(session: Session, rulings: Sequence[Ruling], import_id: str, *, ring: SealRing | None) -> list[Ruling]:
    """Return stored rulings with their sealed texts, as they were before `hide`.

    Raises:
        CannotOpen: they do not open here.
    """
    cells = import_rows.read_cells(session, import_id, [r.row for r in rulings if HIDDEN in r.fields.values()])
    if not (ring and cells):
        return list(rulings)
    texts = {row: read_row(cell, import_id, row, ring=ring) for row, cell in cells.items()}
    return [replace(r, fields={**r.fields, **texts.get(r.row, {})}) for r in rulings]


def _seal(ring: SealRing, import_id: str, row: int, texts: Mapping[str, str]) -> bytes:
    text = json.dumps(texts, ensure_ascii=False)
    return ring.seal(text, table=ROWS, row_id=f"{import_id}:{row}", column="sealed")


def read_row(cell: bytes, import_id: str, row: int, *, ring: SealRing) -> dict[str, str]:
    """Return the sealed texts of a row by field.

    Raises:
        CannotOpen: they do not open here.
    """
    opened: dict[str, str] = json.loads(ring.open(cell, table=ROWS, row_id=f"{import_id}:{row}", column="sealed"))
    return opened


def carry_out(session: Session, import_id: str, rows: range, *, ring: SealRing | None, now: datetime) -> int:
    """Give the people of a stretch of rows what lies sealed there; return of how many it does not open.

    Raises:
        ValueError: there is something to open and no ring.
    """
    wanted: dict[str, dict[str, str]] = {}
    unopened = 0
    for row in import_rows.read_sealed(session, import_id, rows):
        if ring is None:
            raise ValueError("rows hold sealed texts: the ring is needed")
        try:
            texts = read_row(row.sealed, import_id, row.row, ring=ring)
        except CannotOpen:
            unopened += 1
            continue
        is_new = row.verdict == Verdict.CREATE
        wanted[row.person_id] = {name: text for name, text in texts.items() if is_new or name in row.before}
    if ring and wanted:
        private.fill(session, wanted, ring=ring, now=now, actor=f"import:{import_id}")
    return unopened
