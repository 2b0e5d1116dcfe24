"""A country changes its clock rules after invitations left: staff are told, and calendars follow when they save."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from service.db.types import Instant
from tests.journeys.test_life_cycle import GUEST, deliver, invite, meant, seen
from tests.journeys.test_main_story import make_project, make_seminar
from tests.journeys.world import World, body_of

ZONE = "Africa/Cairo"


@pytest.fixture
def guest(world: World) -> str:
    return world.post("/people", {"name": "Maria Achieng", "email": GUEST, "source": "met in Geneva"})["id"]


def live_by_older_rules(world: World, event: dict) -> dict:
    """Store the event's times as rules without summer time would have given them: an hour later."""
    times = {
        name: datetime.fromisoformat(event[f"{name}_utc"]) + timedelta(hours=1) for name in ("starts_at", "ends_at")
    }
    as_kept = {name: Instant().process_bind_param(at, world.engine.dialect) for name, at in times.items()}
    with world.engine.begin() as connection:
        change = text("UPDATE event SET starts_at = :starts_at, ends_at = :ends_at WHERE id = :id")
        connection.execute(change, as_kept | {"id": event["id"]})
    return event | {f"{name}_utc": at.isoformat() for name, at in times.items()}


def test_new_rules_of_a_zone_are_shown_and_calendars_follow_when_the_event_is_saved(world: World, guest: str):
    new_rules = make_seminar(world, make_project(world), starts_at="2027-05-20T18:00", time_zone=ZONE)
    old_rules = live_by_older_rules(world, new_rules)
    path = f"/events/{new_rules['id']}"
    asked = invite(world, old_rules, guest)
    assert seen(asked).starts == meant(new_rules, asked, "REQUEST", 0, "NEEDS-ACTION").starts

    shown = " ".join(world.client.get("/").text.split())
    assert "Cairo changed its clock rules: one event is affected" in shown
    form = " ".join(world.client.get(f"{path}/change").text.split())
    assert "Cairo changed its clock rules since this time was set." in form
    assert "<b>Thursday 20 May 2027, 19:00</b>" in form

    would = world.patch(f"{path}?preview=true", {"title": "Seminar 2: Working with governments!"})
    assert (would["change"], would["told"]) == ("material", 1)
    saved = world.patch(path, {})
    update = deliver(world)

    assert (saved["sequence"], saved["starts_at_utc"]) == (1, new_rules["starts_at_utc"])
    assert seen(update) == meant(new_rules, update, "REQUEST", 1, "NEEDS-ACTION")
    words = " ".join(body_of(update, "text/plain").split())
    assert "until now: Thursday 20 May 2027, 19:00" in words
    assert "changed its clock rules" not in world.client.get("/").text


def test_the_rules_as_they_were_trouble_nobody(world: World):
    make_seminar(world, make_project(world), starts_at="2027-05-20T18:00", time_zone=ZONE)

    assert "changed its clock rules" not in world.client.get("/").text
