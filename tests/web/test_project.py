"""What a project and its organisation are called, on a page and in the API."""

from __future__ import annotations

from fastapi.testclient import TestClient

from service.db.engine import writing
from service.web.house import House
from tests.factories import add_project
from tests.web.support import staff_client

NAMED = {"name": "The book", "organisation": "Halden Fund", "summary": "On coalitions."}


def test_a_manager_calls_it_something_else(manager: TestClient, house: House):
    with writing(house.engine) as session:
        project = add_project(session)
    path = f"/project?project={project}"

    nameless = manager.post(path, data={**NAMED, "name": " "}, headers=manager.headers)
    saved = manager.post(path, data=NAMED, headers=manager.headers)
    shown = manager.get(path).text
    part = manager.patch(f"/api/v1/projects/{project}", json={"organisation": "Halden Trust"}).json()

    assert (nameless.status_code, "Give the project a name." in nameless.text, saved.status_code) == (422, True, 303)
    assert [value in shown for value in NAMED.values()] == [True] * 3
    assert {name: part[name] for name in NAMED} == {**NAMED, "organisation": "Halden Trust"}


def test_a_coordinator_does_not(client: TestClient, house: House):
    with writing(house.engine) as session:
        project = add_project(session)
    coordinator = staff_client(client, house, "coordinator")

    answers = [coordinator.get("/project"), coordinator.patch(f"/api/v1/projects/{project}", json={"name": "Mine"})]

    assert [a.status_code for a in answers] == [403, 403]
