"""The page and the API of what was agreed at an event."""

from __future__ import annotations

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
    """A French seminar, stored."""
    world = empty_world()
    add_event(world, language="fr")
    with writing(house.engine) as session:
        return store_world(session, world)


def test_what_was_agreed_is_written_printed_and_put_into_the_letter(manager: TestClient, world: World):
    event = f"/events/{world.events[0]['id']}"
    assert f"{event}/notes" in manager.get(event).text
    assert "Nothing is written down yet." in manager.get(f"{event}/notes").text

    assert manager.post(f"{event}/notes", data={"decisions": "One\nTwo <b>", "links": ""}).status_code == 303

    text = manager.get(f"{event}/notes").text
    assert '<li><bdi class="typed">Two &lt;b&gt;</bdi></li>' in text
    assert "Ce qui a été décidé :\n- One\n- Two &lt;b&gt;" in manager.get(f"{event}/write?kind=next_steps").text
    assert "- One" not in manager.get(f"{event}/write").text


def test_a_viewer_reads_notes_only(client: TestClient, house: House, world: World):
    viewer = staff_client(client, house, "viewer")
    page = f"/events/{world.events[0]['id']}/notes"

    assert "Write it down" not in viewer.get(page).text
    assert viewer.post(page, data={"asks": "x"}).status_code == 403


def test_the_api_keeps_notes(manager: TestClient, world: World):
    path = f"/api/v1/events/{world.events[0]['id']}/notes"

    assert manager.patch(path, json={"asks": "Copies"}).json() == {
        "decisions": "", "asks": "Copies", "owners": "", "links": "",
    }  # fmt: skip
    assert manager.get(path).json()["asks"] == "Copies"
