"""The page and the API of progress markers."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.db.engine import writing
from service.web.house import House
from tests.dissemination.worlds import NOW, World, store_world
from tests.web.plans import small_world
from tests.web.support import Post, make_house, staff_client


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house in which it is 12 January 2027."""
    return make_house(engine, post, clock=lambda: NOW)


@pytest.fixture
def world(house: House) -> World:
    """The small world, stored."""
    with writing(house.engine) as session:
        return store_world(session, small_world())


def test_a_marker_is_put_in_seen_and_taken_away_by_forms(manager: TestClient, world: World):
    made = manager.post(
        "/plan/markers", data={"audience_key": "policy", "level": "like", "text": "They ask for a briefing"}
    )
    assert made.status_code == 303
    marker = re.findall(r"saved=(\w{26})", made.headers["location"])[0]

    bare = manager.post(f"/plan/markers/{marker}", data={"status": "seen", "evidence": "", "text": "<b>"})
    assert bare.status_code == 422
    assert f'<a href="#evidence-{marker}" autofocus>Say by what one can tell' in bare.text
    assert 'value="&lt;b&gt;"' in bare.text
    seen = {"status": "seen", "evidence": "Letter of 3 May", "text": "They ask for a briefing"}
    assert manager.post(f"/plan/markers/{marker}", data=seen).status_code == 303
    text = manager.get("/plan/markers").text
    assert "1 of 1 seen" in text
    assert "<bdi>Letter of 3 May</bdi>" in text
    manager.post(f"/plan/markers/{marker}", data={"remove": "yes"})
    assert "They ask for a briefing" not in manager.get("/plan/markers").text


def test_a_new_marker_that_says_nothing_comes_back(manager: TestClient, world: World):
    answer = manager.post("/plan/markers", data={"audience_key": "policy", "level": "like", "text": " "})

    assert answer.status_code == 422
    assert '<a href="#text-new" autofocus>Say what one would see them do.</a>' in answer.text
    assert '<option value="policy" selected>' in answer.text


def test_a_viewer_reads_markers_only(client: TestClient, house: House, world: World):
    viewer = staff_client(client, house, "viewer")

    assert "Add one" not in viewer.get("/plan/markers").text
    assert viewer.post("/plan/markers", data={}).status_code == 403


def test_the_api_keeps_markers(manager: TestClient, world: World):
    path = f"/api/v1/projects/{world.project_id}/markers"

    made = manager.post(path, json={"audience_key": "policy", "level": "expect", "text": "They come"})
    marker = made.json()
    seen = manager.patch(f"{path}/{marker['id']}", json={"status": "seen", "evidence": "Attendance sheet"}).json()

    assert (made.status_code, marker["status"], marker["noted_on"]) == (201, "not_yet", None)
    assert seen == {**marker, "status": "seen", "evidence": "Attendance sheet", "noted_on": "2027-01-12"}
    assert manager.get(path).json()["items"] == [seen]
    bare = manager.patch(f"{path}/{marker['id']}", json={"status": "some", "evidence": ""})
    assert (bare.status_code, bare.json()["code"]) == (422, "evidence-missing")
    assert manager.delete(f"{path}/{marker['id']}").status_code == 204
    assert manager.delete(f"{path}/{marker['id']}").json()["code"] == "unknown-marker"
