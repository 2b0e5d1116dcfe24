"""What a project and its organisation are called, its days and its zone, on a page and in the API."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.audit import log
from service.db.engine import reading, writing
from service.dissemination.actions import freeze_snapshot, live_figures, read_snapshot
from service.dissemination.snapshots import Period
from service.events.actions import change_project
from service.events.store import read_event, read_project
from service.web.house import House
from tests.factories import STAFF, add_event, add_project
from tests.web.support import staff_client

NAMED = {"name": "The book", "organisation": "Halden Fund", "summary": "On coalitions."}
DAYS = {"starts_on": "2026-05-01", "ends_on": "2027-12-31", "time_zone": "Africa/Nairobi"}


@pytest.fixture
def project(house: House) -> str:
    """A project of eighteen months in London."""
    with writing(house.engine) as session:
        return add_project(session)


def test_a_manager_calls_it_something_else(manager: TestClient, project: str):
    path = f"/project?project={project}"

    nameless = manager.post(path, data={**NAMED, "name": " "}, headers=manager.headers)
    saved = manager.post(path, data=NAMED, headers=manager.headers)
    shown = manager.get(path).text
    part = manager.patch(f"/api/v1/projects/{project}", json={"organisation": "Halden Trust"}).json()

    assert (nameless.status_code, "Give the project a name." in nameless.text, saved.status_code) == (422, True, 303)
    assert [value in shown for value in NAMED.values()] == [True] * 3
    assert {name: part[name] for name in NAMED} == {**NAMED, "organisation": "Halden Trust"}


def test_a_manager_gives_it_other_days_and_another_zone(manager: TestClient, house: House, project: str):
    saved = manager.post(f"/project?project={project}", data=NAMED | DAYS, headers=manager.headers)
    shown = manager.get(f"/project?project={project}").text
    part = manager.patch(f"/api/v1/projects/{project}", json={"ends_on": "2028-01-31"}).json()

    assert saved.status_code == 303
    assert [f'value="{value}"' in shown for value in DAYS.values()] == [True] * 3
    assert {name: part[name] for name in DAYS} == {**DAYS, "ends_on": "2028-01-31"}
    with reading(house.engine) as session:
        noted = [e["details"]["fields"] for e in log.trail(session, f"project:{project}") if "changed" in e["action"]]
    assert sorted(noted) == [
        ["ends_on"], ["name", "organisation", "summary", "time_zone", "starts_on", "ends_on"],
    ]  # fmt: skip


WRONG = [
    pytest.param({"ends_on": "2026-04-30"}, "invalid", "The last day is before the first.", id="ends before it begins"),
    pytest.param(
        {"time_zone": "Nairobi"}, "unknown-zone", "There is no time zone called “Nairobi”.", id="no such zone"
    ),
    pytest.param({"ends_on": "9999-12-31"}, "bad-event", "The year 9999 is out of range.", id="no year anyone means"),
    pytest.param({"starts_on": "May"}, "invalid-field", "Give the day as year, month, day: 2027-03-31.", id="no day"),
]


@pytest.mark.parametrize(("wish", "code", "sentence"), WRONG)
def test_what_no_project_has_is_refused_and_nothing_is_half_done(
    manager: TestClient, house: House, project: str, wish: dict[str, str], code: str, sentence: str
):
    with reading(house.engine) as session:
        before = read_project(session, project)

    back = manager.post(f"/project?project={project}", data=NAMED | DAYS | wish, headers=manager.headers)
    answer = manager.patch(f"/api/v1/projects/{project}", json=NAMED | DAYS | wish)

    (typed,) = wish.values()
    assert (back.status_code, sentence in back.text, f'value="{typed}"' in back.text) == (422, True, True)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    with reading(house.engine) as session:
        assert read_project(session, project) == before


def test_another_zone_and_first_day_change_what_is_counted_from_now_on_and_no_frozen_report(engine: Engine):
    night = datetime(2026, 11, 30, 22, 30, tzinfo=UTC)
    with writing(engine) as session:
        event = add_event(session)
        project = event.project_id
        frozen = freeze_snapshot(session, project, profile="internal", now=night, actor=STAFF)
        before = live_figures(session, project, "internal", night).period
        moved = {"time_zone": "Africa/Nairobi", "starts_on": date(2026, 5, 1)}
        change_project(session, project, moved, now=night, actor=STAFF)
        after = live_figures(session, project, "internal", night).period

        assert (before, after) == (
            Period(date(2026, 4, 1), date(2026, 12, 1)), Period(date(2026, 5, 1), date(2026, 12, 2)),
        )  # fmt: skip
        assert read_snapshot(session, frozen.snapshot_id) == frozen
        assert read_event(session, event.id) == event


def test_a_coordinator_does_not(client: TestClient, house: House):
    with writing(house.engine) as session:
        project = add_project(session)
    coordinator = staff_client(client, house, "coordinator")

    answers = [coordinator.get("/project"), coordinator.patch(f"/api/v1/projects/{project}", json={"name": "Mine"})]

    assert [a.status_code for a in answers] == [403, 403]
