"""The page that asks before a mailing is cancelled."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from service.db.engine import writing
from service.mail import actions as mail
from service.mail import store as mail_store
from service.mail.values import DeliveryState, MailingState
from service.web.house import House
from tests.factories import NOW, add_list, add_people, add_project

WORDS = {"kind": "newsletter", "subject": "Seeds are sown", "body": "The book is out."}


@pytest.fixture
def letter(manager: TestClient, house: House) -> str:
    """A newsletter to four that is running: one has left, one is being handed over."""
    with writing(house.engine) as session:
        add_project(session)
        board = add_list(session, add_people(session, 4), key="board")
    path = manager.post("/letters/to-list", data={"list_id": board, **WORDS}).headers["location"]
    manager.post(f"{path}/approve")
    with writing(house.engine) as session:
        lines = mail.read_deliveries(session, mailing_of(path))
        mail_store.start(session, [mailing_of(path)])
        mail_store.set_states(session, [lines[0].id], DeliveryState.SENT, finished_at=NOW)
        mail_store.set_states(session, [lines[1].id], DeliveryState.SENDING)
    return path


def mailing_of(path: str) -> str:
    return path.rpartition("/")[2]


def test_running_it_is_cancelled_after_a_look_at_what_has_left(manager: TestClient, house: House, letter: str) -> None:
    assert f'href="{letter}/cancel"' in manager.get(letter).text

    asked = manager.get(f"{letter}/cancel").text
    assert ("One letter has left." in asked, "letters wait and will not leave." in asked) == (True, True)
    assert "One is being handed over at this moment" in asked
    assert manager.post(f"{letter}/drop").status_code == 303

    with writing(house.engine) as session:
        view = mail.read_mailing(session, mailing_of(letter))
    states = {state.value: n for state, n in view.counts.items() if n}
    assert (view.state, states) == (MailingState.CANCELLED, {"sent": 1, "sending": 1, "cancelled": 2})
    assert "there is nothing to cancel" in manager.get(f"{letter}/cancel").text
    assert manager.post(f"{letter}/drop").status_code == 409


def test_scheduled_it_is_cancelled_too(manager: TestClient, house: House, letter: str) -> None:
    with writing(house.engine) as session:
        mail_store.change_mailing(session, mailing_of(letter), state=MailingState.APPROVED)

    assert f'href="{letter}/cancel"' in manager.get(letter).text
    assert manager.post(f"{letter}/drop").status_code == 303
