"""The facts that indicators are made of: what one project's tables say, already counted.

Invitations come counted twice, by kind of person (audience and region) and by event; both count
the same invitations. Research gatherings, drafts and cancelled events are not among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from service.dissemination.handouts import CHANNELS, Hits, Material
from service.dissemination.harvest import Outcome
from service.dissemination.snapshots import ExternalLine, PrintLine, UseLine
from service.dissemination.telling import CaseStudy
from service.dissemination.values.figures import NOT_STATED, Count, Dimension, Rows
from service.dissemination.values.given import Basis, Given
from service.dissemination.values.plan import PlanLine

AUDIENCE, REGION, EVENT, BASIS = Dimension.AUDIENCE, Dimension.REGION, Dimension.EVENT, Dimension.BASIS
MATERIAL, CHANNEL, LANGUAGE = Dimension.MATERIAL, Dimension.CHANNEL, Dimension.LANGUAGE


@dataclass(frozen=True, slots=True)
class AudienceFact:
    """A ranked audience and the share of attendees the plan wants of it, 0 to 1."""

    key: str
    rank: int
    name: str
    planned_share: float | None


@dataclass(frozen=True, slots=True)
class EventFact:
    """One event. `is_counted`: its invitations are in the figures; `is_held`: its attendance is, too."""

    id: str
    title: str
    kind: str
    state: str
    privacy: str
    mode: str
    starts_on: date
    is_research: bool
    is_over: bool
    slug: str = ""
    umbrella: str | None = None  # the id of the event it is a local one of
    region: str | None = None  # where its room is, by its time zone; None: online only, or not to be told

    @property
    def is_held(self) -> bool:
        """Whether it took place and was closed."""
        return self.state == "closed" and not self.is_research

    @property
    def is_counted(self) -> bool:
        """Whether its invitations are in the figures."""
        return self.state not in ("draft", "cancelled") and not self.is_research


@dataclass(frozen=True, slots=True)
class Segment:
    """People of one audience and one region, None where not stated, and their counts."""

    audience: str | None
    region: str | None
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class OutputFact:
    """Something the project makes."""

    key: str
    kind: str
    is_published: bool
    title: str = ""
    format: str = ""
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskFact:
    """A task of an event that was due, and when it was done. `owner` names someone of staff: no report may print it."""

    due_on: date
    done_on: date | None
    owner: str = ""

    @property
    def is_on_time(self) -> bool:
        """Whether it was done by its day."""
        return self.done_on is not None and self.done_on <= self.due_on


@dataclass(frozen=True, slots=True)
class RecordFact:
    """One record of a result: how many it stands for, and where it belongs in each breakdown."""

    amount: int
    cells: Mapping[Dimension, str]


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the indicators read. `by_event` has counts by event id."""

    today: date
    audiences: tuple[AudienceFact, ...] = ()
    events: tuple[EventFact, ...] = ()
    segments: tuple[Segment, ...] = ()
    by_event: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    kinds: Mapping[str, Mapping[str, int]] | None = None  # by event, of what kind the people are; None: not read
    languages: Mapping[str, int] | None = None  # of those invited, as far as they are told; None: not read
    organisations: int = 0
    organisations_of: Mapping[str, int] | None = None  # those of a kind that is known; None: not read
    countries: int = 0
    outputs: tuple[OutputFact, ...] = ()
    plan: tuple[PlanLine, ...] = ()
    copies: Mapping[str | None, int] = field(default_factory=dict)  # by audience key
    copies_to: Mapping[str | None, int] = field(default_factory=dict)  # by region
    print: tuple[PrintLine, ...] = ()
    said: Mapping[str | None, Mapping[str, int]] = field(default_factory=dict)  # after events, by audience key
    marks: Mapping[str, int] = field(default_factory=dict)  # answers to how useful it was, “5” to “1”
    shown: Mapping[str, int] = field(default_factory=dict)  # commitments kept, as a file shows it or none does
    used: Mapping[str, int] = field(default_factory=dict)  # answers that it was used in work, by output key
    given: Mapping[str, tuple[Given, ...]] = field(default_factory=dict)  # by indicator
    tasks: tuple[TaskFact, ...] = ()
    external: tuple[ExternalLine, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    studies: tuple[CaseStudy, ...] = ()
    records: Mapping[str, tuple[RecordFact, ...]] = field(default_factory=dict)  # by indicator
    materials: tuple[Material, ...] = ()
    hits: tuple[Hits, ...] = ()
    use: tuple[UseLine, ...] = ()  # by month
    costs: Mapping[str, int] = field(default_factory=dict)  # by event, in whole units of the currency
    currency: str = ""
    files: Mapping[str, int] = field(default_factory=dict)  # of evidence held, by plan line
    sheets: Mapping[str, int] = field(default_factory=dict)  # files of evidence held, by event

    def things(self, name: str, total: int, rows: Rows | None = None) -> Count:
        """Return a count of things, with the breakdowns that are given."""
        return Count(name, None, total, rows or {}, printed=frozenset(rows or ()))

    def given_things(self, indicator: str) -> Count:
        """Return what was given by hand for an indicator of things, by basis."""
        found = self.given.get(indicator, ())
        rows = {basis.value: sum(one.amount for one in found if one.basis is basis) for basis in Basis}
        return Count(f"given_{indicator}", None, sum(rows.values()), {BASIS: rows}, printed=frozenset({BASIS}))

    def recorded(self, indicator: str) -> Count:
        """Return what is recorded one by one for an indicator, by each breakdown that its records have."""
        found = self.records.get(indicator, ())
        rows: dict[Dimension, dict[str, int]] = {}
        for one in found:
            for dimension, key in one.cells.items():
                row = rows.setdefault(dimension, {})
                row[key] = row.get(key, 0) + one.amount
        ordered = {dimension: dict(sorted(rows[dimension].items())) for dimension in Dimension if dimension in rows}
        return Count(f"recorded_{indicator}", None, sum(one.amount for one in found), ordered, printed=frozenset(rows))

    def given_whole(self, indicator: str) -> Count:
        """Return the number that things given by hand are out of."""
        return Count(f"given_{indicator}_of", None, self.given_out_of(indicator))

    def spent(self) -> Count:
        """Return what was spent on the events that were held."""
        rows = {event.id: self.costs.get(event.id, 0) for event in self.events if event.is_counted}
        return Count("spent", None, sum(rows.values()), {EVENT: rows}, printed=frozenset({EVENT}))

    def asked_for(self, name: str) -> Count:
        """Return the requests or the sessions of the materials: things, for nobody is known behind them."""
        languages = {one.id: one.language or NOT_STATED for one in self.materials}
        rows: dict[Dimension, dict[str, int]] = {
            MATERIAL: dict.fromkeys(languages, 0),
            CHANNEL: {channel: 0 for channel in CHANNELS if channel in {hits.channel for hits in self.hits}},
            LANGUAGE: dict.fromkeys(languages.values(), 0),
        }
        for hits in self.hits:
            amount = getattr(hits, name)
            keys = {MATERIAL: hits.asset_id, CHANNEL: hits.channel, LANGUAGE: languages[hits.asset_id]}
            for dimension, key in keys.items():
                rows[dimension][key] += amount
        return Count(name, None, sum(rows[MATERIAL].values()), rows, printed=frozenset(rows))

    def given_amount(self, indicator: str) -> int:
        """Return the sum of what was given by hand for an indicator."""
        return sum(one.amount for one in self.given.get(indicator, ()))

    def given_out_of(self, indicator: str) -> int:
        """Return the sum of what that was out of."""
        return sum(one.out_of or 0 for one in self.given.get(indicator, ()))
