"""Every indicator on one world that was counted by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from service.dissemination.facts import Facts, RecordFact, TaskFact
from service.dissemination.indicators import INDICATORS
from service.dissemination.report import compose
from service.dissemination.values.figures import Dimension, ReleaseState
from service.dissemination.values.given import Basis, Given
from service.dissemination.values.plan import LineStatus
from tests.dissemination.recount import recount
from tests.dissemination.views import target, view_of, view_of_facts
from tests.dissemination.worlds import (
    World,
    add_attendees,
    add_event,
    add_hits,
    add_material,
    add_person,
    empty_world,
    invite,
)


def seminar_world() -> World:
    """Two seminars held. Ten yes and came, four yes and stayed away, two no, three silent, one came back,
    one not known, two walked in; two people were at both.
    """
    world = empty_world()
    world.organisations = [
        {"id": f"organisation-{n}", "type": kind} for n, kind in enumerate(("coalition", "ministry", "media"))
    ]
    first, second = add_event(world), add_event(world, days_ago=5)
    policy = world.audiences[1]["id"]
    came = add_attendees(world, first, 6, organisation_id="organisation-0")
    came += add_attendees(world, second, 4, audience_id=policy, country="SN", organisation_id="organisation-1")
    for person in came[:2]:
        invite(world, second, person, partstat="ACCEPTED", attendance="present")
    for _ in range(4):
        invite(world, first, add_person(world), partstat="ACCEPTED", attendance="absent")
    for partstat in ("DECLINED", "TENTATIVE", "NEEDS-ACTION", "NEEDS-ACTION", "NEEDS-ACTION"):
        invite(world, first, add_person(world), partstat=partstat, unsubscribed=partstat in ("DECLINED", "TENTATIVE"))
    invite(world, first, add_person(world), letter="bounced", unsubscribed=True)
    invite(world, first, add_person(world), letter="unknown")
    for _ in range(2):
        walked_in = add_person(world, audience_id=None, country=None)
        invite(world, second, walked_in, walk_in=True, letter="none", attendance="present")
    return world


EXPECTED = {
    "O1": (1, None, None),
    "O2": (50.0, 1, 2),
    "O3": (2, None, None),
    "O4": (80, None, None),
    "R1": (21, None, None),
    "R2": (21, None, None),
    "R3": (91.3, 21, 23),
    "R4": (4.3, 1, 23),
    "R5": (9.5, 2, 21),
    "R6": (81.0, 17, 21),
    "R7": (2, None, None),
    "R8": (2, None, None),
    "E1": (85.7, 18, 21),
    "E2": (76.2, 16, 21),
    "E3": (14, None, None),
    "E4": (12, None, None),
    "E5": (75.0, 12, 16),
    "E6": (2, None, None),
    "E7": (-10.0, 6, 12),
    "E8": (40.0, 4, 10),
    "E9": (60.0, 18, 30),
    "E10": (75.0, 12, 16),
    "U1": (48, None, None),
    "U2": (31, None, None),
    "U3": (None, None, None),  # each source for itself, never added up
    "U4": (None, None, None),
    "U5": (7, None, None),
    "U6": (45.0, 9, 20),
    "U7": (66.7, 6, 9),
    "U8": (50.0, 5, 10),
    "U9": (2, None, None),
    "C1": (2, None, None),
    "C2": (None, None, None),
    "Q1": (50.0, 2, 4),
    "Q2": (85.7, 1_200, 14),
    "Q3": (83.3, 10, 12),
}

# Indicator, number, out of how many, basis. What is given twice is added, numerators and denominators apart.
GIVEN = (
    ("E8", 3, 6, Basis.COUNTED),
    ("E8", 1, 4, Basis.COUNTED),
    ("E9", 18, 30, Basis.COUNTED),
    ("E10", 12, 16, Basis.COUNTED),
    ("U6", 9, 20, Basis.COUNTED),
    ("U7", 6, 9, Basis.THIRD_PARTY),
    ("U8", 5, 10, Basis.COUNTED),
)
JANUARY = date(2027, 1, 5)
RECORDS = {
    "C1": (RecordFact(1, {Dimension.STATE: "drafted"}), RecordFact(1, {Dimension.STATE: "agreed"})),
    "U5": (RecordFact(6, {Dimension.KIND: "radio"}), RecordFact(1, {Dimension.KIND: "online"})),
    "U9": (RecordFact(2, {Dimension.KIND: "training"}),),
}
# Done a day early, on the day, a day late, and not at all: two of four on time.
TASKS = tuple(TaskFact(JANUARY, done) for done in (date(2027, 1, 4), JANUARY, date(2027, 1, 6), None))


def with_what_is_given(facts: Facts) -> Facts:
    """Add the figures given by hand and the tasks."""
    found: dict[str, tuple[Given, ...]] = {}
    for place, (key, amount, out_of, basis) in enumerate(GIVEN):
        one = Given(str(place), key, JANUARY, amount, out_of, basis, "a list")
        found[key] = (*found.get(key, ()), one)
    return replace(facts, given=found, tasks=TASKS, records=RECORDS)


def with_costs(facts: Facts, *amounts: int) -> Facts:
    """Add what was spent on each event in turn, in pounds."""
    return replace(facts, costs={e.id: n for e, n in zip(facts.events, amounts, strict=False)}, currency="GBP")


def test_every_indicator_counts_what_it_says():
    world = seminar_world()
    day = world.project["starts_on"]
    world.outputs = [
        {"key": "book", "kind": "publication", "status": "published"},
        {"key": "chapter-1", "kind": "chapter", "status": "planned"},
    ]
    world.plan = [
        {"key": "a", "title": "Newsletter 1", "due_on": day, "status": LineStatus.DELIVERED},
        {"key": "b", "title": "Newsletter 2", "due_on": day, "status": LineStatus.ONGOING},
        {"key": "c", "title": "Given up", "due_on": day, "status": LineStatus.CANCELLED},
        {"key": "d", "title": "Next year", "due_on": day.replace(year=2028), "status": LineStatus.PLANNED},
    ]
    book, chapter = add_material(world), add_material(world, "Chapter 1", language="fr")
    add_hits(world, book, 30, 20, robots=9)
    add_hits(world, book, 12, 7, channel="print")
    add_hits(world, chapter, 6, 4)
    world.shipments = [{"copies": 100, "audience_key": "policy", "country": "GB"}, {"copies": -20, "country": "KE"}]

    view = view_of_facts(with_costs(with_what_is_given(recount(world)), 900, 300), world)

    assert {f.indicator: (f.value, f.numerator, f.denominator) for f in view.figures} == EXPECTED
    assert {figure.release_state for figure in view.figures} == {ReleaseState.EXACT_ALL}
    assert by(view, "O4", Dimension.REGION) == [("Eastern Africa", -20), ("Northern Europe", 100)]


def test_nothing_to_count_is_no_figure_rather_than_nought():
    view = view_of(empty_world())

    rates = {f.indicator: f.text for f in view.figures if f.denominator is not None or f.value is None}
    unknown = "O2 R3 R4 R5 R6 E1 E2 E5 E7 E8 E9 E10 U1 U2 U3 U4 U5 U6 U7 U8 U9 C1 C2 Q1 Q2 Q3"
    assert rates == dict.fromkeys(unknown.split(), "n/a")


def test_a_breakdown_names_its_rows_and_carries_both_numbers():
    cells = view_of(seminar_world()).figure("E5").by(Dimension.AUDIENCE).values()

    assert [(cell.label, cell.value, cell.numerator, cell.denominator) for cell in cells] == [
        ("1 Civil society", 66.7, 8, 12),
        ("2 Policy", 100.0, 4, 4),
        ("3 Academia", None, 0, 0),
        ("Not stated", None, 0, 0),
    ]


def test_a_reminder_or_a_second_event_makes_nobody_a_second_person():
    figures = view_of(seminar_world())

    assert figures.figure("R1").by(Dimension.EVENT).keys() == {event.key for event in figures.events}
    assert sum(cell.value for cell in figures.figure("R1").by(Dimension.EVENT).values()) == 23


def by(view, indicator, dimension):
    """Return the rows of a breakdown that are not nought."""
    return [(cell.label, cell.value) for cell in view.figure(indicator).by(dimension).values() if cell.value]


@pytest.mark.parametrize(
    ("profile", "regions"),
    [
        ("internal", [("Eastern Africa", 2), ("Northern Europe", 1), ("Not stated", 1)]),
        ("donor", [("Eastern Africa", 1), ("Northern Europe", 1), ("Not stated", 2)]),
    ],
)
def test_events_stand_in_the_region_of_their_room_and_those_in_confidence_in_none_outside(profile, regions):
    world = empty_world()
    add_event(world)
    add_event(world, time_zone="Africa/Nairobi", mode="in_person")
    add_event(world, time_zone="Africa/Nairobi", privacy="confidential")
    add_event(world, time_zone="Africa/Nairobi", mode="online")

    assert by(view_of(world, profile), "O3", Dimension.REGION) == regions


def test_organisations_stand_by_kind_and_outside_each_kind_is_protected_as_people_are():
    world = seminar_world()
    at_risk = add_attendees(world, add_event(world), 1, organisation_id="organisation-2", at_risk=True)

    kinds = [("Coalition", 1), ("Ministry", 1), ("Not stated", 1)]
    assert (len(at_risk), by(view_of(world), "R8", Dimension.KIND)) == (1, kinds)
    outside = view_of(world, "donor").figure("R8")
    assert (outside.text, outside.cells, outside.withheld) == ("<5", (), (Dimension.KIND,))


def test_attendance_stands_by_room_and_screen_inside():
    """Online an event says it for all; of one that is both their yes does, and of who walked in nothing."""
    world = empty_world()
    both = add_event(world)
    add_attendees(world, both, 3)
    for person in [add_person(world) for _ in range(2)]:
        invite(world, both, person, partstat="ACCEPTED", attendance="present", online=True)
    invite(world, both, add_person(world), walk_in=True, letter="none", attendance="present")
    add_attendees(world, add_event(world, mode="online"), 10)
    add_attendees(world, add_event(world, mode="in_person"), 20)

    modes = [("In the room", 23), ("Online", 12), ("Not stated", 1)]
    assert by(view_of(world), "E3", Dimension.MODE) == modes
    assert by(view_of(world, "donor"), "E3", Dimension.MODE) == []


def test_those_invited_stand_by_language_and_people_at_risk_in_none():
    world = empty_world()
    event = add_event(world)
    add_attendees(world, event, 30, language="fr")
    add_attendees(world, event, 20, language="pt-BR")
    add_attendees(world, event, 10, language="pt")
    add_attendees(world, event, 8)
    add_attendees(world, event, 2, language="am", at_risk=True)

    assert by(view_of(world), "R1", Dimension.LANGUAGE) == [("French", 30), ("Portuguese", 30), ("Not stated", 10)]
    outside = view_of(world, "donor").figure("R1").by(Dimension.LANGUAGE).values()
    assert [(cell.label, cell.text) for cell in outside] == [
        ("French", "30–34"),
        ("Portuguese", "30–34"),
        ("Not stated", "10–14"),
    ]


def by_event(view, indicator):
    cells = view.figure(indicator).by(Dimension.EVENT).values()
    return [(cell.label, cell.value, cell.numerator, cell.denominator) for cell in cells]


def test_who_was_invited_to_each_event_and_who_came_is_told_inside_as_far_as_it_is_known():
    """All 17 of the first are of rank 1; of the second two of six. Of two who walked in there nothing is known."""
    world = seminar_world()
    inside = view_of(world)

    assert by_event(inside, "R6") == [("Seminar 1", 100.0, 17, 17), ("Seminar 2", 33.3, 2, 6)]
    assert by_event(inside, "Q3") == [("Seminar 1", 100.0, 6, 6), ("Seminar 2", 75.0, 6, 8)]
    assert [by_event(view_of(world, "donor"), indicator) for indicator in ("R6", "Q3", "E4")] == [[], [], []]


def test_it_is_not_told_where_it_was_not_read():
    world = seminar_world()

    view = view_of_facts(replace(recount(world), kinds=None), world)

    assert [by_event(view, indicator) for indicator in ("R6", "Q3")] == [[], []]


def test_what_is_recorded_stands_by_its_kind():
    world = empty_world()

    view = view_of_facts(with_what_is_given(recount(world)), world)

    cells = view.figure("U5").by(Dimension.KIND).values()
    assert [(cell.label, cell.value) for cell in cells] == [("Online", 1), ("Radio", 6)]


def test_requests_stand_by_material_channel_and_language_and_robots_beside():
    world = empty_world()
    book, chapter = add_material(world), add_material(world, "Chapter 1", language="fr")
    add_material(world, "A poster", language="", restricted=True)
    add_hits(world, book, 3, 2, robots=1_000)
    add_hits(world, book, 4, 3, channel="print")
    add_hits(world, chapter, 5, 1)

    view = view_of(world, "public")

    cells = {
        name: [(cell.label, cell.value) for cell in view.figure("U1").by(Dimension(name)).values()]
        for name in ("material", "channel", "language")
    }
    assert cells == {
        "material": [("Restricted material", 0), ("Chapter 1", 5), ("The book", 7)],
        "channel": [("Newsletter", 8), ("Print", 4)],
        "language": [("Not stated", 0), ("French", 5), ("English", 7)],
    }
    assert (view.figure("U1").text, view.figure("U2").text, view.left_out.robots) == ("12", "6", 1_000)
    assert "1,000 requests of programs" in compose(view).method[2].text


def test_tasks_on_time_are_for_use_inside_only():
    world = empty_world()
    facts = replace(recount(world), tasks=TASKS)

    printed = {
        profile: [
            one.indicator
            for one in view_of_facts(facts, world, profile, (target("Q1", 90),)).targets
            if one.indicator == "Q1"
        ]
        for profile in ("internal", "donor", "public")
    }

    assert printed == {"internal": ["Q1"], "donor": [], "public": []}


def test_cost_per_attendance_is_made_of_what_is_printed_and_never_public():
    world = empty_world()
    add_attendees(world, add_event(world), 26)
    add_attendees(world, add_event(world, days_ago=20), 3)
    facts = with_costs(recount(world), 500, 80)

    inside, donor = (view_of_facts(facts, world, profile).figure("Q2") for profile in ("internal", "donor"))

    assert (inside.text, inside.unit_text, inside.numerator, inside.denominator) == (
        "GBP 20",
        "GBP per attendance",
        580,
        29,
    )
    assert [cell.value for cell in inside.by(Dimension.EVENT).values()] == [19.2, 26.7]
    # 580 by 25, the lower end of the band; of three who came nothing is said.
    assert (donor.text, donor.value, donor.denominator) == ("GBP 23", None, "25–29")
    assert "Q2" not in {figure.indicator for figure in view_of_facts(facts, world, "public").figures}


def test_answers_of_few_people_given_by_hand_are_printed_in_bands_outside():
    world = empty_world()

    view = view_of_facts(with_what_is_given(recount(world)), world, "donor")

    # Four who did not answer 4 or 5 would follow from 16 less 12.
    assert view.figure("E10").release_state is not ReleaseState.EXACT_ALL
    assert view.figure("E10").text == "n/a"
    assert (view.figure("E10").numerator, view.figure("E10").denominator) == ("10–14", "15–19")
    assert view.figure("U5").text == "7"


@pytest.mark.parametrize("one", INDICATORS, ids=lambda one: one.id)
def test_every_indicator_says_what_it_means_and_how_to_check_it(one):
    assert one.definition.endswith(".")
    assert len(one.definition) > 40
    assert one.verification
