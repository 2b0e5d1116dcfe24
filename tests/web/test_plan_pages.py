"""The pages and the API of writing a plan: lines, outputs, targets, versions."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.db.engine import reading, writing
from service.dissemination import store
from service.dissemination.store import planning as plan_store
from service.web.house import House
from tests.dissemination.worlds import NOW, World, store_world
from tests.web.plans import line_id, small_world
from tests.web.support import Post, key_headers, make_house, staff_client


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house in which it is 12 January 2027."""
    return make_house(engine, post, clock=lambda: NOW)


@pytest.fixture
def world(house: House) -> World:
    """The small world, stored."""
    with writing(house.engine) as session:
        return store_world(session, small_world())


def test_a_line_is_put_in_and_changed_by_a_form(manager: TestClient, house: House, world: World):
    typed = {"title": "Briefing for parliament", "due_on": "2027-01-15", "audience_key": "policy", "owner": "press"}

    answer = manager.post("/plan/lines/new", data=typed)

    assert answer.status_code == 303
    text = manager.get(answer.headers["location"]).text
    week = text.partition("Needs you this week")[2].partition("</ol>")[0]
    assert re.findall(r"<h3><bdi>(.*?)</bdi>", week) == ["Radio talk", "First newsletter", "Briefing for parliament"]
    assert "30 days late." in week
    line = re.findall(r"saved=(\w{26})", answer.headers["location"])[0]
    assert 'value="Briefing for parliament"' in manager.get(f"/plan/lines/{line}").text
    assert manager.post(f"/plan/lines/{line}", data={"title": "Briefing", "due_on": "2027-02-15"}).status_code == 303
    with reading(house.engine) as session:
        after = store.read_plan_line(session, line)
    assert (after.title, str(after.due_on), after.audience_key, after.owner) == (
        "Briefing", "2027-02-15", "policy", "press",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "typed", "field", "sentence"),
    [
        ("lines/new", {"title": "", "due_on": "2027-01-15"}, "title", "Say what it is."),
        ("lines/new", {"title": "Talk"}, "due_on", "Give the day as year, month, day: 2027-03-31."),
        (
            "outputs/new",
            {"title": "Book", "kind": "publication", "status": "published"},
            "published_on",
            "Say on which",
        ),
        (
            "targets/R1",
            {"baseline": "0", "target": "10", "due_on": "2027-03-01", "weight": "101"},
            "weight",
            "A weight is a share of the whole: 0 to 100 percent.",
        ),
        ("targets/R1", {"target": "10", "due_on": "2027-03-01"}, "baseline", "Say where it stood at the start;"),
    ],
)
def test_a_form_that_cannot_be_used_comes_back(
    manager: TestClient, world: World, path: str, typed: dict[str, str], field: str, sentence: str
):
    answer = manager.post(f"/plan/{path}", data={**typed, "owner": "<b>", "format": "<b>", "note": "<b>"})

    assert answer.status_code == 422
    assert f'<a href="#{field}" autofocus>{sentence}' in answer.text
    assert 'value="&lt;b&gt;"' in answer.text


def test_outputs_are_put_in_and_published(manager: TestClient, house: House, world: World):
    made = manager.post("/plan/outputs/new", data={"title": "The book", "kind": "publication", "languages": "en, fr"})
    assert made.status_code == 303
    output = re.findall(r"saved=(\w{26})", made.headers["location"])[0]

    out = {"title": "The book", "kind": "publication", "status": "published", "published_on": "2027-01-02"}
    assert manager.post(f"/plan/outputs/{output}", data=out).status_code == 303

    text = manager.get("/plan/outputs").text
    assert "1 of 1 are published." in text
    assert "English, French" in text
    assert "2 Jan 2027" in text


def test_a_target_gets_milestones_and_is_taken_out(manager: TestClient, house: House, world: World):
    steps = {"milestone_on_0": "2027-06-30", "milestone_value_0": "120", "milestone_on_1": "", "milestone_value_1": ""}
    typed = {"baseline": "0", "target": "220", "due_on": "2027-09-30", "weight": "37,5", "risk": "Visas", **steps}

    assert manager.post("/plan/targets/E4", data=typed).status_code == 303

    assert "120 by 30 Jun 2027" in manager.get("/plan/targets").text
    form = manager.get("/plan/targets/E4").text
    assert all(f'value="{value}"' in form for value in ("2027-06-30", "37.5", "Visas"))
    assert manager.post("/plan/targets/E4/drop").status_code == 303
    with reading(house.engine) as session:
        assert len(store.read_targets(session, world.project_id)) == 1
    manager.post("/plan/targets/E4/drop", data={"sure": "yes"})
    with reading(house.engine) as session:
        assert store.read_targets(session, world.project_id) == []


