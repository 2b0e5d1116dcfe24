"""Look at a snapshot once more, before it is issued, as an attacker would: at what it prints and nothing else. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from service.dissemination.audit import Cell, Range, ranges
from service.dissemination.counting import PEOPLE_COUNTS, count_of
from service.dissemination.disclosure import ENDLESS, cells_of, meaning, own_links, printed_at
from service.dissemination.facts import AudienceFact, EventFact, Facts, OutputFact
from service.dissemination.links import links_between
from service.dissemination.snapshots import SnapshotView
from service.dissemination.values.figures import (
    NOT_STATED,
    SMALLEST_K,
    Count,
    Dimension,
    Figure,
    Printed,
    Profile,
    Release,
    ReleaseState,
    Unit,
)


def weak_spots(view: SnapshotView, before: Mapping[str, Release] | None = None) -> tuple[str, ...]:
    """Return the counts and indicators that say too much for the profile; none when all is well.

    `before` are the counts of the snapshot that this one was set against.
    """
    if view.profile is Profile.INTERNAL:
        return ()
    if view.k < SMALLEST_K:
        return tuple(view.counts)
    exact = all(release.state is ReleaseState.EXACT_ALL for release in view.counts.values())
    open_ = {name for name, one in view.counts.items() if not _is_lawful(one, view.k, exact=exact)}
    figures = {one.indicator for one in view.figures if one.release_state is not ReleaseState.EXACT_ALL}
    bare = {one.indicator for one in view.figures if one.indicator in figures and _prints_exactly(one)}
    return tuple(sorted(open_ | bare | _given_away(view, before or {})))


def _is_lawful(release: Release, k: int, *, exact: bool) -> bool:
    """Whether a count is exact with all the others and has no small cell, or is in bands with all the others."""
    if release.state is ReleaseState.WITHHELD:
        return release.total is None and not release.rows
    printed = list(_printed(release))
    if exact:
        return all(one.exact and not 0 < one.low < k for one in printed)
    return all(not one.exact and (one.high == 0 or one.high > one.low) for one in printed)


def _printed(release: Release) -> Iterable[Printed]:
    if release.total:
        yield release.total
    for rows in release.rows.values():
        yield from rows.values()


def _prints_exactly(figure: Figure) -> bool:
    """Whether a figure that is not released exactly prints a number; a share is made of bands and may."""
    if figure.unit in (Unit.PERCENT, Unit.POINTS):
        parts = [figure.numerator, figure.denominator]
        parts += [part for cell in figure.cells for part in (cell.numerator, cell.denominator)]
        return any(isinstance(part, int) and part for part in parts)
    return any(value is not None for value in (figure.value, *(cell.value for cell in figure.cells)))


def _given_away(view: SnapshotView, before: Mapping[str, Release]) -> set[str]:
    """Return the counts of masked cells that the printed numbers together leave one value for."""
    counts = _counts(view)
    links = [*own_links(counts), *links_between(counts, [one.key for one in view.audiences if one.rank == 1])]
    known = {cell: _means(view, before, cell) for count in counts for cell, _nothing in cells_of(count)}
    feasible = ranges(known, links)
    masked = (cell for cell in known if _is_masked(printed_at(view.counts, cell), view.k))
    return {cell[0] for cell in masked if feasible[cell][0] == feasible[cell][1]}


def _counts(view: SnapshotView) -> list[Count]:
    """Return every count there is, empty: only how they hang together matters."""
    events = (
        EventFact(one.key, one.label, one.kind, one.state, "", one.mode, view.period.starts_on, False, True)
        for one in view.events
    )
    audiences = (AudienceFact(one.key, one.rank, one.name, one.planned_share) for one in view.audiences)
    used = _rows(view, "used_in_work", Dimension.CHAPTER)
    shown = _rows(view, "commitments_kept", Dimension.PROOF)
    kinds = _rows(view, "organisations", Dimension.KIND)
    languages = _rows(view, "people_invited", Dimension.LANGUAGE)
    facts = Facts(
        today=view.period.ends_on,
        audiences=tuple(audiences),
        events=tuple(events),
        outputs=tuple(OutputFact(key, "", is_published=False) for key in used),
        used=dict.fromkeys(used, 0),
        shown=dict.fromkeys(shown, 0),
        organisations_of=dict.fromkeys(kinds, 0) if kinds else None,
        languages=dict.fromkeys(languages, 0) if languages else None,
    )
    return [count_of(facts, name) for name in PEOPLE_COUNTS]


def _rows(view: SnapshotView, name: str, dimension: Dimension) -> list[str]:
    """Return the rows of a breakdown that this view has, but for those not stated."""
    rows = view.counts[name].rows.get(dimension, {}) if name in view.counts else {}
    return [key for key in rows if key != NOT_STATED]


def _means(view: SnapshotView, before: Mapping[str, Release], cell: Cell) -> Range:
    printed = printed_at(view.counts, cell)
    if printed is None:
        return 0, ENDLESS
    return meaning(printed, printed_at(before, cell), view.k)


def _is_masked(printed: Printed | None, k: int) -> bool:
    return printed is not None and not printed.exact and printed.low > 0 and printed.high < k
