"""The page and the API of tasks for guests."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.db.engine import writing
from service.web.house import House
from tests.dissemination.worlds import NOW, World, add_attendees, add_event, empty_world, store_world
from tests.web.support import Post, make_house, staff_client

CALL = {"kind": "call", "owner": "Ruth", "due_on": "2027-01-02", "note": "About <b>"}


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house in which it is 12 January 2027."""
    return make_house(engine, post, clock=lambda: NOW)


@pytest.fixture
def world(house: House) -> World:
    """A seminar with two people who came, stored."""
    world = empty_world()
    add_attendees(world, add_event(world), 2)
    with writing(house.engine) as session:
        return store_world(session, world)


def test_a_task_is_given_seen_everywhere_and_done(manager: TestClient, world: World):
    guest, page = world.people[0]["id"], f"/events/{world.events[0]['id']}/guest-tasks"
    assert page in manager.get(f"/events/{world.events[0]['id']}").text

    short = manager.post(page, data=CALL | {"person_ref": guest, "owner": " "})
    assert (short.status_code, "About &lt;b&gt;" in short.text) == (422, True)
    assert manager.post(page, data=CALL | {"person_ref": guest}).status_code == 303

    text = manager.get(page).text
    task = re.findall(r'id="task-(\w{26})"', text)[0]
    assert "About &lt;b&gt;" in text
    assert f"{page}#task-{task}" in manager.get(f"/people/{guest}").text
    assert "One task for a guest is late" in manager.get("/").text
    assert "Call a guest" in manager.get("/plan").text
    assert manager.post(f"{page}/{task}", data={"done": "yes"}).status_code == 303
    assert "One task for a guest is late" not in manager.get("/").text
    lines = manager.get(f"{page}/guest-tasks.csv").content.decode("utf-8-sig").splitlines()
    assert [line.partition(",")[2] for line in lines[1:]] == ["call,Ruth,2027-01-02,2027-01-12"]
    manager.post(f"{page}/{task}", data={"done": "no"})
    manager.post(f"{page}/{task}", data={"done": "remove"})
    assert "None yet." in manager.get(page).text


def test_a_viewer_reads_tasks_only(client: TestClient, house: House, world: World):
    viewer = staff_client(client, house, "viewer")
    page = f"/events/{world.events[0]['id']}/guest-tasks"

    assert "Give a task" not in viewer.get(page).text
    assert viewer.post(page, data=CALL).status_code == 403


def test_the_api_keeps_tasks(manager: TestClient, world: World):
    path = f"/api/v1/events/{world.events[0]['id']}/guest-tasks"
    body = CALL | {"person_id": world.people[0]["id"]}

    made = manager.post(path, json=body)

    assert made.status_code == 201, made.text
    task = made.json()
    assert task == {**body, "id": task["id"], "done_on": None}
    assert manager.patch(f"{path}/{task['id']}", json={"done": True}).json() == task | {"done_on": "2027-01-12"}
    assert len(manager.get(path).json()["items"]) == 1
    assert manager.delete(f"{path}/{task['id']}").status_code == 204
    assert manager.delete(f"{path}/{task['id']}").json()["code"] == "unknown-guest-task"
