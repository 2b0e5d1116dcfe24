"""The attacker: knows the rule, withholding included, and every table that could have been.

For each published outcome it collects the tables that lead to it. A cell of 1 to k-1 people is
worked out when all of them agree on its value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import product

from service.dissemination.disclosure import protect
from service.dissemination.links import links_between
from service.dissemination.values.figures import Count, Dimension, Family, Release

Published = tuple[str, tuple[str, ...]]  # the total, and the rows or none of them
Rule = Callable[[tuple[int, ...], int], Published]
AUDIENCE = Dimension.AUDIENCE


def count(name: str, rows: Iterable[int], *, hidden: bool = False) -> Count:
    """A count of people with these rows, by audience."""
    numbers = {f"row{place}": number for place, number in enumerate(rows)}
    printed = frozenset() if hidden else frozenset({AUDIENCE})
    return Count(name, Family.ATTENDANCE, sum(numbers.values()), {AUDIENCE: numbers}, printed=printed, hidden=hidden)


def our_rule(rows: tuple[int, ...], k: int) -> Published:
    """Publish one table with the rule of the product."""
    release = protect([count("came", rows)], [], k=k)["came"]
    return words(release)


def words(release: Release) -> Published:
    """Return a released count as it stands on paper; an exact 7 is not the band of 7."""
    total = f"{release.total.band}{'!' if release.total.exact else ''}" if release.total else "withheld"
    rows = release.rows.get(AUDIENCE, {}).values()
    return total, tuple(f"{row.band}{'!' if row.exact else ''}" for row in rows)


def tables(rows: int, highest_total: int) -> Iterator[tuple[int, ...]]:
    """Return every table of so many rows up to a total, in each order of its rows."""
    return (table for table in product(range(highest_total + 1), repeat=rows) if sum(table) <= highest_total)


def partitions(rows: int, total: int, largest: int | None = None) -> Iterator[tuple[int, ...]]:
    """Return every table of a total whose rows do not rise: one for all orders of the same rows."""
    largest = total if largest is None else min(largest, total)
    if rows == 1:
        if total <= largest:
            yield (total,)
        return
    for first in range(largest, -1, -1):
        if first * rows < total:
            return
        yield from ((first, *rest) for rest in partitions(rows - 1, total - first, first))


def leaks(rule: Rule, every: Iterable[tuple[int, ...]], k: int) -> list[tuple[Published, str, int]]:
    """Return the small cells that are worked out, from tables in every order of their rows."""
    found: dict[Published, list[set[int]]] = {}
    for table in every:
        values = found.setdefault(rule(table, k), [set() for _ in range(len(table) + 1)])
        for place, number in enumerate((sum(table), *table)):
            values[place].add(number)
    return [
        (published, f"place {place}", min(values))
        for published, places in found.items()
        for place, values in enumerate(places)
        if len(values) == 1 and 0 < min(values) < k
    ]


def leaks_of_partitions(rule: Rule, every: Iterable[tuple[int, ...]], k: int) -> list[tuple[Published, str, int]]:
    """Return the small cells that are worked out, from one order of each table.

    A rule that treats rows alike gives rows of one band the same values to choose from, so those of
    a band are collected together; a withheld row can be any of the table.
    """
    found: dict[Published, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for table in every:
        total, bands = rule(table, k)
        values = found[(total, tuple(sorted(bands)))]
        values["total"].add(sum(table))
        for place, number in enumerate(table):
            values[bands[place] if bands else "withheld"].add(number)
    return [
        (published, band, min(numbers))
        for published, values in found.items()
        for band, numbers in values.items()
        if len(numbers) == 1 and 0 < min(numbers) < k
    ]


def linked(kept: tuple[int, ...], walked_in: tuple[int, ...], stayed_away: tuple[int, ...]) -> list[Count]:
    """Counts that can be subtracted from each other, as a report holds them."""
    return [
        count("promised", [a + b for a, b in zip(kept, stayed_away, strict=True)]),
        count("kept", kept),
        count("no_shows", stayed_away, hidden=True),
        count("attended", [a + b for a, b in zip(kept, walked_in, strict=True)]),
        count("walk_ins", walked_in),
    ]


def linked_worlds(highest: int) -> Iterator[list[Count]]:
    """Return every world of two audiences in which no more promised and no more came."""
    for total in range(highest + 1):
        for kept in pairs(total):
            rest = [pair for more in range(highest - total + 1) for pair in pairs(more)]
            yield from (linked(kept, walked, away) for walked in rest for away in rest)


def pairs(total: int) -> list[tuple[int, int]]:
    return [(first, total - first) for first in range(total + 1)]


def leaks_of_linked(worlds: Iterable[list[Count]], k: int) -> list[tuple[str, str, int]]:
    """Return the small cells that are worked out from all counts of a world together."""
    found: dict[tuple[Published, ...], dict[tuple[str, str], set[int]]] = defaultdict(lambda: defaultdict(set))
    for world in worlds:
        released = protect(world, links_between(world, []), k=k)
        values = found[tuple(words(release) for release in released.values())]
        for one in world:
            values[(one.name, "total")].add(one.total)
            for key, number in one.rows[AUDIENCE].items():
                values[(one.name, key)].add(number)
    return [
        (name, key, min(numbers))
        for values in found.values()
        for (name, key), numbers in values.items()
        if len(numbers) == 1 and 0 < min(numbers) < k
    ]
