"""The public form of a list, the letter, and the page behind its link."""

from __future__ import annotations

import re
from email import message_from_bytes, policy

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from service.adapters.mailbox import MailboxTransport
from service.db.engine import reading, writing
from service.db.types import columns
from service.mail import actions as mail
from service.mail.tables import MailboxLetter
from service.mail.values import SuppressionReason
from service.people import actions as people
from service.people import store
from service.web.desk import desk_of
from service.web.house import House
from service.worker.duties import Tools, deliver_letters
from tests.factories import STAFF, add_project

FORM = {"email": "maria@example.org", "name": "Click http://evil.example", "agreed": "yes", "website": ""}


@pytest.fixture
def here(house: House) -> str:
    """The path of a public list."""
    with writing(house.engine) as session:
        add_project(session)
        made = people.create_list(session, name="Friends", public=True, now=house.clock(), actor=STAFF)
    return f"/join/{made.key}"


def letters(house: House) -> list[str]:
    """Deliver what is due, and return the texts in the local mailbox."""
    tools = Tools(house.engine, MailboxTransport(), house.composer, desk_of(house), "test", house.clock, house.ring)
    deliver_letters(tools)
    with reading(house.engine) as session:
        raws = session.execute(select(columns(MailboxLetter).raw).order_by(columns(MailboxLetter).id)).scalars()
        messages = [message_from_bytes(raw, policy=policy.default) for raw in raws]
    return [message.get_body(("plain",)).get_content() for message in messages]


def test_from_the_form_by_the_letter_onto_the_list(client: TestClient, house: House, here: str):
    shown = client.get(here).text
    sent = client.post(here, data=FORM)
    (letter,) = letters(house)
    link = re.search(r"http://testserver(/c/[\w-]{44})", letter)
    asked = client.get(link[1])
    with reading(house.engine) as session:
        before = store.count_people(session)
    done = client.post(link[1])

    assert "Halden Trust writes to me with the letters of this list." in shown
    assert (sent.status_code, sent.headers["location"]) == (303, f"{here}?sent=true")
    assert "evil.example" not in letter
    assert "“Friends”" in letter
    assert "m…@example.org" in asked.text
    assert before == 0
    assert "You are on the list" in done.text
    with reading(house.engine) as session:
        assert [p.email for p in store.read_people(session).items] == ["maria@example.org"]


def test_every_address_gets_the_same_answer_and_only_some_a_letter(client: TestClient, house: House, here: str):
    with writing(house.engine) as session:
        erased = {"address_key": house.address_key, "now": house.clock(), "actor": STAFF}
        mail.suppress(session, "erased@example.org", "all", SuppressionReason.ERASED, **erased)
        people.create_person(session, {"name": "M", "email": "member@example.org"}, now=house.clock(), actor=STAFF)

    def answer(email: str) -> tuple[object, ...]:
        told = client.post(here, data=FORM | {"email": email})
        page = client.get(told.headers["location"])
        return told.status_code, told.headers["location"], told.content, page.content

    told = {answer(f"{name}@example.org") for name in ("stranger", "member", "erased")}

    assert len(told) == 1
    assert len(letters(house)) == 2


def test_a_machine_gets_the_same_answer_and_no_letter(client: TestClient, house: House, here: str):
    sent = client.post(here, data=FORM | {"website": "http://spam.example"})

    assert (sent.status_code, sent.headers["location"]) == (303, f"{here}?sent=true")
    assert letters(house) == []


@pytest.mark.parametrize(
    ("wish", "words"),
    [({"email": "nobody"}, "This is not an address we can write to."), ({"agreed": ""}, "aria-invalid")],
)
def test_a_form_that_cannot_be_used_comes_back_as_typed(client: TestClient, here: str, wish, words):
    answer = client.post(here, data=FORM | wish)

    assert answer.status_code == 422
    assert words in answer.text
    assert "Click http://evil.example" in answer.text


def test_a_list_that_is_not_public_has_no_page(client: TestClient, house: House, here: str):
    with writing(house.engine) as session:
        people.create_list(session, name="Board", key="board", now=house.clock(), actor=STAFF)

    assert [client.get("/join/board").status_code, client.post("/join/board", data=FORM).status_code] == [404, 404]
    assert client.get("/c/" + "x" * 44).status_code == 404


def test_looking_changes_nothing(client: TestClient, house: House, here: str):
    client.post(here, data=FORM)
    (letter,) = letters(house)
    link = re.search(r"http://testserver(/c/[\w-]{44})", letter)[1]
    for method in ("GET", "HEAD", "OPTIONS"):
        client.request(method, link)

    with reading(house.engine) as session:
        assert store.count_people(session) == 0


def test_staff_open_and_close_the_page_of_a_list(manager: TestClient, house: House, here: str):
    with reading(house.engine) as session:
        (made,) = store.read_lists(session)
    page = f"/people?in_list={made.id}"
    shown = manager.get(page).text
    closed = manager.post(f"/lists/{made.id}/public", data={"public": "no"})

    assert f"http://testserver{here}" in shown
    assert (closed.status_code, manager.get(here).status_code) == (303, 404)
    assert "Only you put people on this list." in manager.get(page).text
    manager.post(f"/lists/{made.id}/public", data={"public": "yes"})
    assert manager.get(here).status_code == 200
