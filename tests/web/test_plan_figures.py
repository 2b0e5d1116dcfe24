"""The page and the API of figures given by hand."""

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

SPEAKERS = {
    "indicator": "E8",
    "on_day": "2027-01-04",
    "amount": "3",
    "out_of": "6",
    "basis": "estimated",
    "evidence": "Programme",
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


def test_a_figure_is_given_and_taken_back_by_forms(manager: TestClient, world: World):
    answer = manager.post("/plan/figures", data=SPEAKERS)

    assert answer.status_code == 303
    text = manager.get(answer.headers["location"]).text
    assert "Estimated<small><bdi>Programme</bdi></small>" in text
    figure = re.findall(r"/plan/figures/(\w{26})/take-back", text)[0]
    assert manager.post(f"/plan/figures/{figure}/take-back").status_code == 303
    assert "read “n/a”, not 0" in manager.get("/plan/figures").text


def test_a_figure_that_cannot_be_used_comes_back(manager: TestClient, world: World):
    answer = manager.post("/plan/figures", data={**SPEAKERS, "on_day": "2027-01-13", "evidence": "<b>"})

    assert answer.status_code == 422
    assert '<a href="#on_day" autofocus>That day has not come yet.</a>' in answer.text
    assert 'value="&lt;b&gt;"' in answer.text


def test_a_viewer_reads_figures_only(client: TestClient, house: House, world: World):
    viewer = staff_client(client, house, "viewer")

    assert "Give one" not in viewer.get("/plan/figures").text
    assert viewer.post("/plan/figures", data=SPEAKERS).status_code == 403


def test_the_api_takes_figures(manager: TestClient, world: World):
    path = f"/api/v1/projects/{world.project_id}/manual-figures"
    survey = {**SPEAKERS, "indicator": "E9", "amount": 18, "out_of": 30}

    made = manager.post(path, json=survey)

    assert made.status_code == 201
    assert made.json() == {"id": made.json()["id"], **survey}
    assert manager.get(path).json()["items"] == [made.json()]
    figures = manager.get(f"/api/v1/projects/{world.project_id}/figures").json()["figures"]
    assert {one["indicator"]: one["value"] for one in figures if one["indicator"] in ("E9", "E8")} == {
        "E9": 60.0,
        "E8": None,
    }
    assert manager.post(path, json={**survey, "out_of": None}).json()["field"] == "out_of"
    assert manager.delete(f"{path}/{made.json()['id']}").status_code == 204
    assert manager.delete(f"{path}/{made.json()['id']}").json()["code"] == "unknown-figure"
