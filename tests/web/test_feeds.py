"""Calendar files for everyone: what stands in them, what does not, and when they are not sent again."""

from __future__ import annotations

import re
from datetime import timedelta
from email.utils import format_datetime

import pytest
from fastapi.testclient import TestClient

from service.db.engine import writing
from service.events import actions as event_actions
from service.events import store as events
from service.letters import changes
from service.web.house import House
from tests.calendar_check import check
from tests.factories import DESK, STAFF, add_event, add_project
from tests.ical.readers import by_icalendar, by_vobject


@pytest.fixture
def now(house: House):
    return house.clock() - timedelta(minutes=5)


@pytest.fixture
def project(house: House) -> str:
    with writing(house.engine) as session:
        return add_project(session, slug="ours")


@pytest.fixture
def launch(house: House, project: str, now):
    """An open launch with a join link, beside a seminar for those invited."""
    with writing(house.engine) as session:
        series = events.add_series(session, project, "Six seminars", wanted_slug="six")
        common = {"project_id": project, "series_id": series, "now": now}
        add_event(session, **common, title="Seminar 1", privacy="invited")
        wishes = {"title": "Launch", "privacy": "open", "online_url": "https://meet.example.org/secret"}
        return add_event(session, **common, **wishes)


PATHS = ("/events/launch.ics", "/series/six.ics", "/projects/ours.ics")


@pytest.mark.parametrize("path", PATHS)
def test_a_feed_holds_open_events_and_no_join_link(client: TestClient, launch, path):
    answer = client.get(path)

    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert check(answer.content) == []
    assert [seen.uid for seen in by_icalendar(answer.content)] == [launch.uid]
    assert by_vobject(answer.content) == by_icalendar(answer.content)
    pages = re.findall(rb"(?m)^URL:http://testserver(\S+)", answer.content.replace(b"\r\n ", b""))
    own = [] if path.startswith("/projects") else [path.removesuffix(".ics").encode()]
    assert pages == [*own, b"/events/launch"]
    assert b"ATTENDEE" not in answer.content
    assert b"meet.example.org" not in answer.content


@pytest.mark.parametrize("path", PATHS)
def test_an_unchanged_feed_is_not_sent_again(client: TestClient, launch, path):
    first = client.get(path)

    by_tag = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    weak = client.get(path, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
    by_date = client.get(path, headers={"If-Modified-Since": first.headers["last-modified"]})
    stale_tag = {"If-None-Match": '"other"', "If-Modified-Since": first.headers["last-modified"]}

    assert first.headers["last-modified"] == format_datetime(launch.changed_at.replace(microsecond=0), usegmt=True)
    assert [by_tag.status_code, weak.status_code, by_date.status_code] == [304, 304, 304]
    assert by_tag.content == b""
    assert client.get(path, headers=stale_tag).status_code == 200  # RFC 9110 §13.1.3: the tag goes first
    assert client.get(path, headers={"If-Modified-Since": "yesterday"}).status_code == 200


def test_every_change_makes_a_new_tag_and_a_private_one_does_not(client: TestClient, house: House, launch, project):
    def tag() -> str:
        return client.get("/projects/ours.ics").headers["etag"]

    def change(event_id: str, **wishes: str) -> None:
        with writing(house.engine) as session:
            event_actions.edit_event(session, event_id, wishes, told=False, now=house.clock(), actor=STAFF)

    with writing(house.engine) as session:
        hidden = next(e for e in events.read_events(session, project) if e.id != launch.id)
    tags = [tag()]
    change(hidden.id, title="Seminar one")
    assert tag() == tags[0]
    for wishes in ({"title": "The launch"}, {"starts_at": "2031-01-02T10:00"}, {"privacy": "invited"}):
        change(launch.id, **wishes)
        tags.append(tag())

    assert len(set(tags)) == 4
    assert client.get("/series/six.ics").status_code == 404
    assert client.get("/events/launch.ics").status_code == 404


def test_a_cancelled_event_stays_in_the_feed_and_says_so(client: TestClient, house: House, launch):
    with writing(house.engine) as session:
        changes.cancel_event(session, launch.id, reason="Strike", desk=DESK, now=house.clock(), actor=STAFF)

    for path in PATHS:
        data = client.get(path).content
        assert check(data) == []
        assert b"STATUS:CANCELLED" in data
        assert b"SEQUENCE:1" in data
    assert "It will not take place." in client.get("/events/launch").text
    assert "web_calendars" not in client.get("/events/launch").text


def test_a_page_offers_calendars_on_the_web(client: TestClient, launch):
    page = client.get("/events/launch").text

    assert "https://calendar.google.com/calendar/render?action=TEMPLATE&amp;text=Launch" in page
    assert "https://outlook.office.com/calendar/0/deeplink/compose?" in page
    assert "webcal://testserver/events/launch.ics" in page
    assert "secret" not in page
    assert "webcal://testserver/series/six.ics" in client.get("/series/six").text


def test_a_draft_and_a_cancelled_draft_are_nobodys_business(client: TestClient, house: House, project, now):
    with writing(house.engine) as session:
        wishes = {"project_id": project, "privacy": "open", "announce": False, "now": now}
        add_event(session, title="Idea", **wishes)
        dropped = add_event(session, title="Dropped", **wishes)
        event_actions.cancel_event(session, dropped.id, reason="", now=now, actor=STAFF)

    assert client.get("/events/idea.ics").status_code == 404
    assert client.get("/events/dropped.ics").status_code == 404
    assert by_icalendar(client.get("/projects/ours.ics").content) == []
