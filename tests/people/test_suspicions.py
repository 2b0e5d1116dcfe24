"""A domain that passes for a known one is noted on its rows, against the file and against the people held."""

from __future__ import annotations

from sqlalchemy import Engine

from service.db.engine import writing
from service.people import actions, imports, previewing
from service.people.values import Note
from tests.factories import NOW, STAFF


def notes_of(engine: Engine, text: str) -> dict[int, tuple[tuple[Note, ...], bool]]:
    """Return the notes of each row, and whether it asks for a look."""
    with writing(engine) as session:
        view = previewing.preview_import(
            session,
            text.encode(),
            filename="people.csv",
            list_id=None,
            consent_basis=None,
            consent_source=None,
            address_key=b"k" * 32,
            now=NOW,
            actor=STAFF,
        )
        return {r.row: (r.notes, r.look) for r in imports.read_import_rows(session, view.id)}


def test_lookalike_within_the_file_is_noted(engine: Engine) -> None:
    text = (
        "Name,E-mail\nA,a@example.org\nB,b@example.org\nC,c@examp1e.org\nD,d@ex\u0430mple.org\nE,e@p\u0430l.example\n"
    )

    assert notes_of(engine, text) == {
        2: ((), False),
        3: ((), False),
        4: ((("like-known", "example.org"),), True),
        5: ((("like-known", "example.org"),), True),
        6: ((("mixed-letters", "p\u0430l.example"),), True),
    }


def test_lookalike_of_someone_held_is_noted_however_often_the_file_has_it(engine: Engine) -> None:
    with writing(engine) as session:
        actions.create_person(session, {"name": "Maria", "email": "m@example.org"}, now=NOW, actor=STAFF)

    notes = notes_of(engine, "Name,E-mail\nA,a@exarnple.org\nB,b@exarnple.org\nC,c@example.org\n")

    looks = (("like-known", "example.org"),)
    assert notes == {2: (looks, True), 3: (looks, True), 4: ((), False)}


def test_domain_that_is_held_already_is_not_suspected_again(engine: Engine) -> None:
    with writing(engine) as session:
        for email in ("m@example.org", "n@examp1e.org"):
            actions.create_person(session, {"name": "Maria", "email": email}, now=NOW, actor=STAFF)

    assert notes_of(engine, "Name,E-mail\nN,n2@examp1e.org\n") == {2: ((), False)}
