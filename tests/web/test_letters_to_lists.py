"""The page and the API of letters to everybody on a list."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from service.db.engine import reading, writing
from service.events import store as events
from service.mail import actions as mail
from service.mail.values import MailingState
from service.web.house import House
from tests.factories import add_list, add_people, add_project
from tests.web.support import key_headers, staff_client

WORDS = {"kind": "newsletter", "subject": "Seeds are sown", "body": "The book is out."}


@pytest.fixture
def board(house: House) -> str:
    """A list of two, in a house with a project."""
    with writing(house.engine) as session:
        add_project(session)
        return add_list(session, add_people(session, 2), key="board")


def mailings(house: House) -> list[tuple[str, int]]:
    with reading(house.engine) as session:
        return [(m.kind, sum(m.counts.values())) for m in mail.read_mailings(session)]


def test_written_read_and_sent(manager: TestClient, house: House, board: str) -> None:
    assert 'href="/letters/to-list"' in manager.get("/letters").text
    assert "Write to a list" in manager.get(f"/letters/to-list?list_id={board}").text

    letter = manager.post("/letters/to-list", data={"list_id": board, **WORDS}).headers["location"]
    shown = manager.get(letter).text
    assert ("Send to 2 people" in shown, "Each reader leaves the list with one press" in shown) == (True, True)
    assert "Seeds are sown" in shown

    assert "A letter to 2 people waits for you" in manager.get("/").text
    assert f"/letters/to-list?list_id={board}" in manager.get(f"/people?in_list={board}").text
    assert manager.post(f"{letter}/approve").status_code == 303
    outbox = manager.get("/letters").text
    assert ("Newsletter" in outbox, "Board" in outbox) == (True, True)
    early = manager.post(f"{letter}/added-later")
    assert (early.status_code, mailings(house)) == (409, [("newsletter", 2)])


def test_what_was_typed_stays_beside_what_is_wrong(manager: TestClient, house: House, board: str) -> None:
    for change, sentence in (
        ({"subject": ""}, "Give the letter a subject and a text."),
        ({"list_id": ""}, "Choose a list."),
        ({"list_id": "gone"}, "There is no such list."),
        ({"kind": "press_release", "until": "2020-01-01T10:00"}, "This moment has passed."),
    ):
        refused = manager.post("/letters/to-list", data={"list_id": board, **WORDS, **change})
        assert (refused.status_code, sentence in refused.text, "The book is out." in refused.text) == (422, True, True)
    assert mailings(house) == []


def test_a_program_writes_to_a_list_and_who_may_not_send_does_not(client: TestClient, house: House, board: str) -> None:
    with reading(house.engine) as session:
        (project,) = events.read_projects(session)
    body, url = {"project_id": project.id, **WORDS}, f"/api/v1/lists/{board}/letters"

    made = client.post(url, json=body, headers=key_headers(house, "manager"))
    assert (made.status_code, made.json()["state"], made.json()["counts"]["queued"]) == (201, "draft", 2)
    seen = client.get(f"/api/v1/mailings/{made.json()['id']}", headers=key_headers(house, "viewer", "another"))
    assert seen.status_code in (403, 404)

    assert client.post(url, json=body, headers=key_headers(house, "viewer")).status_code == 403
    viewer = staff_client(client, house, "viewer")
    assert viewer.post("/letters/to-list", data={"list_id": board, **WORDS}).status_code == 403
    assert mailings(house) == [("newsletter", 2)]


def test_it_is_sent_later_at_the_time_of_the_place(manager: TestClient, house: House, board: str) -> None:
    letter = manager.post("/letters/to-list", data={"list_id": board, **WORDS}).headers["location"]
    assert "Send it later" in manager.get(letter).text
    for wrong in ("2020-01-01T10:00", "soon", "2031-03-30T01:30"):  # passed; no time; skipped by the clocks of London
        assert manager.post(f"{letter}/approve", data={"send_at": wrong}).status_code == 422
    assert "Send to 2 people" in manager.get(letter).text

    assert manager.post(f"{letter}/approve", data={"send_at": "2031-07-01T09:00"}).status_code == 303

    with reading(house.engine) as session:
        (mailing,) = mail.read_mailings(session)
    assert (mailing.state, mailing.send_at) == (MailingState.APPROVED, datetime(2031, 7, 1, 8, tzinfo=UTC))
    assert "at 09:00, London time" in manager.get(letter).text
