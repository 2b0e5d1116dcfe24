"""The page, the file and the API of small grants; and that reports say nothing of them."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.db.engine import writing
from service.web.house import House
from tests.dissemination.worlds import NOW, World, store_world
from tests.web.plans import freeze, small_world
from tests.web.support import Post, make_house, staff_client

PAGE = "/plan/campaign/grants"
ASKED = {"organisation": "Rural <i>Voices", "purpose": "Training", "amount": "7654321", "currency": "GBP"}


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house in which it is 12 January 2027."""
    return make_house(engine, post, clock=lambda: NOW)


@pytest.fixture
def world(house: House) -> World:
    """The small world, stored."""
    with writing(house.engine) as session:
        return store_world(session, small_world())


def test_a_grant_goes_its_way_by_forms(manager: TestClient, world: World):
    grant = re.findall(r"saved=(\w{26})", manager.post(PAGE, data=ASKED).headers["location"])[0]
    text = manager.get(PAGE).text
    assert "GBP 7,654,321" in text
    assert "Rural &lt;i&gt;Voices" in text

    too_far = manager.post(f"{PAGE}/{grant}", data=ASKED | {"state": "reported", "note": "Called"})
    assert (too_far.status_code, "no step is left out" in too_far.text) == (409, True)
    assert "\nCalled</textarea>" in too_far.text
    assert manager.post(f"{PAGE}/{grant}", data=ASKED | {"state": "applied"}).status_code == 303
    assert "Training" in manager.get(f"{PAGE}?state=applied").text
    assert "Training" not in manager.get(f"{PAGE}?state=enquiry").text
    manager.post(f"{PAGE}/{grant}", data={"remove": "yes"})
    assert "Nothing here yet." in manager.get(PAGE).text


def test_a_form_that_cannot_be_used_comes_back(manager: TestClient, world: World):
    answer = manager.post(PAGE, data=ASKED | {"amount": "much"})

    assert answer.status_code == 422
    assert '<a href="#amount-new" autofocus>Give a whole number, such as 1500.</a>' in answer.text
    assert 'value="much"' in answer.text


def test_a_viewer_reads_grants_only(client: TestClient, house: House, world: World):
    viewer = staff_client(client, house, "viewer")

    assert "Note an enquiry" not in viewer.get(PAGE).text
    assert viewer.post(PAGE, data=ASKED).status_code == 403


@pytest.mark.parametrize("profile", ["internal", "donor", "public"])
def test_no_report_says_what_a_grant_came_to(manager: TestClient, world: World, profile: str):
    manager.post(PAGE, data=ASKED)
    lines = manager.get(f"{PAGE}/grants.csv").content.decode("utf-8-sig").splitlines()
    assert lines[1] == "Rural <i>Voices,Training,enquiry,2027-01-12,GBP,7654321,,"

    snapshot = freeze(manager, world, profile)
    said = [manager.get(f"/api/v1/snapshots/{snapshot['snapshot_id']}.{kind}").text for kind in ("html", "csv", "json")]

    assert [text for text in said if re.search("7.?654.?321|Rural", text)] == []


def test_the_api_keeps_grants(manager: TestClient, world: World):
    path = f"/api/v1/projects/{world.project_id}/grants"
    wanted = {"organisation": "Rural Voices", "purpose": "Training", "amount": 1500, "currency": "GBP"}

    made = manager.post(path, json=wanted)
    grant = made.json()
    applied = manager.post(f"{path}/{grant['id']}/move", json={"state": "applied"}).json()

    assert (made.status_code, grant["state"], grant["since"], grant["amount"]) == (201, "enquiry", "2027-01-12", 1500)
    assert applied == grant | {"state": "applied"}
    counts = {"enquiry": 0, "applied": 1, "awarded": 0, "reported": 0, "declined": 0}
    assert manager.get(path).json() == {"items": [applied], "next": None, "counts": counts}
    assert manager.get(path, params={"state": "awarded"}).json()["items"] == []
    assert manager.patch(f"{path}/{grant['id']}", json={"amount": -1}).json()["code"] == "bad-amount"
    assert manager.post(f"{path}/{grant['id']}/move", json={"state": "reported"}).json()["code"] == "wrong-move"
    assert manager.delete(f"{path}/{grant['id']}").status_code == 204
    assert manager.get(path).json()["items"] == []
