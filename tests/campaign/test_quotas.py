"""Places by audience: set, counted, and who waits first."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session

from service.audit import log
from service.campaign import quotas
from service.campaign.quotas import Share
from service.campaign.store.quotas import Place, read_quotas
from service.kernel.errors import Invalid
from tests.dissemination.worlds import NOW, World, add_event, add_person, empty_world, invite, store_world

ACTOR: dict[str, Any] = {"now": NOW, "actor": "staff:01test"}
KNOWN = ("civil_society", "policy", "press")


def place(name: str, audience: str | None, *, order: int = 0, press: bool = False) -> Place:
    """Someone invited who said yes: who waits at `order`, or, at 0, has a seat."""
    return Place(name, audience, press, True, True, not order, bool(order), order)


@pytest.mark.parametrize(
    ("wishes", "found"),
    [({"policy": "40", "press": ""}, {"policy": 40}), ({"policy": 0}, {"policy": 0}), ({"policy": None}, {}), ({}, {})],
)
def test_places_are_read(wishes: dict[str, Any], found: dict[str, int]):
    assert quotas.judge(wishes, KNOWN) == found


@pytest.mark.parametrize(
    ("wishes", "code", "field"),
    [
        ({"policy": "many"}, "bad-quota", "policy"),
        ({"policy": "-1"}, "bad-quota", "policy"),
        ({"policy": "1.5"}, "bad-quota", "policy"),
        ({"policy": "100001"}, "bad-quota", "policy"),
        ({"astronauts": "1"}, "unknown-choice", "astronauts"),
    ],
)
def test_places_that_cannot_be_are_refused(wishes: dict[str, Any], code: str, field: str):
    with pytest.raises(Invalid) as refused:
        quotas.judge(wishes, KNOWN)

    assert (refused.value.code, refused.value.field) == (code, field)


def test_shares_count_by_group_and_the_press_apart():
    people = [
        place("a", "policy"), place("b", "policy", order=1), place("c", "policy", press=True), place("d", None),
    ]  # fmt: skip

    assert quotas.shares(KNOWN, {"civil_society": 5}, people) == [
        Share("civil_society", 5, 0, 0, 0, 0),
        Share("policy", None, 2, 2, 1, 1),
        Share("press", None, 1, 1, 1, 0),
        Share("", None, 1, 1, 1, 0),
    ]


@pytest.mark.parametrize(
    ("wished", "order"),
    [
        pytest.param({}, "pqrs", id="no quota: the queue"),
        pytest.param({"policy": 3, "civil_society": 4}, "qspr", id="the least filled first, each in turn"),
        pytest.param({"policy": 1, "civil_society": 1}, "qprs", id="a full group waits"),
        pytest.param({"civil_society": 9}, "qspr", id="no quota comes after"),
    ],
)
def test_who_waits_is_suggested_so_that_quotas_fill_evenly(wished: dict[str, int], order: str):
    seated = [place("x", "policy")]
    queue = [
        place("p", "policy", order=1), place("q", "civil_society", order=2), place("r", "academia", order=3),
        place("s", "civil_society", order=4),
    ]  # fmt: skip

    assert "".join(one.invitation_id for one in quotas.suggested(wished, [*seated, *queue])) == order


@pytest.fixture
def world(session: Session) -> World:
    """An event with a guest in the room and one of each audience waiting, stored."""
    world = empty_world()
    event = add_event(world)
    invite(world, event, add_person(world), partstat="ACCEPTED", seat="held")
    for number, audience in enumerate(world.audiences, start=1):
        person = add_person(world, audience_id=audience["id"])
        invite(world, event, person, partstat="ACCEPTED", seat="waiting", seat_order=number)
    invite(world, event, add_person(world), withdrawn_at=NOW)
    return store_world(session, world)


def test_places_are_set_and_order_who_waits(session: Session, world: World):
    event = world.events[0]["id"]
    first, second, third = (one["id"] for one in world.invitations[1:4])

    quotas.set_quotas(session, event, {"academia": "5", "policy": "5", "press": ""}, **ACTOR)
    quotas.set_quotas(session, event, {"academia": 5, "policy": 5}, **ACTOR)

    assert read_quotas(session, event) == {"academia": 5, "policy": 5}
    assert quotas.read_shares(session, event) == [
        Share("civil_society", None, 2, 2, 1, 1), Share("policy", 5, 1, 1, 0, 1), Share("academia", 5, 1, 1, 0, 1),
    ]  # fmt: skip
    assert [one.invitation_id for one in quotas.read_suggestion(session, event)] == [second, third, first]
    assert [one["details"] for one in log.trail(session, f"event:{event}")] == [
        {"places": {"academia": 5, "policy": 5}}
    ]
