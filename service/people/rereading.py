"""Reading the file of a preview once more: with other columns, or another sheet of its workbook.

What was chosen for single rows is forgotten. A large file is left for the worker again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.kernel.errors import Invalid
from service.kernel.sealing import SealRing
from service.people import store as people
from service.people.bulk import collector_paused
from service.people.files import open_table
from service.people.headings import Layout, chosen_layout, layout_of
from service.people.importing import Finder, audience_finder
from service.people.previewing import (
    Course,
    OriginalGone,
    choose_columns,
    facts_of,
    find_columns,
    finish,
    judge_stretch,
    target_and_consent,
)
from service.people.reading import Table
from service.people.rules import imports
from service.people.store import import_rows
from service.people.store import imports as store
from service.people.values import ImportState, ImportView

Found = tuple[Layout, Mapping[str, Any], bool, Finder]  # what a `Course` knows of the file


@collector_paused()
def read_again(
    session: Session,
    import_id: str,
    fields: Mapping[int, str | None],
    *,
    ring: SealRing,
    address_key: bytes,
    now: datetime,
    actor: str,
) -> ImportView:
    """Read the file of a preview again with the columns that staff chose, and remember them for files of its shape.

    `fields`: what a column holds, by its index; those not named stay as they were guessed. What was chosen for single
    rows is forgotten. A large file is read again by the worker.

    Raises:
        ImportClosed, OriginalGone: there is nothing to read again. Invalid: no such field.
        NoAddressColumn: none of them holds addresses. CannotOpen: the key of the file is not here.
    """
    batch = _preview(session, import_id)
    sheet = sheet_at(batch)
    if batch.reading.get("large"):
        chosen_layout(layout_of(batch.reading), fields)
        chosen = {str(index): name for index, name in fields.items()}
        return _leave_again(session, batch, {"sheet_at": sheet, "chosen": chosen}, now=now, actor=actor)
    find_audience = audience_finder(people.read_audiences(session))
    table = _table_again(session, batch, ring=ring, sheet=sheet)
    layout = choose_columns(session, table.records, fields, find_audience, now=now)
    found: Found = (layout, facts_of(table), False, find_audience)
    return _judge_again(session, batch, table, found, address_key=address_key, ring=ring, now=now, actor=actor)


@collector_paused()
def read_sheet(
    session: Session, import_id: str, name: str, *, ring: SealRing, address_key: bytes, now: datetime, actor: str
) -> ImportView:
    """Read another sheet of a preview's workbook instead. A large file is read by the worker.

    Raises:
        ImportClosed, OriginalGone, CannotOpen: as `read_again`. Invalid: it has no such sheet that is shown.
    """
    batch = _preview(session, import_id)
    sheets = batch.reading.get("sheets", [])
    if name not in sheets:
        raise Invalid("There is no such sheet in this workbook.", field="sheet")
    sheet = sheets.index(name)
    if batch.reading.get("large"):
        return _leave_again(session, batch, {"sheet_at": sheet}, now=now, actor=actor)
    find_audience = audience_finder(people.read_audiences(session))
    table = _table_again(session, batch, ring=ring, sheet=sheet)
    layout, is_remembered = find_columns(session, table.records, find_audience, may_ask=True)
    found: Found = (layout, facts_of(table), is_remembered, find_audience)
    return _judge_again(session, batch, table, found, address_key=address_key, ring=ring, now=now, actor=actor)


def _preview(session: Session, import_id: str) -> ImportView:
    batch = store.read_import(session, import_id, lock=True)
    if batch.state is not ImportState.PREVIEW:
        raise imports.ImportClosed(batch.state)
    return batch


def sheet_at(batch: ImportView) -> int | None:
    """Return which of the sheets that are shown is the one an import reads, None when there are none."""
    sheets = batch.reading.get("sheets", [])
    return sheets.index(batch.reading["sheet"]) if sheets else None


def _table_again(session: Session, batch: ImportView, *, ring: SealRing, sheet: int | None) -> Table:
    data = b"".join(store.read_original(session, batch.id, ring=ring))
    if not data:
        raise OriginalGone
    return open_table(data, sheet=sheet)


def _judge_again(
    session: Session,
    batch: ImportView,
    table: Table,
    found: Found,
    *,
    address_key: bytes,
    ring: SealRing,
    now: datetime,
    actor: str,
) -> ImportView:
    import_rows.drop_rulings(session, batch.id)
    target, consent = target_and_consent(session, batch)
    course = Course(batch.id, *found, target, consent, address_key, ring)
    judge_stretch(session, course, table.records, at=0)
    finish(session, course)
    log.record(session, actor=actor, action="import.read-again", subject=f"import:{batch.id}", now=now)
    return store.read_import(session, batch.id)


def _leave_again(
    session: Session, batch: ImportView, wanted: Mapping[str, Any], *, now: datetime, actor: str
) -> ImportView:
    """Let the worker read a large file again. `wanted`: which columns and which sheet."""
    if not store.has_original(session, batch.id):
        raise OriginalGone
    import_rows.drop_rulings(session, batch.id)
    store.write_import(session, batch.id, state=ImportState.READING, reading=dict(wanted), counts={})
    log.record(session, actor=actor, action="import.read-again", subject=f"import:{batch.id}", now=now)
    return store.read_import(session, batch.id)
