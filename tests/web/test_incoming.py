"""The page of mail that could not be placed, and the same for programs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from service.accounts import actions as accounts
from service.accounts.values import Role
from service.db.engine import reading, writing
from service.letters import actions as letters
from service.letters import unplaced
from service.letters.intake import take_in
from service.letters.store import mailboxes
from service.web.desk import desk_of
from service.web.house import House
from tests.factories import add_event, add_people, add_project
from tests.letters.test_intake import reply
from tests.web.support import KEYRING, key_headers


@pytest.fixture
def event(house: House):
    """A seminar two months ahead with one guest, and one at risk."""
    now = house.clock()
    with writing(house.engine) as session:
        made = add_event(session, now=now, starts_at=(now + timedelta(days=60)).strftime("%Y-%m-%dT14:00"))
        people = add_people(session, 1) + add_people(session, 1, prefix="risk", name="Secret Name", at_risk=True)
        letters.invite_people(session, made.id, people, desk=desk_of(house), now=now, actor="system")
    return made


def come_in(house: House, raw: bytes) -> str:
    """Take a message in; return the id under which it waits."""
    now = house.clock()
    with writing(house.engine) as session:
        take_in(session, raw, desk=desk_of(house), keyring=KEYRING, now=now)
        return unplaced.read_queue(session)[0].id


def unverified(event, address: str = "guest0@example.org") -> bytes:
    return reply(event.uid, address, sender="assistant@example.net", stamp=event.changed_at)


def test_the_page_says_what_waits_and_today_counts_it(manager: TestClient, house: House, event):
    come_in(house, unverified(event))
    come_in(house, reply(event.uid, "new@example.org"))
    counter = reply(event.uid, "guest0@example.org", method="COUNTER", partstat="TENTATIVE")
    come_in(house, counter.replace(b"SEQUENCE", b"DTSTART:20310101T100000Z\r\nSEQUENCE"))
    come_in(house, b"From: ann@example.org\r\nSubject: Question\r\n\r\nIs there a lift?\r\n")

    page = manager.get("/letters/incoming").text

    for words in (
        "4 messages wait for a decision.",
        "Answers from another address",
        "Answers without being invited",
        "Asks for another time",
        "Is there a lift?",
        "10:00 London",
    ):
        assert words in page
    assert "4 messages that came in wait for you" in manager.get("/").text


def test_other_days_that_someone_asks_for_are_shown_as_days(manager: TestClient, house: House, event):
    counter = reply(event.uid, "guest0@example.org", method="COUNTER", partstat="TENTATIVE")
    days = b"DTSTART;VALUE=DATE:20310303\r\nDTEND;VALUE=DATE:20310306\r\nSEQUENCE"
    come_in(house, counter.replace(b"SEQUENCE", days))

    page = manager.get("/letters/incoming").text
    said = manager.get("/api/v1/intake", headers=key_headers(house, "manager")).json()

    assert "<dd>3–5 March 2031 <small>" in page
    assert [one["proposes"] for one in said["items"]] == [{"starts_at": "2031-03-03", "ends_at": "2031-03-05"}]


@pytest.mark.parametrize(
    ("press", "where"), [("count", "/invitations/"), ("aside", "/letters/incoming?done=aside")], ids=["count", "aside"]
)
def test_a_press_settles_it(manager: TestClient, house: House, event, press, where):
    waiting = come_in(house, unverified(event))

    answer = manager.post(f"/letters/incoming/{waiting}/{press}")

    assert (answer.status_code, answer.headers["location"].startswith(where)) == (303, True)
    assert "Nothing waits for a decision." in manager.get("/letters/incoming").text
    assert manager.post(f"/letters/incoming/{waiting}/{press}").status_code == 409


def test_inviting_leads_to_the_letter(manager: TestClient, house: House, event):
    waiting = come_in(house, reply(event.uid, "new@example.org"))

    answer = manager.post(f"/letters/incoming/{waiting}/invite")

    assert "Send to one person" in manager.get(answer.headers["location"]).text


def test_a_person_at_risk_is_not_named_by_their_own_mail(manager: TestClient, house: House, event):
    come_in(house, unverified(event, "risk0@example.org"))

    seen = manager.get("/letters/incoming").text, manager.get("/api/v1/intake").text

    assert "At-risk guest" in seen[0]
    for text in seen:
        assert not [word for word in ("risk0", "assistant@", "Secret") if word in text]


def test_a_program_reads_and_settles_as_staff_do(manager: TestClient, house: House, event):
    waiting = come_in(house, unverified(event))
    (item,) = manager.get("/api/v1/intake").json()["items"]

    counted = manager.post(f"/api/v1/intake/{waiting}/count")
    again = manager.post(f"/api/v1/intake/{waiting}/set-aside")

    assert (item["reason"], item["attendee"], item["partstat"], item["event_id"]) == (
        "unverified",
        "guest0@example.org",
        "ACCEPTED",
        event.id,
    )
    assert (counted.status_code, again.status_code, again.json()["code"]) == (204, 409, "already-settled")
    assert manager.post("/api/v1/intake/nothing/count").json()["code"] == "unknown-intake"


def test_a_key_of_another_project_neither_reads_nor_settles_it(client: TestClient, house: House, event):
    waiting = come_in(house, unverified(event))
    with writing(house.engine) as session:
        other = add_project(session, name="Another project")
        key = accounts.add_key(session, "Other", Role.MANAGER, now=house.clock(), actor="system", project_id=other)
    headers = {"Authorization": f"Bearer {key.secret}"}

    assert client.get("/api/v1/intake", headers=headers).json() == {"items": []}
    assert client.post(f"/api/v1/intake/{waiting}/set-aside", headers=headers).status_code == 404
    with reading(house.engine) as session:
        assert len(unplaced.read_queue(session)) == 1


def test_a_mailbox_that_cannot_be_read_stands_on_the_first_page_until_it_can(
    manager: TestClient, house: House, event
) -> None:
    def looked(trouble: str) -> str:
        with writing(house.engine) as session:
            mailboxes.note_look(session, "k" * 64, trouble, now=house.clock())
        return manager.get("/").text

    assert "The mailbox refuses our name or password." in looked("imap-sign-in")
    assert "answers in a way we do not understand" in looked("imap-nonsense")
    assert "Mail that comes in is not being read" not in looked("")
