"""The pages of letters cost the same number of statements and rows, however much a project holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event as sql_events
from sqlmodel import Session

from service.db.engine import writing
from service.kernel.clock import utc_now
from service.letters.values import Kind
from service.mail import actions as mail
from service.mail import store as mail_store
from service.mail.values import DeliveryState, Letter, MailingState, NewMailing
from service.web.house import House
from tests.factories import DESK, STAFF, add_event, add_people, add_project

DONE, DRAFT, PAUSED = MailingState.DONE, MailingState.DRAFT, MailingState.PAUSED


@contextmanager
def counted(house: House) -> Iterator[list[str]]:
    """Collect the statements that leave meanwhile."""
    said: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    sql_events.listen(house.engine, "before_cursor_execute", listen)
    try:
        yield said
    finally:
        sql_events.remove(house.engine, "before_cursor_execute", listen)


def statements(house: House, manager: TestClient, path: str) -> int:
    manager.get(path)  # what is read once a process is read
    with counted(house) as said:
        assert manager.get(path).status_code == 200
    return len(said)


def add_mailing(session: Session, context: str, state: MailingState, letters: int, **facts: str) -> str:
    kind = "newsletter" if context.startswith("list") else "message"
    now = utc_now()
    made = mail.create_mailing(session, NewMailing(context, kind, facts=facts), now=now, actor=STAFF)
    rows = [Letter(f"{made}-{n:04}", f"p{n}@example.org", "en", {}) for n in range(letters)]
    mail.queue(session, made, rows, address_key=DESK.address_key, now=now)
    mail_store.change_mailing(session, made, state=state)
    return made


def fill(session: Session, project_id: str, n: int) -> str:
    """Add `n` events with mailings of each state, and a confirmation of one guest for each; return a mailing."""
    begins = f"{utc_now() + timedelta(days=30):%Y-%m-%d}T14:00"
    for at in range(n):
        event = add_event(session, project_id=project_id, title=f"Event {at}", starts_at=begins)
        for state in (DRAFT, PAUSED, DONE):
            add_mailing(session, f"event:{event.id}", state, 2)
        confirmation = NewMailing(f"event:{event.id}", Kind.CONFIRMATION.value)
        mail.create_mailing(session, confirmation, now=utc_now(), actor="system")
    return add_mailing(session, "list:x", DONE, 10 * n, project_id=project_id, list_name="Board")


@pytest.fixture
def project_id(house: House) -> str:
    with writing(house.engine) as session:
        return add_project(session)


@pytest.mark.parametrize("path", ["/", "/letters"])
def test_a_page_takes_as_many_statements_with_twenty_events_as_with_two(
    manager: TestClient, house: House, project_id: str, path: str
) -> None:
    with writing(house.engine) as session:
        fill(session, project_id, 2)
    few = statements(house, manager, path)
    with writing(house.engine) as session:
        fill(session, project_id, 18)

    assert statements(house, manager, path) == few


def test_the_page_of_a_mailing_reads_a_page_of_its_letters(manager: TestClient, house: House, project_id: str) -> None:
    with writing(house.engine) as session:
        small, large = (fill(session, project_id, n) for n in (1, 20))
        for mailing_id in (small, large):
            lines = mail.read_deliveries(session, mailing_id)
            mail_store.set_states(session, [x.id for x in lines[: len(lines) // 2]], DeliveryState.UNKNOWN)

    assert statements(house, manager, f"/letters/{large}") == statements(house, manager, f"/letters/{small}")
    page = manager.get(f"/letters/{large}").text
    assert ("100 people may not have received this" in page, page.count('action="/deliveries/')) == (True, 40)


def test_the_outbox_shows_what_has_gone_page_by_page(manager: TestClient, house: House, project_id: str) -> None:
    with writing(house.engine) as session:
        add_people(session, 1)
        made = [add_mailing(session, "list:x", DONE, 0, project_id=project_id, list_name="Board") for _ in range(25)]
    first, second = manager.get("/letters").text, manager.get("/letters?start=20").text

    shown = [[one for one in made if f'href="/letters/{one}"' in text] for text in (first, second)]
    assert ([len(part) for part in shown], {*shown[0], *shown[1]}) == ([20, 5], set(made))
    assert ('rel="next"' in first, 'rel="prev"' in second, 'rel="next"' in second) == (True, True, False)


def test_another_projects_letters_stay_out(manager: TestClient, house: House, project_id: str) -> None:
    with writing(house.engine) as session:
        other = add_mailing(session, "list:y", DRAFT, 1, project_id="another", list_name="Theirs")
        ours = add_mailing(session, "list:x", DRAFT, 1, project_id=project_id, list_name="Ours")

    for path in ("/", "/letters"):
        text = manager.get(path).text
        assert (ours in text, other in text) == (True, False)
