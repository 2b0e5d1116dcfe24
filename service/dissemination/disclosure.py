"""Which numbers about people a report may print. Pure, and known to the attacker.

Numbers are exact everywhere or nowhere: exact when no cell in the whole report lies between 0 and
k. Otherwise rows and totals are rounded down to multiples of k and cells under k are masked; a
breakdown is kept back when its total is under 2k, or when the audit finds a cell of 1 to k-1
people that the printed numbers together leave fewer than two values for. Counts of one family
share a release state. Against the last snapshot of the same profile, a number that moved by less
than k repeats the old one; what was printed in bands once is not printed exactly later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from service.dissemination.audit import ALL, Cell, Link, Range, ranges
from service.dissemination.values.figures import Count, Dimension, Family, Printed, Release, ReleaseState

ENDLESS = 10**9


def band(number: int, k: int) -> Printed:
    """Return the band of a number: 0, 1 to k-1, or k wide."""
    if number == 0:
        return Printed(0, 0, exact=False)
    if number < k:
        return Printed(1, k - 1, exact=False)
    return Printed(number - number % k, number - number % k + k - 1, exact=False)


def ratio(numerator: Printed, denominator: Printed, times: int = 1) -> float | None:
    """Return n/N of what is printed, so many times; None where N is 0, or under 20 when bands are involved."""
    exact = numerator.exact and denominator.exact
    if denominator.floor < (1 if exact else 20):
        return None
    return times * numerator.floor / denominator.floor


def percentage(numerator: Printed, denominator: Printed) -> float | None:
    """Return 100·n/N to one decimal; None where `ratio` is."""
    share = ratio(numerator, denominator, 100)
    return None if share is None else round(share, 1)


def may_be_exact(counts: Iterable[Count], k: int) -> bool:
    """Tell whether no cell of these counts is a small one."""
    return not any(0 < number < k for count in counts for _cell, number in cells_of(count))


def protect(
    counts: Sequence[Count], links: Sequence[Link], *, k: int, before: Mapping[str, Release] | None = None
) -> dict[str, Release]:
    """Return every count by name, as it may be printed.

    `links` say how counts hang together beyond the sums of their own rows; `before` is the last
    snapshot's release, empty for the first. A k of 1 prints everything.
    """
    desk = _Desk(counts, tuple(links), k, before or {})
    while offending := desk.offending():
        desk.keep_back(offending)
    return {count.name: desk.release(count) for count in counts if not count.hidden}


@dataclass(frozen=True, slots=True)
class _Answer:
    """One cell as printed, and what a reader who knows the rule and the last snapshot makes of it."""

    printed: Printed
    means: Range


class _Desk:
    """The numbers on their way out: what is decided so far, and what that would give away."""

    def __init__(self, counts: Sequence[Count], links: tuple[Link, ...], k: int, before: Mapping[str, Release]) -> None:
        self.counts = {count.name: count for count in counts}
        self.k = k
        self.true = {cell: number for count in counts for cell, number in cells_of(count)}
        self.links = tuple(own_links(counts)) + links
        self.exact = self._may_be_exact(before)
        self.answers = {cell: self._answer(cell, n, printed_at(before, cell)) for cell, n in self.true.items()}
        self.kept: set[tuple[str, Dimension]] = {
            (count.name, dimension)
            for count in counts
            for dimension in count.printed
            if not self._is_exact(count) and count.total < 2 * k
        }
        self.silent: set[Family] = set()

    def _may_be_exact(self, before: Mapping[str, Release]) -> bool:
        """Tell whether there is no small cell, and nothing was printed in bands before."""
        was_exact = all(release.state is ReleaseState.EXACT_ALL for release in before.values())
        return was_exact and may_be_exact((c for c in self.counts.values() if c.family), self.k)

    def _is_exact(self, count: Count) -> bool:
        return count.family is None or self.exact

    def _answer(self, cell: Cell, number: int, old: Printed | None) -> _Answer:
        count = self.counts[cell[0]]
        if count.family is None:
            return _Answer(Printed(number, number, exact=True), (number, number))
        fresh = Printed(number, number, exact=True) if self._is_exact(count) else band(number, self.k)
        if old is None:
            return _Answer(fresh, (fresh.low, fresh.high))
        return _settle(number, fresh, old, self.k)

    def _is_printed(self, cell: Cell) -> bool:
        name, dimension, _key = cell
        count = self.counts[name]
        if count.hidden or count.family in self.silent:
            return False
        return dimension == ALL or (dimension in count.printed and (name, dimension) not in self.kept)

    def offending(self) -> Cell | None:
        """Return a cell of 1 to k-1 people that a reader could work out, None when there is none."""
        if self.k == 1:
            return None
        open_ = {cell: self.answers[cell].means if self._is_printed(cell) else (0, ENDLESS) for cell in self.true}
        feasible = ranges(open_, self.links)
        small = (cell for cell, number in self.true.items() if 0 < number < self.k and self._is_guarded(cell))
        return next((cell for cell in small if feasible[cell][0] == feasible[cell][1]), None)

    def _is_guarded(self, cell: Cell) -> bool:
        """Whether it counts people, and something of its family is still printed."""
        family = self.counts[cell[0]].family
        return family is not None and family not in self.silent

    def keep_back(self, cell: Cell) -> None:
        """Withhold the breakdown that gives a cell away, then its family's, then the family's totals."""
        name, dimension, _key = cell
        family = self.counts[name].family
        printed = {
            (count.name, own)
            for count in self.counts.values()
            if count.family is family and not count.hidden
            for own in count.printed
            if (count.name, own) not in self.kept
        }
        own_table = {table for table in printed if table == (name, dimension)}
        same_slice = {table for table in printed if table[1] == dimension}
        if found := own_table or same_slice or printed:
            self.kept |= found
        elif family is not None:
            self.silent.add(family)

    def release(self, count: Count) -> Release:
        """Return a count as it is printed."""
        if count.family in self.silent:
            return Release(count.name, ReleaseState.WITHHELD, None, {}, _in_order(count.printed))
        withheld = _in_order(d for d in count.printed if (count.name, d) in self.kept)
        rows = {
            dimension: {
                key: self.answers[(count.name, dimension, key)].printed for key in count.rows.get(dimension, {})
            }
            for dimension in _in_order(count.printed)
            if dimension not in withheld
        }
        return Release(count.name, self._state(count), self.answers[(count.name, ALL, "")].printed, rows, withheld)

    def _state(self, count: Count) -> ReleaseState:
        """Return the state, which the whole family shares."""
        if self._is_exact(count):
            return ReleaseState.EXACT_ALL
        family = [c for c in self.counts.values() if c.family is count.family and not c.hidden]
        tables = {(c.name, dimension) for c in family for dimension in c.printed}
        return ReleaseState.TOTAL_ONLY if tables and tables <= self.kept else ReleaseState.BANDED


def _settle(number: int, fresh: Printed, old: Printed, k: int) -> _Answer:
    """Repeat the old number while the new one lies less than k from it; say what either means."""
    if old.low - k < number < old.high + k:
        repeated = old if fresh.exact or not old.exact else band(old.low, k)
        return _Answer(repeated, (max(0, old.low - k + 1), old.high + k - 1))
    return _Answer(fresh, meaning(fresh, old, k))


def meaning(printed: Printed, old: Printed | None, k: int) -> Range:
    """Return the values that a number may have for a reader who knows how it was printed before."""
    if old is None:
        return printed.low, printed.high
    if (printed.low, printed.high) == (old.low, old.high) or (old.exact and printed == band(old.low, k)):
        return max(0, old.low - k + 1), old.high + k - 1
    if printed.high > old.high:
        return max(printed.low, old.high + k), printed.high
    return printed.low, min(printed.high, old.low - k)


def printed_at(releases: Mapping[str, Release], cell: Cell) -> Printed | None:
    """Return how a cell is printed, None where it is not."""
    name, dimension, key = cell
    if name not in releases:
        return None
    if dimension == ALL:
        return releases[name].total
    return releases[name].rows.get(Dimension(dimension), {}).get(key)


def cells_of(count: Count) -> Iterable[tuple[Cell, int]]:
    """Yield the total and every row of a count."""
    yield (count.name, ALL, ""), count.total
    for dimension, rows in count.rows.items():
        for key, number in rows.items():
            yield (count.name, dimension, key), number


def own_links(counts: Iterable[Count]) -> Iterable[Link]:
    """Say how the rows of each count hang together with its total."""
    for count in counts:
        whole = (count.name, ALL, "")
        for dimension, rows in count.rows.items():
            parts = tuple((count.name, dimension, key) for key in rows)
            if dimension in count.overlapping:
                yield Link(whole, parts, at_least=False)
                yield from (Link(whole, (part,), at_most=False) for part in parts)
            else:
                yield Link(whole, parts)


def _in_order(dimensions: Iterable[Dimension]) -> tuple[Dimension, ...]:
    wanted = set(dimensions)
    return tuple(dimension for dimension in Dimension if dimension in wanted)
