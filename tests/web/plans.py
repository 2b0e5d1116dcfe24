"""A small plan with people behind its figures, and how tests ask for reports of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from fastapi.testclient import TestClient

from service.kernel.ids import new_id
from tests.dissemination.worlds import NOW, World, add_attendees, add_event, empty_world

TODAY = NOW.date()


def small_world() -> World:
    """A seminar that 23 people of the first audience came to; four lines of a plan, two of them late."""
    world = empty_world()
    add_attendees(world, add_event(world), 23)
    world.plan = [
        plan_line("launch", "Launch", 60, status="delivered", evidence="Photos in the archive", delivered_on=TODAY),
        plan_line("letter", "First newsletter", 10, channel="newsletter", audience_key="policy"),
        plan_line("ahead", "Second newsletter", -40),
        plan_line("radio", "Radio talk", 30, status="postponed", reason="The host was ill"),
    ]
    world.targets = [{"indicator": "E4", "baseline": 0, "target": 220, "due_on": date(2027, 9, 30)}]
    return world


def plan_line(key: str, title: str, days_late: int, **wishes: Any) -> dict[str, Any]:
    """A row of the plan; every row has the same columns."""
    row = {"channel": "", "audience_key": None, "status": "planned", "delivered_on": None, "evidence": "", "reason": ""}
    due = TODAY - timedelta(days=days_late)
    return {"id": new_id(), "key": key, "title": title, "owner": "", "due_on": due, **row, **wishes}


def line_id(world: World, key: str) -> str:
    return str(next(row["id"] for row in world.plan if row["key"] == key))


def freeze(client: TestClient, world: World, profile: str = "donor", **wishes: Any) -> dict[str, Any]:
    answer = client.post(f"/api/v1/projects/{world.project_id}/snapshots", json={"profile": profile, **wishes})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def issue(client: TestClient, snapshot_id: str) -> None:
    for step, body in (("review", {}), ("issue", {"waived": True})):
        answer = client.post(f"/api/v1/snapshots/{snapshot_id}/{step}", json=body)
        assert answer.status_code == 200, answer.text


def figure(body: Mapping[str, Any], indicator: str) -> dict[str, Any]:
    return dict(next(f for f in body["figures"] if f["indicator"] == indicator))