def test_the_plan_is_approved_as_it_was_read(manager: TestClient, house: House, world: World):
    text = manager.get("/plan/versions").text
    seen = re.findall(r'name="seen" value="(\w{64})"', text)[0]
    manager.post(f"/plan/lines/{line_id(world, 'ahead')}", data={"title": "Another newsletter", "due_on": "2027-02-21"})

    stale = manager.post("/plan/versions", data={"seen": seen})
    assert stale.status_code == 409
    assert "The plan changed while you read it." in stale.text

    seen = re.findall(r'name="seen" value="(\w{64})"', stale.text)[0]
    assert manager.post("/plan/versions", data={"seen": seen}).status_code == 303
    assert "Version 1, approved on 12 Jan 2027." in manager.get("/plan").text
    manager.post(f"/plan/lines/{line_id(world, 'ahead')}", data={"title": "Poster", "due_on": "2027-02-21"})
    text = manager.get("/plan/versions").text
    assert "One change since version 1 was approved." in text
    assert '<bdi>Another newsletter</bdi></span> <span class="arrow">→</span> <bdi>Poster</bdi>' in text
    assert "Approve version 2" in text


def test_a_coordinator_writes_the_plan_and_does_not_approve_it(client: TestClient, house: House, world: World):
    coordinator = staff_client(client, house, "coordinator")

    assert "Approve version" not in coordinator.get("/plan/versions").text
    assert coordinator.post("/plan/versions", data={"seen": "x"}).status_code == 403
    assert coordinator.get("/plan/lines/new").status_code == 200


def test_the_api_writes_a_plan_and_approves_it(manager: TestClient, world: World):
    plan = f"/api/v1/projects/{world.project_id}/plan"

    made = manager.post(plan, json={"title": "Poster", "due_on": "2027-03-01", "audience_key": "policy"})
    output = manager.post(f"{plan}/outputs", json={"title": "Book", "languages": ["en"]}).json()
    target = {"baseline": 0, "target": 60, "due_on": "2027-09-30", "milestones": [{"on": "2027-03-31", "value": 50}]}
    target |= {"weight": 20.0, "risk": "No visas"}
    promised = manager.put(f"{plan}/targets/R6", json=target)
    moved = manager.patch(f"{plan}/{made.json()['id']}", json={"due_on": "2027-04-01", "status": "ongoing"})

    assert (made.status_code, made.json()["key"], made.json()["status"]) == (201, "poster", "planned")
    assert (moved.json()["due_on"], moved.json()["status"]) == ("2027-04-01", "ongoing")
    assert promised.json() == {"indicator": "R6", "note": "", **target}
    assert [one["indicator"] for one in manager.get(f"{plan}/targets").json()["items"]] == ["E4", "R6"]
    assert manager.patch(f"{plan}/outputs/{output['id']}", json={"derived_from": "book"}).json()["code"] == (
        "derived-in-circle"
    )
    assert manager.get(f"{plan}/outputs").json()["items"] == [output]
    draft = manager.get(f"{plan}/draft").json()
    version = manager.post(f"{plan}/versions", json={"seen": draft["sha256"]})
    assert (version.status_code, version.json()["body"]) == (201, draft["body"])
    assert manager.get(f"{plan}/versions/1").json() == version.json()
    assert manager.delete(f"{plan}/targets/R6").status_code == 204
    second = manager.post(f"{plan}/versions", json={"seen": manager.get(f"{plan}/draft").json()["sha256"]})
    assert second.json()["number"] == 2
    changes = manager.get(f"{plan}/versions/2/changes?since=1").json()["items"]
    assert changes == [{"kind": "removed", "part": "targets", "key": "R6", "title": "R6", "fields": []}]
    assert manager.post(f"{plan}/versions", json={"seen": "x"}).json()["code"] == "nothing-to-approve"


def test_the_api_refuses_a_target_without_a_baseline(manager: TestClient, house: House, world: World):
    path = f"/api/v1/projects/{world.project_id}/plan/targets/R6"

    refused = manager.put(path, json={"target": 60, "due_on": "2027-09-30"})
    unknown = manager.put(path.replace("R6", "R99"), json={"baseline": 0, "target": 60, "due_on": "2027-09-30"})

    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (
        422, "baseline-missing", "baseline",
    )  # fmt: skip
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown-indicator")


def test_a_key_that_may_read_does_not_write_the_plan(client: TestClient, house: House, world: World):
    plan, headers = f"/api/v1/projects/{world.project_id}/plan", key_headers(house, "viewer")

    assert client.get(f"{plan}/draft", headers=headers).status_code == 200
    refused = client.post(plan, headers=headers, json={"title": "x", "due_on": "2027-03-01"})
    assert refused.status_code == 403
    with reading(house.engine) as session:
        assert plan_store.read_versions(session, world.project_id) == []
