"""The page and the API of coordinated actions."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.db.engine import writing
from service.web.house import House
from tests.dissemination.worlds import NOW, World, add_event, empty_world, store_world
from tests.web.support import Post, make_house, staff_client


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house in which it is 12 January 2027."""
    return make_house(engine, post, clock=lambda: NOW)


@pytest.fixture
def world(house: House) -> World:
    """An umbrella and an event beside it, both ahead."""
    world = empty_world()
    add_event(world, title="Day of action", days_ago=-20, state="announced")
    add_event(world, title="Beside <b>it", days_ago=-21, state="announced")
    with writing(house.engine) as session:
        return store_world(session, world)


def test_local_events_are_made_taken_in_and_let_go_by_forms(manager: TestClient, world: World):
    umbrella, beside = (event["id"] for event in world.events)
    path = f"/events/{umbrella}/local"
    assert f'href="{path}"' in manager.get(f"/events/{umbrella}").text
    nairobi = {"title": "Nairobi", "starts_date": "2027-02-01", "starts_time": "18:00", "time_zone": "Africa/Nairobi"}

    assert manager.post(path, data=nairobi).status_code == 303
    assert manager.post(path, data={"event_id": beside}).status_code == 303
    text = manager.get(path).text

    assert re.findall(r'class="plain" href="/events/\w{26}"><bdi>(.*?)</bdi>', text) == [
        "Nairobi", "Beside &lt;b&gt;it",
    ]  # fmt: skip
    assert ("18:00–" in text, "<small>Nairobi</small>" in text) == (True, True)
    assert "This event is part of an action itself" in manager.get(f"/events/{beside}/local").text
    assert manager.post(f"{path}/{beside}/part").status_code == 303
    assert "Beside &lt;b&gt;it</bdi></a>" not in manager.get(path).text


def test_a_local_event_that_cannot_be_comes_back(manager: TestClient, world: World):
    umbrella = world.events[0]["id"]
    wrong = {"title": "Nairobi", "starts_date": "2027-02-01", "starts_time": "18:00", "time_zone": "Nairobi"}

    answer = manager.post(f"/events/{umbrella}/local", data=wrong)

    assert (answer.status_code, 'href="#time_zone" autofocus' in answer.text) == (422, True)
    assert 'value="Nairobi"' in answer.text
    itself = manager.post(f"/events/{umbrella}/local", data={"event_id": umbrella})
    assert (itself.status_code, "Choose another event of the same project." in itself.text) == (409, True)


def test_a_viewer_reads_local_events_only(client: TestClient, house: House, world: World):
    viewer, path = staff_client(client, house, "viewer"), f"/events/{world.events[0]['id']}/local"

    assert "Make a local event" not in viewer.get(path).text
    assert viewer.post(path, data={}).status_code == 403


def test_the_api_keeps_local_events(manager: TestClient, world: World):
    umbrella, beside = (event["id"] for event in world.events)
    path = f"/api/v1/events/{umbrella}/local"

    done = manager.post(path, json={"event_id": beside})

    none = {"invited": 0, "accepted": 0, "attended": 0}
    when = {"starts_at": world.events[1]["starts_local"], "time_zone": "Europe/London"}
    local = {"event_id": beside, "title": "Beside <b>it", **when, "place": "", "state": "announced", **none}
    assert (done.status_code, done.json()) == (201, {"local": [local], **none})
    assert manager.get(path).json() == done.json()
    assert manager.post(path, json={"event_id": umbrella}).json()["code"] == "not-together"
    assert manager.delete(f"{path}/{beside}").status_code == 204
    assert manager.get(path).json() == {"local": [], **none}
