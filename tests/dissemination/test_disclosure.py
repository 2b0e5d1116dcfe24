"""The disclosure rule, and an attacker who has every table that could have been."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.dissemination.audit import Link, ranges
from service.dissemination.disclosure import band, percentage, protect
from service.dissemination.links import links_between
from service.dissemination.values.figures import Count, Dimension, Family, Printed, Release, ReleaseState
from tests.dissemination import attacker
from tests.dissemination.attacker import AUDIENCE, count, our_rule, words


@pytest.mark.parametrize(
    ("number", "k", "text"),
    [
        (0, 5, "0"),
        (1, 5, "<5"),
        (4, 5, "<5"),
        (5, 5, "5–9"),
        (129, 5, "125–129"),
        (9, 10, "<10"),
        (1480, 10, "1,480–1,489"),
    ],
)
def test_bands_read_as_in_print(number, k, text):
    assert band(number, k).band == text


def test_a_percentage_is_made_of_the_lower_ends_and_needs_twenty_below():
    assert percentage(band(397, 5), band(412, 5)) == 96.3
    assert percentage(band(3, 5), band(24, 5)) == 0.0
    assert percentage(band(12, 5), band(19, 5)) is None
    assert percentage(Printed(2, 2, exact=True), Printed(3, 3, exact=True)) == 66.7
    assert percentage(Printed(2, 2, exact=True), Printed(0, 0, exact=True)) is None


@pytest.mark.parametrize(
    ("rows", "state", "printed"),
    [
        ((7, 5, 0), ReleaseState.EXACT_ALL, ("12!", ("7!", "5!", "0!"))),
        ((9, 3, 0), ReleaseState.BANDED, ("10–14", ("5–9", "<5", "0"))),
        ((4, 4, 0), ReleaseState.TOTAL_ONLY, ("5–9", ())),
        ((0, 3, 0), ReleaseState.TOTAL_ONLY, ("<5", ())),
        ((1, 1, 1, 1, 10), ReleaseState.TOTAL_ONLY, ("10–14", ())),
        ((0, 0), ReleaseState.EXACT_ALL, ("0!", ("0!", "0!"))),
    ],
    ids=["exact", "banded", "under-2k", "small-total", "five-rows-audited", "nobody"],
)
def test_release_states(rows, state, printed):
    release = protect([count("came", rows)], [], k=5)["came"]

    assert (release.state, words(release)) == (state, printed)


@pytest.mark.parametrize(("k", "rows", "highest"), [(5, 2, 49), (5, 3, 39), (10, 2, 69)])
def test_no_table_gives_a_small_cell_away(k, rows, highest):
    assert attacker.leaks(our_rule, attacker.tables(rows, highest), k) == []


@pytest.mark.parametrize(
    ("k", "rows", "highest"), [(5, 3, 49), (5, 4, 44), (5, 5, 34), (5, 6, 29), (5, 7, 24), (10, 3, 59), (10, 4, 49)]
)
def test_no_larger_table_gives_a_small_cell_away(k, rows, highest):
    every = (table for total in range(highest + 1) for table in attacker.partitions(rows, total))

    assert attacker.leaks_of_partitions(our_rule, every, k) == []


def test_the_attacker_sees_five_rows_leak_without_the_audit():
    def unaudited(rows, k):
        if sum(rows) < 2 * k:
            return band(sum(rows), k).band, ()
        return band(sum(rows), k).band, tuple(band(row, k).band for row in rows)

    every = [table for total in range(15) for table in attacker.partitions(5, total)]

    assert attacker.leaks_of_partitions(unaudited, every, 5) == [
        (("10–14", ("10–14", "<5", "<5", "<5", "<5")), "<5", 1)
    ]


@pytest.mark.parametrize("rounding", ["masked-rest-exact", "banded-rows-exact-total"])
def test_the_attacker_sees_naive_rules_leak(rounding):
    def naive(rows, k):
        if rounding == "masked-rest-exact":
            return str(sum(rows)), tuple(f"<{k}" if 0 < row < k else str(row) for row in rows)
        return str(sum(rows)), tuple(band(row, k).band for row in rows)

    assert attacker.leaks(naive, attacker.tables(3, 24), 5)


@given(st.permutations([11, 4, 1, 0, 7]), st.integers(2, 12))
def test_rows_are_treated_alike_whatever_their_order(rows, k):
    total, bands = our_rule(tuple(rows), k)
    again, sorted_bands = our_rule(tuple(sorted(rows)), k)

    assert (total, sorted(bands)) == (again, sorted(sorted_bands))


@settings(max_examples=300)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=24), st.sampled_from([5, 10]))
def test_every_printed_small_cell_leaves_two_values(rows, k):
    """Beyond what can be enumerated: each masked row can be two things with the others in their bands."""
    release = protect([count("came", rows)], [], k=k)["came"]
    printed = release.rows.get(AUDIENCE, {})
    masked = [key for key, row in printed.items() if row.band == f"<{k}"]

    for key in masked:
        others = [row for other, row in printed.items() if other != key]
        least = release.total.low - sum(row.high for row in others)
        most = release.total.high - sum(row.low for row in others)
        assert min(most, k - 1) - max(least, 1) >= 1


# The highest total is the end of a band: a domain cut within a band shows leaks that are none.
@pytest.mark.parametrize(
    ("k", "highest"), [(4, 7), pytest.param(4, 11, marks=pytest.mark.slow), pytest.param(5, 14, marks=pytest.mark.slow)]
)
def test_counts_that_can_be_subtracted_give_no_small_cell_away(k, highest):
    assert attacker.leaks_of_linked(attacker.linked_worlds(highest), k) == []


@pytest.mark.parametrize(("regions", "highest"), [(2, 19), (3, 14)])
def test_nobody_is_worked_out_from_two_tables_of_the_same_people(regions, highest):
    """By region and by language: what one table says of the total narrows the other."""
    found: dict[tuple[str, ...], list[set[int]]] = {}
    for total in range(highest + 1):
        for first in (table for table in attacker.tables(regions, total) if sum(table) == total):
            for second in attacker.pairs(total):
                rows = {
                    by: {f"row{place}": number for place, number in enumerate(table)}
                    for by, table in ((Dimension.REGION, first), (Dimension.LANGUAGE, second))
                }
                invited = Count("people_invited", Family.INVITATIONS, total, rows, printed=frozenset(rows))
                told = (str(protect([invited], [], k=5)["people_invited"]),)
                values = found.setdefault(told, [set() for _ in range(regions + 3)])
                for place, number in enumerate((total, *first, *second)):
                    values[place].add(number)

    assert [one for values in found.values() for one in values if len(one) == 1 and 0 < min(one) < 5] == []


def test_no_organisation_of_a_kind_is_worked_out_beside_the_people_who_came():
    """Organisations by kind, fewer than the people who came of them, who stand by audience."""
    found: dict[tuple[object, ...], list[set[int]]] = {}
    for kinds, people in product(attacker.tables(2, 9), attacker.tables(2, 14)):
        if sum(kinds) <= sum(people):
            rows = {Dimension.KIND: {"a": kinds[0], "b": kinds[1]}}
            organisations = Count("organisations", Family.ATTENDANCE, sum(kinds), rows, printed=frozenset(rows))
            world = [replace(count("came", people), name="people_attended"), organisations]
            released = protect(world, links_between(world, []), k=5)
            told = (words(released["people_attended"]), str(released["organisations"]))
            values = found.setdefault(told, [set() for _ in range(6)])
            for place, number in enumerate((sum(kinds), *kinds, sum(people), *people)):
                values[place].add(number)

    assert [one for values in found.values() for one in values if len(one) == 1 and 0 < min(one) < 5] == []


@pytest.mark.parametrize("knows", [True, False])
def test_the_audit_must_know_what_adds_up(knows):
    """Five counts that make up a sixth leak as five rows do, unless the rule knows that they do."""

    def rule(parts, k):
        counts = [Count(f"part{place}", Family.ATTENDANCE, part) for place, part in enumerate(parts)]
        whole = Count("whole", Family.ATTENDANCE, sum(parts))
        link = Link(("whole", "", ""), tuple((part.name, "", "") for part in counts))
        released = protect([whole, *counts], [link] if knows else [], k=k)
        total, *rest = (words(release)[0] for release in released.values())
        return total, tuple(rest)

    every = [table for total in range(15) for table in attacker.partitions(5, total)]

    assert (attacker.leaks_of_partitions(rule, every, 5) == []) is knows


def test_one_small_cell_anywhere_bands_every_count_of_people():
    large, small = count("attended", (50, 60)), Count("delivered", Family.INVITATIONS, 3)

    released = protect([large, small], [], k=5)

    assert released == {
        "attended": Release(
            "attended", ReleaseState.BANDED, band(110, 5), {AUDIENCE: {"row0": band(50, 5), "row1": band(60, 5)}}
        ),
        "delivered": Release("delivered", ReleaseState.BANDED, band(3, 5)),
    }


def test_things_stay_exact_beside_bands():
    released = protect([count("came", (9, 3)), Count("events_held", None, 2)], [], k=5)

    assert released["events_held"] == Release("events_held", ReleaseState.EXACT_ALL, Printed(2, 2, exact=True))


def test_the_complement_of_a_count_is_protected_though_nobody_prints_it():
    """98 of 100 came: that two stayed away would stand between the lines."""
    counts = attacker.linked((60, 38), (0, 0), (1, 1))

    released = protect(counts, links_between(counts, []), k=5)

    assert {release.state for release in released.values()} == {ReleaseState.BANDED}
    assert "no_shows" not in released


def test_a_family_falls_silent_when_its_totals_give_someone_away():
    whole = Count("promised", Family.ATTENDANCE, 4)
    parts = [Count(f"part{n}", Family.ATTENDANCE, 1) for n in range(4)]
    links = [Link(("promised", "", ""), tuple((part.name, "", "") for part in parts))]

    released = protect([whole, *parts], links, k=5)

    assert {release.state for release in released.values()} == {ReleaseState.WITHHELD}
    assert {release.total for release in released.values()} == {None}


def test_internal_figures_are_exact():
    assert words(protect([count("came", (1, 2, 0))], [], k=1)["came"]) == ("3!", ("1!", "2!", "0!"))


def test_ranges_follow_sums_both_ways():
    total, first, second = ("c", "", ""), ("c", "audience", "a"), ("c", "audience", "b")

    found = ranges({total: (10, 14), first: (1, 4), second: (0, 10**9)}, [Link(total, (first, second))])

    assert found == {total: (10, 14), first: (1, 4), second: (6, 13)}


@given(st.integers(0, 80), st.integers(-4, 4), st.booleans())
def test_one_person_more_or_less_repeats_the_last_snapshot(before, moved, breakdown):
    """Who came since the last report cannot be told from the difference of the two."""
    rows = (before, 30) if breakdown else (before,)
    first = protect([count("came", rows)], [], k=5)
    now = (max(0, before + moved), *rows[1:])

    second = protect([count("came", now)], [], k=5, before=first)

    if first["came"].rows and second["came"].rows:
        assert second["came"].rows == _as_bands(first["came"].rows, second["came"].state)
    assert second["came"].total.low in (first["came"].total.low, band(first["came"].total.low, 5).low)


def _as_bands(rows, state):
    if state is ReleaseState.EXACT_ALL:
        return rows
    return {by: {key: band(row.low, 5) if row.exact else row for key, row in own.items()} for by, own in rows.items()}


def test_a_number_that_moved_by_k_or_more_is_printed_anew():
    first = protect([count("came", (12, 30))], [], k=5)

    second = protect([count("came", (17, 30))], [], k=5, before=first)

    assert words(second["came"]) == ("47!", ("17!", "30!"))


def test_bands_do_not_become_exact_later():
    first = protect([count("came", (3, 30))], [], k=5)

    second = protect([count("came", (30, 60))], [], k=5, before=first)

    assert (second["came"].state, words(second["came"])) == (ReleaseState.BANDED, ("90–94", ("30–34", "60–64")))


def test_regions_of_a_dimension_are_kept_back_together():
    release = protect([count("came", (1, 1, 1, 1, 10))], [], k=5)["came"]

    assert (release.rows, release.withheld) == ({}, (Dimension.AUDIENCE,))


def test_the_attacker_sees_a_year_beside_its_halves_give_people_away():
    """Why no report may hold the days of others and begin on another day: the sum of what is printed tells too much."""
    halves = {rows: our_rule(rows, 5) for rows in attacker.tables(2, 9)}
    found: dict[tuple[object, ...], list[set[int]]] = {}
    for (first, one), (second, two) in product(halves.items(), repeat=2):
        year = our_rule((first[0] + second[0], first[1] + second[1]), 5)
        values = found.setdefault((one, two, year), [set() for _ in range(4)])
        for place, number in enumerate((*first, *second)):
            values[place].add(number)

    leaks = [(told, values) for told, values in found.items() if any(len(v) == 1 and 0 < min(v) < 5 for v in values)]

    # Few came in the first half, eight in the second, nobody of the other audience; nine make a year of 5 to 9.
    quarters_and_year = (("<5", ()), ("8!", ("0!", "8!")), ("5–9", ()))
    assert quarters_and_year in [told for told, _values in leaks]
