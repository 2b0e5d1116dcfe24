"""Figures and snapshots over the API: what each profile gets, and who gets nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, func, select

from service.db.engine import reading, writing
from service.dissemination.indicators import INDICATORS
from service.dissemination.rendering import FORMATS
from service.dissemination.snapshots import seal
from service.dissemination.tables.reports import Snapshot
from service.kernel.ids import new_id
from service.web.house import House
from tests.dissemination.worlds import NOW, World, empty_world, store_world
from tests.web.plans import figure, freeze, small_world
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


def test_the_registry_publishes_every_definition(manager: TestClient, world: World):
    items = manager.get(f"/api/v1/projects/{world.project_id}/indicators").json()["items"]

    assert [item["id"] for item in items] == [i.id for i in INDICATORS]
    assert {key for item in items for key in item} == {"id", "name", "unit", "definition", "verification"}
    assert all(all(item.values()) for item in items)


def test_each_profile_gets_its_own_figures_and_nothing_is_stored(manager: TestClient, house: House, world: World):
    path = f"/api/v1/projects/{world.project_id}/figures"

    internal, donor, public = (manager.get(path, params={"profile": p}).json() for p in ("internal", "donor", "public"))

    shown = [(figure(b, "E4")["value"], figure(b, "E4")["band"], b["k"]) for b in (internal, donor, public)]
    assert shown == [(23, None, 1), (None, "20–24", 5), (None, "20–29", 10)]
    assert (internal["snapshot_id"], internal["sha256"]) == ("", "")
    with reading(house.engine) as session:
        assert session.execute(select(func.count()).select_from(Snapshot)).scalar() == 0


def test_a_frozen_snapshot_reads_back_as_it_was_sealed(manager: TestClient, world: World):
    frozen = freeze(manager, world)

    read = manager.get(f"/api/v1/snapshots/{frozen['snapshot_id']}").json()
    listed = manager.get(f"/api/v1/projects/{world.project_id}/snapshots").json()["items"]

    assert read == frozen
    assert frozen["sha256"] == seal(frozen)
    assert [(s["id"], s["profile"], s["k"], s["sha256"]) for s in listed] == [
        (frozen["snapshot_id"], "donor", 5, frozen["sha256"])
    ]


def test_a_period_holds_its_last_day(manager: TestClient, world: World):
    day = str((NOW - timedelta(days=30)).date())
    before = str((NOW - timedelta(days=31)).date())

    with_it = freeze(manager, world, "internal", period={"from": "2026-07-01", "to": day})
    without = freeze(manager, world, "internal", period={"from": "2026-07-01", "to": before})

    assert [figure(body, "E4")["value"] for body in (with_it, without)] == [23, 0]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"profile": "press"}, "unknown-profile"),
        ({"profile": "donor", "k": 3}, "k-too-small"),
        ({"profile": "donor", "k": 10**30}, "invalid-field"),
        ({"profile": "donor", "period": {"from": "2026-09-01", "to": "2026-08-01"}}, "bad-period"),
        ({"profile": "donor", "period": {"from": "2026-09-01", "to": "2027-01-13"}}, "period-ahead"),
        ({"profile": "donor", "period": {"from": "2026-09-01", "to": "9999-12-31"}}, "invalid-field"),
        ({"profile": "donor", "period": {"from": "2026-09-01"}}, "invalid-field"),
        ({"profile": "donor", "note": "x"}, "unknown-field"),
    ],
)
def test_a_snapshot_that_cannot_be_is_refused(
    manager: TestClient, house: House, world: World, body: dict[str, Any], code: str
):
    answer = manager.post(f"/api/v1/projects/{world.project_id}/snapshots", json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    with reading(house.engine) as session:
        assert session.execute(select(func.count()).select_from(Snapshot)).scalar() == 0


def test_a_key_of_one_project_finds_nothing_of_another(client: TestClient, house: House, world: World):
    staff_client(client, house, "manager")
    frozen = freeze(client, world)["snapshot_id"]
    client.cookies.clear()
    other = empty_world()
    other.audiences = []
    with writing(house.engine) as session:
        store_world(session, other)
    key = key_headers(house, "manager", other.project_id)
    here = f"/api/v1/projects/{world.project_id}"
    paths = [f"{here}/plan", f"{here}/indicators", f"{here}/figures", f"{here}/snapshots"]
    paths += [f"/api/v1/snapshots/{frozen}{end}" for end in ("", *(f".{kind}" for kind in FORMATS))]

    found = {path: client.get(path, headers=key).status_code for path in paths}

    assert found == dict.fromkeys(paths, 404)
    assert client.post(f"{here}/snapshots", headers=key, json={"profile": "public"}).status_code == 404
    assert client.get(f"/api/v1/projects/{other.project_id}/plan", headers=key).status_code == 200


@pytest.mark.parametrize("end", ["plan", "indicators", "figures", "snapshots"])
def test_a_project_that_is_not_there_is_not_found(manager: TestClient, end: str):
    answer = manager.get(f"/api/v1/projects/{new_id()}/{end}")

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-project")


def test_a_coordinator_looks_but_does_not_freeze_or_download(client: TestClient, house: House, world: World):
    staff_client(client, house, "manager")
    frozen = freeze(client, world)["snapshot_id"]
    client.cookies.clear()
    coordinator = staff_client(client, house, "coordinator")

    allowed = [
        coordinator.get(p).status_code for p in ("/reports", f"/reports/{frozen}", f"/api/v1/snapshots/{frozen}")
    ]
    refused = [
        coordinator.post("/reports", data={"profile": "donor"}),
        coordinator.post(f"/api/v1/projects/{world.project_id}/snapshots", json={"profile": "donor"}),
        *(coordinator.get(f"/reports/{frozen}.{kind}") for kind in FORMATS),
        *(coordinator.get(f"/api/v1/snapshots/{frozen}.{kind}") for kind in FORMATS),
    ]

    assert allowed == [200, 200, 200]
    assert [answer.status_code for answer in refused] == [403] * (2 + 2 * len(FORMATS))
    assert "Begin a report with these figures" not in coordinator.get("/reports").text
    assert f"/reports/{frozen}.csv" not in coordinator.get(f"/reports/{frozen}").text
