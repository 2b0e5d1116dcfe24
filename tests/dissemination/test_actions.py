"""Snapshots and the plan through the real actions, on both databases."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlmodel import Session

from service.audit.tables import AuditEntry
from service.db.types import columns
from service.dissemination import actions, rules
from service.dissemination.rendering import FORMATS, UnknownFormat, render
from service.dissemination.snapshots import Period, SnapshotView, seal, to_json
from service.dissemination.store import UnknownPlanLine
from service.dissemination.store.reports import UnknownSnapshot
from service.dissemination.values.figures import ReleaseState
from service.dissemination.values.plan import (
    LineStatus,
    MarkerDraft,
    OutputDraft,
    PlanDraft,
    PlanLineDraft,
    ShipmentDraft,
    Target,
)
from service.events.store import UnknownProject
from service.invitations.tables import Invitation, Reply
from service.kernel.errors import FarsowError
from service.people.tables import Person
from tests.dissemination.views import target, view_of, words_of
from tests.dissemination.worlds import (
    NOW,
    World,
    add_attendees,
    add_event,
    add_person,
    empty_world,
    invite,
    random_world,
    store_world,
)

ACTOR = "staff:01test"


def freeze(session: Session, world: World, profile: str = "donor", **wishes: object) -> SnapshotView:
    given = {"now": NOW, "actor": ACTOR, **wishes}
    return actions.freeze_snapshot(session, world.project_id, profile=profile, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("profile", ["internal", "donor", "public"])
def test_a_snapshot_read_back_is_the_one_that_was_frozen(session, profile):
    world = store_world(session, random_world(3, people=150))

    frozen = freeze(session, world, profile)

    assert actions.read_snapshot(session, frozen.snapshot_id) == frozen
    assert frozen.sha256 == seal(to_json(frozen))


@pytest.mark.parametrize("profile", ["internal", "donor"])
def test_a_snapshot_holds_what_the_pure_rules_make_of_the_recount(session, profile):
    world = store_world(session, random_world(4, people=80))

    live = actions.live_figures(session, world.project_id, profile, NOW, in_full=True)

    assert live == view_of(world, profile)


def test_what_is_not_asked_for_in_full_has_the_same_values_without_the_months_of_use(session):
    world = store_world(session, random_world(4, people=80))

    some = actions.live_figures(session, world.project_id, "internal", NOW)

    full = view_of(world, "internal")
    assert full.use
    assert some.use == ()
    assert {one.indicator: one.value for one in some.figures} == {one.indicator: one.value for one in full.figures}


def test_anyone_can_check_the_seal_of_the_json(session):
    world = store_world(session, random_world(3))
    body = json.loads(render(freeze(session, world), "json"))

    assert body["sha256"] == seal({name: part for name, part in body.items() if name != "sha256"})
    body["k"] = 1
    assert body["sha256"] != seal(body)


def test_the_report_json_has_the_fields_others_rely_on(session):
    world = store_world(session, random_world(3))

    body = json.loads(render(freeze(session, world), "json"))

    promised = "schema_version snapshot_id project profile k period cutoff definitions_version figures targets"
    assert set(promised.split()) | {"external", "definitions", "sha256"} <= body.keys()
    figure = next(figure for figure in body["figures"] if figure["cells"])
    fields = "indicator name unit release_state value numerator denominator band cells"
    assert set(fields.split()) <= figure.keys()
    assert {"dimension", "key", "label", "value", "band"} <= figure["cells"][0].keys()
    assert (body["profile"], body["k"]) == ("donor", 5)
    assert body["period"] == {"from": "2026-04-01", "to": "2027-01-12"}


@pytest.mark.parametrize("format", FORMATS)
def test_rendering_twice_gives_the_same_bytes(session, format):
    world = store_world(session, random_world(3, people=150))
    frozen = freeze(session, world)

    assert render(frozen, format) == render(actions.read_snapshot(session, frozen.snapshot_id), format)


def test_an_unknown_format_is_refused_with_the_known_ones():
    with pytest.raises(UnknownFormat, match="html, pdf, docx, xlsx, csv, json"):
        render(view_of(empty_world()), "xls")


def test_forgetting_a_person_changes_no_issued_report(session):
    world = store_world(session, random_world(5, people=40))
    frozen = freeze(session, world, "internal")
    before = {format: render(frozen, format) for format in FORMATS}

    i, p = columns(Invitation), columns(Person)
    gone = next(row["person_id"] for row in world.invitations)
    session.execute(delete(Reply))
    session.execute(delete(Invitation).where(i.person_id == gone))
    session.execute(delete(Person).where(p.id == gone))

    again = actions.read_snapshot(session, frozen.snapshot_id)
    assert {format: render(again, format) for format in FORMATS} == before
    assert actions.live_figures(session, world.project_id, "internal", NOW).figures != again.figures


def test_a_snapshot_holds_no_name_and_no_address(session):
    world = random_world(6, people=40)
    world.people[0]["name"] = "Maria Achieng"
    store_world(session, world)

    whole = "".join(words_of(freeze(session, world, "internal"), format) for format in FORMATS)

    assert "Maria" not in whole
    assert "example.org" not in whole


def test_freezing_leaves_a_trace(session):
    world = store_world(session, random_world(3))
    frozen = freeze(session, world)

    c = columns(AuditEntry)
    rows = session.execute(select(c.action, c.subject, c.actor, c.details)).all()
    assert [tuple(row) for row in rows] == [
        ("snapshot.frozen", f"snapshot:{frozen.snapshot_id}", ACTOR, {"profile": "donor", "k": 5})
    ]
    assert [line.id for line in actions.read_snapshots(session, world.project_id)] == [frozen.snapshot_id]


def test_one_more_guest_does_not_show_in_the_next_donor_report(session):
    """The differencing attack: a report before and a report after one person came."""
    world = empty_world()
    launch = add_event(world)
    add_attendees(world, launch, 34)
    late = add_person(world, country="NO")
    invite(world, launch, late, partstat="ACCEPTED", attendance="absent")
    store_world(session, world)
    first = freeze(session, world)

    i = columns(Invitation)
    session.execute(update(Invitation).where(i.person_id == late["id"]).values(attendance="present"))
    second = freeze(session, world, now=NOW + timedelta(minutes=1))

    assert first.figure("E4").text == second.figure("E4").text == "30–34"
    assert first.counts == second.counts


def test_another_profile_does_not_hold_the_figures_back(session):
    world = empty_world()
    launch = add_event(world)
    add_attendees(world, launch, 34)
    late = add_person(world, country="NO")
    invite(world, launch, late, partstat="ACCEPTED", attendance="absent")
    store_world(session, world)
    freeze(session, world, "donor")

    i = columns(Invitation)
    session.execute(update(Invitation).where(i.person_id == late["id"]).values(attendance="present"))

    assert freeze(session, world, "internal").figure("E4").value == 35


def test_a_larger_k_is_taken_and_a_smaller_one_refused(session):
    world = store_world(session, random_world(3))

    assert freeze(session, world, k=8).k == 8
    with pytest.raises(rules.SmallK):
        freeze(session, world, k=4)


@pytest.mark.parametrize(
    ("profile", "period", "error"),
    [
        ("everyone", None, rules.UnknownProfile),
        ("donor", Period(date(2027, 1, 1), date(2027, 1, 1)), rules.BadPeriod),
    ],
)
def test_a_snapshot_that_cannot_be_is_refused(session, profile, period, error):
    world = store_world(session, empty_world())

    with pytest.raises(error):
        freeze(session, world, profile, period=period)
    with pytest.raises(UnknownProject):
        actions.live_figures(session, "nowhere", "internal", NOW)
    with pytest.raises(UnknownSnapshot):
        actions.read_snapshot(session, "nothing")


PLAN = PlanDraft(
    outputs=(OutputDraft("book", "publication", "The book", status="published", languages=("en", "fr")),),
    lines=(
        PlanLineDraft("newsletter-1", "Newsletter 1", date(2026, 12, 1), audience_key="policy", channel="mail"),
        PlanLineDraft("launch", "Launch", date(2027, 3, 4)),
    ),
    targets=(target("E4", 220), target("C9", 4000)),
    shipments=(ShipmentDraft("book", date(2026, 12, 2), 640, "policy"),),
    markers=(MarkerDraft("policy", "like", "They ask for a briefing"),),
)


def test_loading_a_plan_twice_adds_nothing(session):
    world = store_world(session, empty_world())

    first = actions.load_plan(session, world.project_id, PLAN, now=NOW, actor=ACTOR)
    second = actions.load_plan(session, world.project_id, PLAN, now=NOW + timedelta(days=9), actor=ACTOR)

    assert first == {"outputs": 1, "plan_lines": 2, "targets": 2, "shipments": 1, "markers": 1}
    assert second == {"outputs": 0, "plan_lines": 0, "targets": 0, "shipments": 0, "markers": 0}
    live = actions.live_figures(session, world.project_id, "internal", NOW)
    assert [(live.figure(one).text) for one in ("O1", "O2", "O4")] == ["1", "0%", "640"]
    assert [one.indicator for one in live.targets] == ["E4"]


@pytest.mark.parametrize(
    "draft",
    [
        PlanDraft(lines=(replace(PLAN.lines[0], status="done"),)),
        PlanDraft(targets=(Target("KPI", 0, 1, date(2027, 1, 1), ""),)),
    ],
    ids=["status", "indicator"],
)
def test_a_plan_with_an_unknown_word_is_refused_whole(session, draft):
    world = store_world(session, empty_world())

    with pytest.raises(FarsowError):
        actions.load_plan(session, world.project_id, draft, now=NOW, actor=ACTOR)
    assert actions.read_plan(session, world.project_id) == []


def test_a_line_is_delivered_with_evidence_and_is_late_no_more(session):
    world = store_world(session, empty_world())
    actions.load_plan(session, world.project_id, PLAN, now=NOW, actor=ACTOR)
    (late,) = actions.read_late(session, world.project_id, now=NOW)

    with pytest.raises(rules.EvidenceMissing):
        actions.set_plan_line(session, late.id, "delivered", now=NOW, actor=ACTOR)
    after = actions.set_plan_line(session, late.id, "delivered", "https://example.org/n1", now=NOW, actor=ACTOR)

    assert (after.status, after.delivered_on) == (LineStatus.DELIVERED, NOW.date())
    assert actions.read_plan(session, world.project_id)[0] == after
    assert actions.read_late(session, world.project_id, now=NOW) == []


def test_putting_off_or_giving_up_needs_a_reason(session):
    world = store_world(session, empty_world())
    actions.load_plan(session, world.project_id, PLAN, now=NOW, actor=ACTOR)
    line = actions.read_plan(session, world.project_id)[0]

    for status in ("postponed", "cancelled"):
        with pytest.raises(rules.ReasonMissing):
            actions.set_plan_line(session, line.id, status, now=NOW, actor=ACTOR)
    after = actions.set_plan_line(session, line.id, "postponed", reason="The editor is ill.", now=NOW, actor=ACTOR)

    assert (after.status, after.reason) == (LineStatus.POSTPONED, "The editor is ill.")
    with pytest.raises(rules.UnknownStatus):
        actions.set_plan_line(session, line.id, "done", now=NOW, actor=ACTOR)
    with pytest.raises(UnknownPlanLine):
        actions.set_plan_line(session, "nothing", "ongoing", now=NOW, actor=ACTOR)


def test_a_project_with_nothing_in_it_can_be_reported(session):
    world = store_world(session, empty_world())

    frozen = freeze(session, world, "public")

    assert {figure.release_state for figure in frozen.figures} == {ReleaseState.EXACT_ALL}
    assert "Nobody has been invited yet" in render(frozen, "html").decode()


def test_a_line_is_delivered_on_the_projects_day_and_what_was_said_can_be_taken_back(session):
    world = store_world(session, empty_world())
    actions.load_plan(session, world.project_id, PLAN, now=NOW, actor=ACTOR)
    line = actions.read_plan(session, world.project_id)[0]
    late_evening = datetime(2027, 6, 30, 23, 30, tzinfo=UTC)  # in London it is the first of July

    done = actions.set_plan_line(session, line.id, "delivered", "a link", now=late_evening, actor=ACTOR)
    again = actions.set_plan_line(session, line.id, "ongoing", "", now=late_evening, actor=ACTOR)

    assert (done.delivered_on, done.evidence) == (date(2027, 7, 1), "a link")
    assert (again.delivered_on, again.evidence) == (None, "")
