"""Reading a large file in the worker: a stretch of rows at a time, each in a transaction of its own.

Who reads is written at the import and renewed with each stretch. Nothing that is read has any effect yet, so a reader
that died is followed by another one, which begins again from the file's first row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import Engine
from sqlmodel import Session

from service.audit import log
from service.db.engine import reading, writing
from service.kernel.errors import FarsowError
from service.kernel.sealing import CannotOpen, SealRing
from service.people import store as people
from service.people.bulk import collector_paused
from service.people.files import LARGE, Reading
from service.people.importing import audience_finder
from service.people.previewing import (
    Course,
    OriginalGone,
    choose_columns,
    find_columns,
    finish,
    judge_stretch,
    target_and_consent,
)
from service.people.reading import SIZES, FileTooLarge, NotATable, Sizes
from service.people.store import import_rows
from service.people.store import imports as store
from service.people.values import ImportState, ImportView

STRETCH = 2_000  # rows a transaction: under 100 ms
GIVEN_UP = timedelta(seconds=60)  # without a stretch: its reader is gone
_WAIT = 0.05  # seconds that the other duties may be kept waiting for the process that reads


@dataclass(slots=True)
class Opened:
    """A file that is being read."""

    import_id: str
    file: Reading
    records: Iterator[list[str]] | None = None  # once it was read whole
    course: Course | None = None  # once its first stretch was looked at
    at: int = 0  # records that have been judged


@dataclass(slots=True)
class Reader:
    """Who reads, with what; at most one file is open here at a time."""

    owner: str
    address_key: bytes
    ring: SealRing
    sizes: Sizes = SIZES
    opened: Opened | None = None

    @property
    def current(self) -> str | None:
        """The import whose file is open."""
        return self.opened.import_id if self.opened else None

    def close(self) -> None:
        """Let go of the file that is open."""
        if self.opened:
            self.opened.file.close()
        self.opened = None


@collector_paused()
def read_stretch(engine: Engine, import_id: str, *, reader: Reader, now: datetime) -> bool:
    """Read the next rows of a file that was left for the worker; tell whether this was ours to do.

    A file that cannot be read ends the import; its page says why.
    """
    try:
        if reader.opened is None or reader.opened.import_id != import_id:
            return _open(engine, import_id, reader, now=now)
        return _go_on(engine, reader.opened, reader, now=now)
    except (NotATable, FileTooLarge, OriginalGone, CannotOpen) as refusal:
        reader.close()
        _refuse(engine, import_id, refusal, now=now)
        return True
    except BaseException:
        reader.close()  # what it holds is ahead of what was stored
        raise


def _open(engine: Engine, import_id: str, reader: Reader, *, now: datetime) -> bool:
    """Take an import that nobody reads, and start to read its file."""
    reader.close()
    with writing(engine) as session:
        batch = store.read_import(session, import_id, lock=True)
        if batch.state is not ImportState.READING or _is_read_by_another(batch, reader, now=now):
            return False
        import_rows.drop_rulings(session, import_id)
        _sign(session, batch, reader, at=0, now=now)
    with reading(engine) as session:
        if not store.has_original(session, import_id):
            raise OriginalGone
        pieces = store.read_original(session, import_id, ring=reader.ring)
        file = Reading(pieces, reader.sizes, LARGE, sheet=batch.reading.get("sheet_at"))
        reader.opened = Opened(import_id, file)
    return True


def _is_read_by_another(batch: ImportView, reader: Reader, *, now: datetime) -> bool:
    owner = batch.reading.get("reader")
    return owner not in (None, reader.owner) and now - datetime.fromisoformat(batch.reading["read_at"]) < GIVEN_UP


def _sign(session: Session, batch: ImportView, reader: Reader, *, at: int, now: datetime) -> None:
    """Write who reads, and how far it is."""
    signed = {**batch.reading, "reader": reader.owner, "read_at": now.isoformat(), "rows": at}
    store.write_import(session, batch.id, reading=signed)


def _go_on(engine: Engine, opened: Opened, reader: Reader, *, now: datetime) -> bool:
    if not opened.file.is_over(within=_WAIT):
        return True
    opened.records = opened.records or opened.file.records()
    records = list(islice(opened.records, STRETCH))
    with writing(engine) as session:
        batch = store.read_import(session, opened.import_id, lock=True)
        is_ours = batch.state is ImportState.READING and batch.reading.get("reader") == reader.owner
        if is_ours:
            _judge(session, opened, batch, reader, records, now=now)
    if not is_ours or len(records) < STRETCH:
        reader.close()
    return is_ours


def _judge(
    session: Session, opened: Opened, batch: ImportView, reader: Reader, records: list[list[str]], *, now: datetime
) -> None:
    """Judge a stretch of rows; after the last one it is a preview like any other."""
    course = opened.course = opened.course or _begin(session, opened, batch, reader, records, now=now)
    judge_stretch(session, course, records, at=opened.at)
    opened.at += len(records)
    if len(records) == STRETCH:
        _sign(session, batch, reader, at=opened.at, now=now)
        return
    finish(session, course, large=True)
    if course.names_erased:
        store.drop_original(session, batch.id)
    store.write_import(session, batch.id, state=ImportState.PREVIEW)
    log.record(session, actor="system", action="import.read", subject=f"import:{batch.id}", now=now)


def _begin(
    session: Session, opened: Opened, batch: ImportView, reader: Reader, records: list[list[str]], *, now: datetime
) -> Course:
    """Find the columns in the first stretch, or take those that staff chose."""
    find_audience = audience_finder(people.read_audiences(session))
    is_remembered = False
    if chosen := batch.reading.get("chosen"):
        fields = {int(index): name for index, name in chosen.items()}
        layout = choose_columns(session, records, fields, find_audience, now=now)
    else:
        layout, is_remembered = find_columns(session, records, find_audience, may_ask=True)
    target, consent = target_and_consent(session, batch)
    parts = (layout, opened.file.facts, is_remembered, find_audience, target, consent, reader.address_key, reader.ring)
    return Course(batch.id, *parts)


def _refuse(engine: Engine, import_id: str, refusal: FarsowError, *, now: datetime) -> None:
    """End an import whose file cannot be read; nothing of it is kept but the reason."""
    with writing(engine) as session:
        batch = store.read_import(session, import_id, lock=True)
        if batch.state is not ImportState.READING:
            return
        store.drop_original(session, import_id)
        import_rows.drop_rulings(session, import_id)
        why = {"code": refusal.code, "sentence": refusal.sentence}
        store.write_import(session, import_id, state=ImportState.DISCARDED, reading={"refused": why})
        log.record(session, actor="system", action="import.refused", subject=f"import:{import_id}", now=now)
