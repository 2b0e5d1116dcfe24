"""Events of whole days on staff pages, guests' pages, public pages, in feeds and in the API."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape

import pytest
from fastapi.testclient import TestClient

from service.db.engine import reading, writing
from service.events import store as events
from service.events.values import Event
from service.invitations import store as invitations
from service.kernel.tokens import ANSWER, PREFERENCES
from service.letters import actions as letters
from service.web.desk import desk_of
from service.web.house import House
from tests.factories import add_event, add_list, add_people, add_project
from tests.letters.test_actions import sent
from tests.web.support import key_headers
from tests.web.test_event_pages import FORM

DAYS = {**FORM, "whole_day": "yes", "starts_date": "2031-03-03", "ends_date": "2031-03-05", "kind": "conference"}


@pytest.fixture
def project(house: House) -> str:
    with writing(house.engine) as session:
        return add_project(session)


def only(house: House) -> Event:
    with reading(house.engine) as session:
        (event,) = events.read_events(session)
    return event


def when(event: Event) -> tuple[bool, str, str]:
    return event.whole_day, event.starts_local, event.ends_local


def invited(house: House, project: str, **wishes: str) -> tuple[Event, str]:
    """Store three whole days with one guest, from Nairobi, who has her letter; return the event and her page."""
    with writing(house.engine) as session:
        days = {"whole_day": True, "starts_at": "2031-03-03", "ends_at": "2031-03-05", **wishes}
        event = add_event(session, project_id=project, now=house.clock(), **days)
        list_id = add_list(session, add_people(session, 1))
        done = letters.invite_list(session, event.id, list_id, desk=desk_of(house), now=house.clock(), actor="system")
        sent(session, done.mailing_id)
        (one,) = invitations.read_of_event(session, event.id)
    return event, f"/r/{house.keyring.sign(ANSWER, one.id)}"


def test_whole_days_are_made_and_shown_without_hours(manager: TestClient, house: House, project: str):
    made = manager.post("/events/new", data=DAYS)
    event = only(house)
    pages = [manager.get(path).text for path in (made.headers["location"], "/events", f"/events/{event.id}/change")]

    assert made.status_code == 303
    assert when(event) == (True, "2031-03-03T00:00", "2031-03-06T00:00")
    assert "3–5 March 2031" in pages[0]
    assert "For you, in" not in pages[0]
    assert "<bdi>3–5 March 2031</bdi>" in pages[1]
    assert 'name="whole_day" value="yes" checked' in pages[2]
    assert 'value="2031-03-05"' in pages[2]


def test_one_whole_day_needs_no_last_day(manager: TestClient, house: House, project: str):
    manager.post("/events/new", data={**DAYS, "ends_date": ""})

    assert when(only(house)) == (True, "2031-03-03T00:00", "2031-03-04T00:00")
    assert "<bdi>Mon 3 Mar 2031, the whole day</bdi>" in manager.get("/events").text


@pytest.mark.parametrize(
    ("wish", "field", "sentence"),
    [
        ({"ends_date": "2031-03-02"}, "ends_date", "The event ends before it starts."),
        ({"ends_date": "2032-03-03"}, "ends_date", "An event may last 365 days at most."),
        ({"starts_date": "soon"}, "starts_date", "Give the day as year, month, day"),
        ({"whole_day": "", "starts_time": ""}, "starts_time", "Give the time at which it starts."),
        ({"whole_day": "", "duration_minutes": "-5"}, "duration_minutes", "The event ends before it starts."),
    ],
)
def test_days_that_cannot_be_come_back_beside_their_field(manager, house, project, wish, field, sentence):
    refused = manager.post("/events/new", data={**DAYS, **wish})

    assert refused.status_code == 422
    assert sentence in refused.text.partition(f'id="{field}-error"')[2].partition("</p>")[0]
    with reading(house.engine) as session:
        assert events.read_events(session) == []


def test_hours_that_become_days_are_told_and_the_form_keeps_what_was_typed(
    manager: TestClient, house: House, project: str
):
    with writing(house.engine) as session:
        event = add_event(session, project_id=project, now=house.clock(), starts_at="2031-03-04T10:00")
        list_id = add_list(session, add_people(session, 1))
        done = letters.invite_list(session, event.id, list_id, desk=desk_of(house), now=house.clock(), actor="system")
        sent(session, done.mailing_id)
    form = {**DAYS, "title": event.title, "place": event.place, "time_zone": "Europe/London", "mode": "in_person"}

    asked = manager.post(f"/events/{event.id}/change", data=form)
    told = manager.post(f"/events/{event.id}/change", data={**form, "confirmed": "yes", "notify": "yes"})

    assert "Tuesday 4 March 2031, 10:00–12:00 London" in asked.text
    assert "<b>3–5 March 2031 London</b>" in asked.text
    assert '<input type="hidden" name="whole_day" value="yes">' in asked.text
    assert told.headers["location"].startswith("/letters/")
    after = only(house)
    assert (when(after), after.sequence) == ((True, "2031-03-03T00:00", "2031-03-06T00:00"), 1)


def test_whole_days_that_become_hours_stay_so_over_the_question(manager: TestClient, house: House, project: str):
    event, _path = invited(house, project)
    form = {
        **FORM,
        "title": event.title,
        "starts_date": "2031-03-03",
        "starts_time": "10:00",
        "ends_date": "2031-03-05",
    }

    asked = manager.post(f"/events/{event.id}/change", data=form).text
    told = manager.post(f"/events/{event.id}/change", data={**form, "whole_day": "", "confirmed": "yes"})

    assert '<input type="hidden" name="whole_day" value="">' in asked
    assert 'name="whole_day" value="yes" checked' not in asked
    assert told.headers["location"].startswith("/letters/")
    assert when(only(house)) == (False, "2031-03-03T10:00", "2031-03-03T12:00")


def test_hours_in_a_series_of_whole_days_stay_so_over_the_question(manager: TestClient, house: House, project: str):
    with writing(house.engine) as session:
        series = events.add_series(session, project, "Days of action")
        days = {"whole_day": True, "starts_at": "2031-03-03", "series_id": series}
        add_event(session, project_id=project, now=house.clock(), **days)
    rule = {"frequency": "monthly", "every": "1", "ends": "count", "count": "2", "until": ""}

    form = manager.get(f"/series/{series}/dates").text
    shown = manager.post(f"/series/{series}/dates", data={**FORM, **rule}).text

    assert 'name="whole_day" value="yes" checked' in form
    assert '<input type="hidden" name="whole_day" value="">' in shown
    assert "Tuesday 18 February 2031, 15:00 Dakar" in shown


def test_a_guest_sees_the_days_and_no_time_of_their_own(client: TestClient, house: House, project: str):
    _event, path = invited(house, project)

    page = unescape(client.get(path).text)
    file = client.get(f"{path}/calendar.ics").text

    assert "<dt>When</dt><dd><b><bdi>3\u2060\u200e–\u200e\u20605 March 2031</bdi></b></dd>" in page
    assert "For you, in" not in page
    assert "00:00" not in page
    assert "DTSTART;VALUE=DATE:20310303\r\n" in file
    assert "DTEND;VALUE=DATE:20310306\r\n" in file


def test_a_guest_asked_again_sees_which_days_it_was(client: TestClient, house: House, project: str):
    event, path = invited(house, project)
    client.post(path, data={"answer": "yes"})
    headers = key_headers(house, "coordinator")

    moved = client.patch(f"/api/v1/events/{event.id}", json={"starts_at": "2031-03-10"}, headers=headers)
    page = unescape(client.get(path).text)

    assert (moved.json()["starts_at"], moved.json()["ends_at"]) == ("2031-03-10", "2031-03-12")
    assert "<s><bdi>3\u2060\u200e–\u200e\u20605 March 2031</bdi></s>" in page


def test_what_we_hold_on_someone_names_the_days(client: TestClient, house: House, project: str):
    _event, _path = invited(house, project)
    with reading(house.engine) as session:
        (event,) = events.read_events(session)
        (one,) = invitations.read_of_event(session, event.id)

    page = client.get(f"/p/{house.keyring.sign(PREFERENCES, one.id)}").text

    assert "3–5 March 2031" in page
    assert "00:00" not in page


def test_the_public_page_the_feed_and_the_links_hold_days(client: TestClient, house: House, project: str):
    event, _path = invited(house, project, privacy="open")

    page = unescape(client.get(f"/events/{event.slug}").text)
    file = client.get(f"/events/{event.slug}.ics").text

    assert "<dt>When</dt>" in page
    assert "In UTC" not in page
    assert "00:00" not in page
    assert "dates=20310303%2F20310306" in page
    assert "allday=true" in page
    assert "DTSTART;VALUE=DATE:20310303\r\n" in file
    assert "VTIMEZONE" not in file


def test_a_rule_makes_whole_days_once_they_were_shown(manager: TestClient, house: House, project: str):
    with writing(house.engine) as session:
        series = events.add_series(session, project, "Days of action")
    form = {**DAYS, "frequency": "monthly", "every": "1", "ends": "count", "count": "2", "until": ""}

    shown = manager.post(f"/series/{series}/dates", data=form)
    done = manager.post(f"/series/{series}/dates", data={**form, "confirmed": "yes"})
    listed = manager.get(f"/series/{series}").text

    assert [words in shown.text for words in ("3–5 March 2031", "3–5 April 2031", "Make 2 dates?")] == [True] * 3
    assert done.headers["location"] == f"/series/{series}?made=2"
    assert "3–5 March 2031" in listed
    assert "3–5 April 2031" in listed


def test_a_local_event_may_be_whole_days(manager: TestClient, house: House, project: str):
    with writing(house.engine) as session:
        umbrella = add_event(session, project_id=project, now=house.clock(), starts_at="2031-03-04T10:00")
    form = {"title": "In Nairobi", "whole_day": "yes", "starts_date": "2031-03-04", "time_zone": "Africa/Nairobi"}

    made = manager.post(f"/events/{umbrella.id}/local", data=form)
    page = manager.get(f"/events/{umbrella.id}/local").text
    said = manager.get(f"/api/v1/events/{umbrella.id}/local", headers=key_headers(house, "viewer")).json()

    assert made.status_code == 303
    assert "Tue 4 Mar, the whole day" in page
    assert [one["starts_at"] for one in said["local"]] == ["2031-03-04"]


def test_the_api_takes_days_and_gives_them_back(client: TestClient, house: House, project: str):
    headers = key_headers(house, "coordinator")
    body = {"project_id": project, "kind": "conference", "title": "Three days", "time_zone": "Asia/Beirut"}
    days = {"whole_day": True, "starts_at": "2031-03-28", "ends_at": "2031-03-30"}

    made = client.post("/api/v1/events", json={**body, **days}, headers=headers).json()
    same = client.patch(f"/api/v1/events/{made['id']}", json=days, headers=headers).json()

    assert {name: made[name] for name in days} == days
    starts, ends = (datetime.fromisoformat(made[f"{name}_at_utc"]) for name in ("starts", "ends"))
    # The clocks go forward in the night to the 30th, at midnight.
    assert (starts, ends) == (datetime(2031, 3, 27, 22, tzinfo=UTC), datetime(2031, 3, 30, 21, tzinfo=UTC))
    assert same["change"] == "none"


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"starts_at": "2031-03-03T10:00"}, "hours-in-whole-day"),
        ({"duration_minutes": 60}, "hours-in-whole-day"),
        ({"ends_at": "2031-03-01"}, "end-before-start"),
        ({"ends_at": "2032-03-03"}, "bad-event"),
        ({"starts_at": "someday"}, "not-a-day"),
    ],
)
def test_the_api_refuses_days_that_cannot_be(client: TestClient, house: House, project: str, wish, code: str):
    body = {"project_id": project, "kind": "conference", "title": "Days", "time_zone": "Africa/Cairo"}
    body |= {"whole_day": True, "starts_at": "2031-03-03"}

    refused = client.post("/api/v1/events", json={**body, **wish}, headers=key_headers(house, "coordinator"))

    assert (refused.status_code, refused.json()["code"]) == (422, code)
