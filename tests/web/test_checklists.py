"""The page and the API of an event's checklists."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.db.engine import reading, writing
from service.dissemination.store import tasks as store
from service.web.house import House
from tests.dissemination.worlds import NOW, World, add_event, empty_world, store_world
from tests.web.support import Post, make_house, staff_client


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house in which it is 12 January 2027."""
    return make_house(engine, post, clock=lambda: NOW)


@pytest.fixture
def world(house: House) -> World:
    """A seminar 35 days ahead, stored."""
    world = empty_world()
    add_event(world, days_ago=-35, state="announced", title="Seminar ahead")
    with writing(house.engine) as session:
        return store_world(session, world)


def test_a_checklist_is_started_and_its_tasks_are_done_by_a_press(manager: TestClient, house: House, world: World):
    event = world.events[0]["id"]
    path = f"/events/{event}/checklist"
    assert f'href="{path}"' in manager.get(f"/events/{event}").text
    assert re.findall(r'<option value="(\w+)"', manager.get(path).text)[:2] == ["seminar", "media_pitch"]

    assert manager.post(path, data={"checklist": "seminar"}).status_code == 303
    text = manager.get(path).text
    assert "0 of 11 done. One task is late." in text
    with reading(house.engine) as session:
        first = store.read_tasks(session, [event])[0]
    assert manager.post(f"{path}/{first.id}", data={"done": "yes"}).status_code == 303
    text = manager.get(path).text
    assert "1 of 11 done. Nothing is late." in text
    assert manager.post(f"{path}/{first.id}", data={"done": "no"}).status_code == 303
    assert "0 of 11 done." in manager.get(path).text
    assert manager.post(f"{path}/{first.id}/drop").status_code == 303
    assert "0 of 10 done." in manager.get(path).text


def test_late_tasks_stand_in_the_plan_and_at_home(manager: TestClient, world: World):
    event = world.events[0]["id"]
    manager.post(f"/events/{event}/checklist", data={"checklist": "seminar"})

    week = manager.get("/plan").text.partition("Needs you this week")[2].partition("</ol>")[0]
    home = manager.get("/").text

    titles = ["Choose the chapter and the one question the seminar is to answer",
              "Find two who have done it and one who doubts it",
              "Book room and online room; ask what guests need to take part"]  # fmt: skip
    assert re.findall(r"<h3><bdi>(.*?)</bdi>", week) == titles
    assert "7 days late." in week
    assert "<h3>One task is late</h3>" in home


@pytest.mark.parametrize(("key", "status", "sentence"), [
    ("wedding", 422, "Choose a checklist."),
    ("seminar", 409, "The event has this checklist already."),
])  # fmt: skip
def test_what_cannot_be_started_says_so(manager: TestClient, world: World, key: str, status: int, sentence: str):
    path = f"/events/{world.events[0]['id']}/checklist"
    manager.post(path, data={"checklist": "seminar"})

    answer = manager.post(path, data={"checklist": key})

    assert answer.status_code == status
    assert f'<p class="note bad" role="alert">{sentence}</p>' in answer.text


def test_a_viewer_reads_the_checklist_and_ticks_nothing(client: TestClient, house: House, world: World):
    viewer, path = staff_client(client, house, "viewer"), f"/events/{world.events[0]['id']}/checklist"

    assert viewer.get(path).status_code == 200
    assert "<form" not in viewer.get(path).text.partition('id="content"')[2]
    assert viewer.post(path, data={"checklist": "seminar"}).status_code == 403


def test_the_api_starts_a_checklist_and_ticks_its_tasks(manager: TestClient, world: World):
    event = world.events[0]["id"]
    path = f"/api/v1/events/{event}/tasks"
    known = {one["key"]: one for one in manager.get("/api/v1/checklists").json()["items"]}

    made = manager.post(path, json={"checklist": "launch"})

    assert made.status_code == 201
    assert [_item(task) for task in made.json()["items"]] == known["launch"]["items"]
    task = made.json()["items"][0]
    assert (task["due_on"], task["is_late"], task["done_on"]) == ("2026-11-18", True, None)
    done = manager.patch(f"{path}/{task['id']}", json={"done": True}).json()
    assert done == {**task, "done_on": "2027-01-12", "is_late": False}
    assert manager.delete(f"{path}/{task['id']}").status_code == 204
    assert task["id"] not in {one["id"] for one in manager.get(path).json()["items"]}
    assert manager.post(path, json={"checklist": "launch"}).json()["code"] == "checklist-started"
    assert manager.post(path, json={"checklist": "x"}).json()["code"] == "unknown-checklist"
    assert manager.patch(f"{path}/{task['id']}", json={"done": True}).json()["code"] == "unknown-task"


def _item(task: dict[str, Any]) -> dict[str, Any]:
    return {name: task[name] for name in ("text", "role", "offset_days", "evidence")}
