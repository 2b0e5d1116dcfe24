"""From facts to figures: measure every indicator, protect the counts, print what is left. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from service.dissemination.counting import PEOPLE_COUNTS, count_of
from service.dissemination.disclosure import percentage, protect, ratio
from service.dissemination.facts import Facts
from service.dissemination.indicators import INDICATORS, Indicator
from service.dissemination.links import links_between
from service.dissemination.values.figures import (
    Cell,
    Count,
    Dimension,
    Figure,
    Measure,
    Number,
    Printed,
    Release,
    number,
)

_NONE = Printed(0, 0, exact=True)  # a row of things that the part has none of
# Breakdowns of a part or a whole alone: numbers, no shares.
_OF_ONE = (Dimension.ANSWER, Dimension.CHAPTER, Dimension.PROOF)
Labels = Mapping[Dimension, Mapping[str, str]]
Made = tuple[Number | None, str | None, Number | None]  # value, band and floor
Maker = Callable[[Printed | None, Printed | None], Made]


@dataclass(frozen=True, slots=True)
class Figures:
    """Every indicator as printed, and every count behind them."""

    figures: tuple[Figure, ...]
    counts: dict[str, Release]


def make_figures(
    facts: Facts,
    *,
    k: int,
    labels: Labels,
    before: Mapping[str, Release] | None = None,
    indicators: Iterable[Indicator] = INDICATORS,
) -> Figures:
    """Return the figures of a profile whose smallest printed number of people is `k`, those of `indicators`.

    `labels` name the rows of each breakdown; `before` are the counts of the profile's last snapshot.
    """
    priority = [audience.key for audience in facts.audiences if audience.rank == 1]
    measures = {one: one.measure(facts) for one in indicators}
    every = _every_count(facts, measures.values())
    counts = every if k == 1 else [count.for_others for count in every]
    released = protect(counts, links_between(counts, priority), k=k, before=before)
    desk = _Printer(released, labels, priority)
    people = {count.name: released[count.name] for count in counts if count.family and not count.hidden}
    return Figures(tuple(desk.figure(one, measure) for one, measure in measures.items()), people)


def _every_count(facts: Facts, measures: Iterable[Measure]) -> list[Count]:
    """Return each count once: those of people, and the things that indicators count."""
    found = {name: count_of(facts, name) for name in PEOPLE_COUNTS}
    for measure in measures:
        found.update((count.name, count) for count in measure.counts)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class _Printer:
    """Puts released counts into the figures of indicators."""

    released: Mapping[str, Release]
    labels: Labels
    priority: list[str]

    def figure(self, one: Indicator, measure: Measure) -> Figure:
        """Return an indicator in print."""
        numerator = self.released[measure.numerator.name]
        if not measure.is_known:
            state = self.released[measure.counts[-1].name].state
            return Figure(one.id, one.name, one.unit, state, None, None, None, None, None, None)
        if measure.side_by_side is not None:
            return self._side_by_side(one, numerator, measure.side_by_side)
        if measure.denominator is None:
            return self._count(one, numerator)
        denominator = self.released[measure.denominator.name]
        if measure.planned is None:
            return self._rate(one, numerator, denominator, measure.currency)
        return self._balance(one, numerator, measure.planned)

    def _count(self, one: Indicator, release: Release) -> Figure:
        cells = [
            self._cell(dimension, key, *_number_or_band(printed), floor=printed.floor)
            for dimension, rows in release.rows.items()
            for key, printed in rows.items()
        ]
        value, band = _number_or_band(release.total)
        total = release.total
        return Figure(
            one.id,
            one.name,
            one.unit,
            release.state,
            value,
            None,
            None,
            band,
            total.floor if total else None,
            total.high if total else None,
            tuple(cells),
            release.withheld,
        )

    def _side_by_side(self, one: Indicator, release: Release, numbers: Mapping[str, int]) -> Figure:
        """Return what each source says; there is no headline, because they are never added up."""
        cells = tuple(self._cell(Dimension.SOURCE, key, n, None, floor=n) for key, n in numbers.items())
        return Figure(one.id, one.name, one.unit, release.state, None, None, None, None, None, None, cells)

    def _rate(self, one: Indicator, numerator: Release, denominator: Release, currency: str) -> Figure:
        """Return what comes of two counts: a share in per cent, or an amount of a currency for each."""
        make = _each if currency else _percent
        shared = [dimension for dimension in numerator.rows if dimension in denominator.rows]
        cells = [
            self._share(dimension, key, numerator.rows[dimension].get(key, _NONE), whole, make)
            for dimension in shared
            for key, whole in denominator.rows[dimension].items()
        ]
        cells += [
            self._cell(dimension, key, *_number_or_band(printed), floor=printed.floor)
            for dimension in _OF_ONE
            for key, printed in {**numerator.rows, **denominator.rows}.get(dimension, {}).items()
        ]
        value, band, floor = make(numerator.total, denominator.total)
        return Figure(
            one.id,
            one.name,
            one.unit,
            denominator.state,
            value,
            _one(numerator.total),
            _one(denominator.total),
            band,
            floor,
            floor,
            tuple(cells),
            tuple(d for d in Dimension if d in {*numerator.withheld, *denominator.withheld}),
            currency,
        )

    def _balance(self, one: Indicator, release: Release, planned: Mapping[str, float]) -> Figure:
        """Return shares less planned shares, in points; the headline is that of rank 1."""
        rows = release.rows.get(Dimension.AUDIENCE, {})
        cells = [
            self._points(key, rows[key], release.total, share)
            for key, share in planned.items()
            if key in rows and release.total
        ]
        first = [cell for cell in cells if cell.key in self.priority]
        head = first[0] if len(first) == 1 else None
        return Figure(
            one.id,
            one.name,
            one.unit,
            release.state,
            head.value if head else None,
            head.numerator if head else None,
            head.denominator if head else None,
            head.band if head else None,
            head.floor if head else None,
            head.floor if head else None,
            tuple(cells),
            tuple(d for d in release.withheld if d is Dimension.AUDIENCE),
        )

    def _share(self, dimension: Dimension, key: str, part: Printed, whole: Printed, make: Maker) -> Cell:
        value, band, floor = make(part, whole)
        return self._cell(dimension, key, value, band, _one(part), _one(whole), floor)

    def _points(self, key: str, part: Printed, whole: Printed | None, planned: float) -> Cell:
        share = percentage(part, whole) if whole else None
        points = None if share is None else round(share - 100 * planned, 1)
        exact = part.exact and whole is not None and whole.exact
        band = None if points is None or exact else f"{points:+.0f}".replace("-", "−")
        return self._cell(Dimension.AUDIENCE, key, points if exact else None, band, _one(part), _one(whole), points)

    def _cell(
        self,
        dimension: Dimension,
        key: str,
        value: Number | None,
        band: str | None,
        numerator: Number | str | None = None,
        denominator: Number | str | None = None,
        floor: Number | None = None,
    ) -> Cell:
        label = self.labels.get(dimension, {}).get(key, key)
        return Cell(dimension, key, label, value, band, numerator, denominator, floor)


def _number_or_band(printed: Printed | None) -> tuple[Number | None, str | None]:
    if printed is None:
        return None, None
    return (printed.low, None) if printed.exact else (None, printed.band)


def _one(printed: Printed | None) -> Number | str | None:
    value, band = _number_or_band(printed)
    return band if value is None else value


def _percent(part: Printed | None, whole: Printed | None) -> Made:
    """Return a rate as value, band and floor: the value when both are exact, words when a band is involved."""
    share = percentage(part, whole) if part and whole else None
    if share is None or part is None or whole is None:
        return None, None, None
    return (share, None, share) if part.exact and whole.exact else (None, f"{share:.0f}%", round(share))


def _each(part: Printed | None, whole: Printed | None) -> Made:
    """Return an amount for each one as value, band and floor, as `_percent` does a share."""
    amount = ratio(part, whole) if part and whole else None
    if amount is None or part is None or whole is None:
        return None, None, None
    exact = part.exact and whole.exact
    return (round(amount, 1), None, round(amount, 1)) if exact else (None, number(round(amount)), round(amount))
