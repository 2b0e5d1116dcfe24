"""Large files are read by the worker, a stretch at a time, and give the same preview as if they were read at once."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import Engine, select
from sqlmodel import Session

from service.db.engine import reading, writing
from service.mail import actions as mail
from service.mail.values import SuppressionReason
from service.people import actions, import_seals, imports, large_files, previewing, private, rereading
from service.people import store as people
from service.people.large_files import Reader, read_stretch
from service.people.rules.imports import ImportClosed, StillReading
from service.people.store import import_rows
from service.people.store import imports as store
from service.people.tables import ImportOriginal
from service.people.values import ImportState, ImportView, Ruling
from tests.factories import NOW, RING, STAFF
from tests.people.test_import_seals import OTHER

KEY = b"k" * 32
HEAD = "Name;E-mail;Country;Notes;Tags\n"


def rows(count: int) -> str:
    """Return rows of people of whom every third is met again later, saying more or something else."""
    lines = []
    for n in range(count):
        who = n // 2 if n % 3 == 2 else n
        notes = f"met {n}" if n % 3 == 2 else ""
        name, country = "" if n % 5 == 0 else f"Guest {who}", "Kenia" if n % 4 else "KE"
        lines.append(f"{name};g{who}@example.org;{country};{notes};t{n}")
    lines[7] = "No address;;;;"
    lines[9] = "Gone;gone@example.org;KE;;"
    lines[31] = "Gone Again;gone@example.org;KE;;"
    lines[11] = "Stopped;stop@example.org;KE;;"
    lines[33] = "Stopped Again;stop@example.org;UG;;"
    return HEAD + "\n".join(lines) + "\n"


@pytest.fixture
def suppressed(engine: Engine) -> None:
    with writing(engine) as session:
        for name, reason in (("gone", SuppressionReason.ERASED), ("stop", SuppressionReason.UNSUBSCRIBED)):
            mail.suppress(session, f"{name}@example.org", "all", reason, address_key=KEY, now=NOW, actor=STAFF)
        actions.create_person(session, {"name": "Guest One", "email": "g1@example.org"}, now=NOW, actor=STAFF)  # type: ignore[arg-type]


ASKED: dict[str, Any] = {"list_id": None, "consent_basis": None, "consent_source": "card", "now": NOW, "actor": STAFF}


def leave(engine: Engine, data: bytes, **more: Any) -> ImportView:
    with writing(engine) as session:
        pieces = [data[at : at + 500] for at in range(0, len(data), 500)]
        return previewing.leave_for_worker(session, pieces, filename="all.csv", ring=RING, **{**ASKED, **more})


def read_whole(engine: Engine, import_id: str, reader: Reader | None = None, *, at: datetime = NOW) -> ImportView:
    reader = reader or Reader("w1", KEY, RING)
    while read_stretch(engine, import_id, reader=reader, now=at):
        pass
    with reading(engine) as session:
        return store.read_import(session, import_id)


def told(session: Session, view: ImportView) -> list[tuple[Any, ...]]:
    """Return all that the rows of an import say, but the ids of people to be made, with what lies sealed opened."""
    found = import_rows.read_rulings(session, view.id, limit=1000)
    return [_said(r) for r in import_seals.reveal(session, found, view.id, ring=RING)]


def _said(r: Ruling) -> tuple[Any, ...]:
    return r.row, r.verdict, r.reason, dict(r.fields), dict(r.before), r.notes, bool(r.person_id)


@pytest.mark.parametrize("stretch", [1, 7, 20, 1000])
def test_a_file_read_in_stretches_is_judged_as_if_it_were_read_at_once(
    engine: Engine, suppressed: None, monkeypatch: pytest.MonkeyPatch, stretch: int
) -> None:
    monkeypatch.setattr(large_files, "STRETCH", stretch)
    data = rows(45).encode()
    with writing(engine) as session:
        whole = previewing.preview_import(session, data, filename="all.csv", address_key=KEY, ring=RING, **ASKED)
    left = leave(engine, data)

    view = read_whole(engine, left.id)

    with reading(engine) as session:
        assert told(session, view) == told(session, whole)
        assert (left.state, view.state, view.counts) == (ImportState.READING, ImportState.PREVIEW, whole.counts)
        assert {**view.reading, "large": None} == {**whole.reading, "large": None}
        assert view.reading["countries"] == {"KE": ["KE", "Kenia"]}
        assert not store.has_original(session, view.id)  # it names someone who asked to be forgotten


def test_what_is_made_of_it_is_the_same(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_files, "STRETCH", 10)
    view = read_whole(engine, leave(engine, rows(45).encode()).id)
    with writing(engine) as session:
        imports.start_apply(session, view.id, now=NOW, actor=STAFF)
    while imports.apply_chunk(engine, view.id, address_key=KEY, now=NOW, ring=RING):
        pass

    with reading(engine) as session:
        made = {p.email: p for p in people.read_people(session, limit=100).items}
        assert len(made) == view.counts["create"]
        assert made["g10@example.org"].tags == ("t10", "t20")
        assert private.read_private(session, made["g10@example.org"].id, ring=RING).notes == "met 20"


def test_while_it_is_read_it_is_neither_started_nor_stopped_and_may_be_discarded(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_files, "STRETCH", 10)
    left, reader = leave(engine, rows(45).encode()), Reader("w1", KEY, RING)
    while not (reader.opened and reader.opened.at >= 20):
        read_stretch(engine, left.id, reader=reader, now=NOW)
    with writing(engine) as session:
        for move in (imports.start_apply, imports.stop):
            with pytest.raises(StillReading):
                move(session, left.id, now=NOW, actor=STAFF)
        with pytest.raises(ImportClosed):
            rereading.read_again(session, left.id, {}, ring=RING, address_key=KEY, now=NOW, actor=STAFF)
        imports.discard(session, left.id, now=NOW, actor=STAFF)

    assert read_stretch(engine, left.id, reader=reader, now=NOW) is False
    assert reader.current is None
    with reading(engine) as session:
        view = store.read_import(session, left.id)
        assert (view.state, import_rows.read_rulings(session, left.id), store.has_original(session, left.id)) == (
            ImportState.DISCARDED,
            [],
            False,
        )


def test_a_reader_that_died_is_followed_after_a_minute_and_nothing_is_twice(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_files, "STRETCH", 10)
    left, dead = leave(engine, rows(45).encode()), Reader("w1", KEY, RING)
    while not (dead.opened and dead.opened.at >= 20):
        read_stretch(engine, left.id, reader=dead, now=NOW)
    other = Reader("w2", KEY, RING)

    assert read_stretch(engine, left.id, reader=other, now=NOW + timedelta(seconds=59)) is False
    view = read_whole(engine, left.id, other, at=NOW + timedelta(seconds=61))

    assert (view.state, view.rows) == (ImportState.PREVIEW, 45)
    assert read_stretch(engine, left.id, reader=dead, now=NOW) is False  # it was only slow: it lets go
    assert dead.current is None


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'Name,E-mail\nA,a@x.org\n"B,b@x.org\n', "open-quote"),
        (b"PK\x03\x04 is no workbook", "broken-workbook"),
        (b"\n\n\n", "empty-file"),
        (b"Name,E-mail\n" + b"A,a@x.org\n" * 12, "file-too-large"),
    ],
)
def test_a_file_that_cannot_be_read_ends_the_import_with_the_reason(engine: Engine, data: bytes, code: str) -> None:
    left = leave(engine, data)

    view = read_whole(engine, left.id, Reader("w1", KEY, RING, large_files.Sizes(rows=10)))

    assert (view.state, view.reading["refused"]["code"]) == (ImportState.DISCARDED, code)
    assert view.reading["refused"]["sentence"].endswith(".")
    with reading(engine) as session:
        assert session.execute(select(ImportOriginal.part)).all() == []  # type: ignore[call-overload]


def test_a_file_whose_key_is_gone_ends_the_import_and_holds_nobody_up(engine: Engine) -> None:
    left = leave(engine, rows(45).encode())

    view = read_whole(engine, left.id, Reader("w1", KEY, OTHER))

    assert (view.state, view.reading["refused"]["code"]) == (ImportState.DISCARDED, "unknown-field-key")


def test_columns_chosen_otherwise_are_read_by_the_worker_too(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_files, "STRETCH", 10)
    data = "Who;Where to write;Where\n" + "".join(f"Guest {n};g{n}@example.org;Halden\n" for n in range(25))
    view = read_whole(engine, leave(engine, data.encode()).id)
    with writing(engine) as session:
        fields = {0: "name", 2: "organisation"}
        again = rereading.read_again(session, view.id, fields, ring=RING, address_key=KEY, now=NOW, actor=STAFF)
    assert (again.state, again.counts) == (ImportState.READING, {})

    view = read_whole(engine, view.id)

    assert [c["field"] for c in view.reading["columns"]] == ["name", "email", "organisation"]
    with reading(engine) as session:
        (first,) = import_rows.read_rulings(session, view.id, limit=1)
        assert (first.fields["name"], first.fields["organisation"], view.rows) == ("Guest 0", "Halden", 25)


def test_another_sheet_of_a_large_workbook_is_read_by_the_worker_too(engine: Engine) -> None:
    data = workbook({"Board": [["Name", "E-mail"], ["Ann", "ann@example.org"]], "Press": [["E-mail"], ["p@x.org"]]})
    view = read_whole(engine, leave(engine, data).id)
    told_of: dict[str, Any] = {"ring": RING, "address_key": KEY, "now": NOW, "actor": STAFF}
    with writing(engine) as session:
        assert rereading.read_sheet(session, view.id, "Press", **told_of).state is ImportState.READING

    view = read_whole(engine, view.id)
    with writing(engine) as session:  # the columns of the sheet that is read now
        rereading.read_again(session, view.id, {0: "email"}, **told_of)
    view = read_whole(engine, view.id)

    assert (view.reading["sheet"], view.reading["sheets"], view.rows) == ("Press", ["Board", "Press"], 1)
    with reading(engine) as session:
        assert [r.fields["email"] for r in import_rows.read_rulings(session, view.id, limit=9)] == ["p@x.org"]


def workbook(sheets: dict[str, list[list[str]]]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        for name, lines in sheets.items():
            sheet = book.add_worksheet(name)
            for number, line in enumerate(lines):
                sheet.write_row(number, 0, line)
    return file.getvalue()
