"""The plan: its page, its form and its API."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select

from service.audit.tables import AuditEntry
from service.db.engine import reading, writing
from service.db.types import columns
from service.dissemination.store import read_plan_line
from service.dissemination.values.plan import LineStatus
from service.web.house import House
from tests.dissemination.worlds import NOW, World, empty_world, store_world
from tests.web.plans import TODAY, line_id, small_world
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


def test_the_plan_begins_with_what_is_late_the_longest(manager: TestClient, world: World):
    text = manager.get("/plan").text

    titles = re.findall(r'<th role="rowheader" scope="row"><bdi>(.*?)</bdi>', text)
    assert titles == ["Radio talk", "First newsletter", "Launch", "Second newsletter"]
    assert "2 lines are late. 1 of 4 lines are delivered." in text
    assert "<small>newsletter</small>" in text
    assert '<td role="cell">Policy</td>' in text
    assert "<span>Late</span></span><small>Postponed</small>" in text
    assert "The host was ill" in text
    assert "Photos in the archive" in text


def test_the_plan_sets_its_targets_against_what_was_reached(manager: TestClient, world: World):
    text = manager.get("/plan").text

    row = re.search(r'<span role="rowheader">E4 [^<]*</span>.*?</div>', text, re.S)
    assert row
    assert '<span class="v" role="cell">23 / 220</span>' in row[0]
    assert "Behind: " in row[0]


def test_a_line_is_delivered_by_a_form(manager: TestClient, house: House, world: World):
    line = line_id(world, "letter")

    answer = manager.post(f"/plan/{line}", data={"status": "delivered", "evidence": "Number 1, sent 9 January"})

    assert answer.status_code == 303
    assert answer.headers["location"] == f"/plan?project={world.project_id}&saved={line}#line-{line}"
    with reading(house.engine) as session:
        after = read_plan_line(session, line)
    assert (after.status, after.evidence) == (LineStatus.DELIVERED, "Number 1, sent 9 January")
    assert after.delivered_on == TODAY
    text = manager.get(answer.headers["location"]).text
    assert "One line is late. 2 of 4 lines are delivered." in text
    assert '<p class="note" role="status">Saved.' in text


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"status": "delivered"}, "evidence", "Say how one can see that it was delivered: a link, a file, a date."),
        ({"status": "cancelled"}, "reason", "Say why, in a sentence."),
        ({"status": "done"}, "status", "Choose planned, ongoing, delivered, postponed or cancelled."),
    ],
)
def test_a_form_that_cannot_be_used_comes_back_as_typed(
    manager: TestClient, house: House, world: World, typed: dict[str, str], field: str, sentence: str
):
    line = line_id(world, "ahead")
    other = {"evidence": "reason", "reason": "evidence", "status": "evidence"}[field]

    answer = manager.post(f"/plan/{line}", data={**typed, other: "<b>as typed</b>"})

    assert answer.status_code == 422
    assert f'<a href="#{field}-{line}" autofocus>{sentence}</a>' in answer.text
    assert f'id="{field}-{line}-error"' in answer.text
    assert 'value="&lt;b&gt;as typed&lt;/b&gt;"' in answer.text
    assert answer.text.count("<details open>") == 1
    with reading(house.engine) as session:
        assert read_plan_line(session, line).status is LineStatus.PLANNED


def test_a_form_changes_the_project_that_was_on_the_page(manager: TestClient, house: House, world: World):
    newer = small_world()
    newer.audiences = []
    newer.people, newer.invitations = [], []
    with writing(house.engine) as session:
        store_world(session, newer)
    text = manager.get(f"/plan?project={world.project_id}").text
    line = line_id(world, "letter")
    action = f"/plan/{line}?project={world.project_id}"

    assert f'action="{action}"' in text
    assert manager.post(action, data={"status": "ongoing"}).status_code == 303
    assert manager.post(f"/plan/{line}?project={newer.project_id}", data={"status": "planned"}).status_code == 404
    with reading(house.engine) as session:
        assert read_plan_line(session, line).status is LineStatus.ONGOING


def test_an_empty_plan_says_so(manager: TestClient, house: House):
    with writing(house.engine) as session:
        store_world(session, empty_world())

    text = manager.get("/plan").text

    assert "There are no lines in the plan yet." in text
    assert "<table" not in text


@pytest.mark.parametrize("path", ["/plan", "/reports"])
def test_the_first_day_starts_at_home(manager: TestClient, path: str):
    answer = manager.get(path)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_a_viewer_sees_the_plan_without_its_forms(client: TestClient, house: House, world: World):
    viewer = staff_client(client, house, "viewer")

    text = viewer.get("/plan").text

    assert "First newsletter" in text
    assert 'action="/plan/' not in text
    assert viewer.post(f"/plan/{line_id(world, 'letter')}", data={"status": "ongoing"}).status_code == 403


def test_the_api_gives_the_plan_by_due_date(manager: TestClient, world: World):
    body = manager.get(f"/api/v1/projects/{world.project_id}/plan").json()

    assert [item["key"] for item in body["items"]] == ["launch", "radio", "letter", "ahead"]
    assert body["items"][2] == {
        "id": line_id(world, "letter"),
        "key": "letter",
        "title": "First newsletter",
        "audience_key": "policy",
        "channel": "newsletter",
        "output_key": None,
        "event_key": None,
        "owner": "",
        "due_on": "2027-01-02",
        "status": "planned",
        "delivered_on": None,
        "evidence": "",
        "reason": "",
    }


def test_the_api_changes_what_is_named_and_keeps_the_rest(manager: TestClient, house: House, world: World):
    path = f"/api/v1/projects/{world.project_id}/plan/{line_id(world, 'radio')}"

    after = manager.patch(path, json={"reason": "The studio burnt down"}).json()

    assert (after["status"], after["reason"]) == ("postponed", "The studio burnt down")
    with reading(house.engine) as session:
        log = columns(AuditEntry)
        written = session.execute(select(log.actor, log.subject).where(log.action == "plan-line.changed")).all()
    assert [(actor[:6], subject) for actor, subject in written] == [("staff:", f"plan-line:{path[-26:]}")]


def test_the_api_refuses_a_line_of_another_project_and_delivery_without_evidence(
    manager: TestClient, house: House, world: World
):
    other = empty_world()
    other.audiences = []
    with writing(house.engine) as session:
        store_world(session, other)
    line = line_id(world, "letter")

    foreign = manager.patch(f"/api/v1/projects/{other.project_id}/plan/{line}", json={"status": "ongoing"})
    bare = manager.patch(f"/api/v1/projects/{world.project_id}/plan/{line}", json={"status": "delivered"})

    assert (foreign.status_code, foreign.json()["code"]) == (404, "unknown-plan-line")
    assert (bare.status_code, bare.json()["code"], bare.json()["field"]) == (422, "evidence-missing", "evidence")
