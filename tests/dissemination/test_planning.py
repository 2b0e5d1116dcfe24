"""Writing the plan, approving it, and what differs between two versions."""

from __future__ import annotations

import json
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlmodel import Session

from service.audit import log
from service.dissemination import actions, planning, store, versions
from service.dissemination.store import planning as plan_store
from service.dissemination.values.plan import LineStatus
from service.dissemination.versions import Difference, Kind
from tests.dissemination.worlds import NOW, World, empty_world, store_world

ACTOR: dict[str, Any] = {"now": NOW, "actor": "staff:01test"}
TARGET = {"baseline": 0, "target": 220, "due_on": date(2027, 9, 30)}


@pytest.fixture
def world(session: Session) -> World:
    """An empty project, stored."""
    return store_world(session, empty_world())


def add(session: Session, world: World, title: str = "Radio talk", **wishes: Any) -> Any:
    return planning.add_line(session, world.project_id, {"title": title, "due_on": "2027-03-01", **wishes}, **ACTOR)


def approve(session: Session, world: World) -> versions.Version:
    draft = planning.read_draft(session, world.project_id)
    return planning.approve(session, world.project_id, seen=draft.sha256, **ACTOR)


def test_a_line_is_put_in_changed_and_stays_in_the_trail(session: Session, world: World):
    line = add(session, world, audience_key="policy")
    second = add(session, world)

    after = planning.edit_line(session, world.project_id, line.id, {"title": "Talk", "owner": "press"}, **ACTOR)

    assert (line.key, second.key, line.status) == ("radio-talk", "radio-talk-2", LineStatus.PLANNED)
    assert (after.title, after.owner, after.audience_key) == ("Talk", "press", "policy")
    assert {one.id: one for one in store.read_plan(session, world.project_id)} == {line.id: after, second.id: second}
    trail = log.trail(session, f"plan-line:{line.id}")
    assert {(one["action"], str(one["details"])) for one in trail} == {
        ("plan-line.added", "{}"),
        ("plan-line.edited", "{'fields': ['title', 'owner']}"),
    }


def test_a_line_of_another_project_is_not_found(session: Session, world: World):
    other = empty_world()
    other.audiences = []
    store_world(session, other)
    line = add(session, world)

    with pytest.raises(store.UnknownPlanLine):
        planning.edit_line(session, other.project_id, line.id, {"title": "x"}, **ACTOR)


def test_an_output_is_put_in_and_published(session: Session, world: World):
    book = planning.add_output(session, world.project_id, {"title": "The book", "languages": ["en"]}, **ACTOR)
    wishes = {"title": "Chapter", "kind": "chapter", "number": 1, "derived_from": book.key}
    chapter = planning.add_output(session, world.project_id, wishes, **ACTOR)

    out = {"status": "published", "published_on": "2027-01-02"}
    after = planning.edit_output(session, world.project_id, chapter.id, out, **ACTOR)

    assert plan_store.read_outputs(session, world.project_id) == [after, book]
    assert (after.derived_from, after.number, after.published_on) == ("the-book", 1, date(2027, 1, 2))
    figures = actions.live_figures(session, world.project_id, "internal", NOW)
    assert figures.figure("O1").value == 1


def test_a_target_is_set_replaced_and_taken_out(session: Session, world: World):
    steps = [{"on": date(2027, 3, 31), "value": 100}]
    planning.set_target(session, world.project_id, "E4", TARGET, **ACTOR)
    after = planning.set_target(session, world.project_id, "E4", TARGET | {"milestones": steps}, **ACTOR)

    assert store.read_targets(session, world.project_id) == [after]
    assert [one.value for one in after.milestones] == [100.0]

    planning.drop_target(session, world.project_id, "E4", **ACTOR)
    assert store.read_targets(session, world.project_id) == []
    with pytest.raises(plan_store.UnknownTarget):
        planning.drop_target(session, world.project_id, "E4", **ACTOR)


def test_an_approved_version_stays_as_it_was_and_can_be_checked(session: Session, world: World):
    line = add(session, world)
    planning.set_target(session, world.project_id, "E4", TARGET, **ACTOR)
    first = approve(session, world)

    planning.edit_line(session, world.project_id, line.id, {"title": "Talk", "due_on": "2027-04-01"}, **ACTOR)
    added = add(session, world, "Poster")
    planning.drop_target(session, world.project_id, "E4", **ACTOR)

    kept = plan_store.read_version(session, world.project_id, 1)
    assert kept == first
    canonical = json.dumps(kept.body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert sha256(canonical).hexdigest() == kept.sha256
    draft = planning.read_draft(session, world.project_id)
    assert (draft.number, draft.is_approved) == (2, False)
    fields = (("title", "Radio talk", "Talk"), ("due_on", "2027-03-01", "2027-04-01"))
    assert list(draft.differences) == [
        Difference(Kind.ADDED, "lines", added.key, "Poster"),
        Difference(Kind.CHANGED, "lines", line.key, "Talk", fields),
        Difference(Kind.REMOVED, "targets", "E4", "E4"),
    ]
    second = approve(session, world)
    assert [one.number for one in plan_store.read_versions(session, world.project_id)] == [2, 1]
    assert versions.compare(first.body, second.body) == list(draft.differences)
    assert planning.read_draft(session, world.project_id).is_approved


def test_how_far_a_line_has_got_makes_no_new_version_but_giving_it_up_does(session: Session, world: World):
    line = add(session, world)
    approve(session, world)

    actions.set_plan_line(session, line.id, "delivered", "A recording", **ACTOR)
    assert planning.read_draft(session, world.project_id).is_approved

    actions.set_plan_line(session, line.id, "cancelled", None, "No studio", **ACTOR)
    draft = planning.read_draft(session, world.project_id)
    fields = (("given_up", False, "No studio"),)
    assert draft.differences == (Difference(Kind.CHANGED, "lines", "radio-talk", "Radio talk", fields),)


def test_nobody_approves_what_they_have_not_read(session: Session, world: World):
    with pytest.raises(versions.EmptyPlan):
        approve(session, world)
    line = add(session, world)
    seen = planning.read_draft(session, world.project_id).sha256
    planning.edit_line(session, world.project_id, line.id, {"title": "Another"}, **ACTOR)

    with pytest.raises(versions.PlanMoved):
        planning.approve(session, world.project_id, seen=seen, **ACTOR)
    approve(session, world)
    with pytest.raises(versions.NothingToApprove):
        approve(session, world)
    assert [one.number for one in plan_store.read_versions(session, world.project_id)] == [1]


def test_a_version_is_unknown_before_it_is_approved(session: Session, world: World):
    with pytest.raises(plan_store.UnknownVersion):
        plan_store.read_version(session, world.project_id, 1)
    add(session, world)
    approved = planning.approve(
        session,
        world.project_id,
        seen=planning.read_draft(session, world.project_id).sha256,
        now=NOW + timedelta(hours=1),
        actor="staff:02test",
    )
    assert (approved.approved_by, approved.approved_at) == ("staff:02test", NOW + timedelta(hours=1))
