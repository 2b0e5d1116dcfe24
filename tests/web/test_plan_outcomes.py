"""The pages and the API of outcomes."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.db.engine import writing
from service.dissemination import outcomes
from service.web.house import House
from tests.dissemination.worlds import NOW, World, store_world
from tests.web.plans import small_world
from tests.web.support import Post, make_house, staff_client

DRAFT = {
    "who": "The ministry <b>",
    "what": "asks coalitions before it votes",
    "kind": "procedural",
    "changed_on": "2027-01-04",
}


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house in which it is 12 January 2027."""
    return make_house(engine, post, clock=lambda: NOW)


@pytest.fixture
def world(house: House) -> World:
    """The small world, stored."""
    with writing(house.engine) as session:
        return store_world(session, small_world())


def test_an_outcome_is_written_down_and_agreed_by_forms(manager: TestClient, world: World):
    made = manager.post("/plan/outcomes/new", data=DRAFT)
    assert made.status_code == 303
    address = made.headers["location"].partition("?")[0]

    short = manager.post(address, data=DRAFT | {"step": "agreed", "place": "Nairobi"})
    assert short.status_code == 422
    assert '<a href="#significance" autofocus>Say why it matters.</a>' in short.text
    assert 'value="Nairobi"' in short.text
    assert 'value="Nairobi"' not in manager.get(address).text

    whole = DRAFT | {"place": "Nairobi", "significance": "It never did", "contribution": "Chapter 1"}
    assert manager.post(address, data=whole | {"step": "agreed"}).status_code == 303
    text = manager.get("/plan/outcomes?state=agreed&kind=procedural").text
    assert "asks coalitions before it votes" in text
    assert "The ministry &lt;b&gt;" in text
    assert "asks coalitions" not in manager.get("/plan/outcomes?state=drafted").text
    assert "asks coalitions" not in manager.get("/plan/outcomes?kind=content").text
    assert manager.post(address, data=whole | {"step": "dismissed"}).status_code == 409


def test_a_proposal_is_taken_up_or_dismissed(manager: TestClient, house: House, world: World):
    with writing(house.engine) as session:
        made = [
            outcomes.propose_outcome(
                session, world.project_id, {"what": f"Idea {n}"}, source=f"commitment:{n}", now=NOW, actor="system"
            ).id
            for n in (1, 2)
        ]

    assert "Take it up as a draft" in manager.get(f"/plan/outcomes/{made[0]}").text
    assert manager.post(f"/plan/outcomes/{made[0]}", data=DRAFT | {"step": "drafted"}).status_code == 303
    assert manager.post(f"/plan/outcomes/{made[1]}", data={"step": "dismissed"}).status_code == 303

    assert "Its words are deleted" not in manager.get(f"/plan/outcomes/{made[0]}").text
    assert "its words are deleted" in manager.get(f"/plan/outcomes/{made[1]}").text
    states = [one["state"] for one in manager.get(f"/api/v1/projects/{world.project_id}/outcomes").json()["items"]]
    assert sorted(states) == ["dismissed", "drafted"]


def test_the_file_holds_all_that_is_not_dismissed(manager: TestClient, world: World):
    manager.post("/plan/outcomes/new", data=DRAFT | {"evidence": "=1+1"})

    head, row = manager.get("/plan/outcomes/outcomes.csv").content.decode("utf-8-sig").splitlines()
    assert head.startswith("id,state,who,place,evidence,")
    assert re.sub(r"^\w{26}", "ID", row) == (
        "ID,drafted,The ministry <b>,,'=1+1,,asks coalitions before it votes,,,2027-01-04,procedural,"
    )


def test_a_viewer_reads_outcomes_only(client: TestClient, house: House, world: World):
    with writing(house.engine) as session:
        made = outcomes.add_outcome(session, world.project_id, DRAFT, now=NOW, actor="staff:01test")
    viewer = staff_client(client, house, "viewer")

    assert "Write one down" not in viewer.get("/plan/outcomes").text
    text = viewer.get(f"/plan/outcomes/{made.id}").text
    assert "<bdi>asks coalitions before it votes</bdi>" in text
    assert '<form method="post" class="narrow"' not in text
    assert viewer.post(f"/plan/outcomes/{made.id}", data=DRAFT).status_code == 403


def test_the_api_keeps_outcomes(manager: TestClient, world: World):
    path = f"/api/v1/projects/{world.project_id}/outcomes"

    made = manager.post(path, json=DRAFT)

    assert made.status_code == 201, made.text
    outcome = made.json()
    blank = dict.fromkeys(("place", "significance", "contribution", "evidence", "substantiator"), "")
    assert outcome == {**blank, **DRAFT, "id": outcome["id"], "state": "drafted", "audience_key": None, "source": None}
    assert manager.get(path).json()["items"] == [outcome]
    assert manager.get(f"{path}/{outcome['id']}").json() == outcome
    step = manager.post(f"{path}/{outcome['id']}/step", json={"state": "agreed"})
    assert (step.status_code, step.json()["code"], step.json()["field"]) == (422, "outcome-incomplete", "place")
    changed = manager.patch(f"{path}/{outcome['id']}", json={"place": "Nairobi"}).json()
    assert changed == outcome | {"place": "Nairobi"}
    assert manager.post(path, json={"what": "x", "source": "survey:1"}).json()["state"] == "proposed"
