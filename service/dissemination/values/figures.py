"""Values of figures: counts and how they may be printed, indicators.

A *count* is a number of people or things with its breakdowns. A *figure* is an indicator as it is
printed. A *profile* says who reads it; `k` is the smallest number of people that the
profile may print.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

NOT_STATED = "not-stated"
SMALLEST_K = 5


class Profile(StrEnum):
    """Who reads the report."""

    INTERNAL = "internal"
    DONOR = "donor"
    PUBLIC = "public"


USUAL_K = {Profile.INTERNAL: 1, Profile.DONOR: 5, Profile.PUBLIC: 10}


class ReleaseState(StrEnum):
    """How much of a figure is printed: everything, the total, bands, nothing."""

    EXACT_ALL = "EXACT_ALL"
    TOTAL_ONLY = "TOTAL_ONLY"
    BANDED = "BANDED"
    WITHHELD = "WITHHELD"


class Dimension(StrEnum):
    """What a count is broken down by."""

    AUDIENCE = "audience"
    REGION = "region"
    EVENT = "event"
    BASIS = "basis"
    SOURCE = "source"
    STATE = "state"
    KIND = "kind"
    EXTENT = "extent"
    CHANNEL = "channel"
    MATERIAL = "material"
    LANGUAGE = "language"
    ANSWER = "answer"
    CHAPTER = "chapter"
    FORMAT = "format"
    MODE = "mode"
    PROOF = "proof"


class Family(StrEnum):
    """Counts that can be subtracted from each other or stand in one rate: they are released alike."""

    INVITATIONS = "invitations"
    ATTENDANCE = "attendance"
    BY_HAND = "by_hand"


class Unit(StrEnum):
    """What an indicator counts."""

    OUTPUTS = "outputs"
    EVENTS = "events"
    COPIES = "copies"
    PEOPLE = "people"
    INVITATIONS = "invitations"
    ATTENDANCES = "attendances"
    ORGANISATIONS = "organisations"
    COUNTRIES = "countries"
    REQUESTS = "requests"
    SESSIONS = "sessions"
    MENTIONS = "mentions"
    REUSES = "re-uses"
    OUTCOMES = "outcomes"
    INSTANCES = "instances"
    USES = "uses"
    CITATIONS = "citations"
    PERCENT = "%"
    POINTS = "points"
    COST = "per attendance"


Rows = Mapping[Dimension, Mapping[str, int]]
Number = int | float


@dataclass(frozen=True, slots=True)
class Count:
    """A number and its breakdowns, true values.

    Without a family it counts things, which are printed as they are. Rows of a dimension add up
    to the total, except where they overlap (one person is invited to two events). `printed` names
    the breakdowns a report shows; the others are there because a reader could work them out.
    `inside` names those that leave the house in no report at all.
    """

    name: str
    family: Family | None
    total: int
    rows: Rows = field(default_factory=dict)
    overlapping: frozenset[Dimension] = frozenset()
    printed: frozenset[Dimension] = frozenset()
    hidden: bool = False
    inside: frozenset[Dimension] = frozenset()

    @property
    def for_others(self) -> Count:
        """The count without what is for use inside only."""
        rows = {dimension: row for dimension, row in self.rows.items() if dimension not in self.inside}
        return replace(self, rows=rows, printed=self.printed - self.inside, inside=frozenset())


@dataclass(frozen=True, slots=True)
class Printed:
    """One number as a reader gets it: somewhere from `low` to `high`, or exactly `low`."""

    low: int
    high: int
    exact: bool

    @property
    def band(self) -> str:
        """The words: “0”, “<5”, “5–9”, or the number."""
        if self.exact or self.high == 0:
            return f"{self.low:,}"
        return f"<{self.high + 1}" if self.low <= 1 else f"{self.low:,}–{self.high:,}"

    @property
    def floor(self) -> int:
        """The number that percentages and bars are made of: 0 for a masked one."""
        return self.low if self.exact or self.low > 1 else 0


@dataclass(frozen=True, slots=True)
class Release:
    """A count as a reader gets it. `total` None: withheld; `withheld` names breakdowns kept back."""

    name: str
    state: ReleaseState
    total: Printed | None
    rows: Mapping[Dimension, Mapping[str, Printed]] = field(default_factory=dict)
    withheld: tuple[Dimension, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """What an indicator found: a count, or a rate of two, or shares set against planned ones.

    `is_known` False: there is nothing to count in, which is not the same as nought. `side_by_side`: what others
    count, by source; it is never added up, and the numerator is only how many numbers there are.
    """

    numerator: Count
    denominator: Count | None = None
    planned: Mapping[str, float] | None = None
    is_known: bool = True
    side_by_side: Mapping[str, int] | None = None
    currency: str = ""  # of an amount of money

    @property
    def counts(self) -> tuple[Count, ...]:
        """The counts behind it."""
        return (self.numerator,) if self.denominator is None else (self.numerator, self.denominator)


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of a breakdown. For a rate, numerator and denominator stand beside the value."""

    dimension: Dimension
    key: str
    label: str
    value: Number | None
    band: str | None
    numerator: Number | str | None = None
    denominator: Number | str | None = None
    floor: Number | None = None

    @property
    def text(self) -> str:
        """The cell in print."""
        return _text(self.value, self.band)


@dataclass(frozen=True, slots=True)
class Figure:
    """An indicator as printed. `value` is a number when exact, None when `band` stands for it.

    `floor` and `ceiling` are what bars and comparisons use: the exact value twice, or the band's ends.
    """

    indicator: str
    name: str
    unit: Unit
    release_state: ReleaseState
    value: Number | None
    numerator: Number | str | None
    denominator: Number | str | None
    band: str | None
    floor: Number | None
    ceiling: Number | None
    cells: tuple[Cell, ...] = ()
    withheld: tuple[Dimension, ...] = ()
    currency: str = ""

    @property
    def text(self) -> str:
        """The figure in print, “n/a” where there is none; numbers of several sources side by side."""
        if sources := self.by(Dimension.SOURCE):
            return "; ".join(f"{cell.label} {cell.text}" for cell in sources.values())
        words = _text(self.value, self.band) + ("%" if self.unit is Unit.PERCENT and self.value is not None else "")
        return f"{self.currency} {words}" if self.currency else words

    @property
    def unit_text(self) -> str:
        """The unit, an amount of money with its currency."""
        return f"{self.currency} {self.unit.value}" if self.currency else self.unit.value

    def by(self, dimension: Dimension) -> dict[str, Cell]:
        """Return the cells of one breakdown by key, in order."""
        return {cell.key: cell for cell in self.cells if cell.dimension is dimension}


def number(value: Number) -> str:
    """Return a number in print: “1,480”, “57.3”."""
    return f"{int(value):,}" if value == int(value) else f"{value:,.1f}"


def _text(value: Number | None, band: str | None) -> str:
    if band is not None:
        return band
    return "n/a" if value is None else number(value)
