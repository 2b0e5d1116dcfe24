"""The figures' facts as the database counts them, against a recount by hand; on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import delete
from sqlmodel import Session

from service.db.types import columns
from service.dissemination import store
from service.dissemination.counting import count_of
from service.dissemination.facts import Facts
from service.dissemination.snapshots import Period, PrintLine
from service.dissemination.store import tallies
from service.dissemination.tables.figures import InvitationTally
from service.kernel.ids import new_id
from service.privacy.retaining import remove_invitations
from tests.dissemination.recount import recount, without_zeros
from tests.dissemination.worlds import (
    NOW,
    World,
    add_attendees,
    add_event,
    add_hits,
    add_material,
    add_person,
    empty_world,
    invite,
    random_world,
    store_world,
)


def read(session: Session, world: World, period: Period | None = None) -> Facts:
    return store.read_facts(session, world.project_id, period, zone="Europe/London", now=NOW, in_full=True, inside=True)


@pytest.mark.parametrize("seed", range(12))
def test_the_database_counts_as_a_recount_by_hand_does(session, seed):
    world = store_world(session, random_world(seed))
    world.shipments = []

    assert without_zeros(read(session, world)) == without_zeros(recount(world))


def test_an_empty_project_counts_nothing(session):
    world = store_world(session, empty_world())

    facts = read(session, world)

    assert (facts.segments, facts.by_event, facts.organisations, facts.countries) == ((), {}, 0, 0)


def test_another_project_is_not_counted(session):
    other = store_world(session, random_world(1))
    world = empty_world()
    world.audiences = []
    store_world(session, world)

    assert read(session, world).segments == ()
    assert read(session, other).segments != ()


def test_research_drafts_and_cancelled_events_are_left_out(session):
    world = empty_world()
    for wishes in ({"kind": "focus_group"}, {"kind": "interview"}, {"state": "cancelled"}, {"state": "draft"}):
        add_attendees(world, add_event(world, **wishes), 3)
    add_attendees(world, add_event(world), 2)
    store_world(session, world)

    facts = read(session, world)

    assert [count_of(facts, name).total for name in ("people_invited", "delivered", "attended")] == [2, 2, 2]


def test_attendance_counts_only_once_the_event_is_closed(session):
    world = empty_world()
    add_attendees(world, add_event(world, state="announced"), 4)
    store_world(session, world)

    facts = read(session, world)

    assert [count_of(facts, name).total for name in ("accepted", "promised", "attended")] == [4, 0, 0]


def test_people_at_risk_are_placed_nowhere(session):
    world = empty_world()
    event = add_event(world)
    add_attendees(world, event, 3, country="KE")
    add_attendees(world, event, 2, country="SN", at_risk=True)
    store_world(session, world)

    facts = read(session, world)

    regions = {key: n for key, n in count_of(facts, "people_attended").rows["region"].items() if n}
    assert (regions, facts.countries) == ({"014": 3, "not-stated": 2}, 1)


def test_an_organisation_that_only_people_at_risk_came_from_has_no_kind(session):
    world = empty_world()
    world.organisations = [
        {"id": new_id(), "name": kind, "folded": new_id(), "type": kind, "created_at": NOW}
        for kind in ("coalition", "ministry", "media")
    ]
    event = add_event(world)
    for organisation, at_risk in zip(world.organisations, (False, True, True), strict=True):
        add_attendees(world, event, 1, organisation_id=organisation["id"], at_risk=at_risk)
    add_attendees(world, event, 1, organisation_id=world.organisations[2]["id"])
    store_world(session, world)

    facts = read(session, world)

    assert (facts.organisations, facts.organisations_of) == (3, {"coalition": 1, "media": 1})
    gone = [row["id"] for row in world.invitations]
    remove_invitations(session, event["id"], gone, now=NOW)
    assert read(session, world).organisations_of == {"coalition": 1, "media": 1}


def test_of_numbers_kept_before_sides_were_it_is_not_stated_which(session):
    world = empty_world()
    event = add_event(world)
    add_attendees(world, event, 3)
    for _ in range(2):
        invite(world, event, add_person(world), partstat="ACCEPTED", attendance="present", online=True)
    store_world(session, world)

    def modes():
        found = count_of(read(session, world), "attended")
        return found.total, found.rows["mode"]

    gone = [row["id"] for row in world.invitations[2:]]  # one in the room, two online
    before, was_there = modes(), len(gone)
    remove_invitations(session, event["id"], gone, now=NOW)
    assert (was_there, before, modes()) == (3, before, (5, {"in_room": 3, "online": 2, "not-stated": 0}))
    session.execute(delete(InvitationTally).where(columns(InvitationTally).name.in_(("kept_online", "kept_in_room"))))
    assert modes() == (5, {"in_room": 2, "online": 0, "not-stated": 3})


def test_the_same_person_at_two_events_is_one_person_and_two_attendances(session):
    world = empty_world()
    person = add_person(world)
    for _ in range(2):
        invite(world, add_event(world), person, partstat="ACCEPTED", attendance="present")
    store_world(session, world)

    facts = read(session, world)

    names = ("people_invited", "people_attended", "attended", "delivered")
    assert [count_of(facts, name).total for name in names] == [1, 1, 2, 2]


@pytest.mark.parametrize(
    ("most", "numbers"),
    [
        pytest.param(3, [{"a": 0, "b": 2, "c": 4}], id="two bits each"),
        pytest.param(4, [{"a": 0, "b": 3, "c": 6}], id="three bits each"),
        pytest.param(2**21 - 1, [{"a": 0, "b": 21, "c": 42}], id="as many as fit"),
        pytest.param(2**21, [{"a": 0, "b": 22}, {"c": 0}], id="one bit too many"),
        pytest.param(2**40, [{"a": 0}, {"b": 0}, {"c": 0}], id="a number each"),
    ],
)
def test_tallies_are_packed_so_that_none_runs_over(most, numbers):
    assert tallies.pack(("a", "b", "c"), most) == numbers


def test_more_events_than_one_number_holds_are_counted_in_two(session):
    world = empty_world()
    people = [add_person(world), add_person(world, at_risk=True)]
    for n in range(130):
        event = add_event(world, state="closed" if n % 3 else "announced")
        for person in people:
            invite(world, event, person, partstat="ACCEPTED", attendance="present")
    store_world(session, world)

    facts = read(session, world)

    assert [count_of(facts, name).total for name in ("delivered", "accepted", "attended")] == [260, 260, 172]
    assert without_zeros(facts) == without_zeros(recount(world))


def test_a_period_takes_in_only_what_starts_in_it(session):
    world = empty_world()
    early, late = add_event(world, days_ago=60), add_event(world, days_ago=5)
    add_attendees(world, early, 2)
    add_attendees(world, late, 3)
    store_world(session, world)

    facts = read(session, world, Period(NOW.date() - timedelta(days=10), NOW.date()))

    assert ([event.id for event in facts.events], count_of(facts, "attended").total) == ([late["id"]], 3)


def test_what_was_asked_for_in_a_period_is_counted(session):
    world = empty_world()
    book = add_material(world)
    for days_ago, asked in ((1, 2), (10, 30), (11, 400)):
        add_hits(world, book, asked, 1, day=NOW.date() - timedelta(days=days_ago))
    other = empty_world()
    other.audiences = []
    add_hits(other, add_material(other), 5_000, 1)
    store_world(session, world)
    store_world(session, other)

    period = Period(NOW.date() - timedelta(days=10), NOW.date() - timedelta(days=1))
    asked = [read(session, world, which).asked_for("requests").total for which in (None, period)]

    assert asked == [432, 30]


def test_outputs_and_copies_are_summed_by_audience_and_region(session):
    world = empty_world()
    world.outputs = [
        {"key": "book", "kind": "publication", "title": "Book", "status": "published"},
        {"key": "chapter-1", "kind": "chapter", "title": "Chapter 1", "status": "planned"},
    ]
    world.shipments = [
        {
            "output_key": "book",
            "shipped_on": date(2026, 9, 1),
            "copies": 100,
            "audience_key": "policy",
            "country": "KE",
        },
        {
            "output_key": "book",
            "shipped_on": date(2026, 9, 2),
            "copies": -20,
            "audience_key": "policy",
            "country": None,
        },
        {"output_key": "book", "shipped_on": date(2026, 9, 2), "copies": 7, "audience_key": None, "country": "KE"},
    ]
    store_world(session, world)

    facts = read(session, world)

    assert facts.print == (PrintLine("Book", 107, 20),)
    assert (facts.outputs, facts.copies) == (recount(world).outputs, {"policy": 80, None: 7})
    assert facts.copies_to == {"014": 107, None: -20}
