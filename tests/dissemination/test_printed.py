"""The attacker reads what is printed: the numbers of each rendered format, of one report and of two in a row."""

from __future__ import annotations

from functools import cache
from itertools import product

import pytest

from service.dissemination.facts import Facts, Segment
from service.dissemination.rendering import render
from service.dissemination.snapshots import SnapshotView
from tests.dissemination.attacker import Published, leaks, tables
from tests.dissemination.printed import AUDIENCES, READERS, read
from tests.dissemination.recount import recount
from tests.dissemination.views import view_of_facts
from tests.dissemination.worlds import World, add_event, empty_world

PROFILES = {5: "donor", 10: "public"}
EVERYWHERE = ("people_invited", "attempted", "delivered", "answered", "accepted", "promised", "kept", "attended")
OF_PEOPLE = ("people_delivered", "people_accepted", "people_attended")


@cache
def held() -> tuple[World, Facts]:
    """A world with one event held and nobody at it."""
    world = empty_world()
    add_event(world)
    return world, recount(world)


def view(rows: tuple[int, ...], k: int, before: SnapshotView | None = None) -> SnapshotView:
    """Return the report of an event to which as many of each audience were invited and came."""
    world, facts = held()
    segments = tuple(
        Segment(facts.audiences[place].key, "014", dict.fromkeys((*EVERYWHERE, *OF_PEOPLE), n))
        for place, n in enumerate(rows)
    )
    by_event = {facts.events[0].id: dict.fromkeys(EVERYWHERE, sum(rows))}
    came = Facts(facts.today, facts.audiences, facts.events, segments, by_event)
    return view_of_facts(came, world, PROFILES[k], before=before.counts if before else None)


def printed(format: str, found: SnapshotView) -> Published:
    return read(format, render(found, "html" if format == "svg" else format))


@pytest.mark.parametrize(("format", "k", "highest"), [(format, 5, 14) for format in READERS] + [("csv", 10, 29)])
def test_nobody_is_worked_out_from_a_printed_report(format: str, k: int, highest: int) -> None:
    def published(rows: tuple[int, ...], k: int) -> Published:
        return printed(format, view(rows, k))

    assert leaks(published, tables(len(AUDIENCES), highest), k) == []


@pytest.mark.parametrize("format", READERS)
def test_the_attacker_reads_the_numbers_that_are_there(format: str) -> None:
    """A reader that found nothing would prove nothing."""
    exact = view((27, 6), 5)
    masked = view((27, 3), 5)

    assert printed(format, exact) == ("33", ("27", "6"))
    assert printed(format, masked) == ("30–34", ("25–29", "<5"))


def test_nobody_is_worked_out_from_two_reports_in_a_row() -> None:
    # Whole bands only: a table cut off in the middle of one shows leaks that are none.
    first, every = {rows: view(rows, 5) for rows in tables(len(AUDIENCES), 4)}, list(tables(len(AUDIENCES), 9))
    said = {rows: printed("json", found) for rows, found in first.items()}
    found: dict[tuple[Published, Published], list[set[int]]] = {}
    for earlier, later in product(first, every):
        if any(a > b for a, b in zip(earlier, later, strict=True)):
            continue  # who came does not unhappen
        second = printed("json", view(later, 5, first[earlier]))
        values = found.setdefault((said[earlier], second), [set() for _ in range(6)])
        for place, number in enumerate((sum(earlier), *earlier, sum(later), *later)):
            values[place].add(number)

    assert [
        (published, place, min(values))
        for published, places in found.items()
        for place, values in enumerate(places)
        if len(values) == 1 and 0 < min(values) < 5
    ] == []
