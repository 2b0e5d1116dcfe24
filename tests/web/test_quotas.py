"""The page and the API of places by audience."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.db.engine import writing
from service.web.house import House
from tests.dissemination.worlds import NOW, World, add_event, add_person, empty_world, invite, store_world
from tests.web.support import Post, make_house, staff_client


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house in which it is 12 January 2027."""
    return make_house(engine, post, clock=lambda: NOW)


@pytest.fixture
def world(house: House) -> World:
    """An announced event ahead; Ada of civil society and an academic at risk wait."""
    world = empty_world()
    event = add_event(world, days_ago=-20, state="announced", capacity=2)
    people = (("Ada Example", 0, {}), ("Layla Example", 2, {"at_risk": True, "pseudonym": "Heron"}))
    for number, (name, rank, more) in enumerate(people, start=1):
        person = add_person(world, name=name, audience_id=world.audiences[rank]["id"], **more)
        invite(world, event, person, partstat="ACCEPTED", seat="waiting", seat_order=number)
    with writing(house.engine) as session:
        return store_world(session, world)


def test_places_are_set_by_form_and_order_who_waits(manager: TestClient, world: World):
    event = world.events[0]["id"]
    path = f"/events/{event}/quotas"
    assert f'href="{path}"' in manager.get(f"/events/{event}").text

    assert manager.post(path, data={"places-academia": "1", "places-press": ""}).status_code == 303
    text = manager.get(path).text

    assert re.findall(r'invitations/\w{26}"><bdi>(.*?)</bdi>', text) == ["Heron", "Ada Example"]
    assert "Layla" not in text
    assert 'name="places-academia" type="text" value="1"' in text
    bad = manager.post(path, data={"places-academia": "some"})
    assert (bad.status_code, 'href="#places-academia" autofocus' in bad.text, 'value="some"' in bad.text) == (
        422, True, True,
    )  # fmt: skip


def test_a_viewer_reads_places_only(client: TestClient, house: House, world: World):
    viewer, path = staff_client(client, house, "viewer"), f"/events/{world.events[0]['id']}/quotas"

    assert "Set the places" not in viewer.get(path).text
    assert viewer.post(path, data={}).status_code == 403


def test_the_api_keeps_places(manager: TestClient, world: World):
    path = f"/api/v1/events/{world.events[0]['id']}/quotas"

    done = manager.put(path, json={"places": {"academia": 1}})

    ada, layla = (one["id"] for one in world.invitations)
    shares = [
        {"group": "civil_society", "places": None, "invited": 1, "accepted": 1, "seated": 0, "waiting": 1},
        {"group": "academia", "places": 1, "invited": 1, "accepted": 1, "seated": 0, "waiting": 1},
    ]
    assert done.json() == {"shares": shares, "suggested": [layla, ada]}
    assert manager.get(path).json() == done.json()
    assert manager.put(path, json={"places": {"nobody": 1}}).json()["code"] == "unknown-choice"
    assert manager.put(path, json={"places": {"academia": -1}}).json()["code"] == "bad-quota"
    assert manager.get("/api/v1/events/nothing/quotas").json()["code"] == "unknown-event"
