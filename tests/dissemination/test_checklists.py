"""Checklists: what comes with the program, tasks that follow their event, what is late."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from service.audit import log
from service.dissemination import checklists, tasks
from service.dissemination.store import tasks as store
from service.events import actions as event_actions
from service.events import store as events
from service.events.values import Event, EventDraft, EventKind, EventState
from tests.dissemination.worlds import World, empty_world, store_world

NOW = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)
ACTOR: dict[str, Any] = {"now": NOW, "actor": "staff:01test"}
WANTED = {
    "action_alert",
    "conference_participation",
    "daily_briefing_desk",
    "focus_group_consent",
    "launch",
    "lobbying_day",
    "media_pitch",
    "parliamentary_briefing",
    "seminar",
    "small_grant_round",
}


@pytest.fixture
def world(session: Session) -> World:
    """An empty project, stored."""
    return store_world(session, empty_world())


def add_event(session: Session, world: World, starts_at: str = "2027-02-11T18:00", zone: str = "Asia/Tokyo") -> Event:
    draft = EventDraft(world.project_id, "seminar", "Seminar in Tokyo", starts_at, zone, mode="in_person", place="Hall")
    return event_actions.create_event(session, draft, uid_domain="example.org", **ACTOR)


def days(session: Session, event_id: str, now: datetime = NOW) -> dict[int, date | None]:
    """Return the day of each task by its offset."""
    event = events.read_event(session, event_id)
    return {one.task.offset_days: one.due_on for one in checklists.read_tasks(session, event, now=now)}


def test_ten_checklists_come_with_the_program():
    assert tasks.library().keys() == WANTED
    kinds = {kind.value for kind in EventKind}
    for one in tasks.library().values():
        assert 8 <= len(one.items) <= 15, one.key
        assert set(one.kinds) <= kinds
        assert list(one.items) == sorted(one.items, key=lambda item: item.offset_days)
        for item in one.items:
            assert 10 < len(item.text) <= 120
            assert len(item.evidence) <= 200
            assert item.role in ("project_manager", "events_officer", "communications", "reader_reviewer")
    texts = [item.text for one in tasks.library().values() for item in one.items]
    assert len(texts) == len(set(texts))


def test_those_that_suit_the_event_are_offered_first():
    assert [one.key for one in tasks.suiting("launch")[:2]] == ["launch", "media_pitch"]
    assert {one.key for one in tasks.suiting("interview")} == WANTED


def test_tasks_are_due_in_days_from_the_start_in_the_events_zone(session: Session, world: World):
    event = add_event(session, world, "2027-02-11T02:00")  # the tenth in London

    added = checklists.start(session, event.id, "seminar", **ACTOR)

    seminar = tasks.library()["seminar"]
    assert added == len(seminar.items)
    expected = {item.offset_days: date(2027, 2, 11) + timedelta(days=item.offset_days) for item in seminar.items}
    assert days(session, event.id) == expected
    assert [one["details"] for one in log.trail(session, f"event:{event.id}") if "checklist" in one["details"]] == [
        {"checklist": "seminar", "tasks": added}
    ]


def test_moving_the_event_moves_what_is_not_done(session: Session, world: World):
    event = add_event(session, world)
    checklists.start(session, event.id, "seminar", **ACTOR)
    first = store.read_tasks(session, [event.id])[0]
    checklists.tick(session, event.id, first.id, done=True, **ACTOR)

    wishes = {"starts_at": "2027-03-11T18:00"}
    event_actions.edit_event(session, event.id, wishes, told=False, reason="not announced", **ACTOR)

    found = days(session, event.id)
    assert found[first.offset_days] == date(2027, 2, 11) + timedelta(days=first.offset_days)
    assert found[-10] == date(2027, 3, 1)
    checklists.tick(session, event.id, first.id, done=False, **ACTOR)
    assert days(session, event.id)[first.offset_days] == date(2027, 3, 11) + timedelta(days=first.offset_days)


def test_a_press_says_done_and_another_takes_it_back(session: Session, world: World):
    event = add_event(session, world)
    checklists.start(session, event.id, "launch", **ACTOR)
    task = store.read_tasks(session, [event.id])[0]
    late_evening = {"now": datetime(2027, 1, 12, 20, 0, tzinfo=UTC), "actor": "staff:01test"}

    done = checklists.tick(session, event.id, task.id, done=True, **late_evening)
    again = checklists.tick(session, event.id, task.id, done=True, now=NOW + timedelta(days=3), actor="staff:02test")

    assert (done.done_on, done.done_by) == (date(2027, 1, 13), "staff:01test")  # it is the thirteenth in Tokyo
    assert again == done
    back = checklists.tick(session, event.id, task.id, done=False, **ACTOR)
    assert back == task
    assert {one["action"] for one in log.trail(session, f"task:{task.id}")} == {"task.done", "task.reopened"}


def test_what_is_late_or_near_needs_someone(session: Session, world: World):
    event = add_event(session, world)
    checklists.start(session, event.id, "seminar", **ACTOR)
    event_actions.announce_event(session, event.id, **ACTOR)

    # On 12 January: due by offset -35 on 7 January, -30 on the twelfth; -42 on 31 December; -14 is 28 January.
    found = checklists.read_needed(session, world.project_id, now=NOW)

    assert [(one.dated.task.offset_days, one.dated.is_late) for one in found] == [
        (-42, True),
        (-35, True),
        (-30, False),
    ]
    assert {one.event.id for one in found} == {event.id}


@pytest.mark.parametrize("state", [EventState.CANCELLED, EventState.POSTPONED])
def test_nothing_is_due_for_an_event_without_a_date(session: Session, world: World, state: EventState):
    event = add_event(session, world)
    checklists.start(session, event.id, "seminar", **ACTOR)
    if state is EventState.CANCELLED:
        event_actions.cancel_event(session, event.id, reason="", **ACTOR)
    else:
        event_actions.announce_event(session, event.id, **ACTOR)
        event_actions.postpone_event(session, event.id, **ACTOR)

    assert set(days(session, event.id).values()) == {None}
    assert checklists.read_needed(session, world.project_id, now=NOW) == []


def test_a_checklist_is_started_once_and_a_task_can_be_dropped(session: Session, world: World):
    event = add_event(session, world)
    checklists.start(session, event.id, "seminar", **ACTOR)
    task = store.read_tasks(session, [event.id])[0]
    checklists.drop(session, event.id, task.id, **ACTOR)

    with pytest.raises(checklists.ChecklistStarted):
        checklists.start(session, event.id, "seminar", **ACTOR)
    with pytest.raises(tasks.UnknownChecklist):
        checklists.start(session, event.id, "wedding", **ACTOR)
    with pytest.raises(store.UnknownTask):
        checklists.drop(session, event.id, task.id, **ACTOR)
    assert len(store.read_tasks(session, [event.id])) == len(tasks.library()["seminar"].items) - 1


def test_a_task_of_another_event_is_not_found(session: Session, world: World):
    one, other = add_event(session, world), add_event(session, world)
    checklists.start(session, one.id, "seminar", **ACTOR)
    task = store.read_tasks(session, [one.id])[0]

    with pytest.raises(store.UnknownTask):
        checklists.tick(session, other.id, task.id, done=True, **ACTOR)
