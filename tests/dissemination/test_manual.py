"""Figures given by hand: put in, counted, taken back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlmodel import Session

from service.dissemination import actions, checklists, manual
from service.dissemination.snapshots import Period
from service.dissemination.store import manual as store
from service.dissemination.store import tasks as task_store
from service.dissemination.values.given import Basis, Given
from service.kernel.errors import Invalid
from tests.dissemination.worlds import NOW, World, add_event, empty_world, store_world

ACTOR: dict[str, Any] = {"now": NOW, "actor": "staff:01test"}
SPEAKERS = {
    "indicator": "E8",
    "on_day": "2027-01-04",
    "amount": "3",
    "out_of": 6,
    "basis": "counted",
    "evidence": " Programme ",
}
SURVEY = {**SPEAKERS, "indicator": "E9", "amount": 18, "out_of": 30}


@pytest.fixture
def world(session: Session) -> World:
    """A project with one seminar held, stored."""
    world = empty_world()
    add_event(world)
    return store_world(session, world)


def value(session: Session, world: World, indicator: str) -> object:
    return actions.live_figures(session, world.project_id, "internal", NOW).figure(indicator).value


def test_what_is_given_counts_until_it_is_taken_back(session: Session, world: World):
    assert value(session, world, "E8") is None

    given = manual.give(session, world.project_id, SPEAKERS, **ACTOR)
    manual.give(session, world.project_id, SURVEY, **ACTOR)

    assert given == Given(given.id, "E8", date(2027, 1, 4), 3, 6, Basis.COUNTED, "Programme")
    assert [value(session, world, one) for one in ("E8", "E9", "E10")] == [50.0, 60.0, None]
    assert store.read_figures(session, world.project_id, Period(date(2027, 1, 5), date(2027, 2, 1))) == []
    manual.take_back(session, world.project_id, given.id, **ACTOR)
    assert value(session, world, "E8") is None
    with pytest.raises(store.UnknownFigure):
        manual.take_back(session, world.project_id, given.id, **ACTOR)


@pytest.mark.parametrize(
    ("wishes", "code", "field"),
    [
        ({"indicator": "R1"}, "unknown-indicator", "indicator"),
        ({"indicator": "Q1"}, "unknown-indicator", "indicator"),
        ({"indicator": "U5"}, "unknown-indicator", "indicator"),
        ({"on_day": "2027-01-13"}, "not-a-day", "on_day"),
        ({"on_day": ""}, "not-a-day", "on_day"),
        ({"amount": ""}, "not-a-number", "amount"),
        ({"amount": "-1"}, "not-a-number", "amount"),
        ({"amount": "2.5"}, "not-a-number", "amount"),
        ({"out_of": None}, "not-a-number", "out_of"),
        ({"amount": "31"}, "not-a-number", "amount"),
        ({"basis": "guessed"}, "unknown-basis", "basis"),
        ({"evidence": " "}, "evidence-missing", "evidence"),
    ],
)
def test_a_figure_that_cannot_be_is_refused(
    session: Session, world: World, wishes: dict[str, Any], code: str, field: str
):
    with pytest.raises(Invalid) as refused:
        manual.give(session, world.project_id, SURVEY | wishes, **ACTOR)

    assert (refused.value.code, refused.value.field) == (code, field)
    assert store.read_figures(session, world.project_id) == []


def test_tasks_due_by_today_are_on_time_or_not(session: Session, world: World):
    event = world.events[0]["id"]  # it began on 13 December
    checklists.start(session, event, "seminar", **ACTOR)
    found = {task.offset_days: task.id for task in task_store.read_tasks(session, [event])}
    assert value(session, world, "Q1") == 0.0

    for offset in (-42, 1, 7):
        on_the_day = {"now": NOW.replace(year=2026, month=11, day=1), "actor": "staff:01test"}
        checklists.tick(session, event, found[offset], done=True, **on_the_day)
    checklists.tick(session, event, found[-35], done=True, **ACTOR)

    # All eleven are past; three were done by their day, one was done late.
    view = actions.live_figures(session, world.project_id, "internal", NOW).figure("Q1")
    assert (view.value, view.numerator, view.denominator) == (27.3, 3, 11)
