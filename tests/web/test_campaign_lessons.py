"""The page, the file and the API of lessons."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.db.engine import writing
from service.web.house import House
from tests.dissemination.worlds import NOW, World, add_event, empty_world, store_world
from tests.web.support import Post, make_house, staff_client

PAGE = "/plan/campaign/lessons"


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house in which it is 12 January 2027."""
    return make_house(engine, post, clock=lambda: NOW)


@pytest.fixture
def world(house: House) -> World:
    """A project with one focus group, stored."""
    world = empty_world()
    add_event(world, kind="focus_group", title="Focus group")
    with writing(house.engine) as session:
        return store_world(session, world)


def test_lessons_are_written_narrowed_down_and_taken_away_by_forms(manager: TestClient, world: World):
    first = {"text": "Ask <b>early", "event_id": world.events[0]["id"], "campaign-landmines": "yes"}
    lesson = re.findall(r"saved=(\w{26})", manager.post(PAGE, data=first).headers["location"])[0]
    manager.post(PAGE, data={"text": "Pay fairly", "topic": "finance_admin"})

    def shown(query: str) -> list[str]:
        return re.findall(r'scope="row"><bdi>(.*?)</bdi>', manager.get(f"{PAGE}?{query}").text)

    assert shown("") == ["Ask &lt;b&gt;early", "Pay fairly"]
    assert shown("campaign=landmines") == ["Ask &lt;b&gt;early"]
    assert shown("topic=finance_admin") == ["Pay fairly"]
    manager.post(f"{PAGE}/{lesson}", data={"text": "Ask late", "campaign-child_soldiers": "yes"})
    assert shown("campaign=landmines") == []
    assert shown("campaign=child_soldiers") == ["Ask late"]
    manager.post(f"{PAGE}/{lesson}", data={"remove": "yes"})
    assert shown("") == ["Pay fairly"]


def test_a_form_that_cannot_be_used_comes_back(manager: TestClient, world: World):
    answer = manager.post(PAGE, data={"text": " ", "topic": "partners", "campaign-landmines": "yes"})

    assert answer.status_code == 422
    assert '<a href="#text-new" autofocus>Say what was learnt.</a>' in answer.text
    assert '<option value="partners" selected>' in answer.text
    assert 'name="campaign-landmines" value="yes" checked' in answer.text


def test_a_viewer_reads_lessons_only(client: TestClient, house: House, world: World):
    viewer = staff_client(client, house, "viewer")

    assert "Write a lesson down" not in viewer.get(PAGE).text
    assert viewer.post(PAGE, data={"text": "x"}).status_code == 403


def test_the_file_holds_every_lesson(manager: TestClient, world: World):
    manager.post(PAGE, data={"text": "=Ask", "event_id": world.events[0]["id"], "campaign-landmines": "yes"})

    lines = manager.get(f"{PAGE}/lessons.csv").content.decode("utf-8-sig").splitlines()
    assert lines == ["lesson,event,chapter,topic,setting,campaigns", "'=Ask,Focus group,,,,landmines"]


def test_the_api_keeps_lessons(manager: TestClient, world: World):
    path = f"/api/v1/projects/{world.project_id}/lessons"

    made = manager.post(path, json={"text": "Ask early", "setting": "national", "campaigns": ["landmines"]})
    lesson = made.json()
    after = manager.patch(f"{path}/{lesson['id']}", json={"topic": "partners"}).json()

    assert made.status_code == 201
    empty = {"event_id": None, "chapter_key": None, "topic": None}
    said = {"text": "Ask early", "setting": "national", "campaigns": ["landmines"]}
    assert lesson == {"id": lesson["id"], **said, **empty}
    assert after == lesson | {"topic": "partners"}
    assert manager.get(path, params={"campaign": "landmines", "topic": "partners"}).json()["items"] == [after]
    assert manager.get(path, params={"setting": "international"}).json()["items"] == []
    assert manager.post(path, json={"text": "x", "chapter_key": "y"}).json()["code"] == "unknown-reference"
    assert manager.delete(f"{path}/{lesson['id']}").status_code == 204
    assert manager.get(path).json()["items"] == []
