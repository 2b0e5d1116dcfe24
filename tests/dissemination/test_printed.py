"""The attacker reads what is printed: the numbers of each rendered format, of one report and of two in a row."""

from __future__ import annotations

from functools import cache
from itertools import product

import pytest

from service.dissemination.facts import Facts, Segment
from service.dissemination.rendering import render
from service.dissemination.snapshots import SnapshotView
from tests.dissemination.attacker import Published, leaks, tables
from tests.dissemination.printed import READERS, SOURCES, read
from tests.dissemination.recount import recount
from tests.dissemination.views import view_of_facts, words_of
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


@cache
def first_view(rows: tuple[int, ...], k: int) -> SnapshotView:
    """Return the first report of these people, made once for all formats."""
    return view(rows, k).sealed()


def printed(format: str, found: SnapshotView) -> Published:
    source = SOURCES.get(format, format)
    return read(format, words_of(found, "pdf").encode() if source == "pdf" else render(found, source))


# Three audiences up to the end of a band; a document takes longest to make, so its tables end a band earlier.
REACH = [(format, 5, 3, 9 if format == "docx" else 14) for format in READERS]


@pytest.mark.parametrize(("format", "k", "audiences", "highest"), [*REACH, ("csv", 10, 2, 29)])
def test_nobody_is_worked_out_from_a_printed_report(format: str, k: int, audiences: int, highest: int) -> None:
    once: dict[str, Published] = {}  # rendering is a function of what the seal covers: the same seal, the same bytes

    def published(rows: tuple[int, ...], k: int) -> Published:
        found = first_view(rows, k)
        if found.sha256 not in once:
            once[found.sha256] = printed(format, found)
        return once[found.sha256]

    assert leaks(published, tables(audiences, highest), k) == []


@pytest.mark.parametrize("format", [format for format in READERS if "shapes" not in format])
def test_the_attacker_reads_the_numbers_that_are_there(format: str) -> None:
    """A reader that found nothing would prove nothing."""
    exact = view((27, 6, 5), 5)
    masked = view((27, 3, 0), 5)

    assert printed(format, exact) == ("38", ("27", "6", "5"))
    assert printed(format, masked) == ("30–34", ("25–29", "<5", "0"))


@pytest.mark.parametrize("format", ["page shapes", "paper shapes"])
def test_a_bar_is_as_long_as_what_is_printed_and_not_as_what_is_so(format: str) -> None:
    """Two of 27 more are seen where numbers are exact; within a band, and of those masked, nothing is seen."""
    exact = [printed(format, view(rows, 5)) for rows in ((27, 6, 5), (29, 6, 5))]
    banded = [printed(format, view(rows, 5)) for rows in ((27, 3, 0), (29, 2, 0), (26, 4, 0))]

    assert exact[0] != exact[1]
    assert banded == [banded[0]] * 3
    assert banded[0] != exact[0]


def test_nobody_is_worked_out_from_two_reports_in_a_row() -> None:
    # Whole bands only: a table cut off in the middle of one shows leaks that are none.
    first, every = {rows: view(rows, 5) for rows in tables(2, 4)}, list(tables(2, 9))
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
