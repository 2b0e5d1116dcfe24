"""A member of staff's calendar feed: a secret address that says little and can be ended."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import icalendar
import pytest
from fastapi.testclient import TestClient

from service.accounts import actions
from service.accounts import store as accounts
from service.db.engine import writing
from service.events import store as events
from service.web.house import House
from tests.calendar_check import check
from tests.factories import add_event, add_project
from tests.letters.test_actions import invite
from tests.web.support import staff_client


@pytest.fixture
def three(house: House) -> None:
    """An open event, a closed one with a guest, and a discreet one; all have a place and a link."""
    now = house.clock()
    starts = (now + timedelta(days=60)).strftime("%Y-%m-%dT14:00")
    with writing(house.engine) as session:
        add_project(session)
        for title, privacy in (("Open house", "open"), ("Closed circle", "invited"), ("Hidden name", "confidential")):
            made = add_event(
                session, now=now, starts_at=starts, title=title, privacy=privacy, place=f"Place of {title}",
                online_url="https://join.example.org/secret", mode="hybrid",
            )  # fmt: skip
            if privacy == "invited":
                invite(session, made, 1)


def made_address(client: TestClient) -> str:
    found = re.search(r"http://testserver(/calendar/[\w-]+\.ics)", client.post("/calendar").text)
    assert found
    return found[1]


def test_it_says_what_a_diary_must_and_no_more(client: TestClient, manager: TestClient, house: House, three) -> None:
    address = made_address(manager)
    client.cookies.clear()

    answer = client.get(address)

    told = {str(e["SUMMARY"]): str(e.get("LOCATION", "")) for e in icalendar.Calendar.from_ical(answer.content).events}
    assert told == {"Open house": "Place of Open house", "Closed circle": "", "Meeting": ""}
    for secret in ("Hidden name", "join.example.org", "guest0", "ATTENDEE", address.partition(".")[0]):
        assert secret not in answer.text
    assert (check(answer.content), answer.headers["cache-control"]) == ([], "private, max-age=300")


def test_it_is_known_until_something_changes(client: TestClient, manager: TestClient, house: House, three) -> None:
    address = made_address(manager)
    known = {"If-None-Match": client.get(address).headers["etag"]}
    assert client.get(address, headers=known).status_code == 304

    with writing(house.engine) as session:
        event = events.read_events(session)[0]
        events.write_event(session, replace(event, changed_at=event.changed_at + timedelta(hours=1)), ["changed_at"])
    assert client.get(address, headers=known).status_code == 200


def test_a_new_address_ends_the_one_before_and_a_press_ends_all(
    client: TestClient, manager: TestClient, house: House, three
) -> None:
    first = made_address(manager)
    assert first not in manager.get("/calendar").text  # shown once
    second = made_address(manager)
    assert [client.get(one).status_code for one in (first, second)] == [404, 200]

    assert manager.post("/calendar/end").status_code == 303
    assert "There is no address yet." in manager.get("/calendar").text
    assert client.get(second).status_code == 404
    assert client.get("/calendar/guess.ics").status_code == 404


def test_the_address_of_someone_who_left_leads_nowhere(client: TestClient, house: House, three) -> None:
    address = made_address(staff_client(client, house, "viewer"))
    assert client.get(address).status_code == 200

    with writing(house.engine) as session:
        for staff in accounts.list_staff(session):
            actions.disable_staff(session, staff.id, now=house.clock(), actor="system")
    assert client.get(address).status_code == 404


def test_the_page_names_the_open_feed_of_the_project(manager: TestClient, three) -> None:
    page = manager.get("/calendar").text
    (path,) = set(re.findall(r"<code class=\"typed\">http://testserver(/projects/[\w-]+\.ics)</code>", page))

    assert f'href="webcal://testserver{path}"' in page
    assert (manager.get(path).status_code, manager.get(path).headers["content-type"]) == (
        200,
        "text/calendar; charset=utf-8",
    )
