"""The page and the API of a letter that goes to those added later."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from service.db.engine import reading, writing
from service.letters import actions as letters
from service.mail import actions as mail
from service.mail import store as mail_store
from service.mail.values import MailingState
from service.web.application import make_app
from service.web.house import House
from tests.factories import DESK, NOW, STAFF, add_event, add_people
from tests.letters.test_actions import sent
from tests.web.support import browser, key_headers, staff_client

WORDS = {"subject": "The programme", "body": "It begins at two."}


@pytest.fixture
def message(house: House) -> str:
    """A message to the one guest of an event; it has left, and two were invited since, one of them at risk."""
    with writing(house.engine) as session:
        event = add_event(session, starts_at="2031-01-28T14:00")
        told = {"desk": DESK, "now": NOW, "actor": STAFF}
        first = letters.invite_people(session, event.id, add_people(session, 1), **told)
        sent(session, first.mailing_id or "")
        message = letters.write_letter(session, event.id, "message", **WORDS, **told).mailing_id or ""
        sent(session, message)
        mail_store.change_mailing(session, message, state=MailingState.DONE)
        later = [
            *add_people(session, 1, prefix="b", name="Bea Later"),
            *add_people(session, 1, prefix="c", at_risk=True),
        ]
        sent(session, letters.invite_people(session, event.id, later, **told).mailing_id or "")
    return message


def event_of(house: House, mailing_id: str) -> str:
    with reading(house.engine) as session:
        return letters.event_of(mail.read_mailing(session, mailing_id)) or ""


def test_seen_and_sent_by_one_press_and_never_twice(manager: TestClient, house: House, message: str) -> None:
    here = f"/letters/{message}/added-later"
    assert f'href="{here}"' in manager.get(f"/events/{event_of(house, message)}").text
    assert f'href="{here}"' in manager.get(f"/letters/{message}").text

    shown = manager.get(here).text
    assert ("Send to 2 people" in shown, "Bea Later" in shown, "At-risk guest" in shown) == (True, True, True)
    seen = re.findall(r'name="seen" value="(\w+)"', shown)[0]
    made = manager.post(here, data={"seen": seen})

    assert made.status_code == 303
    assert "Undo: nobody gets it yet" in manager.get(made.headers["location"]).text
    again = manager.post(here, data={"seen": seen})
    assert (again.status_code, "Others came or left meanwhile" in again.text) == (409, True)
    assert "Send to" not in manager.get(here).text


def test_where_two_must_look_it_stays_a_draft(client: TestClient, house: House, message: str) -> None:
    strict = replace(house, four_eyes=True)
    with browser(make_app(strict)) as fresh:
        writer = staff_client(fresh, strict, "manager")
        here = f"/letters/{message}/added-later"
        shown = writer.get(here).text
        assert "Write the draft; someone else sends it" in shown
        made = writer.post(here, data={"seen": re.findall(r'name="seen" value="(\w+)"', shown)[0]})
        assert "someone else must read it and send it" in writer.get(made.headers["location"]).text


def test_a_draft_is_for_nobody_added_later(manager: TestClient, house: House, message: str) -> None:
    with writing(house.engine) as session:
        mail_store.change_mailing(session, message, state=MailingState.DRAFT)

    refused = manager.get(f"/letters/{message}/added-later")
    assert (refused.status_code, "Only a letter that has left" in refused.text) == (409, True)
    assert "added-later" not in manager.get(f"/letters/{message}").text


def test_a_program_asks_who_and_writes_the_draft(client: TestClient, house: House, message: str) -> None:
    url, key = f"/api/v1/mailings/{message}/added-later", key_headers(house, "manager")

    who = client.get(url, headers=key).json()
    made = client.post(url, headers=key)

    assert (len(who["person_ids"]), who["skipped"]) == (2, {})
    assert (made.status_code, made.json()["state"], made.json()["counts"]["queued"]) == (201, "draft", 2)
    assert client.post(url, headers=key).json()["code"] == "nobody-to-write-to"
    assert client.post(url, headers=key_headers(house, "viewer")).status_code == 403
