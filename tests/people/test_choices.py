"""What staff choose for one row of a preview is done when the import is, and only then."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from service.db.engine import reading, writing
from service.kernel.errors import FarsowError
from service.people import actions, imports
from service.people.choices import Choice, choices_of, choose
from service.people.values import ImportView, Reason, Verdict
from tests.factories import NOW, STAFF
from tests.people.test_imports import apply, people_of, preview, rows_of, run

FILE = b"Name;E-mail;Country\nJoan Peters;jos@example.org;BE\nMaria Achieng;m@example.org;KE\nBroken;x;\n"


def ready(engine: Engine) -> ImportView:
    """Preview the file; Jos Peeters is here already, under another name and without a country."""
    with writing(engine) as session:
        actions.create_person(session, {"name": "Jos Peeters", "email": "jos@example.org"}, now=NOW, actor=STAFF)
    with writing(engine) as session:
        return preview(session, FILE)


def press(engine: Engine, view: ImportView, row: int, choice: Choice) -> ImportView:
    with writing(engine) as session:
        return choose(session, view.id, row, choice, now=NOW, actor=STAFF)


def names_and_countries(engine: Engine) -> list[tuple[object, object]]:
    return sorted((name, country) for name, _email, _org, country, *_rest in people_of(engine))


def test_each_row_offers_what_can_be_chosen_for_it(engine: Engine) -> None:
    view = ready(engine)

    offered = {r.row: choices_of(r) for r in rows_of(engine, view.id)}
    assert offered == {2: (Choice.KEEP_NAME, Choice.LEAVE_OUT), 3: (Choice.LEAVE_OUT,), 4: ()}


def test_row_left_out_stores_nobody(engine: Engine) -> None:
    view = ready(engine)

    after = press(engine, view, 3, Choice.LEAVE_OUT)
    press(engine, view, 3, Choice.LEAVE_OUT)
    row = rows_of(engine, view.id)[1]
    apply(engine, view.id)

    assert after.counts == {"create": 0, "update": 1, "merge": 0, "skip": 1, "refuse": 1}
    assert (row.verdict, row.reason, row.notes) == (Verdict.SKIP, Reason.LEFT_OUT, (("left-out", "create"),))
    assert names_and_countries(engine) == [("Joan Peters", "BE")]


def test_row_taken_in_again_is_as_before(engine: Engine) -> None:
    view = ready(engine)
    before = rows_of(engine, view.id)

    for row in (2, 3):
        press(engine, view, row, Choice.LEAVE_OUT)
        after = press(engine, view, row, Choice.TAKE_IN)

    assert (rows_of(engine, view.id), after.counts) == (before, view.counts)


def test_name_that_is_held_is_kept_and_the_rest_changes(engine: Engine) -> None:
    view = ready(engine)

    press(engine, view, 2, Choice.KEEP_NAME)
    apply(engine, view.id)

    assert names_and_countries(engine) == [("Jos Peeters", "BE"), ("Maria Achieng", "KE")]


@pytest.mark.parametrize(
    ("row", "choice", "code"),
    [
        (4, Choice.LEAVE_OUT, "no-such-choice"),
        (3, Choice.KEEP_NAME, "no-such-choice"),
        (99, Choice.LEAVE_OUT, "unknown-row"),
        (1, Choice.LEAVE_OUT, "unknown-row"),
    ],
)
def test_what_cannot_be_chosen_is_refused(engine: Engine, row: int, choice: Choice, code: str) -> None:
    view = ready(engine)

    with pytest.raises(FarsowError) as refused:
        press(engine, view, row, choice)

    assert refused.value.code == code


def test_nothing_can_be_chosen_once_it_is_carried_out(engine: Engine) -> None:
    view = run(engine, FILE)

    with pytest.raises(FarsowError) as refused:
        press(engine, view, 3, Choice.LEAVE_OUT)
    with reading(engine) as session:
        state = imports.read_import(session, view.id).state

    assert (refused.value.code, state) == ("import-closed", "applied")
