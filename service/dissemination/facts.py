"""The facts that indicators are made of: what one project's tables say, already counted.

Invitations come counted twice, by kind of person (audience and region) and by event; both count
the same invitations. Research gatherings, drafts and cancelled events are not among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from service.dissemination.handouts import CHANNELS, Hits, Material
from service.dissemination.harvest import Outcome
from service.dissemination.snapshots import ExternalLine, UseLine
from service.dissemination.telling import CaseStudy
from service.dissemination.values import NOT_STATED, Basis, Count, Dimension, Family, Given, PlanLine
from service.kernel.regions import REGIONS

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


@dataclass(frozen=True, slots=True)
class TaskFact:
    """A task of an event that was due, and when it was done."""

    due_on: date
    done_on: date | None


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
    organisations: int = 0
    countries: int = 0
    outputs: tuple[OutputFact, ...] = ()
    plan: tuple[PlanLine, ...] = ()
    copies: Mapping[str | None, int] = field(default_factory=dict)  # by audience key
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

    def things(self, name: str, total: int, rows: Mapping[str, int] | None = None) -> Count:
        """Return a count of things, by audience when `rows` are given."""
        if rows is None:
            return Count(name, None, total)
        return Count(name, None, total, {AUDIENCE: rows}, printed=frozenset({AUDIENCE}))

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
        return Count(f"given_{indicator}_of", None, _out_of(self, indicator))

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

    def count(self, name: str) -> Count:
        """Return the count of people called `name`; see `PEOPLE_COUNTS`."""
        return PEOPLE_COUNTS[name](self, name)


Maker = Callable[[Facts, str], Count]


def _made(
    family: Family,
    *printed: Dimension,
    of: str = "",
    minus: str = "",
    rows: tuple[Dimension, ...] = (AUDIENCE, EVENT),
    overlapping: tuple[Dimension, ...] = (),
    hidden: bool = False,
) -> Maker:
    """Return a maker of counts: the tally `of` (its own name, if not said), less the tally `minus`."""

    def make(facts: Facts, name: str) -> Count:
        def amount(counts: Mapping[str, int]) -> int:
            return counts.get(of or name, 0) - counts.get(minus, 0)

        found = {dimension: _rows(facts, dimension, amount) for dimension in rows}
        total = sum(found[EVENT].values()) if rows == (EVENT,) else _sum(facts, amount)
        return Count(name, family, total, found, frozenset(overlapping), frozenset(printed), hidden)

    return make


def _sum(facts: Facts, amount: Callable[[Mapping[str, int]], int]) -> int:
    return sum(amount(segment.counts) for segment in facts.segments)


def _rows(facts: Facts, dimension: Dimension, amount: Callable[[Mapping[str, int]], int]) -> dict[str, int]:
    """Return one breakdown: every audience, region or counted event, and those who state none."""
    if dimension is EVENT:
        return {event.id: amount(facts.by_event.get(event.id, {})) for event in facts.events if event.is_counted}
    keys: Iterable[str] = REGIONS if dimension is REGION else (audience.key for audience in facts.audiences)
    found = {**dict.fromkeys(keys, 0), NOT_STATED: 0}
    for segment in facts.segments:
        key = (segment.region if dimension is REGION else segment.audience) or NOT_STATED
        found[key] = found.get(key, 0) + amount(segment.counts)
    return found


def _number(family: Family, read: Callable[[Facts], int], *, hidden: bool = False) -> Maker:
    """Return a maker of counts without breakdown."""
    return lambda facts, name: Count(name, family, read(facts), hidden=hidden)


def _where(tally: str, wanted: Callable[[Segment, Facts], object]) -> Callable[[Facts], int]:
    """Return a reader of a tally over some segments only."""
    return lambda facts: sum(s.counts.get(tally, 0) for s in facts.segments if wanted(s, facts))


def _is_priority(segment: Segment, facts: Facts) -> bool:
    return segment.audience in {audience.key for audience in facts.audiences if audience.rank == 1}


def _is_complete(segment: Segment, _facts: Facts) -> bool:
    return bool(segment.audience and segment.region)


def _out_of(facts: Facts, indicator: str) -> int:
    return sum(one.out_of or 0 for one in facts.given.get(indicator, ()))


def _amount(facts: Facts, indicator: str) -> int:
    return sum(one.amount for one in facts.given.get(indicator, ()))


def _recorded(facts: Facts, name: str) -> int:
    """Return what guests said themselves, over all events."""
    return sum(counts.get(name, 0) for counts in facts.by_event.values())


def _said(indicator: str, part: str, rest: str, whole: str, *, recorded_whole: str = "") -> dict[str, Maker]:
    """Return the makers of a rate of people: what they said themselves, and beside it what is given by hand.

    The part, the hidden rest, the whole; `recorded_whole` where the whole goes by another name among what is recorded.
    """

    def amount(facts: Facts) -> int:
        return _amount(facts, indicator) + _recorded(facts, part)

    def out_of(facts: Facts) -> int:
        return _out_of(facts, indicator) + _recorded(facts, recorded_whole or whole)

    return {
        whole: _number(Family.BY_HAND, out_of),
        part: _number(Family.BY_HAND, amount),
        rest: _number(Family.BY_HAND, lambda facts: out_of(facts) - amount(facts), hidden=True),
    }


INVITATIONS, ATTENDANCE = Family.INVITATIONS, Family.ATTENDANCE

# Every count of people that a report knows of. Hidden ones are never printed; they and the rows that
# are not printed are here because a reader could work them out from what is.
PEOPLE_COUNTS: dict[str, Maker] = {
    "people_invited": _made(INVITATIONS, AUDIENCE, REGION, EVENT, rows=(AUDIENCE, REGION, EVENT), overlapping=(EVENT,)),
    "people_delivered": _made(INVITATIONS, rows=()),
    "people_unreached": _made(INVITATIONS, of="people_invited", minus="people_delivered", rows=(), hidden=True),
    "priority": _number(INVITATIONS, _where("people_invited", _is_priority)),
    "with_audience": _number(INVITATIONS, _where("people_invited", lambda segment, _facts: segment.audience)),
    "attempted": _made(INVITATIONS, AUDIENCE, EVENT),
    "delivered": _made(INVITATIONS, AUDIENCE, EVENT),
    "undelivered": _made(INVITATIONS, of="attempted", minus="delivered", hidden=True),
    "bounced": _made(INVITATIONS, EVENT, rows=(EVENT,)),
    "unsure": _made(INVITATIONS, rows=(EVENT,)),
    "unsubscribed": _made(INVITATIONS, EVENT, rows=(EVENT,)),
    "still_written_to": _made(INVITATIONS, of="delivered", minus="unsubscribed", rows=(EVENT,), hidden=True),
    "answered": _made(INVITATIONS, AUDIENCE, EVENT),
    "unanswered": _made(INVITATIONS, of="delivered", minus="answered", hidden=True),
    "accepted": _made(INVITATIONS, AUDIENCE, EVENT),
    "not_accepted": _made(INVITATIONS, of="answered", minus="accepted", hidden=True),
    "people_accepted": _made(INVITATIONS, rows=()),
    "people_not_accepted": _made(INVITATIONS, of="people_delivered", minus="people_accepted", rows=(), hidden=True),
    "promised": _made(ATTENDANCE, AUDIENCE, EVENT),
    "kept": _made(ATTENDANCE, AUDIENCE, EVENT),
    "no_shows": _made(ATTENDANCE, of="promised", minus="kept", hidden=True),
    "attended": _made(ATTENDANCE, AUDIENCE, REGION, EVENT, rows=(AUDIENCE, REGION, EVENT)),
    "walk_ins": _made(ATTENDANCE, EVENT, of="attended", minus="kept"),
    "people_attended": _made(ATTENDANCE, AUDIENCE, REGION, rows=(AUDIENCE, REGION)),
    "organisations": _number(ATTENDANCE, lambda facts: facts.organisations),
    "countries": _number(ATTENDANCE, lambda facts: facts.countries),
    "complete": _number(ATTENDANCE, _where("people_attended", _is_complete)),
    "incomplete": _number(ATTENDANCE, _where("people_attended", lambda s, f: not _is_complete(s, f)), hidden=True),
    **_said("E9", "surveys_returned", "surveys_missing", "surveys_sent"),
    **_said("E10", "found_useful", "found_less_useful", "usefulness_answers"),
    **_said("U6", "committed", "not_committed", "asked_to_commit", recorded_whole="surveys_sent"),
    **_said("U7", "commitments_kept", "commitments_open", "commitments_asked"),
    **_said("U8", "used_in_work", "not_used_in_work", "use_answers"),
}
