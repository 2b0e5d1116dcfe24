"""What came of it in the report: commitments, usefulness, use, print; and what a reader may learn of the marks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from service.dissemination.disclosure import band, protect
from service.dissemination.facts import Facts
from service.dissemination.links import links_between
from service.dissemination.quoting import UsableQuote
from service.dissemination.report import compose
from service.dissemination.snapshots import PrintLine, SnapshotView
from service.dissemination.uptake import median
from service.dissemination.values.figures import Count, Dimension, Family, Printed
from tests.dissemination.attacker import tables
from tests.dissemination.recount import recount
from tests.dissemination.test_report import launch_world
from tests.dissemination.views import view_of_facts

ASKED = {"surveys_sent": 100, "surveys_returned": 60, "usefulness_answers": 60, "found_useful": 45}
SAID = {"committed": 40, "commitments_asked": 30, "commitments_kept": 20, "use_answers": 25, "used_in_work": 15}
AUDIENCES = {
    "civil_society": {"surveys_sent": 70, "committed": 30, "commitments_asked": 25, "commitments_kept": 15},
    "policy": {"surveys_sent": 30, "committed": 10, "commitments_asked": 5, "commitments_kept": 5},
}


def answered(facts: Facts) -> Facts:
    """Add what 60 of 100 said after the launch."""
    event = facts.events[0].id
    return replace(
        facts,
        by_event={event: {**facts.by_event[event], **ASKED, **SAID}},
        said=AUDIENCES,
        marks={"5": 20, "4": 25, "3": 10, "2": 5},
    )


def told(profile: str) -> SnapshotView:
    world = launch_world()
    world.outputs = [
        {"key": "chapter-1", "kind": "chapter", "status": "published", "title": "Working with governments"}
    ]
    facts = replace(
        answered(recount(world)),
        used={"chapter-1": 10},
        shown={"shown": 12, "bare": 5},
        print=(PrintLine("The book", 700, 60),),
    )
    return view_of_facts(facts, world, profile)


def test_the_report_says_what_came_of_it():
    document = compose(told("internal"))

    assert document.uptake == (
        "40 of 100 who were asked wrote down what they will do.",
        "When asked again, 90 days later, 20 of 30 had done it or part of it.",
        "Of 20 commitments kept, 12 are shown by a file of evidence (60%).",
        "45 of 60 gave it 4 or 5 on a scale from 1 to 5. The median of the answers is 4.",
        "After three months 15 of 25 who answered had used it in their work.",
    )
    assert [(table.title, table.rows) for table in document.uptake_tables] == [
        (
            "Commitments by audience",
            (
                ("1 Civil society", "42.9% (30 of 70)", "60% (15 of 25)"),
                ("2 Policy", "33.3% (10 of 30)", "100% (5 of 5)"),
            ),
        ),
        (
            "What shows that commitments were kept",
            (("Shown by a file", "12"), ("Not shown by a file", "5"), ("Not stated", "3")),
        ),
        ("How useful it was", (("5", "20"), ("4", "25"), ("3", "10"), ("2", "5"))),
        ("What was used in work", (("Working with governments", "10"), ("Not stated", "5"))),
    ]  # fmt: skip
    assert document.print.rows == (("The book", "700", "60", "640"),)


def test_outside_it_is_said_in_the_bands_that_are_printed():
    document = compose(told("donor"))

    assert document.uptake[2] == "Of 20–24 commitments kept, 10–14 are shown by a file of evidence (50%)."
    assert document.uptake[3] == "45–49 of 60–64 gave it 4 or 5 on a scale from 1 to 5. The median of the answers is 4."
    assert document.uptake_tables[0].rows[0] == ("1 Civil society", "43% (30–34 of 70–74)", "60% (15–19 of 25–29)")


def test_nothing_is_said_of_what_nobody_was_asked():
    world = launch_world()

    document = compose(view_of_facts(recount(world), world))

    assert (document.uptake, document.uptake_tables, document.print.rows) == ((), (), ())


def test_the_first_quote_stands_on_the_first_page_and_the_others_below():
    quotes = (UsableQuote("1", "It changed how we work.", "A campaigner"), UsableQuote("2", "We began again.", ""))

    document = compose(replace(told("donor"), quotes=quotes))

    assert document.quote
    assert document.quote.words == "It changed how we work."
    assert [one.words for one in document.quotes] == ["We began again."]


def exactly(**marks: int) -> dict[str, Printed]:
    return {key.strip("m"): Printed(n, n, exact=True) for key, n in marks.items()}


@pytest.mark.parametrize(
    ("marks", "found"),
    [
        (exactly(m5=3, m4=1), (5, 5)),
        (exactly(m5=1, m4=1), (4, 4)),
        (exactly(m1=2, m3=1, m5=2), (3, 3)),
        (exactly(m5=0, m1=0), None),
        ({}, None),
        ({"4-5": Printed(9, 9, exact=True)}, (4, 5)),
        ({"4-5": Printed(2, 2, exact=True), "1-3": Printed(4, 4, exact=True)}, (1, 3)),
        ({"5": band(22, 5), "4": band(16, 5), "1": band(2, 5)}, (4, 5)),
        ({"5": band(40, 5), "4": band(16, 5), "1": band(2, 5)}, (5, 5)),
    ],
    ids=["most", "even", "odd", "nobody", "withheld", "half known", "lower half", "bands leave two", "bands settle it"],
)
def test_a_median_goes_as_far_as_the_printed_numbers_settle_it(marks: dict[str, Printed], found: object):
    assert median(marks) == found


def counts(marks: tuple[int, ...]) -> list[Count]:
    """How useful it was, with three marks given, as a report holds it."""
    best, good, poor = marks
    rows = {Dimension.ANSWER: {"5": best, "4": good, "4-5": 0, "3": 0, "2": poor, "1": 0, "1-3": 0}}
    everyone = Count("usefulness_answers", Family.BY_HAND, sum(marks), rows, printed=frozenset({Dimension.ANSWER}))
    useful = Count("found_useful", Family.BY_HAND, best + good)
    return [everyone, useful, Count("found_less_useful", Family.BY_HAND, poor, hidden=True)]


def printed(world: Iterable[Count]) -> tuple[str, ...]:
    listed = list(world)
    found = protect(listed, links_between(listed, []), k=5)
    rows = found["usefulness_answers"].rows.get(Dimension.ANSWER, {})
    totals = [one.total for one in found.values()]
    return tuple(f"{one.band}{'!' * one.exact}" if one else "–" for one in (*totals, *rows.values()))


def test_nobody_who_gave_a_mark_is_worked_out_from_marks_and_those_who_found_it_useful():
    found: dict[tuple[str, ...], list[set[int]]] = {}
    for marks in tables(3, 14):
        values = found.setdefault(printed(counts(marks)), [set() for _ in range(4)])
        for place, number in enumerate((*marks, marks[0] + marks[1])):
            values[place].add(number)

    assert [one for values in found.values() for one in values if len(one) == 1 and 0 < min(one) < 5] == []
