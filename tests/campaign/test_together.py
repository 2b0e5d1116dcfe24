"""Coordinated actions: local events under an umbrella, with their numbers, in reports too."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session

from service.audit import log
from service.campaign import together
from service.campaign.store.together import Numbers
from service.campaign.together import NotTogether
from service.dissemination import actions
from service.dissemination.values.figures import Profile
from service.events.store import read_event
from tests.dissemination.worlds import (
    NOW,
    World,
    add_attendees,
    add_event,
    add_person,
    empty_world,
    invite,
    store_world,
)

ACTOR: dict[str, Any] = {"now": NOW, "actor": "staff:01test"}


@pytest.fixture
def world(session: Session) -> World:
    """An umbrella, two local events with people, an event beside them, and one of another privacy; stored."""
    world = empty_world()
    add_event(world, title="Day of action", days_ago=30)
    nairobi = add_event(world, title="Nairobi", days_ago=29, time_zone="Africa/Nairobi")
    add_attendees(world, nairobi, 12)
    bogota = add_event(world, title="Bogotá", days_ago=28, time_zone="America/Bogota")
    for _ in range(3):
        invite(world, bogota, add_person(world))
    add_event(world, title="Beside", days_ago=27)
    add_event(world, title="In confidence", days_ago=26, privacy="confidential")
    return store_world(session, world)


def ids(world: World) -> list[str]:
    return [event["id"] for event in world.events]


def test_local_events_are_counted_together_and_stand_alone_again(session: Session, world: World):
    umbrella, nairobi, bogota, beside, confidential = ids(world)
    for one in (bogota, nairobi, nairobi):
        together.join(session, umbrella, one, **ACTOR)

    action = together.read_action(session, read_event(session, umbrella))
    assert [(event.title, numbers) for event, numbers in action.local] == [
        ("Nairobi", Numbers(12, 12, 12)),
        ("Bogotá", Numbers(3, 0, 0)),
    ]
    assert action.total == Numbers(15, 12, 12)
    above = together.read_umbrella(session, nairobi)
    assert (above and above.id, together.read_umbrella(session, umbrella)) == (umbrella, None)
    candidates = together.read_candidates(session, read_event(session, umbrella))
    assert [one.id for one in candidates] == [beside, confidential]

    together.part(session, umbrella, nairobi, **ACTOR)
    assert [event.id for event, _ in together.read_action(session, read_event(session, umbrella)).local] == [bogota]
    trail = sorted(one["action"] for one in log.trail(session, f"event:{nairobi}"))
    assert trail == ["event.joined", "event.parted"]


def test_what_is_not_one_umbrella_above_local_events_is_refused(session: Session, world: World):
    umbrella, nairobi, bogota, beside, _confidential = ids(world)
    together.join(session, umbrella, nairobi, **ACTOR)

    for above, below in ((umbrella, umbrella), (nairobi, bogota), (beside, nairobi), (beside, umbrella)):
        with pytest.raises(NotTogether):
            together.join(session, above, below, **ACTOR)
    with pytest.raises(NotTogether):
        together.part(session, umbrella, bogota, **ACTOR)


@pytest.mark.parametrize(
    ("profile", "confidential"),
    [(Profile.INTERNAL, "Day of action: In confidence"), (Profile.PUBLIC, "Seminar held in confidence")],
)
def test_a_report_names_local_events_by_their_action_where_it_may(
    session: Session, world: World, profile: Profile, confidential: str
):
    umbrella, nairobi, bogota, _beside, hidden = ids(world)
    for one in (nairobi, bogota, hidden):
        together.join(session, umbrella, one, **ACTOR)

    view = actions.live_figures(session, world.project_id, profile, NOW)

    labels = ["Day of action", "Day of action: Nairobi", "Day of action: Bogotá", "Beside", confidential]
    assert [line.label for line in view.events] == labels
