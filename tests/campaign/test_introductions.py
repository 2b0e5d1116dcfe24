"""Introductions: noted, followed up, leading on after a merge, gone with time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from service.audit import log
from service.campaign import introductions
from service.campaign.store import INTRODUCTIONS
from service.campaign.store.names import people_now
from service.campaign.values import Introduction
from service.db.engine import reading, writing
from service.directory import merging
from service.kernel.errors import Invalid
from service.people.store import UnknownPerson
from service.privacy import retaining
from tests.dissemination.worlds import NOW, World, add_person, empty_world, store_world
from tests.factories import DESK, RING

ACTOR: dict[str, Any] = {"now": NOW, "actor": "staff:01test"}
TODAY = NOW.date()
BLANK = Introduction("i", "a", "b", "staff:01test", NOW, TODAY, "", "", None, None)


def small_world() -> World:
    """A project, and three people."""
    world = empty_world()
    for _ in range(3):
        add_person(world)
    return world


@pytest.fixture
def world(session: Session) -> World:
    """The small world, stored."""
    return store_world(session, small_world())


def note(session: Session, world: World, first: int = 0, second: int = 1, **wishes: Any) -> Introduction:
    both = {"person_id": world.people[first]["id"], "to_person_id": world.people[second]["id"]}
    return introductions.add_introduction(session, world.project_id, both | wishes, **ACTOR)


def test_an_introduction_is_read_from_what_was_typed():
    wishes = {"made_on": "2026-11-02", "about": " a  visit", "follow_up": "Call", "follow_up_on": "2027-02-01"}

    made = introductions.judge(BLANK, wishes, TODAY)

    days = {"made_on": date(2026, 11, 2), "follow_up_on": date(2027, 2, 1)}
    assert made == replace(BLANK, about="a visit", follow_up="Call", **days)


@pytest.mark.parametrize(
    ("wishes", "code", "field"),
    [
        ({"made_on": "2027-01-13"}, "not-a-day", "made_on"),
        ({"follow_up_on": "2027-02-01"}, "record-incomplete", "follow_up"),
        ({"done_on": "2027-01-12"}, "record-incomplete", "follow_up"),
        ({"follow_up": "Call", "done_on": "2027-01-13"}, "not-a-day", "done_on"),
    ],
)
def test_an_introduction_that_cannot_be_is_refused(wishes: dict[str, Any], code: str, field: str):
    with pytest.raises(Invalid) as refused:
        introductions.judge(BLANK, wishes, TODAY)

    assert (refused.value.code, refused.value.field) == (code, field)


def test_an_introduction_is_noted_followed_up_and_forgotten(session: Session, world: World):
    p = world.project_id
    made = note(session, world, follow_up="Call")

    after = introductions.edit_introduction(session, p, made.id, {"done_on": TODAY}, **ACTOR)

    first, second = world.people[0]["id"], world.people[1]["id"]
    assert made == replace(BLANK, id=made.id, person_id=first, to_person_id=second, follow_up="Call")
    assert (after, introductions.is_open(made), introductions.is_open(after)) == (
        replace(made, done_on=TODAY), True, False,
    )  # fmt: skip
    introductions.remove_introduction(session, p, made.id, **ACTOR)
    assert INTRODUCTIONS.read_all(session, p) == []
    trail = sorted(one["action"] for one in log.trail(session, f"introduction:{made.id}"))
    assert trail == ["introduction.changed", "introduction.noted", "introduction.removed"]


def test_nobody_is_introduced_to_themselves_or_to_a_stranger(session: Session, world: World):
    with pytest.raises(Invalid):
        note(session, world, second=0)
    with pytest.raises(UnknownPerson):
        note(session, world, to_person_id="nobody")

    assert INTRODUCTIONS.read_all(session, world.project_id) == []


def test_who_was_merged_since_is_shown_as_the_one_who_stayed(session: Session, world: World):
    made = note(session, world)
    kept, taken = world.people[2]["id"], made.person_id

    merging.merge(session, kept, taken, {}, ring=RING, address_key=DESK.address_key, **ACTOR)

    shown = people_now(session, [made.person_id, made.to_person_id])
    assert {one: person.id for one, person in shown.items()} == {taken: kept, made.to_person_id: made.to_person_id}


def test_introductions_go_two_years_after_they_were_noted(engine: Engine):
    with writing(engine) as session:
        world = store_world(session, small_world())
        note(session, world)
    for days, left in ((730, 1), (732, 0)):
        retaining.run(engine, now=NOW + timedelta(days=days))
        with reading(engine) as session:
            assert len(INTRODUCTIONS.read_all(session, world.project_id)) == left
