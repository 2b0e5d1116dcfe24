"""The messy file of 500 rows, row by row: what becomes of each is as its maker says, and applying does just that."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Engine

from service.db.engine import reading, writing
from service.people import actions, imports, store
from tests import messy
from tests.factories import NOW, STAFF
from tests.people.test_imports import apply, preview


def told(engine: Engine, data: bytes) -> tuple[str, dict[int, tuple[str, str | None, set[str]]]]:
    """Return the id of the preview, and of each row the verdict, the reason and the notes."""
    with writing(engine) as session:
        view = preview(session, data)
    with reading(engine) as session:
        rows = imports.read_import_rows(session, view.id, limit=1000)
    return view.id, {r.row: (r.verdict, r.reason, {code for code, _detail in r.notes}) for r in rows}


def with_audiences(engine: Engine) -> None:
    with writing(engine) as session:
        for rank, name in enumerate(("Governments", "Organisations", "Press"), 1):
            actions.create_audience(session, rank=rank, name=name, now=NOW, actor=STAFF)


def test_every_row_of_the_messy_file_is_told_as_it_should_be(engine: Engine) -> None:
    with_audiences(engine)

    _import_id, rows = told(engine, messy.as_csv())

    assert rows == messy.expected()


def test_the_same_list_in_utf_16_without_a_title_is_told_the_same(engine: Engine) -> None:
    with_audiences(engine)

    _import_id, rows = told(engine, messy.as_utf16())

    assert rows == {row - 2: told for row, told in messy.expected().items()}


def test_applying_does_what_the_preview_said_and_a_second_time_nothing(engine: Engine) -> None:
    with_audiences(engine)
    import_id, rows = told(engine, messy.as_csv())

    apply(engine, import_id)
    _import_id, again = told(engine, messy.as_csv())

    verdicts = Counter(verdict for verdict, _reason, _notes in rows.values())
    with reading(engine) as session:
        assert store.count_people(session) == verdicts["create"]
    assert Counter(verdict for verdict, _reason, _notes in again.values()) == {
        "skip": verdicts["create"],
        "merge": verdicts["merge"],
        "refuse": verdicts["refuse"],
    }
