"""The page, the file and the API of stances, and inviting by them."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.db.engine import writing
from service.web.house import House
from tests.dissemination.worlds import NOW, World, empty_world, store_world
from tests.web.support import Post, make_house, staff_client

PAGE = "/plan/campaign/stances"
UNION = {"organisation": "<i>Union", "position": "supportive", "noted_on": "2026-05-04", "source": "=Resolution 5"}


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house in which it is 12 January 2027."""
    return make_house(engine, post, clock=lambda: NOW)


@pytest.fixture
def world(house: House) -> World:
    """An empty project, stored."""
    with writing(house.engine) as session:
        return store_world(session, empty_world())


def test_stances_are_noted_narrowed_down_and_taken_back_by_forms(manager: TestClient, world: World):
    assert manager.post(PAGE, data=UNION).status_code == 303
    kenya = {"country": "Kenya", "position": "latent", "noted_on": "2026-05-04", "source": "Talks"}
    manager.post(PAGE, data=kenya)
    manager.post(PAGE, data=kenya | {"position": "core_group", "noted_on": "2026-06-04"})

    text = manager.get(f"{PAGE}?position=supportive").text
    assert re.findall(r'scope="row"><bdi>(.*?)</bdi>', text) == ["&lt;i&gt;Union"]
    assert "All <b" in text
    everything = manager.get(PAGE).text
    assert "One earlier stance" in everything
    assert re.findall(r'scope="row"><bdi>(.*?)</bdi>', everything) == ["Kenya", "&lt;i&gt;Union"]
    (stance, _union) = re.findall(r"stances/(\w{26})/take-back", everything)
    assert manager.post(f"{PAGE}/{stance}/take-back").status_code == 303
    assert "One earlier stance" not in manager.get(PAGE).text
    assert "Stances" in manager.get("/plan/campaign").text
    assert 'href="/plan/campaign?project=' in manager.get("/plan").text


def test_a_form_that_cannot_be_used_comes_back(manager: TestClient, world: World):
    answer = manager.post(PAGE, data=UNION | {"country": "Kenya"})

    assert answer.status_code == 422
    assert '<a href="#country" autofocus>Name a state or an institution: one of the two.</a>' in answer.text
    assert 'value="=Resolution 5"' in answer.text
    assert "&lt;i&gt;Union" not in manager.get("/organisations").text


def test_the_file_holds_every_stance_and_no_formula(manager: TestClient, world: World):
    manager.post(PAGE, data=UNION)

    lines = manager.get(f"{PAGE}/stances.csv").content.decode("utf-8-sig").splitlines()
    assert lines == [
        "state,institution,stance,since,how we know,note,current",
        ",<i>Union,supportive,2026-05-04,'=Resolution 5,,True",
    ]


def test_a_viewer_reads_stances_only(client: TestClient, house: House, world: World):
    viewer = staff_client(client, house, "viewer")

    assert "Note a stance" not in viewer.get(PAGE).text
    assert viewer.post(PAGE, data=UNION).status_code == 403


def test_people_are_found_by_the_stance_of_their_institution(manager: TestClient, world: World):
    manager.post(PAGE, data=UNION)
    for name, organisation in (("Ada Example", "<i>Union"), ("Bo Example", "Elsewhere")):
        person = {"name": name, "email": f"{name[:2].strip()}@example.org".lower(), "organisation": organisation}
        assert manager.post("/people/new", data=person).status_code == 303

    text = manager.get("/people?stance=supportive").text
    assert re.findall(r'href="/people/\w{26}"><bdi>(.*?)</bdi>', text) == ["Ada Example"]
    assert '<option value="supportive" selected>Supportive' in text


def test_the_api_keeps_stances(manager: TestClient, world: World):
    path = f"/api/v1/projects/{world.project_id}/stances"
    kenya = {"country": "KE", "position": "latent", "noted_on": "2026-05-04", "source": "Talks"}

    first = manager.post(path, json=kenya)
    second = manager.post(path, json=kenya | {"position": "reluctant"}).json()

    assert first.status_code == 201
    assert first.json() == {"id": first.json()["id"], **kenya, "organisation_id": None, "note": "", "is_current": True}
    assert manager.get(path).json()["items"] == [second]
    before = first.json() | {"is_current": False}
    assert manager.get(path, params={"current": False}).json()["items"] == [before, second]
    assert manager.get(path, params={"position": "latent"}).json()["items"] == []
    assert manager.post(path, json=kenya | {"position": "x"}).json()["code"] == "unknown-choice"
    assert manager.delete(f"{path}/{second['id']}").status_code == 204
    assert manager.get(path).json()["items"] == [first.json()]
    assert manager.delete(f"{path}/{second['id']}").json()["code"] == "unknown-record"
