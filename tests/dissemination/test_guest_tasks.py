"""Tasks for guests after an event: given, ticked, late; counted, and gone with the guest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from sqlmodel import Session

from service.audit import log
from service.dissemination import actions, guest_tasks
from service.dissemination import store as dissemination
from service.dissemination.behind import by_owner
from service.dissemination.promising import GuestTask, GuestTaskKind, make_guest_task
from service.dissemination.snapshots import to_json
from service.dissemination.store import guest_tasks as store
from service.kernel.errors import Invalid
from service.people.tables import MergedId
from service.privacy.store.guest_tasks import delete_guest_tasks
from tests.dissemination.worlds import NOW, World, add_attendees, add_event, empty_world, store_world

ACTOR: dict[str, Any] = {"now": NOW, "actor": "staff:01test"}
TODAY = date(2027, 1, 12)
CALL = {"person_ref": "p", "kind": "call", "owner": " Ruth ", "due_on": "2027-01-12", "note": "About the grant"}


def made(**wishes: Any) -> GuestTask:
    return make_guest_task("t", "e", CALL | wishes)


@pytest.mark.parametrize(
    ("due_on", "done_on", "late", "needed"),
    [
        ("2027-01-11", None, True, True),
        ("2027-01-12", None, False, True),
        ("2027-01-18", None, False, True),
        ("2027-01-19", None, False, False),
        ("2027-01-11", TODAY, False, False),
    ],
)
def test_a_task_is_late_or_near(due_on: str, done_on: date | None, late: bool, needed: bool):
    task = replace(made(due_on=due_on), done_on=done_on)

    assert (task.is_late(TODAY), task.is_needed(TODAY)) == (late, needed)


@pytest.mark.parametrize(
    ("wishes", "code", "field"),
    [
        ({"kind": "dine"}, "unknown-reference", "kind"),
        ({"person_ref": ""}, "unknown-reference", "person_ref"),
        ({"owner": " "}, "owner-missing", "owner"),
        ({"due_on": ""}, "not-a-day", "due_on"),
    ],
)
def test_a_task_that_cannot_be_is_refused(wishes: dict[str, Any], code: str, field: str):
    with pytest.raises(Invalid) as refused:
        made(**wishes)

    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.fixture
def world(session: Session) -> World:
    """A project with one seminar and two people who came, stored."""
    world = empty_world()
    add_attendees(world, add_event(world), 2)
    return store_world(session, world)


def add(session: Session, world: World, guest: int = 0, **wishes: Any) -> GuestTask:
    wanted = CALL | {"person_ref": world.people[guest]["id"]} | wishes
    return guest_tasks.add_guest_task(session, world.events[0]["id"], wanted, **ACTOR)


def test_a_task_is_given_and_ticked(session: Session, world: World):
    event, guest = world.events[0]["id"], world.people[0]["id"]
    task = add(session, world)

    assert task == GuestTask(task.id, event, guest, GuestTaskKind.CALL, "About the grant", "Ruth", TODAY)
    done = guest_tasks.tick(session, event, task.id, done=True, **ACTOR)
    again = guest_tasks.tick(session, event, task.id, done=True, now=NOW + timedelta(days=1), actor="staff:other")
    assert done == again == replace(task, done_on=TODAY, done_by="staff:01test")
    assert store.read_tasks(session, [event]) == store.read_tasks_of(session, guest) == [done]
    assert guest_tasks.tick(session, event, task.id, done=False, **ACTOR) == task
    guest_tasks.remove(session, event, task.id, **ACTOR)
    with pytest.raises(store.UnknownGuestTask):
        guest_tasks.remove(session, event, task.id, **ACTOR)
    noted = sorted(entry["action"] for entry in log.trail(session, f"guest-task:{task.id}"))
    assert noted == ["guest-task.added", "guest-task.done", "guest-task.removed", "guest-task.reopened"]


def test_only_guests_of_the_event_get_a_task(session: Session, world: World):
    with pytest.raises(Invalid) as refused:
        guest_tasks.add_guest_task(session, world.events[0]["id"], CALL, **ACTOR)

    assert refused.value.field == "person_ref"


def test_what_is_late_or_near_needs_someone(session: Session, world: World):
    late = add(session, world, due_on="2027-01-02")
    near = add(session, world, due_on="2027-01-14")
    add(session, world, due_on="2027-02-14")

    found = guest_tasks.read_needed(session, world.project_id, now=NOW)

    assert [(one.task, one.is_late) for one in found] == [(late, True), (near, False)]


def test_tasks_for_guests_count_in_q1(session: Session, world: World):
    event = world.events[0]["id"]
    for due_on in ("2027-01-12", "2027-01-02", "2027-01-03"):
        task = add(session, world, due_on=due_on)
        if due_on != "2027-01-03":
            guest_tasks.tick(session, event, task.id, done=True, **ACTOR)

    figure = actions.live_figures(session, world.project_id, "internal", NOW).figure("Q1")
    assert (figure.numerator, figure.denominator) == (1, 3)


def test_whose_tasks_were_on_time_is_read_live_and_stands_in_no_report(session: Session, world: World):
    event = world.events[0]["id"]
    for owner, due_on in (("Ada Berg", "2027-01-12"), ("Ada Berg", "2027-01-02"), ("Bo Lund", "2027-01-03")):
        task = add(session, world, owner=owner, due_on=due_on)
        if due_on != "2027-01-03":
            guest_tasks.tick(session, event, task.id, done=True, **ACTOR)

    tasks = dissemination.read_due_tasks(session, world.project_id, today=NOW.date())
    view = actions.freeze_snapshot(session, world.project_id, profile="internal", **ACTOR)

    assert by_owner(tasks) == [("Ada Berg", 1, 2), ("Bo Lund", 0, 1)]
    assert view.figure("Q1").cells == ()
    assert "Berg" not in str(to_json(view))


def test_a_task_follows_its_guest_through_a_merge(session: Session, world: World):
    first, second = (person["id"] for person in world.people)
    task = add(session, world)
    session.execute(insert(MergedId).values(old_id=first, new_id=second))

    assert store.read_tasks_of(session, second) == [replace(task, person_ref=second)]


def test_tasks_go_with_the_invitation(session: Session, world: World):
    event = world.events[0]["id"]
    add(session, world)
    other = add(session, world, guest=1)

    delete_guest_tasks(session, event, [world.invitations[0]["id"]])

    assert store.read_tasks(session, [event]) == [other]
