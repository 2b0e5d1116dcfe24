"""One request, one transaction: committed before the answer leaves, or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, text

from service.db import engine
from service.db.engine import reading
from tests.web.support import key_headers


@pytest.fixture
def program(visitor, house):
    visitor.headers.update(key_headers(house, "coordinator"))
    return visitor


def notes(house) -> list[str]:
    with reading(house.engine) as session:
        return sorted(session.execute(text("SELECT word FROM note")).scalars())


def test_what_the_endpoint_wrote_is_committed_when_the_answer_is_there(program, house):
    answer = program.post("/api/v1/notes", json={"word": "seed"})

    assert (answer.status_code, answer.json(), notes(house)) == (201, {"word": "seed", "count": 1}, ["seed"])


def test_a_commit_that_fails_is_an_error_and_no_success(program, house):
    answer = program.post("/api/v1/notes", json={"word": "seed", "shelf": 7})

    assert (answer.status_code, answer.json()["code"], notes(house)) == (409, "conflict", [])


def test_a_refusal_rolls_back_what_was_written(program, house):
    answer = program.post("/api/v1/notes", json={"word": "seed", "refuse": True})

    assert (answer.status_code, answer.json()["code"], notes(house)) == (409, "refused", [])


def test_many_writers_at_once_all_get_their_turn(program, house):
    with ThreadPoolExecutor(60) as pool:
        answers = list(pool.map(lambda n: program.post("/api/v1/notes", json={"word": f"{n:02}"}), range(60)))

    assert [answer.status_code for answer in answers] == [201] * 60
    assert notes(house) == [f"{n:02}" for n in range(60)]


def test_a_locked_database_is_answered_with_try_again_and_nothing_is_lost(program, house, monkeypatch):
    if house.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no lock on the whole database")

    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 50)
    with house.engine.connect().execution_options(writes=True) as other:
        other.execute(text("SELECT 1"))
        answer = program.post("/api/v1/notes", json={"word": "seed"})
        other.rollback()

    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "busy", "5")
    assert notes(house) == []
    assert program.post("/api/v1/notes", json={"word": "seed"}).status_code == 201


def test_a_full_disk_is_answered_as_such_and_nothing_is_half_written(program, house):
    if house.engine.dialect.name != "sqlite":
        pytest.skip("the size of a PostgreSQL database cannot be limited")

    @event.listens_for(house.engine, "checkout")
    def small(connection, _record, _proxy):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    answer = program.post("/api/v1/notes", json={"word": "x" * 50_000})

    assert (answer.status_code, answer.json()["code"], notes(house)) == (507, "disk-full", [])
