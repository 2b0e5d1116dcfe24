"""The pages and the API of records of results and of print copies."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.db.engine import writing
from service.web.house import House
from tests.dissemination.worlds import NOW, World, store_world
from tests.web.plans import small_world
from tests.web.support import Post, make_house, staff_client

BASE = {"title": "Guide <b>", "on_day": "2027-01-04", "reference": "a file"}
OF: dict[str, dict[str, Any]] = {
    "mention": BASE | {"type": "radio", "country": "Kenya", "language": "Swahili", "amount": "3"},
    "reuse": BASE | {"type": "training", "by_whom": "Halden School"},
    "influence": BASE | {"type": "committee", "extent": "national"},
    "activity": BASE | {"type": "public_action", "by_whom": "Halden Youth", "reach": "1200", "basis": "estimated"},
}
SENT = {"output_key": "book", "shipped_on": "2027-01-04", "copies": "100", "country": "KE", "note": "PN 7"}


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house in which it is 12 January 2027."""
    return make_house(engine, post, clock=lambda: NOW)


@pytest.fixture
def world(house: House) -> World:
    """The small world with a book, stored."""
    world = small_world()
    world.outputs = [{"key": "book", "kind": "publication", "title": "The book"}]
    with writing(house.engine) as session:
        return store_world(session, world)


@pytest.mark.parametrize("kind", OF)
def test_a_record_is_put_in_changed_and_taken_away_by_forms(manager: TestClient, world: World, kind: str):
    assert "None here." in manager.get(f"/plan/records/{kind}").text

    made = manager.post(f"/plan/records/{kind}", data=OF[kind])

    assert made.status_code == 303
    text = manager.get(made.headers["location"]).text
    assert "<bdi>Guide &lt;b&gt;</bdi>" in text
    record = re.findall(r"change=(\w{26})", text)[0]
    form = manager.get(f"/plan/records/{kind}?change={record}").text
    assert f'action="/plan/records/{kind}/{record}' in form
    short = manager.post(f"/plan/records/{kind}/{record}", data=OF[kind] | {"title": " "})
    assert short.status_code == 422
    assert '<a href="#title" autofocus>Say what it is.</a>' in short.text
    assert manager.post(f"/plan/records/{kind}/{record}", data=OF[kind] | {"title": "Other"}).status_code == 303
    assert "<bdi>Other</bdi>" in manager.get(f"/plan/records/{kind}").text
    assert manager.get(f"/plan/records/{kind}.csv").content.decode("utf-8-sig").count("\r\n") == 2
    manager.post(f"/plan/records/{kind}/{record}", data={"remove": "yes"})
    assert "None here." in manager.get(f"/plan/records/{kind}").text


def test_records_are_narrowed_down(manager: TestClient, world: World):
    manager.post("/plan/records/mention", data=OF["mention"])
    manager.post("/plan/records/mention", data=OF["mention"] | {"title": "Nord", "type": "online", "country": "NO"})

    text = manager.get("/plan/records/mention?type=online").text
    assert ("<bdi>Nord</bdi>" in text, "<bdi>Guide" in text) == (True, False)
    text = manager.get("/plan/records/mention?country=KE").text
    assert ("<bdi>Nord</bdi>" in text, "<bdi>Guide" in text) == (False, True)
    assert manager.get("/plan/records/rumours").status_code == 404


def test_copies_are_put_in_by_forms(manager: TestClient, world: World):
    assert manager.post("/plan/shipments", data=SENT).status_code == 303
    back = manager.post("/plan/shipments", data=SENT | {"copies": "20", "came_back": "yes"})

    text = manager.get(back.headers["location"]).text
    assert 'Out and back <span class="mute small">80</span>' in text
    assert ("20 came back" in text, "<small>Kenya</small>" in text) == (True, True)
    refused = manager.post("/plan/shipments", data=SENT | {"copies": "none"})
    assert refused.status_code == 422
    assert 'value="none"' in refused.text
    lines = manager.get("/plan/shipments/shipments.csv").content.decode("utf-8-sig").splitlines()
    assert sorted(line.partition(",")[2] for line in lines[1:]) == [
        "book,2027-01-04,-20,,KE,PN 7",
        "book,2027-01-04,100,,KE,PN 7",
    ]


def test_a_viewer_reads_records_only(client: TestClient, house: House, world: World):
    viewer = staff_client(client, house, "viewer")

    for path in ("/plan/records/mention", "/plan/shipments"):
        assert 'id="form"' not in viewer.get(path).text
        assert viewer.post(path, data={}).status_code == 403


def test_the_api_keeps_records(manager: TestClient, world: World):
    path = f"/api/v1/projects/{world.project_id}/records/influence"

    made = manager.post(path, json=OF["influence"])

    assert made.status_code == 201, made.text
    record = made.json()
    assert record == {
        **OF["influence"], "id": record["id"], "kind": "influence", "by_whom": "", "country": None, "language": "",
        "audience_key": None, "output_key": None, "amount": 1, "reach": None, "basis": "counted", "archived": "",
        "note": "",
    }  # fmt: skip
    assert manager.get(path).json()["items"] == [record]
    changed = manager.patch(f"{path}/{record['id']}", json={"country": "NO"}).json()
    assert changed == record | {"country": "NO"}
    assert manager.post(path, json={**OF["influence"], "reference": ""}).json()["code"] == "evidence-missing"
    assert manager.delete(f"{path}/{record['id']}").status_code == 204
    assert manager.delete(f"{path}/{record['id']}").json()["code"] == "unknown-record"


def test_the_api_keeps_shipments(manager: TestClient, world: World):
    path = f"/api/v1/projects/{world.project_id}/shipments"

    made = manager.post(path, json={**SENT, "copies": 5, "came_back": True})

    assert made.status_code == 201, made.text
    assert made.json() == {**SENT, "id": made.json()["id"], "copies": -5, "audience_key": None}
    assert manager.get(path).json()["items"] == [made.json()]
    assert manager.delete(f"{path}/{made.json()['id']}").status_code == 204
    assert manager.get(path).json()["items"] == []
