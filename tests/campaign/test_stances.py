"""Stances: noted, followed by later ones, taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session

from service.audit import log
from service.campaign import stances
from service.campaign.store import STANCES, UnknownRecord
from service.campaign.store.names import organisation_names
from service.campaign.values import Position, Stance
from service.kernel.errors import FarsowError, Invalid
from tests.dissemination.worlds import NOW, World, empty_world, store_world

ACTOR: dict[str, Any] = {"now": NOW, "actor": "staff:01test"}
KENYA = {"country": "Kenya", "position": "latent", "noted_on": "2026-05-04", "source": " Floor\nstatement "}


@pytest.fixture
def world(session: Session) -> World:
    """An empty project, stored."""
    return store_world(session, empty_world())


def note(session: Session, world: World, **wishes: Any) -> Stance:
    return stances.note_stance(session, world.project_id, KENYA | wishes, **ACTOR)


def test_a_stance_is_read_from_what_was_typed():
    stance = stances.judge({**KENYA, "note": "Asked for\r\ntime"}, NOW.date())

    expected = Stance(stance.id, "KE", None, Position.LATENT, date(2026, 5, 4), "Floor statement", "Asked for\ntime")
    assert (stance, stance.subject) == (expected, "KE")


@pytest.mark.parametrize(
    ("wishes", "code", "field"),
    [
        ({"country": ""}, "record-incomplete", "country"),
        ({"organisation_id": "o"}, "record-incomplete", "country"),
        ({"country": "Atlantis"}, "unknown-country", "country"),
        ({"position": "friendly"}, "unknown-choice", "position"),
        ({"noted_on": "soon"}, "not-a-day", "noted_on"),
        ({"noted_on": "2027-01-13"}, "not-a-day", "noted_on"),
        ({"source": " "}, "record-incomplete", "source"),
    ],
)
def test_a_stance_that_cannot_be_is_refused(wishes: dict[str, Any], code: str, field: str):
    with pytest.raises(Invalid) as refused:
        stances.judge(KENYA | wishes, NOW.date())

    assert (refused.value.code, refused.value.field) == (code, field)


def test_the_latest_day_is_current_whatever_was_noted_last(session: Session, world: World):
    latent = note(session, world)
    core = note(session, world, position="core_group", noted_on="2026-11-02")
    late_news = note(session, world, position="reluctant", noted_on="2026-08-01")
    uganda = note(session, world, country="UG")

    found = STANCES.read_all(session, world.project_id)
    old = (replace(latent, is_current=False), replace(late_news, is_current=False))
    assert set(found) == {old[0], core, old[1], uganda}  # those of one instant stand in any order
    assert stances.history(found) == {"KE": [core, old[1], old[0]], "UG": [uganda]}


def test_taking_back_lets_the_one_before_hold_again(session: Session, world: World):
    first = note(session, world)
    mistake = note(session, world, position="reluctant", noted_on="2026-11-02")

    stances.take_back(session, world.project_id, mistake.id, **ACTOR)

    assert STANCES.read_all(session, world.project_id) == [first]
    trail = {one["action"]: one for one in log.trail(session, f"stance:{mistake.id}")}
    assert set(trail) == {"stance.taken-back", "stance.noted"}
    begun = trail["stance.noted"]
    assert begun["details"] == {"of": "KE", "position": "reluctant"}


def test_an_institution_is_known_by_its_name(session: Session, world: World):
    made = note(session, world, country="", organisation="African Union")
    again = note(session, world, country=None, organisation="african  union", noted_on="2026-06-01")

    assert made.organisation_id == again.organisation_id
    names = organisation_names(session, [made.organisation_id, None])
    assert names == {made.organisation_id: "African Union"}


@pytest.mark.parametrize("wishes", [{"organisation": "African Union"}, {"country": "", "organisation_id": "nobody"}])
def test_what_is_named_twice_or_is_not_there_is_refused(session: Session, world: World, wishes: dict[str, Any]):
    with pytest.raises(FarsowError):
        note(session, world, **wishes)

    assert STANCES.read_all(session, world.project_id) == []


def test_a_stance_of_another_project_is_not_there(session: Session, world: World):
    other = empty_world()
    other.audiences = []
    store_world(session, other)
    stance = note(session, world)

    with pytest.raises(UnknownRecord):
        stances.take_back(session, other.project_id, stance.id, **ACTOR)
