"""What became of each letter: listed in the relay's words, of people at risk by its codes alone."""

from __future__ import annotations

import re
from html import unescape

import pytest
from fastapi.testclient import TestClient

from service.db.engine import reading, writing
from service.kernel.clock import utc_now
from service.mail import actions as mail
from service.mail import store as mail_store
from service.mail.values import DeliveryState, MailingState
from service.web.house import House
from tests.factories import add_list, add_people, add_project
from tests.web.support import key_headers

WORDS = "5.1.1 <someone@example.org>: no such user"


@pytest.fixture
def letter(manager: TestClient, house: House) -> str:
    """A newsletter to two people, of whom one is at risk, that came back from both."""
    with writing(house.engine) as session:
        add_project(session)
        people = [*add_people(session, 1), *add_people(session, 1, prefix="hidden", at_risk=True)]
        board = add_list(session, people, key="board")
    form = {"list_id": board, "kind": "newsletter", "subject": "Seeds are sown", "body": "The book is out."}
    path = manager.post("/letters/to-list", data=form, headers=manager.headers).headers["location"]
    manager.post(f"{path}/approve", headers=manager.headers)
    settle(house, path, DeliveryState.BOUNCED, smtp_code=550, smtp_text=WORDS)
    return path


def settle(house: House, path: str, state: DeliveryState, **values: object) -> None:
    with writing(house.engine) as session:
        mailing_id = path.rpartition("/")[2]
        ids = [line.id for line in mail.read_deliveries(session, mailing_id)]
        mail_store.set_states(session, ids, state, finished_at=utc_now(), **values)
        mail_store.finish(session, [mailing_id], now=utc_now())


def rows(page: str) -> list[list[str]]:
    """Return who, how it stands and the relay's words of each row."""
    body = page.partition("<tbody")[2].partition("</tbody>")[0]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in body.split("<tr")[1:]]
    plain = [[unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in row] for row in cells]
    return sorted([who, state, words] for who, state, _when, _tries, words in plain)


def test_each_letter_is_listed_with_the_words_of_the_relay(manager: TestClient, letter: str) -> None:
    assert rows(manager.get(f"{letter}/people").text) == [
        ["At-risk guest", "Came back", "550 5.1.1"],
        ["Maria Achieng", "Came back", f"550 {WORDS}"],
    ]


def test_those_in_one_state_alone_and_none_in_another(manager: TestClient, letter: str) -> None:
    assert len(rows(manager.get(f"{letter}/people?state=bounced").text)) == 2
    assert "No letter is in this state." in manager.get(f"{letter}/people?state=sent").text
    assert manager.get(f"{letter}/people?state=coffee").status_code == 422


def test_page_of_the_mailing_leads_there_and_names_no_one_at_risk(manager: TestClient, letter: str) -> None:
    page = manager.get(letter).text

    assert f'href="{letter}/people"' in page
    assert f'href="{letter}/people?state=bounced"' in page
    assert page.count("no such user") == 1


def test_a_program_reads_them_page_by_page(client: TestClient, house: House, letter: str) -> None:
    url, headers = f"/api/v1/mailings/{letter.rpartition('/')[2]}/deliveries", key_headers(house, "manager")
    client.cookies.clear()

    first = client.get(f"{url}?limit=1&state=bounced", headers=headers).json()
    second = client.get(f"{url}?limit=1&after={first['next']}", headers=headers).json()

    words = [item["words"] for item in (*first["items"], *second["items"])]
    assert sorted(words) == ["550 5.1.1", f"550 {WORDS}"]
    assert second["next"] is None
    with reading(house.engine) as session:
        known = [line.id for line in mail.read_deliveries(session, letter.rpartition("/")[2])]
    assert [item["id"] for item in (*first["items"], *second["items"])] == known


def test_all_that_are_unsure_are_settled_by_one_press(manager: TestClient, house: House, letter: str) -> None:
    settle(house, letter, DeliveryState.UNKNOWN)
    page = manager.get(letter).text
    assert ("Send all 2 again" in page, "All 2 arrived" in page) == (True, True)

    manager.post(f"{letter}/unsure/resend", headers=manager.headers)
    assert stand(house, letter) == (MailingState.RUNNING, {(DeliveryState.QUEUED, 1)})

    settle(house, letter, DeliveryState.UNKNOWN)
    manager.post(f"{letter}/unsure/received", headers=manager.headers)
    assert stand(house, letter) == (MailingState.DONE, {(DeliveryState.SENT, 1)})
    assert manager.post(f"{letter}/unsure/coffee", headers=manager.headers).status_code == 422


def test_what_is_not_unsure_is_left_alone(manager: TestClient, house: House, letter: str) -> None:
    manager.post(f"{letter}/unsure/resend", headers=manager.headers)
    manager.post(f"{letter}/unsure/received", headers=manager.headers)

    assert stand(house, letter) == (MailingState.DONE, {(DeliveryState.BOUNCED, 0)})


def test_a_program_settles_what_is_unsure(client: TestClient, house: House, letter: str) -> None:
    url, headers = f"/api/v1/mailings/{letter.rpartition('/')[2]}", key_headers(house, "manager")
    client.cookies.clear()
    settle(house, letter, DeliveryState.UNKNOWN)

    again = client.post(f"{url}/resend-unsure", headers=headers).json()
    settle(house, letter, DeliveryState.UNKNOWN)
    arrived = client.post(f"{url}/mark-unsure-received", headers=headers).json()

    assert (again["state"], again["counts"]["queued"]) == ("running", 2)
    assert (arrived["state"], arrived["counts"]["sent"]) == ("done", 2)


def test_mailing_that_runs_is_asked_for_again_until_it_ends(manager: TestClient, house: House, letter: str) -> None:
    settle(house, letter, DeliveryState.UNKNOWN)
    manager.post(f"{letter}/unsure/resend", headers=manager.headers)
    asks = f'hx-get="{letter}/progress" hx-trigger="every 3s"'
    part = manager.get(f"{letter}/progress", headers={"HX-Request-Type": "partial"}).text
    assert [asks in text for text in (part, manager.get(letter).text)] == [True, True]
    assert ("<html" in part, '<progress value="0" max="2"' in part) == (False, True)
    assert 'hx-get="/letters" hx-trigger="every 5s"' in manager.get("/letters").text

    settle(house, letter, DeliveryState.SENT)
    pages = [manager.get(path).text for path in (f"{letter}/progress", letter, "/letters")]
    assert ['hx-trigger="every' in text for text in pages] == [False, False, False]


def stand(house: House, path: str) -> tuple[MailingState, set[tuple[DeliveryState, int]]]:
    """Return how the mailing stands, and of each of its letters the state and how often it left again."""
    with reading(house.engine) as session:
        lines = mail.read_deliveries(session, path.rpartition("/")[2])
        state = mail.read_mailing(session, path.rpartition("/")[2]).state
    return state, {(line.state, line.repeats) for line in lines}
